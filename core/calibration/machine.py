"""The wizard's eleven expressions as a state machine: what to show, what to capture, when to ask again.

Each expression is held twice (two takes): the first serves adaptation, the second is graded (method.md 6; a model must
not be graded on what it has learnt from). The machine knows no screen, no camera and no picture: it is told at every
tick whether a face was seen, and answers which take the crop of that tick belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.method.emotion import EXPRESSIONS, Expression
from core.method.grading import MIN_FRAMES
from core.method.speech import Passage

TAKES = 2
FITTED_TAKE, GRADED_TAKE = 1, 2
CAPTURES_PER_SECOND = 10
"""Twice the readings of a call, so that a short look away does not cost a take its ten frames."""


LONGEST_HOLD = 2.0
"""While a face is seen but a take has too few frames, it is held up to so many times as long."""


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

    @property
    def graded(self) -> bool:
        """Whether it is an expression's take that is graded; passages of speech are not."""
        return self.take == GRADED_TAKE


class Progress(StrEnum):
    """What has become of one expression."""

    OPEN = "open"
    KEPT = "kept"
    SKIPPED = "skipped"


class Calibration:
    """One person's way through the expressions. `now` is seconds of any clock that never goes back.

    What was kept stays kept until something new is kept in its place: whoever goes back to an expression and leaves
    it again, by whatever way, has lost nothing. `phase` is what is going on, `take` the current take, from 1.
    """

    def __init__(
        self,
        expressions: Sequence[Expression | Passage] = EXPRESSIONS,
        timing: Timing | None = None,
        takes: int = TAKES,
    ) -> None:
        """Asks for `expressions` in their order, at the pace of `timing`, each `takes` times; a passage has its own length.

        Raises:
            ValueError: there is no expression, or one is named twice.
        """
        self._expressions = tuple(expressions)
        self._ids = tuple(expression.id for expression in self._expressions)
        if not self._ids or len(set(self._ids)) < len(self._ids):
            raise ValueError("calibration needs at least one expression, and each only once")
        self._timing, self._takes = timing or Timing(), takes
        self._attempts = dict.fromkeys(self._ids, 0)
        self._kept_attempts: dict[str, int] = {}
        self._skipped: set[str] = set()
        self._redoing = False
        self._frames = dict.fromkeys(range(1, takes + 1), 0)
        self._index = 0
        self.take = 1
        self.phase = Phase.WAITING
        self._phase_began = 0.0

    @property
    def position(self) -> int:
        """The number of the current expression, from 0; the last one when all are done."""
        return min(self._index, len(self._expressions) - 1)

    @property
    def count(self) -> int:
        """How many expressions are asked for."""
        return len(self._expressions)

    @property
    def expression(self) -> Expression | Passage:
        """The expression or the passage that is asked for now."""
        return self._expressions[self.position]

    @property
    def slot(self) -> Slot:
        """Where a crop captured now would belong."""
        return Slot(self.expression.id, self.take, self._attempts[self.expression.id])

    @property
    def graded_slots(self) -> tuple[Slot, ...]:
        """The slots whose frames are graded: the second take of what was last kept of every kept expression."""
        return self._kept_slots(GRADED_TAKE)

    @property
    def fitted_slots(self) -> tuple[Slot, ...]:
        """The slots that a model of one's own is fitted on: the first takes of the same expressions."""
        return self._kept_slots(FITTED_TAKE)

    def _kept_slots(self, take: int) -> tuple[Slot, ...]:
        return tuple(Slot(name, take, self._kept_attempts[name]) for name in self._ids if name in self._kept_attempts)

    @property
    def skipped(self) -> tuple[str, ...]:
        """The ids of skipped expressions."""
        return tuple(name for name in self._ids if self.progress(name) is Progress.SKIPPED)

    def progress(self, expression_id: str) -> Progress:
        """What has become of this expression; one that is being done again is still what it was before.

        Raises:
            KeyError: it is not asked for.
        """
        if expression_id not in self._attempts:
            raise KeyError(expression_id)
        if expression_id in self._kept_attempts:
            return Progress.KEPT
        return Progress.SKIPPED if expression_id in self._skipped else Progress.OPEN

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
        return min(1.0, self.elapsed(now) / length) if length else 1.0

    def seconds_left(self, now: float) -> float:
        """Seconds until a timed phase ends; 0 in untimed phases."""
        length = self._length()
        return 0.0 if length is None else max(0.0, length - self.elapsed(now))

    def begin(self, now: float) -> None:
        """Ask for the current expression from its first take; also "again" after a review or a pause."""
        if self.phase is not Phase.DONE:
            self._attempts[self.expression.id] += 1
            self._frames = dict.fromkeys(self._frames, 0)
            self.take = 1
            self._enter(Phase.GET_READY, now)

    def keep(self, now: float) -> bool:
        """Keep what was captured and go on. False (and nothing changes) without enough frames or out of review."""
        if self.phase is not Phase.REVIEW or not self.enough_frames:
            return False
        self._kept_attempts[self.expression.id] = self._attempts[self.expression.id]
        self._advance(now)
        return True

    def skip(self, now: float) -> None:
        """Leave the current expression out and go on: it counts 0 points for every candidate (method.md 6).

        One that was kept before stays kept; skipping then only says "not again".
        """
        if self.phase is not Phase.DONE:
            self._skipped.add(self.expression.id)
            self._advance(now)

    def back(self, now: float) -> bool:
        """Return to the expression before, to do it again. False at the first one.

        From an expression that `redo` asked for again after all were done, the way back is to being done.
        """
        if self._redoing and self.phase is not Phase.DONE:
            self.finish(now)
            return True
        if self._index == 0:
            return False
        self._index -= 1
        self._reopen(now)
        return True

    def redo(self, expression_id: str, now: float) -> None:
        """Do one expression again after all are done; the verdict offers this.

        Raises:
            KeyError: it is not asked for; nothing has changed.
        """
        if expression_id not in self._attempts:
            raise KeyError(expression_id)
        self._redoing = self._redoing or self.phase is Phase.DONE
        self._index = self._ids.index(expression_id)
        self._reopen(now)

    def pause(self, now: float) -> None:
        """Stop the countdown; `begin` starts the current expression over."""
        if self.phase in (Phase.GET_READY, Phase.HOLD, Phase.RELAX):
            self._enter(Phase.PAUSED, now)

    def tick(self, now: float, *, face_seen: bool) -> Slot | None:
        """Move on by the clock. Returns the slot for this tick's crop while an expression is held and a face is seen."""
        captured = None
        length = self._length()
        over = length is not None and self.elapsed(now) >= length
        too_few = self._frames[self.take] < MIN_FRAMES and self.elapsed(now) < self._hold * LONGEST_HOLD
        goes_on = face_seen and (not over or too_few)  # a busy computer looks more rarely: it gets longer to look
        if self.phase is Phase.HOLD and goes_on:
            self._frames[self.take] += 1
            captured = self.slot
        elif over:
            self._next_phase(now)
        return captured

    def _next_phase(self, now: float) -> None:
        if self.phase is Phase.GET_READY:
            self._enter(Phase.HOLD, now)
        elif self.phase is Phase.RELAX:
            self.take += 1
            self._enter(Phase.HOLD, now)
        elif self.take < self._takes:
            self._enter(Phase.RELAX, now)
        else:
            self._enter(Phase.REVIEW, now)

    @property
    def _hold(self) -> float:
        """For how many seconds the current expression is held, or spoken."""
        asked = self.expression
        return asked.seconds if isinstance(asked, Passage) else self._timing.hold

    def _length(self) -> float | None:
        return {
            Phase.GET_READY: self._timing.get_ready,
            Phase.HOLD: self._hold,
            Phase.RELAX: self._timing.relax,
        }.get(self.phase)

    def _advance(self, now: float) -> None:
        """Go to the next open expression, or be done when none is left."""
        following = [*range(self._index + 1, self.count), *range(self._index)]
        open_ones = [i for i in following if self.progress(self._ids[i]) is Progress.OPEN]
        if not open_ones:
            self.finish(now)
            return
        self._index = open_ones[0]
        self.begin(now)

    def finish(self, now: float) -> None:
        """Be done: what is not kept is left out."""
        self._index, self._redoing = self.count, False
        self._enter(Phase.DONE, now)

    def _reopen(self, now: float) -> None:
        self._enter(Phase.WAITING, now)
        self.begin(now)

    def _enter(self, phase: Phase, now: float) -> None:
        self.phase, self._phase_began = phase, now
