"""A record with calls of two days in two weeks, for whoever reads its views."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.method.agreement import Felt
from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store.records import CallSource, CallStart
from core.store.store import Store
from core.system.clock import ManualClock

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def record_of_two_days(path: Path, outcomes: Sequence[Outcome]) -> Path:
    """Calls of these readings, five a second: two on a Monday, one eight days later, and one that an actor played."""
    clock = ManualClock(MONDAY)
    with Store.open(path, clock) as store:
        for wait, source in ((0, "camera"), (3600, "camera"), (8 * 86_400, "camera"), (60, "actor")):
            clock.advance(wait)
            call = store.begin_call(CallStart("tiny-1", source=CallSource(source)))
            store.add_samples(call.id, [Sample(200 * n, outcome, 20 * n) for n, outcome in enumerate(outcomes)])
            clock.advance(timedelta(milliseconds=200 * len(outcomes)).total_seconds())
            store.end_call(call.id)
        store.set_felt(1, Felt.SO_SO)
    return path
