"""What a call, a day and a week came to: pure functions over samples and summaries."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.method.emotion import Outcome
from core.method.sample import Sample
from core.method.tension import CALM_UP_TO, NEEDED, TENSE_FROM, TensionMeter

SEEN_NEEDED = 0.5
"""A call with a face in a smaller share of its readings says nothing about tension: too little was seen."""

LONGEST_HOLD_MS = 1000
"""A sample speaks for the time to the next one, but no longer than this: what was not read counts as nothing."""


@dataclass(frozen=True, slots=True)
class CallTension:
    """How tense a call looked (`core.method.tension`).

    `peak` is the highest tension (per mille) and `peak_at_ms` its last moment, since the call began; `tense_ms` the time
    with a tension of `TENSE_FROM` or more; `calm_again_ms` from the peak until it was calm, None where it never left
    calm or was not calm again within the call.
    """

    peak: int
    peak_at_ms: int
    tense_ms: int
    calm_again_ms: int | None


@dataclass(frozen=True, slots=True)
class CallSummary:
    """What one call came to.

    `duration_ms` is milliseconds; `level_peak` the level's highest value in thousandths, at least 0 because a call
    begins at 0; `counts` readings by outcome, in the order of `Outcome`; `tension` None where too little was seen, or
    where the samples were removed before it was measured.
    """

    duration_ms: int
    level_peak: int
    tension: CallTension | None
    counts: tuple[int, int, int, int, int, int]

    @property
    def readings(self) -> int:
        """How many ticks were stored."""
        return sum(self.counts)

    def share(self, outcome: Outcome) -> float:
        """The share (0 to 1) of this outcome among all readings; 0 without readings."""
        return self.counts[outcome.code] / self.readings if self.readings else 0.0

    @property
    def face_seen_share(self) -> float:
        """The share (0 to 1) of readings with a face; 0 without readings."""
        return 1.0 - self.share(Outcome.GAP) if self.readings else 0.0

    @property
    def enough_seen(self) -> bool:
        """Whether a face was seen often enough to say anything about tension."""
        return self.face_seen_share >= SEEN_NEEDED and self.readings - self.counts[Outcome.GAP.code] >= NEEDED


def summarise(samples: Sequence[Sample], duration_ms: int | None = None) -> CallSummary:
    """Sum up the samples of one call, in the order of time. `duration_ms` defaults to the last sample's time."""
    last_ms = samples[-1].t_ms if samples else 0
    end_ms = max(last_ms, duration_ms or 0)
    counts = [0] * len(Outcome)
    for sample in samples:
        counts[sample.outcome.code] += 1
    happy, neutral, stress, surprise, unsure, gap = counts
    summary = CallSummary(
        duration_ms=end_ms,
        level_peak=max(0, max((sample.level for sample in samples), default=0)),
        tension=None,
        counts=(happy, neutral, stress, surprise, unsure, gap),
    )
    return replace(summary, tension=_call_tension(samples, end_ms)) if summary.enough_seen else summary


def _call_tension(samples: Sequence[Sample], end_ms: int) -> CallTension:
    """The tension of a call with `NEEDED` readings with a face or more."""
    meter = TensionMeter()
    moments = [
        (sample.t_ms, tension.share, min(next_ms - sample.t_ms, LONGEST_HOLD_MS))
        for sample, next_ms in zip(samples, [*(sample.t_ms for sample in samples[1:]), end_ms], strict=True)
        if (tension := meter.add(sample.outcome)).known and sample.outcome is not Outcome.GAP
    ]
    peak, peak_at = max((share, t_ms) for t_ms, share, _held in moments)
    calm_at = next((t_ms for t_ms, share, _held in moments if t_ms > peak_at and share <= CALM_UP_TO), None)
    return CallTension(
        peak=peak,
        peak_at_ms=peak_at,
        tense_ms=sum(held for _t_ms, share, held in moments if share >= TENSE_FROM),
        calm_again_ms=None if calm_at is None or peak <= CALM_UP_TO else calm_at - peak_at,
    )


@dataclass(frozen=True, slots=True)
class FinishedCall:
    """A call's summary and when it began, in the local time of then (aware)."""

    started: datetime
    summary: CallSummary


@dataclass(frozen=True, slots=True)
class PeriodSummary:
    """What the calls of a day or of a week came to.

    Tension is per mille and of the calls in which enough was
    seen: `peaks` in the order of time, `peak` the highest of them, reached at `peak_at` (local, aware), all
    three empty or None without such a call; `tense_ms` over all of them; `median_calm_again_ms` over those that were
    calm again, else None. `face_seen_share` is 0 to 1 over all readings.
    """

    calls: int
    duration_ms: int
    tense_ms: int
    peak: int | None
    peak_at: datetime | None
    peaks: tuple[int, ...]
    median_calm_again_ms: int | None
    face_seen_share: float


def summarise_period(calls: Iterable[FinishedCall]) -> PeriodSummary:
    """Sum up the calls of one period, which the caller has picked."""
    ordered = sorted(calls, key=lambda call: call.started)
    summaries = [call.summary for call in ordered]
    seen = [(call.started, call.summary.tension) for call in ordered if call.summary.tension is not None]
    tensions = [tension for _started, tension in seen]
    started, highest = max(seen, key=lambda call: call[1].peak, default=(None, None))
    again = [tension.calm_again_ms for tension in tensions if tension.calm_again_ms is not None]
    readings = sum(summary.readings for summary in summaries)
    gaps = sum(summary.counts[Outcome.GAP.code] for summary in summaries)
    return PeriodSummary(
        calls=len(ordered),
        duration_ms=sum(summary.duration_ms for summary in summaries),
        tense_ms=sum(tension.tense_ms for tension in tensions),
        peak=highest.peak if highest else None,
        peak_at=started + timedelta(milliseconds=highest.peak_at_ms) if started and highest else None,
        peaks=tuple(tension.peak for tension in tensions),
        median_calm_again_ms=round(statistics.median(again)) if again else None,
        face_seen_share=1 - gaps / readings if readings else 0.0,
    )
