"""The loop between a frame source and whoever wants its frames: one thread, one monotonic clock, a fixed rate.

The source is opened when the loop starts and closed on every way out, so that a camera is open exactly while a loop
runs (the screens start one for light check, calibration, calls and coaching, and for nothing else).
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from core.sources.source import Frame, FrameSource, SourceError, SourceProblem
from core.system.clock import Clock

RETRY_SECONDS = 2.0
"""How long to wait before a camera that did not open is tried again."""

LONGEST_FILL_SECONDS = 5.0
"""Missed ticks are handed on as gaps up to this long; after a longer standstill (the computer slept) one gap does."""

STOP_SECONDS = 2.0
"""How long `stop` waits for the thread: every exit of the program must fit into this."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick: its time on the clock, the frame (None: none to be had, or the tick was missed), what is wrong."""

    now: float
    frame: Frame | None
    trouble: SourceProblem | None = None


class TickHandler(Protocol):
    """What is done with ticks; called on the loop's thread."""

    def __call__(self, tick: Tick, /) -> None:
        """Take one tick. The frame's pixels may not be kept."""
        ...


@dataclass(frozen=True, slots=True)
class LoopEnd:
    """Why a loop came to its end: stopped, the file ended, it could not be opened, or an error in the handler."""

    trouble: SourceError | None = None
    failure: Exception | None = None


class AnalysisLoop:
    """Runs one source at a fixed rate until stopped or until the source has ended."""

    def __init__(
        self,
        source: FrameSource,
        handle: TickHandler,
        clock: Clock,
        *,
        rate: float,
        on_end: Callable[[LoopEnd], object] | None = None,
        on_hold: Callable[[], object] | None = None,
        looks: Callable[[], bool] | None = None,
    ) -> None:
        """Calls `handle` `rate` times a second and `on_end` once, both on the loop's thread.

        So is `on_hold`, whenever `holds_source` has changed after the start. While `looks` says no, ticks have no frame:
        to make one is most of what a loop costs.
        """
        self._source, self._handle, self._clock = source, handle, clock
        self._period = 1.0 / rate
        self._on_end, self._on_hold, self._looks = on_end, on_hold, looks
        self._stop, self._opening = threading.Event(), threading.Event()
        self.holds_source = False
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Run on a thread of its own. It is a daemon: a hung camera driver must not keep the program from ending.

        Raises:
            RuntimeError: it was started before; a loop runs once.
        """
        if self._thread is not None:
            raise RuntimeError("an analysis loop runs once; make a new one")
        self.holds_source = (
            True  # from here on: whoever asks before the thread has come so far shall not be told otherwise
        )
        self._thread = threading.Thread(target=self.run, name="calmline-analysis", daemon=True)
        self._thread.start()

    def request_stop(self) -> None:
        """Ask the loop to end without waiting for it."""
        self._stop.set()

    def stop(self) -> bool:
        """End the loop and wait for its thread. Returns whether it has ended (False would mean a hung camera driver)."""
        self._stop.set()
        if self._thread is None or self._thread is threading.current_thread():
            return True
        began = time.monotonic()
        if self._opening.is_set():  # a webcam may take seconds to its first frame: do not wait for it
            self._source.close()
        self._thread.join(timeout=max(0.0, began + STOP_SECONDS - time.monotonic()))
        return not self._thread.is_alive()

    def run(self) -> None:
        """Run on the caller's thread until the end."""
        end = self._run_source()
        if self._on_end is not None:
            self._on_end(end)

    def _run_source(self) -> LoopEnd:
        try:
            try:
                if self._open():
                    self._run_ticks()
            finally:
                self._source.close()
                self._hold(False)
                sys.audit("calmline.frames_close", self._source.name)
        except SourceError as error:
            return LoopEnd(trouble=error)
        except Exception as error:  # noqa: BLE001 - the loop's owner must hear of any failure, of closing as well
            return LoopEnd(failure=error)
        return LoopEnd()

    def _open(self) -> bool:
        """Open the source; a camera is tried until it opens or the loop is stopped, anything else once."""
        while not self._stop.is_set():
            error = self._try_to_open()
            if error is None:
                return True
            if self._stop.is_set():
                break
            if not self._source.is_camera:
                raise error
            self._handle(Tick(self._clock.monotonic(), None, error.trouble))
            self._clock.wait_until(self._clock.monotonic() + RETRY_SECONDS, self._stop)
        return False

    def _hold(self, holds: bool) -> None:
        changed, self.holds_source = self.holds_source is not holds, holds
        if changed and self._on_hold is not None:
            self._on_hold()

    def _try_to_open(self) -> SourceError | None:
        self._hold(True)
        self._opening.set()
        sys.audit("calmline.frames_open", self._source.name)
        try:
            self._source.open()
        except SourceError as error:
            self._hold(False)
            return error
        finally:
            self._opening.clear()
        return None

    def _run_ticks(self) -> None:
        opened = self._clock.monotonic()
        due = opened
        while not self._clock.wait_until(due, self._stop):
            now = self._clock.monotonic()
            due = self._fill_missed(due, now)
            frame = self._source.frame_at(due - opened) if self._looks is None or self._looks() else None
            if self._source.ended:
                return
            self._handle(Tick(due, frame, self._source.trouble))
            due += self._period

    def _fill_missed(self, due: float, now: float) -> float:
        """Hand on a gap for every tick that has passed unseen; returns the tick that is due now."""
        late = now - due
        if late > LONGEST_FILL_SECONDS:
            # at the moment the standstill began: at `now` it would stand where the next reading belongs
            self._handle(Tick(due, None, self._source.trouble))
            return now
        while now - due >= self._period:
            self._handle(Tick(due, None, self._source.trouble))
            due += self._period
        return due
