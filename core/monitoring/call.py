"""One counsellor's calls, end to end: ticks become readings, readings move the level, samples go to the record.

The screens and the headless way both run calls through this, so that they store the same.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from core.method.emotion import Outcome, Reading
from core.method.level import READINGS_PER_SECOND, THESIS_TABLE, LevelProfile, next_level
from core.method.sample import Sample
from core.method.tension import HIGH_WITHOUT_HISTORY, Tension, TensionMeter
from core.sources.loop import Tick
from core.sources.source import FrameSource, Performer, SourceProblem

if TYPE_CHECKING:
    from core.monitoring.pipeline import Pipeline

FACE_SEEN_SECONDS = 30.0
"""The share of ticks with a face is taken over this many last seconds."""

NO_FACE_SECONDS = 3.0
"""After this long without a face the screen says that the level waits."""


class SampleSink(Protocol):
    """The part of the record that a running call writes to."""

    def add_samples(self, call_id: int, samples: Sequence[Sample]) -> None:
        """Queue samples of a call for writing."""
        ...


@dataclass(frozen=True, slots=True)
class CallUpdate:
    """What a tick of a running call came to, for the screen.

    `face_seen_share` is 0 to 1 over the last 30 s; `no_face_for` seconds since a face was last seen;
    `outcome_counts` counts the call's readings by outcome; `tension` is what may be said of this moment.
    """

    reading: Reading
    sample: Sample
    trouble: SourceProblem | None
    face_seen_share: float
    no_face_for: float
    outcome_counts: dict[Outcome, int]
    tension: Tension

    @property
    def level(self) -> int:
        """The level in thousandths."""
        return self.sample.level


class CallPhase(StrEnum):
    """Where a call stands."""

    RUNNING = "in_call"
    PAUSED = "paused"
    ENDED = "ended"


class Call:
    """One call being monitored: it begins at level 0 (method.md 1). Time is seconds of any clock that never goes back.

    `step` runs on the analysis thread; the commands may come from any thread. A call that has ended ignores all of them.
    `level` is in thousandths; `last_face` is when a face was last seen, or the call began or went on after a pause.
    """

    def __init__(
        self,
        call_id: int,
        pipeline: Pipeline,
        sink: SampleSink,
        started: float,
        profile: LevelProfile = THESIS_TABLE,
        high_from: int = HIGH_WITHOUT_HISTORY,
    ) -> None:
        """Begins the call at `started`; the level moves by `profile`, samples go to `sink`.

        `high_from` is the tension (per mille) that is high for this person.
        """
        self.call_id = call_id
        self._pipeline, self._sink, self._profile = pipeline, sink, profile
        self._lock = threading.Lock()
        self.phase, self.level = CallPhase.RUNNING, 0
        self._started, self._last_ms = started, -1
        self._faces: deque[bool] = deque(maxlen=round(FACE_SEEN_SECONDS * READINGS_PER_SECOND))
        self._tension = TensionMeter(high_from)
        self._counts = dict.fromkeys(Outcome, 0)
        self.last_face = started

    def elapsed(self, now: float) -> float:
        """Seconds since the call began."""
        return max(0.0, now - self._started)

    def step(self, tick: Tick) -> CallUpdate | None:
        """Read one tick and store its sample; None in a pause, when the call has ended, or when time has not moved on."""
        if self.phase is not CallPhase.RUNNING:
            return None
        reading = self._pipeline.read(tick.frame)
        with self._lock:
            sample = self.advance(reading, tick.now)
            if sample is None:
                return None
            self._sink.add_samples(self.call_id, (sample,))
            return self._update(reading, sample, tick)

    def advance(self, reading: Reading, now: float) -> Sample | None:
        """Move the level by one reading: the sample to store; None in a pause, once ended, or when time has not moved on."""
        t_ms = round(self.elapsed(now) * 1000)
        if self.phase is not CallPhase.RUNNING or t_ms <= self._last_ms:
            return None
        self._last_ms = t_ms
        self.level = next_level(self.level, reading.outcome, self._profile)
        return Sample(t_ms, reading.outcome, self.level)

    def reset(self) -> None:
        """Set the level back to 0."""
        with self._lock:
            self.level = 0

    def pause(self) -> None:
        """Stop reading: the level waits, and nothing is stored of the time in between."""
        with self._lock:
            if self.phase is CallPhase.RUNNING:
                self.phase = CallPhase.PAUSED

    def resume(self, now: float) -> None:
        """Go on reading after a pause."""
        with self._lock:
            if self.phase is CallPhase.PAUSED:
                self.phase, self.last_face = CallPhase.RUNNING, now

    def end(self) -> None:
        """End the call. May be called twice."""
        with self._lock:
            self.phase = CallPhase.ENDED

    def _update(self, reading: Reading, sample: Sample, tick: Tick) -> CallUpdate:
        seen = sample.outcome is not Outcome.GAP
        self._faces.append(seen)
        self._counts[sample.outcome] += 1
        if seen:
            self.last_face = tick.now
        return CallUpdate(
            reading=reading,
            sample=sample,
            trouble=tick.trouble,
            face_seen_share=sum(self._faces) / len(self._faces),
            no_face_for=tick.now - self.last_face,
            outcome_counts=dict(self._counts),
            tension=self._tension.add(sample.outcome),
        )


def stepping(
    call: Call, source: FrameSource, number: int, updated: Callable[[CallUpdate, Tick], object]
) -> Callable[[Tick], None]:
    """What a loop does with each tick: step `call` and tell `updated` what it came to.

    An actor is told, with the first tick (only an open one takes a cue), which call of the day (`number`) it performs.
    """
    waiting = [number] if isinstance(source, Performer) else []

    def handle(tick: Tick) -> None:
        if waiting and isinstance(source, Performer):
            source.perform_call(waiting.pop())
        update = call.step(tick)
        if update is not None:
            updated(update, tick)

    return handle
