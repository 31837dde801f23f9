"""What a person agreed to and what may be shared of it: pure rules over answers, releases and calls."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.store.records import CallRecord, CallSource, Consent, Release, ShareLevel

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EEA_BESIDE_EU = "IS LI NO"
_OUTLYING_PARTS_OF_EU = "AX GF GP MF MQ RE YT"
_WRITTEN_FOR_EU = "EU EL"  # no countries of ISO 3166, but what people and statistics write

EEA = frozenset(f"{_EU} {_EEA_BESIDE_EU} {_OUTLYING_PARTS_OF_EU} {_WRITTEN_FOR_EU}".split())
"""ISO 3166 codes where nothing is ever shared: the AI Act, art. 5(1)(f), forbids reading emotions at work there."""

_NO_COUNTRY = re.compile("AA|Q[M-Z]|X[A-JL-Z]|ZZ")
"""What ISO 3166 leaves to its users; XK is in use for Kosovo."""


class ConsentProblem(StrEnum):
    """Why an answer cannot be recorded."""

    NO_REGION = "no_region"
    NO_COUNTRY = "no_country"
    NOT_MEASURED = "not_measured"
    FORBIDDEN = "forbidden"


class ConsentRefused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """The parts of an answer do not go together; `problem` says which."""

    def __init__(self, problem: ConsentProblem) -> None:
        """`problem` is for the app's sentence."""
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The text that the person has before their eyes: its version, its language and all of its words."""

    version: str
    language: str
    words: str


def sharing_possible(region: str | None) -> bool:
    """Whether the law where the person works leaves room for sharing; where the country is not known, it does not."""
    code = (region or "").strip().upper()
    return code not in EEA and is_country(code)


def is_country(code: str) -> bool:
    """Whether two capital letters may be those of a country (or EU)."""
    return re.fullmatch("[A-Z]{2}", code) is not None and _NO_COUNTRY.fullmatch(code) is None


def country(text: str) -> str:
    """Two letters of a country (or EU) as the record keeps them.

    Raises:
        ConsentRefused: NO_COUNTRY.
    """
    code = text.strip().upper()
    if not is_country(code):
        raise ConsentRefused(ConsentProblem.NO_COUNTRY)
    return code


def text_sha256(text: str) -> str:
    """The hash by which the record keeps the text that was agreed to: 64 hex digits over its UTF-8 bytes."""
    return hashlib.sha256(text.encode()).hexdigest()


def changed_answer(
    before: Consent | None,
    at: datetime,
    text: ConsentText,
    *,
    measure: bool | None = None,
    share: ShareLevel | None = None,
    region: str | None = None,
) -> Consent:
    """A new answer, not recorded yet: what is None stays as it was before.

    Who is not measured shares nothing, and where the law forbids it nothing is shared either: a `share` that is not
    asked for sinks to nothing by itself.

    Args:
        before: the answer in force, or None.
        at: now.
        text: what the person agrees to.
        measure: whether they are measured.
        share: what the supervisor gets.
        region: where they work, as the record keeps it.

    Raises:
        ConsentRefused: there is no region, or more is asked for than can be.
    """
    where = region or (before.region if before else "")
    measured = measure if measure is not None else before is not None and before.measure
    if not where:
        raise ConsentRefused(ConsentProblem.NO_REGION)
    wanted = share or (before.share if before else ShareLevel.NOTHING)
    if not measured or not sharing_possible(where):
        if share not in (None, ShareLevel.NOTHING):
            unnamed = not is_country(where.strip().upper())
            refused = ConsentProblem.NO_COUNTRY if unnamed else ConsentProblem.FORBIDDEN
            raise ConsentRefused(refused if measured else ConsentProblem.NOT_MEASURED)
        wanted = ShareLevel.NOTHING
    return Consent(at, measured, wanted, where, text.language, text.version, text_sha256(text.words))


def sharing_of(consent: Consent) -> ShareLevel:
    """What one answer allows by itself."""
    return consent.share if consent.measure and sharing_possible(consent.region) else ShareLevel.NOTHING


def sharing_of_call(call: CallRecord, consents: Sequence[Consent], releases: Iterable[Release]) -> ShareLevel:
    """What may be shared of one call.

    It is the least of all answers from the beginning of the call until now, or what the person released of it
    afterwards, as far as all answers from that release until now allow. So what was withdrawn once stays withdrawn until
    that call itself is released again. What does not come from a camera is never shared, nor a call from a time or
    place where the law forbade it.

    Args:
        call: which call; its `first_consent` and `last_consent` say which answers held while it ran.
        consents: every answer, oldest first; the last one is in force now.
        releases: every release.
    """
    first, last = call.first_consent, call.last_consent
    if first is None or call.start.source is not CallSource.CAMERA:
        return ShareLevel.NOTHING
    held = [consent for consent in _since(first, consents) if last is None or _id(consent) <= last]
    if not all(sharing_possible(consent.region) for consent in held):
        return ShareLevel.NOTHING
    agreed = least(map(sharing_of, _since(first, consents)))
    released = [
        least([release.share, *map(sharing_of, _since(release.consent, consents))])
        for release in releases
        if call.id in release.calls
    ]
    return max([agreed, *released], key=lambda level: level.rank)


def least(levels: Iterable[ShareLevel]) -> ShareLevel:
    """What all of them allow; nothing where there is none."""
    return min(levels, key=lambda level: level.rank, default=ShareLevel.NOTHING)


def _since(first: int, consents: Iterable[Consent]) -> list[Consent]:
    return [consent for consent in consents if _id(consent) >= first]


def _id(consent: Consent) -> int:
    assert consent.id is not None  # it comes from the record
    return consent.id
