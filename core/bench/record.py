"""What the record costs: storing a reading, and the bytes of an hour in a call."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.bench.figures import Timing, timed, timing_of
from core.method.emotion import EMOTIONS, Outcome
from core.method.level import READINGS_PER_SECOND, TICK_SECONDS, next_level
from core.method.sample import Sample
from core.store.records import CallStart
from core.store.store import Store
from core.store.writer import BATCH_SECONDS
from core.system.clock import ManualClock

HOUR = 3600
_BATCHES = 40


@dataclass(frozen=True, slots=True)
class RecordCost:
    """One reading stored (its share of a commit), and how much an hour of a call adds to the database file."""

    store: Timing
    bytes_per_hour: int


def measure_record(folder: Path) -> RecordCost:
    """Store an hour's readings in a database of its own in `folder`.

    Raises:
        StoreError: the folder cannot be written.
    """
    clock, path = ManualClock(), folder / "hour.db"
    with Store.open(path, clock) as store:
        empty = _settled_size(store, path)
        call = store.begin_call(CallStart("none"))
        readings = _an_hour()
        size = max(1, round(BATCH_SECONDS * READINGS_PER_SECOND))
        taken: list[float] = []
        for number in range(_BATCHES):
            timed(partial(_keep, store, call.id, readings[number * size : (number + 1) * size]), taken)
        store.add_samples(call.id, readings[_BATCHES * size :])
        clock.advance(HOUR)
        store.end_call(call.id)
        full = _settled_size(store, path)
    return RecordCost(timing_of([seconds / size for seconds in taken]), full - empty)


def _keep(store: Store, call_id: int, samples: list[Sample]) -> None:
    for sample in samples:
        store.add_samples(call_id, (sample,))
    store.flush()


def _settled_size(store: Store, path: Path) -> int:
    store.sweep()  # everything goes from the write-ahead log into the file
    return path.stat().st_size


def _an_hour() -> list[Sample]:
    """The samples of an hour in which the face changes every four seconds."""
    level, samples = 0, list[Sample]()
    for number in range(HOUR * READINGS_PER_SECOND):
        emotion = EMOTIONS[number // (4 * READINGS_PER_SECOND) % len(EMOTIONS)]
        outcome = Outcome(emotion.value)
        level = next_level(level, outcome)
        samples.append(Sample(round((number + 1) * TICK_SECONDS * 1000), outcome, level))
    return samples
