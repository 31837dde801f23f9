"""Any commands in any order: the calibration never raises, never loses what was kept, and can always be finished."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.calibration.machine import GRADED_TAKE, Calibration, Phase, Progress, Slot, Timing
from core.method.emotion import EXPRESSIONS
from core.method.grading import MIN_FRAMES

TIMING = Timing(get_ready=0.3, hold=1.4, relax=0.2)
PERIOD = 0.1


class CalibrationMachine(RuleBasedStateMachine):
    """Keeps its own record of what was kept and captured, and compares after every step."""

    @initialize(count=st.integers(1, 4))
    def new(self, count: int) -> None:
        self.asked = EXPRESSIONS[:count]
        self.calibration = Calibration(self.asked, TIMING)
        self.now = 0.0
        self.kept: dict[str, Slot] = {}
        self.captured: dict[Slot, int] = {}

    def _tick(self, face: bool) -> None:
        self.now += PERIOD
        holding = self.calibration.phase is Phase.HOLD
        slot = self.calibration.tick(self.now, face_seen=face)
        if slot is not None:
            assert holding
            assert face
            assert slot.expression_id in {expression.id for expression in self.asked}
            self.captured[slot] = self.captured.get(slot, 0) + 1

    @rule(ticks=st.integers(1, 20), face=st.booleans())
    def tick(self, ticks: int, face: bool) -> None:
        for _ in range(ticks):
            self._tick(face)

    @rule(seconds=st.floats(0, 30))
    def stand_still(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def hold_all_of_it(self) -> None:
        self.calibration.begin(self.now)
        for _ in range(40):
            self._tick(face=True)

    @rule()
    def show_it_and_keep_it(self) -> None:
        """Steps drawn by chance alone hardly ever get so far."""
        self.hold_all_of_it()
        self.hold_all_of_it()
        self.keep()

    @rule()
    def begin(self) -> None:
        self.calibration.begin(self.now)

    @rule()
    def keep(self) -> None:
        slot = self.calibration.slot
        if self.calibration.keep(self.now):
            assert slot.take == GRADED_TAKE
            self.kept[slot.expression_id] = slot

    @rule()
    def skip(self) -> None:
        self.calibration.skip(self.now)

    @rule()
    def pause(self) -> None:
        self.calibration.pause(self.now)

    @rule()
    def back(self) -> None:
        at, phase = self.calibration.position, self.calibration.phase
        moved = self.calibration.back(self.now)
        assert moved or at == 0
        if moved and phase is not Phase.DONE and self.calibration.phase is not Phase.DONE:
            assert self.calibration.position == at - 1

    @rule(number=st.integers(0, 3))
    def redo(self, number: int) -> None:
        expression = self.asked[number % len(self.asked)]
        self.calibration.redo(expression.id, self.now)
        assert self.calibration.expression is expression

    @precondition(lambda self: self.calibration.phase is Phase.DONE)
    @rule()
    def all_are_decided_when_done(self) -> None:
        assert all(self.calibration.progress(expression.id) is not Progress.OPEN for expression in self.asked)

    @invariant()
    def what_was_kept_is_graded_by_its_last_kept_second_take(self) -> None:
        names = [expression.id for expression in self.asked]
        assert self.calibration.graded_slots == tuple(self.kept[name] for name in names if name in self.kept)
        assert all(self.captured[slot] >= MIN_FRAMES for slot in self.calibration.graded_slots)

    @invariant()
    def every_expression_is_open_kept_or_skipped(self) -> None:
        progress = {expression.id: self.calibration.progress(expression.id) for expression in self.asked}
        assert {name for name, state in progress.items() if state is Progress.KEPT} == set(self.kept)
        assert [name for name, state in progress.items() if state is Progress.SKIPPED] == list(self.calibration.skipped)

    @invariant()
    def the_screen_has_something_to_show(self) -> None:
        assert 0 <= self.calibration.position < self.calibration.count
        assert 0 <= self.calibration.share_done(self.now) <= 1
        assert self.calibration.seconds_left(self.now) >= 0

    def teardown(self) -> None:
        """From wherever it is, the person can get to the end."""
        if not hasattr(self, "calibration"):
            return
        for _ in range(2 * len(self.asked)):
            self.skip()
        assert self.calibration.phase is Phase.DONE
        self.what_was_kept_is_graded_by_its_last_kept_second_take()


TestCalibrationMachine = CalibrationMachine.TestCase
TestCalibrationMachine.settings = settings(max_examples=80, stateful_step_count=30)
