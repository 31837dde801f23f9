"""Where somebody looks, seen from where they look mostly: angles and the directions that they are told by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

AHEAD_WITHIN = 15.0
"""Degrees to each side, up and down: about the half of a screen at arm's length."""


class Direction(StrEnum):
    """Where somebody looks, seen by themselves: a camera's picture is not mirrored, so its left is their right."""

    AHEAD = "ahead"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Gaze:
    """Degrees `across` (towards the picture's right positive) and `down`, against a head that faces the camera."""

    across: float
    down: float

    def direction(self, usual: Gaze) -> Direction:
        """Where this goes, seen from the `usual` gaze."""
        across, down = self.across - usual.across, self.down - usual.down
        if max(abs(across), abs(down)) <= AHEAD_WITHIN:
            return Direction.AHEAD
        if abs(across) >= abs(down):
            return Direction.LEFT if across > 0 else Direction.RIGHT
        return Direction.DOWN if down > 0 else Direction.UP
