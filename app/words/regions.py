"""Where people work: what the wizard offers, and what the law there means for sharing (platform.md 12)."""

from __future__ import annotations

from collections.abc import Mapping

from app.words.language import N_
from core.store.consent import EEA

ELSEWHERE = "ZZ"
"""ISO 3166 keeps this code free for one's own use; here it means a country that is not in the list."""

REGIONS: Mapping[str, str] = {
    "KR": N_("South Korea"),
    "EU": N_("European Union, Iceland, Norway, Liechtenstein"),
    "GB": N_("United Kingdom"),
    "US": N_("United States"),
    "JP": N_("Japan"),
    ELSEWHERE: N_("another country"),
}
"""Codes and their names, in the order in which they are offered."""


def likely_region(locale_name: str) -> str:
    """The offered code that fits a locale's name such as "ko_KR.UTF-8"; Korea for Korean without a country."""
    language, _, rest = locale_name.partition("_")
    country = rest[:2].upper()
    if country in REGIONS:
        return country
    if country in EEA:
        return "EU"
    return "KR" if language.lower() == "ko" else ELSEWHERE
