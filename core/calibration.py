"""The wizard's eleven expressions as a state machine: what to show, what to capture, when to ask again.

Each expression is held twice (two takes): the first serves adaptation, the second is graded (method.md 6; a model must
not be graded on what it has learnt from). The machine knows no screen, no camera and no picture: it is told at every
tick whether a face was seen, and answers which take the crop of that tick belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.emotion import EXPRESSIONS, Expression
from core.grading import MIN_FRAMES

TAKES = 2
GRADED_TAKE = 2
CAPTURES_PER_SECOND = 10
"""Twice the readings of a call, so that a short look away does not cost a take its ten frames."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds to get ready, to hold an expression, and to relax between its two takes."""

    get_ready: float = 3.0
    hold: float = 3.0
    relax: float = 1.5


class Phase(StrEnum):
    """What the person is doing: waiting to begin, getting ready, holding, relaxing, deciding, or done with all."""

    WAITING = "waiting"
    GET_READY = "get_ready"
    HOLD = "hold"
    RELAX = "relax"
    REVIEW = "review"
    PAUSED = "paused"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Slot:
    """The place that a captured crop belongs to. A redone expression has a higher attempt."""

    expression_id: str
    take: int
    attempt: int


class Progress(StrEnum):
    """What has become of one expression."""

    OPEN = "open"
    KEPT = "kept"
    SKIPPED = "skipped"


class Calibration:
    """One person's way through the expressions. `now` is seconds of any clock that never goes back."""

    def __init__(self, expressions: Sequence[Expression] = EXPRESSIONS, timing: Timing | None = None) -> None:
        """Asks for `expressions` in their order, at the pace of `timing`."""
        self._expressions = tuple(expressions)
        self._timing = timing or Timing()
        self._progress = dict.fromkeys((expression.id for expression in self._expressions), Progress.OPEN)
        self._attempts = dict.fromkeys(self._progress, 0)
        self._frames = dict.fromkeys(range(1, TAKES + 1), 0)
        self._index = 0
        self._take = 1
        self._phase = Phase.WAITING
        self._phase_began = 0.0

    @property
    def phase(self) -> Phase:
        """What is going on."""
        return self._phase

    @property
    def position(self) -> int:
        """The number of the current expression, from 0; the last one when all are done."""
        return min(self._index, len(self._expressions) - 1)

    @property
    def count(self) -> int:
        """How many expressions are asked for."""
        return len(self._expressions)

    @property
    def expression(self) -> Expression:
        """The current expression."""
        return self._expressions[self.position]

    @property
    def take(self) -> int:
        """The current take, 1 or 2."""
        return self._take

    @property
    def slot(self) -> Slot:
        """Where a crop captured now would belong."""
        return Slot(self.expression.id, self._take, self._attempts[self.expression.id])

    @property
    def graded_slots(self) -> tuple[Slot, ...]:
        """The slots whose frames are graded: the second take of every kept expression."""
        return tuple(
            Slot(expression_id, GRADED_TAKE, self._attempts[expression_id])
            for expression_id, progress in self._progress.items()
            if progress is Progress.KEPT
        )

    @property
    def skipped(self) -> tuple[str, ...]:
        """The ids of skipped expressions."""
        return tuple(name for name, progress in self._progress.items() if progress is Progress.SKIPPED)

    def progress(self, expression_id: str) -> Progress:
        """What has become of this expression."""
        return self._progress[expression_id]

    def frames(self, take: int) -> int:
        """Frames with a face captured in this take of the current expression."""
        return self._frames[take]

    @property
    def enough_frames(self) -> bool:
        """Whether both takes of the current expression have the ten frames with a face that grading needs."""
        return all(count >= MIN_FRAMES for count in self._frames.values())

    def elapsed(self, now: float) -> float:
        """Seconds in the current phase."""
        return max(0.0, now - self._phase_began)

    def share_done(self, now: float) -> float:
        """How much of a timed phase has passed, 0 to 1; 1 in untimed phases."""
        length = self._length()
        return 1.0 if length is None else min(1.0, self.elapsed(now) / length)

    def seconds_left(self, now: float) -> float:
        """Seconds until a timed phase ends; 0 in untimed phases."""
        length = self._length()
        return 0.0 if length is None else max(0.0, length - self.elapsed(now))

    def begin(self, now: float) -> None:
        """Ask for the current expression from its first take; also "again" after a review or a pause."""
        if self._phase is not Phase.DONE:
            self._attempts[self.expression.id] += 1
            self._progress[self.expression.id] = Progress.OPEN
            self._frames = dict.fromkeys(self._frames, 0)
            self._take = 1
            self._enter(Phase.GET_READY, now)

    def keep(self, now: float) -> bool:
        """Keep what was captured and go on. False (and nothing changes) without enough frames or out of review."""
        if self._phase is not Phase.REVIEW or not self.enough_frames:
            return False
        self._progress[self.expression.id] = Progress.KEPT
        self._advance(now)
        return True

    def skip(self, now: float) -> None:
        """Leave the current expression out and go on: it counts 0 points for every candidate (method.md 6)."""
        if self._phase is not Phase.DONE:
            self._progress[self.expression.id] = Progress.SKIPPED
            self._advance(now)

    def back(self, now: float) -> bool:
        """Return to the expression before, to do it again. False at the first one."""
        if self._index == 0:
            return False
        self._index -= 1
        self._reopen(now)
        return True

    def redo(self, expression_id: str, now: float) -> None:
        """Do one expression again after all are done; the verdict offers this. Raises KeyError for an unknown id."""
        self._index = [expression.id for expression in self._expressions].index(expression_id)
        self._reopen(now)

    def pause(self, now: float) -> None:
        """Stop the countdown; `begin` starts the current expression over."""
        if self._phase in (Phase.GET_READY, Phase.HOLD, Phase.RELAX):
            self._enter(Phase.PAUSED, now)

    def tick(self, now: float, *, face_seen: bool) -> Slot | None:
        """Move on by the clock. Returns the slot for this tick's crop while an expression is held and a face is seen."""
        captured = None
        if self._phase is Phase.HOLD and face_seen and self.elapsed(now) < self._timing.hold:
            self._frames[self._take] += 1
            captured = self.slot
        length = self._length()
        if length is not None and self.elapsed(now) >= length:
            self._next_phase(now)
        return captured

    def _next_phase(self, now: float) -> None:
        if self._phase is Phase.GET_READY:
            self._enter(Phase.HOLD, now)
        elif self._phase is Phase.RELAX:
            self._take += 1
            self._enter(Phase.HOLD, now)
        elif self._take < TAKES:
            self._enter(Phase.RELAX, now)
        else:
            self._enter(Phase.REVIEW, now)

    def _length(self) -> float | None:
        return {
            Phase.GET_READY: self._timing.get_ready,
            Phase.HOLD: self._timing.hold,
            Phase.RELAX: self._timing.relax,
        }.get(self._phase)

    def _advance(self, now: float) -> None:
        """Go to the next open expression, or be done when none is left."""
        following = [*range(self._index + 1, self.count), *range(self._index)]
        open_ones = [i for i in following if self._progress[self._expressions[i].id] is Progress.OPEN]
        if not open_ones:
            self._index = self.count
            self._enter(Phase.DONE, now)
            return
        self._index = open_ones[0]
        self.begin(now)

    def _reopen(self, now: float) -> None:
        self._enter(Phase.WAITING, now)
        self.begin(now)

    def _enter(self, phase: Phase, now: float) -> None:
        self._phase, self._phase_began = phase, now
