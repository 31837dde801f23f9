"""Monitoring without screens: a clip, pictures, an actor or a camera, call by call, stored like any other call."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from core.candidates.network import Network
from core.face.checked import CheckedFaceFinder
from core.method.emotion import GapReason, Outcome
from core.method.level import READINGS_PER_SECOND
from core.method.tension import WINDOW, TensionWord, high_threshold
from core.monitoring.call import Call, CallUpdate, stepping
from core.monitoring.origin import call_start, pipeline_of
from core.sources.loop import AnalysisLoop, LoopEnd, Tick
from core.sources.source import FrameSource, SourceProblem
from core.store.records import CallRecord, CallState
from core.store.settings import reading_settings
from core.store.store import Store
from core.system.clock import Clock


@dataclass(frozen=True, slots=True)
class HeadlessSample:
    """One reading: the call's number of the day, ms since it began, emotion ("unsure", or None in a gap), level, face.

    `tension` (0 to 1) and its `word` are None until enough was seen; `gap`: why there was no face to read, None with a face, or without a
    frame. `trouble`: what is wrong with the source.
    `seen`: how many readings with a face `tension` is a share of, those of a minute at most.
    """

    call: int
    t_ms: int
    emotion: str | None
    level: float
    face: bool
    tension: float | None
    gap: GapReason | None = None
    word: TensionWord | None = None
    trouble: SourceProblem | None = None
    seen: int = WINDOW


def monitor_calls(
    source: FrameSource,
    network: Network,
    store: Store,
    clock: Clock,
    *,
    calls: int = 1,
    seconds: float | None = None,
    write: Callable[[HeadlessSample], None],
) -> list[CallRecord]:
    """Read `calls` calls one after the other, each until the source ends or `seconds` have passed.

    Every reading goes to `write` and to the record. A file is played from its beginning for every call. How it is read is
    what the record's settings say. A camera is read no longer than the person's consent holds, whoever withdraws it: the
    call ends, and none begins after it.

    Raises:
        SourceError: the source cannot be opened; the call is closed as interrupted.
        StoreError: the record cannot be written.
    """
    records: list[CallRecord] = []
    while len(records) < calls and _may_watch(source, store):
        records.append(_monitor_call(source, network, store, clock, seconds, write))
    return records


def _may_watch(source: FrameSource, store: Store) -> bool:
    if not source.is_camera:
        return True
    answer = store.consent()
    return answer is not None and answer.measure


def _monitor_call(
    source: FrameSource,
    network: Network,
    store: Store,
    clock: Clock,
    seconds: float | None,
    write: Callable[[HeadlessSample], None],
) -> CallRecord:
    settings = reading_settings(store)
    record = store.begin_call(call_start(network.card.id, source, settings, store.latest_calibration()))
    started = clock.monotonic()
    pipeline = pipeline_of(CheckedFaceFinder(), network, settings)
    high_from = high_threshold(store.recent_peaks())
    running = Call(record.id, pipeline, store, started, settings.profile, high_from)
    ends: list[LoopEnd] = []

    def updated(update: CallUpdate, tick: Tick) -> None:
        outcome = update.sample.outcome
        emotion = None if outcome is Outcome.GAP else outcome.value
        t_ms, why = update.sample.t_ms, update.reading.why
        tension = update.tension.share / 1000 if update.tension.known else None
        face, word = emotion is not None, update.tension.word
        level, trouble, seen = update.level / 1000, update.trouble, update.tension.seen
        write(HeadlessSample(record.number, t_ms, emotion, level, face, tension, why, word, trouble, seen))
        over = seconds is not None and tick.now - started >= seconds
        if over or not _may_watch(source, store):
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
