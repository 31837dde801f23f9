"""One counsellor's calls, end to end: ticks become readings, readings move the level, samples go to the record.

The screens and the headless way both run calls through this, so that they store the same.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core.method.emotion import Outcome, Reading
from core.method.level import READINGS_PER_SECOND
from core.method.level_words import slope
from core.method.sample import Sample
from core.monitoring.monitor import Monitor, MonitorState
from core.sources.loop import Tick
from core.sources.source import Trouble

if TYPE_CHECKING:
    from core.monitoring.pipeline import Pipeline

SLOPE_SECONDS = 20.0
"""The level's word looks at the slope of this many last seconds (screens.md, "Words for the level")."""

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
    `outcome_counts` counts the call's readings by outcome; `slope` thousandths per second over the last 20 s.
    """

    reading: Reading
    sample: Sample
    trouble: Trouble | None
    face_seen_share: float
    no_face_for: float
    outcome_counts: dict[Outcome, int]
    slope: float

    @property
    def level(self) -> int:
        """The level in thousandths."""
        return self.sample.level


class RunningCall:
    """One call being monitored. `step` runs on the analysis thread; the commands may come from any thread."""

    def __init__(self, call_id: int, pipeline: Pipeline, monitor: Monitor, sink: SampleSink, started: float) -> None:
        """Begins the call at `started` (seconds of the loop's clock).

        Raises:
            MonitorError: the monitor has a call running.
        """
        self.call_id = call_id
        self._pipeline, self._monitor, self._sink = pipeline, monitor, sink
        self._lock = threading.Lock()
        self._faces: deque[bool] = deque(maxlen=round(FACE_SEEN_SECONDS * READINGS_PER_SECOND))
        self._levels: deque[tuple[int, int]] = deque(maxlen=round(SLOPE_SECONDS * READINGS_PER_SECOND))
        self._counts = dict.fromkeys(Outcome, 0)
        self._face_at = started
        monitor.start(started)

    @property
    def state(self) -> MonitorState:
        """In a call, paused, or idle once it has ended."""
        return self._monitor.state

    @property
    def level(self) -> int:
        """The level in thousandths."""
        return self._monitor.level

    def elapsed(self, now: float) -> float:
        """Seconds since the call began."""
        return self._monitor.elapsed(now)

    def step(self, tick: Tick) -> CallUpdate | None:
        """Read one tick and store its sample; None when the call has ended or time has not moved on."""
        paused = self._monitor.state is MonitorState.PAUSED
        reading = self._pipeline.read(None if paused else tick.frame)
        with self._lock:
            sample = self._monitor.tick(reading, tick.now)
            if sample is None:
                return None
            self._sink.add_samples(self.call_id, (sample,))
            return self._update(reading, sample, tick)

    def reset(self) -> None:
        """Set the level back to 0."""
        with self._lock:
            self._monitor.reset()
            self._levels.clear()

    def pause(self) -> None:
        """Stop reading; the level waits."""
        with self._lock:
            self._monitor.pause()

    def resume(self, now: float) -> None:
        """Go on reading."""
        with self._lock:
            self._monitor.resume()
            self._face_at = now

    def end(self) -> None:
        """End the call; later ticks are ignored. May be called twice."""
        with self._lock:
            if self._monitor.state is not MonitorState.IDLE:
                self._monitor.end()

    def _update(self, reading: Reading, sample: Sample, tick: Tick) -> CallUpdate:
        seen = sample.outcome is not Outcome.GAP
        self._faces.append(seen)
        self._levels.append((sample.t_ms, sample.level))
        self._counts[sample.outcome] += 1
        if seen:
            self._face_at = tick.now
        return CallUpdate(
            reading=reading,
            sample=sample,
            trouble=tick.trouble,
            face_seen_share=sum(self._faces) / len(self._faces),
            no_face_for=tick.now - self._face_at,
            outcome_counts=dict(self._counts),
            slope=slope(list(self._levels)),
        )
