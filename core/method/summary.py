"""What a call, a day and a week came to: pure functions over samples and summaries."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.method.emotion import Outcome
from core.method.sample import Sample

STRAIN_ABOVE = 500
"""A level over this many thousandths counts as time under strain (screens.md, "under strain")."""

SETTLED_AT = 100
"""A level down to this many thousandths has settled: it is what the screen calls calm."""

LARGEST_STEP = 20
"""No reading moves the level by more (method.md 7); a larger drop is the person's own reset, not recovery."""

LONGEST_HOLD_MS = 1000
"""A sample speaks for the time to the next one, but no longer than this: what was not read counts as nothing."""


@dataclass(frozen=True, slots=True)
class CallSummary:
    """What one call came to.

    `duration_ms` and `strain_ms` (time with the level over `STRAIN_ABOVE`) are milliseconds; `peak` thousandths, at
    least 0 because a call begins at 0; `peak_at_ms` since the call began; `settle_ms` from the peak until the level
    was calm, None where it never left calm, did not settle within the call, or was reset by hand;
    `counts` readings by outcome, in the order of `Outcome`.
    """

    duration_ms: int
    peak: int
    peak_at_ms: int
    strain_ms: int
    settle_ms: int | None
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


def summarise(samples: Sequence[Sample], duration_ms: int | None = None) -> CallSummary:
    """Sum up the samples of one call, in the order of time. `duration_ms` defaults to the last sample's time."""
    last_ms = samples[-1].t_ms if samples else 0
    end_ms = max(last_ms, duration_ms or 0)
    peak = max((sample.level for sample in samples), default=0)
    peak_at = next((sample.t_ms for sample in reversed(samples) if sample.level == peak), 0) if peak > 0 else 0
    counts = [0] * len(Outcome)
    for sample in samples:
        counts[sample.outcome.code] += 1
    happy, neutral, stress, surprise, unsure, gap = counts
    return CallSummary(
        duration_ms=end_ms,
        peak=max(0, peak),
        peak_at_ms=peak_at,
        strain_ms=strain_ms(samples, end_ms),
        settle_ms=settle_ms(samples, peak_at) if peak > SETTLED_AT else None,
        counts=(happy, neutral, stress, surprise, unsure, gap),
    )


def strain_ms(samples: Sequence[Sample], end_ms: int, above: int = STRAIN_ABOVE) -> int:
    """Milliseconds with the level over `above` thousandths until `end_ms`; each sample holds for at most a second."""
    following = [*(sample.t_ms for sample in samples[1:]), end_ms]
    return sum(
        min(next_ms - sample.t_ms, LONGEST_HOLD_MS)
        for sample, next_ms in zip(samples, following, strict=False)
        if sample.level > above
    )


def settle_ms(samples: Sequence[Sample], peak_at_ms: int) -> int | None:
    """Milliseconds from the peak until the level is down to `SETTLED_AT`; None if it is not, or was reset by hand."""
    before: int | None = None
    for sample in samples:
        if sample.t_ms >= peak_at_ms:
            if before is not None and before - sample.level > LARGEST_STEP:
                return None
            if sample.level <= SETTLED_AT:
                return sample.t_ms - peak_at_ms
            before = sample.level
    return None


@dataclass(frozen=True, slots=True)
class FinishedCall:
    """A call's summary and when it began, in the local time of then (aware)."""

    started: datetime
    summary: CallSummary


@dataclass(frozen=True, slots=True)
class PeriodSummary:
    """What the calls of a day or of a week came to.

    `first_day` is the day, or the Monday; `peak` thousandths, None without calls, reached at `peak_at` (local, aware);
    `peaks` one per call in the order of time; `median_settle_ms` over the calls that settled, else None;
    `mean_peak` thousandths; `face_seen_share` 0 to 1 over all readings.
    """

    first_day: date
    calls: int
    duration_ms: int
    strain_ms: int
    peak: int | None
    peak_at: datetime | None
    peaks: tuple[int, ...]
    mean_peak: float | None
    median_settle_ms: int | None
    face_seen_share: float


def summarise_period(first_day: date, calls: Iterable[FinishedCall]) -> PeriodSummary:
    """Sum up the calls of one period, which the caller has picked."""
    ordered = sorted(calls, key=lambda call: call.started)
    summaries = [call.summary for call in ordered]
    highest = max(ordered, key=lambda call: call.summary.peak, default=None)
    settled = [summary.settle_ms for summary in summaries if summary.settle_ms is not None]
    readings = sum(summary.readings for summary in summaries)
    gaps = sum(summary.counts[Outcome.GAP.code] for summary in summaries)
    return PeriodSummary(
        first_day=first_day,
        calls=len(ordered),
        duration_ms=sum(summary.duration_ms for summary in summaries),
        strain_ms=sum(summary.strain_ms for summary in summaries),
        peak=highest.summary.peak if highest else None,
        peak_at=highest.started + timedelta(milliseconds=highest.summary.peak_at_ms) if highest else None,
        peaks=tuple(summary.peak for summary in summaries),
        mean_peak=statistics.fmean(summary.peak for summary in summaries) if summaries else None,
        median_settle_ms=round(statistics.median(settled)) if settled else None,
        face_seen_share=1 - gaps / readings if readings else 0.0,
    )


def monday_of(day: date) -> date:
    """The Monday of the week that `day` lies in."""
    return day - timedelta(days=day.weekday())


def summarise_weeks(calls: Iterable[FinishedCall], last_day: date, weeks: int) -> list[PeriodSummary]:
    """The last `weeks` weeks up to the one of `last_day`, oldest first; a week without calls is there with 0 calls."""
    mondays = [monday_of(last_day) - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]
    by_monday: dict[date, list[FinishedCall]] = {monday: [] for monday in mondays}
    for call in calls:
        by_monday.get(monday_of(call.started.date()), []).append(call)
    return [summarise_period(monday, by_monday[monday]) for monday in mondays]
