"""What may be shared: pure rules over answers, releases and calls. No SQL, no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.store.records import CallRecord, Consent, Release, ShareLevel

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EEA_BESIDE_EU = "IS LI NO"
_OUTLYING_PARTS_OF_EU = "AX GF GP MF MQ RE YT"
_WRITTEN_FOR_EU = "EU EL"  # no countries of ISO 3166, but what people and statistics write

EEA = frozenset(f"{_EU} {_EEA_BESIDE_EU} {_OUTLYING_PARTS_OF_EU} {_WRITTEN_FOR_EU}".split())
"""ISO 3166 codes where nothing is ever shared: the AI Act, art. 5(1)(f), forbids reading emotions at work there."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """How much may be shared. Emotion words are only ever part of curves."""

    level: ShareLevel
    emotions: bool = False


NOTHING = Sharing(ShareLevel.NOTHING)


def sharing_possible(region: str | None) -> bool:
    """Whether the law where the person works leaves room for sharing; without a known region it does not."""
    return region is not None and region.strip().upper() not in EEA


def text_sha256(text: str) -> str:
    """The hash by which the record keeps the text that was agreed to: 64 hex digits over its UTF-8 bytes."""
    return hashlib.sha256(text.encode()).hexdigest()


def sharing_of(consent: Consent | None) -> Sharing:
    """What one answer allows by itself."""
    if consent is None or not sharing_possible(consent.region):
        return NOTHING
    return _sharing(consent.share, consent.share_emotions)


def least(sharings: Iterable[Sharing]) -> Sharing:
    """What all of them allow; nothing where there is none."""
    found = list(sharings)
    if not found:
        return NOTHING
    level = min((sharing.level for sharing in found), key=lambda level: level.rank)
    return _sharing(level, all(sharing.emotions for sharing in found))


def most(sharings: Iterable[Sharing]) -> Sharing:
    """What any of them allows; nothing where there is none."""
    found = [NOTHING, *sharings]
    level = max((sharing.level for sharing in found), key=lambda level: level.rank)
    return _sharing(level, any(sharing.emotions for sharing in found))


def sharing_of_call(call: CallRecord, consents: Sequence[Consent], releases: Sequence[Release]) -> Sharing:
    """What may be shared of one call.

    It is the least that was agreed to while the call ran (an answer may change in the middle), or what the person
    released of it afterwards; and never more than the answer in force now, so that sharing once withdrawn is over.
    Where the law forbade it then or forbids it now, it is nothing.

    Args:
        call: which call; its `first_consent` and `last_consent` say which answers held while it ran.
        consents: every answer, oldest first; the last one is in force now.
        releases: every release.
    """
    held = _held_during(call, consents)
    if not consents or not all(sharing_possible(consent.region) for consent in held):
        return NOTHING
    released = [
        _sharing(release.share, release.share_emotions)
        for release in releases
        if release.since <= call.started_at < release.until
    ]
    agreed_then = least(sharing_of(consent) for consent in held)
    return least([most([agreed_then, *released]), sharing_of(consents[-1])])


def _held_during(call: CallRecord, consents: Sequence[Consent]) -> list[Consent]:
    if call.first_consent is None:
        return []
    last = call.last_consent
    return [
        consent
        for consent in consents
        if consent.id is not None and consent.id >= call.first_consent and (last is None or consent.id <= last)
    ]


def _sharing(level: ShareLevel, emotions: bool) -> Sharing:
    return Sharing(level, emotions and level is ShareLevel.CURVES)
