"""Calls, ticks, gaps, reset: the state machine of monitoring. It knows no screen, no camera and no store."""

from __future__ import annotations

from enum import StrEnum

from core.method.emotion import GAP, Reading
from core.method.level import THESIS_TABLE, LevelProfile, next_level
from core.method.sample import Sample


class MonitorState(StrEnum):
    """Where the counsellor is: between calls, in a call, or in a paused call."""

    IDLE = "idle"
    IN_CALL = "in_call"
    PAUSED = "paused"


class MonitorError(Exception):
    """A command does not fit the state: `code` is "no_call" or "in_call"."""

    def __init__(self, code: str) -> None:
        """`code` is for the app's sentence."""
        super().__init__(code)
        self.code = code


class Monitor:
    """One counsellor's calls. Time is given in seconds of any clock that never goes back."""

    def __init__(self, profile: LevelProfile = THESIS_TABLE) -> None:
        """The level moves by `profile`."""
        self._profile = profile
        self._state = MonitorState.IDLE
        self._level = 0
        self._started = 0.0
        self._last_ms = -1

    @property
    def state(self) -> MonitorState:
        """Idle, in a call, or paused."""
        return self._state

    @property
    def level(self) -> int:
        """The level in thousandths; 0 between calls."""
        return self._level

    @property
    def profile(self) -> LevelProfile:
        """The steps by which the level moves."""
        return self._profile

    def elapsed(self, now: float) -> float:
        """Seconds since the call began; 0 between calls."""
        return 0.0 if self._state is MonitorState.IDLE else max(0.0, now - self._started)

    def start(self, now: float) -> None:
        """Begin a call: the level starts at 0 at every call (method.md 1).

        Raises:
            MonitorError: a call is running ("in_call").
        """
        if self._state is not MonitorState.IDLE:
            raise MonitorError("in_call")
        self._state, self._level, self._started, self._last_ms = MonitorState.IN_CALL, 0, now, -1

    def end(self) -> None:
        """End the call.

        Raises:
            MonitorError: there is none ("no_call").
        """
        self._require_call()
        self._state, self._level = MonitorState.IDLE, 0

    def reset(self) -> None:
        """Set the level of the running call back to 0.

        Raises:
            MonitorError: there is no call ("no_call").
        """
        self._require_call()
        self._level = 0

    def pause(self) -> None:
        """Stop reading until `resume`; the ticks in between are gaps.

        Raises:
            MonitorError: there is no call ("no_call").
        """
        self._require_call()
        self._state = MonitorState.PAUSED

    def resume(self) -> None:
        """Go on reading after a pause.

        Raises:
            MonitorError: there is no call ("no_call").
        """
        self._require_call()
        self._state = MonitorState.IN_CALL

    def tick(self, reading: Reading, now: float) -> Sample | None:
        """One reading of the clock: the sample to store, or None between calls or when time has not moved on.

        A paused call gives gaps, whatever is read.
        """
        if self._state is MonitorState.IDLE:
            return None
        t_ms = round(self.elapsed(now) * 1000)
        if t_ms <= self._last_ms:
            return None
        self._last_ms = t_ms
        outcome = (GAP if self._state is MonitorState.PAUSED else reading).outcome
        self._level = next_level(self._level, outcome, self._profile)
        return Sample(t_ms, outcome, self._level)

    def _require_call(self) -> None:
        if self._state is MonitorState.IDLE:
            raise MonitorError("no_call")
