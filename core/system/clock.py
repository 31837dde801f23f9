"""The one clock: real time for a call, made-up time for clips at file speed and for tests."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits. `monotonic` never goes back; `wall` is the calendar's time and may be set."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    def wall(self) -> datetime:
        """The time of day, aware, in UTC."""
        ...

    def wait_until(self, moment: float, stop: threading.Event) -> bool:
        """Wait until `monotonic()` reaches `moment`, or `stop` is set. Returns whether `stop` was set."""
        ...


class SystemClock:
    """The clock of the computer."""

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back (`time.monotonic`)."""
        return time.monotonic()

    def wall(self) -> datetime:
        """The time now, in UTC."""
        return datetime.now(UTC)

    def wait_until(self, moment: float, stop: threading.Event) -> bool:
        """Sleep until `moment` unless `stop` is set first."""
        return stop.wait(max(0.0, moment - time.monotonic()))


class ManualClock:
    """A clock that moves only when somebody waits on it or advances it: no real time passes."""

    def __init__(self, start: datetime | None = None) -> None:
        """Begins at 0 s monotonic and at `start` (default: 2026-01-05 09:00 UTC) on the calendar."""
        self._seconds = 0.0
        self._start = start or datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        """Seconds waited or advanced so far."""
        return self._seconds

    def wall(self) -> datetime:
        """The start plus what has passed."""
        return self._start + timedelta(seconds=self._seconds)

    def advance(self, seconds: float) -> None:
        """Let `seconds` (0 or more) pass."""
        self._seconds += max(0.0, seconds)

    def wait_until(self, moment: float, stop: threading.Event) -> bool:
        """Jump to `moment` at once; like the real clock, stay where it is once `stop` is set."""
        if stop.is_set():
            return True
        self._seconds = max(self._seconds, moment)
        return False
