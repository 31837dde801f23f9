"""What a call stores of each reading: its time, its outcome and the level after it."""

from __future__ import annotations

from dataclasses import dataclass

from core.method.emotion import Outcome


@dataclass(frozen=True, slots=True)
class Sample:
    """One stored reading: milliseconds since the call began, outcome, level in thousandths after it."""

    t_ms: int
    outcome: Outcome
    level: int
