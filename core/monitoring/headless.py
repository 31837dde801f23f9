"""Monitoring without screens: a clip, pictures, an actor or a camera, call by call, stored like any other call."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from core.candidates.network import Network
from core.face.checked import CheckedFaceFinder
from core.method.emotion import MEMORY_SECONDS, GapReason, Outcome
from core.method.level import READINGS_PER_SECOND
from core.monitoring.call import Call, CallUpdate, stepping
from core.monitoring.origin import origin_of
from core.monitoring.pipeline import FaceTracker, Pipeline
from core.sources.loop import AnalysisLoop, LoopEnd, Tick
from core.sources.source import FrameSource
from core.store import Store
from core.store.records import CallRecord, CallStart, CallState
from core.system.clock import Clock


@dataclass(frozen=True, slots=True)
class HeadlessSample:
    """One reading: the call's number of the day, ms since it began, emotion ("unsure", or None in a gap), level, face.

    `tension` (0 to 1) is None until enough was seen; `gap`: why there was no face to read, None with a face, or without a
    frame.
    """

    call: int
    t_ms: int
    emotion: str | None
    level: float
    face: bool
    tension: float | None
    gap: GapReason | None = None


def monitor_calls(
    source: FrameSource,
    network: Network,
    store: Store,
    clock: Clock,
    *,
    calls: int = 1,
    seconds: float | None = None,
    memory_seconds: float = MEMORY_SECONDS,
    write: Callable[[HeadlessSample], None],
) -> list[CallRecord]:
    """Read `calls` calls one after the other, each until the source ends or `seconds` have passed.

    Every reading, averaged over `memory_seconds`, goes to `write` and to the record. A file is played from its beginning for every call.

    Raises:
        SourceError: the source cannot be opened; the call is closed as interrupted.
        StoreError: the record cannot be written.
    """
    return [_monitor_call(source, network, store, clock, seconds, memory_seconds, write) for _ in range(calls)]


def _monitor_call(
    source: FrameSource,
    network: Network,
    store: Store,
    clock: Clock,
    seconds: float | None,
    memory_seconds: float,
    write: Callable[[HeadlessSample], None],
) -> CallRecord:
    start = CallStart(network.card.id, source=origin_of(source), memory_seconds=memory_seconds)
    record = store.begin_call(start)
    started = clock.monotonic()
    pipeline = Pipeline(FaceTracker(CheckedFaceFinder()), network, memory_seconds=memory_seconds)
    running = Call(record.id, pipeline, store, started)
    ends: list[LoopEnd] = []

    def updated(update: CallUpdate, tick: Tick) -> None:
        outcome = update.sample.outcome
        emotion = None if outcome is Outcome.GAP else outcome.value
        t_ms, why = update.sample.t_ms, update.reading.why
        tension = update.tension.share / 1000 if update.tension.known else None
        write(HeadlessSample(record.number, t_ms, emotion, update.level / 1000, emotion is not None, tension, why))
        if seconds is not None and tick.now - started >= seconds:
            loop.request_stop()

    loop = AnalysisLoop(
        source, stepping(running, source, record.number, updated), clock, rate=READINGS_PER_SECOND, on_end=ends.append
    )
    sys.audit("calmline.watch_begin", "call")
    try:
        loop.run()
    except KeyboardInterrupt:
        source.close()
        running.end()
        store.end_call(record.id)
        raise
    finally:
        sys.audit("calmline.watch_end")
    running.end()
    [end] = ends
    error = end.trouble or end.failure
    if error is not None:
        store.end_call(record.id, CallState.INTERRUPTED)
        raise error
    return store.end_call(record.id)
