"""Whether the reader is still fitted to the person: had it learnt their speech, and is it as sure of them as it was."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from enum import StrEnum

from core.method.emotion import Outcome
from core.store.records import CalibrationRecord, CallRecord, CallSource

FIRST_CALLS = 3
"""After so many calls nobody is asked any more to read the texts aloud."""

CALLS_BEFORE, CALLS_NOW = 5, 3
"""So many calls at least tell what is usual, and so many what is so now: one strange call says nothing."""

OFTEN_UNSURE = 0.25
"""This share of unsure readings at least, and twice what is usual, is an offer worth."""


class Doubt(StrEnum):
    """What may be said of the reader between calls; never in one."""

    UNTAUGHT = "untaught"
    """It has not learnt how the person speaks."""

    ASKS = "asks"
    """The same, just after one of the first calls: the texts are offered once more."""

    UNSURE = "unsure"
    """It has become much less sure of the person than it was."""


def doubt_of(calibration: CalibrationRecord | None, calls: Sequence[CallRecord]) -> Doubt | None:
    """What to say of the reader in use after these finished calls, oldest first; None where nothing is."""
    own = [call for call in calls if call.start.source is CallSource.CAMERA]
    if calibration is not None and became_unsure(_unsure_shares(calibration, own)):
        return Doubt.UNSURE
    if calibration is not None and calibration.knows_speech:
        return None
    return Doubt.ASKS if 1 <= len(own) <= FIRST_CALLS else Doubt.UNTAUGHT


def became_unsure(shares: Sequence[float]) -> bool:
    """Whether the last calls are much less surely read than the ones before: shares (0 to 1) of unsure readings."""
    before, now = shares[:-CALLS_NOW], shares[-CALLS_NOW:]
    if len(before) < CALLS_BEFORE:
        return False
    return statistics.median(now) >= max(OFTEN_UNSURE, 2 * statistics.median(before))


def _unsure_shares(calibration: CalibrationRecord, calls: Sequence[CallRecord]) -> list[float]:
    """Of each call since this calibration, read by what it chose: the unsure share of readings with a face."""
    return [
        call.summary.share(Outcome.UNSURE) / call.summary.face_seen_share
        for call in calls
        if call.started_at >= calibration.at
        and call.start.candidate_id == calibration.chosen
        and call.summary.enough_seen
    ]
