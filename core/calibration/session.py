"""Calibration at work: ticks of a source become crops for the grader, while another thread gives the commands."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from core.calibration.grader import CalibrationGrader, Feedback
from core.calibration.machine import Calibration, Phase, Slot
from core.method.emotion import Expression
from core.method.speech import Passage
from core.monitoring.pipeline import FaceTracker
from core.sources.loop import Tick
from core.sources.source import FrameSource, Performer, SourceProblem
from core.sources.speech import Manner
from core.system.clock import Clock

Result = TypeVar("Result")

_LOOKING = (Phase.GET_READY, Phase.HOLD, Phase.RELAX)
"""When a face is looked for: from just before an expression is held until both takes are over."""

MANNERS = {"calm_text": Manner.CALM, "kind_text": Manner.SMILING, "free_speech": Manner.CALM}
"""How the demo actor speaks each passage."""


@dataclass(frozen=True, slots=True)
class CalibrationView:
    """What a screen shows of one moment.

    `position` counts from 0; `share_done` (0 to 1) and `seconds_left` are of a timed phase; `frames` are those with a
    face in the current take; `feedback` is how the candidates read the last take, None until both takes are over: who sees
    it while holding an expression acts to please it, and the second take is no longer independent of the first.
    """

    phase: Phase
    expression: Expression | Passage
    position: int
    count: int
    take: int
    share_done: float
    seconds_left: float
    frames: int
    enough_frames: bool
    face_seen: bool
    feedback: Feedback | None
    trouble: SourceProblem | None


class CalibrationSession:
    """Binds a calibration to a tracker and a grader. `handle` runs on the loop's thread, commands on any."""

    def __init__(
        self,
        calibration: Calibration,
        grader: CalibrationGrader,
        tracker: FaceTracker,
        source: FrameSource,
        clock: Clock,
    ) -> None:
        """`source` is only told what to play, where it can play (the demo actor)."""
        self.calibration = calibration
        self._grader, self._tracker, self._clock = grader, tracker, clock
        self._performer = source if isinstance(source, Performer) else None
        self._lock = threading.Lock()
        self._face_seen = False
        self._trouble: SourceProblem | None = None
        self._reviewed: Feedback | None = None

    def handle(self, tick: Tick) -> None:
        """Take one tick: move on by its time, and hand its crop to the grader where an expression is held."""
        crop = None if tick.frame is None or not self.looks else self._tracker.crop(tick.frame)
        with self._lock:
            slot = self.calibration.tick(tick.now, face_seen=crop is not None)
            self._face_seen, self._trouble = crop is not None, tick.trouble
            self._direct()
        if slot is not None and crop is not None:
            self._grader.submit(slot, crop)

    @property
    def looks(self) -> bool:
        """Whether a face is looked for now: not while nobody holds anything."""
        return self.calibration.phase in _LOOKING

    def view(self) -> CalibrationView:
        """What the screen shows at this moment."""
        now = self._clock.monotonic()
        with self._lock:
            calibration = self.calibration
            return CalibrationView(
                phase=calibration.phase,
                expression=calibration.expression,
                position=calibration.position,
                count=calibration.count,
                take=calibration.take,
                share_done=calibration.share_done(now),
                seconds_left=calibration.seconds_left(now),
                frames=calibration.frames(calibration.take),
                enough_frames=calibration.enough_frames,
                face_seen=self._face_seen,
                feedback=self._feedback(calibration.slot) if calibration.phase is Phase.REVIEW else None,
                trouble=self._trouble,
            )

    def _feedback(self, slot: Slot) -> Feedback | None:
        """How the takes in review were read: worked out once, however often it is looked at."""
        if self._reviewed is None:
            self._reviewed = self._grader.feedback(slot)
        return self._reviewed

    def tell(self, command: Callable[[Calibration, float], Result]) -> Result:
        """Give the calibration one of its commands, such as `Calibration.keep`, at this moment."""
        with self._lock:
            self._reviewed = None  # what it leads to may be another review
            return command(self.calibration, self._clock.monotonic())

    def _direct(self) -> None:
        """Tell the demo actor what is asked for: it rests between takes and while nothing is asked."""
        if self._performer is not None:
            asked = self.calibration.expression if self.calibration.phase in (Phase.GET_READY, Phase.HOLD) else None
            if isinstance(asked, Passage):
                self._performer.perform_talk(MANNERS[asked.id])
            else:
                self._performer.perform(asked)
