from __future__ import annotations

import itertools

import pytest

from core.calibration.machine import CAPTURES_PER_SECOND, GRADED_TAKE, TAKES, Calibration, Phase, Progress, Slot, Timing
from core.method.emotion import EXPRESSIONS, Expression
from core.method.grading import MIN_FRAMES

PERIOD = 1 / CAPTURES_PER_SECOND
IDS = [expression.id for expression in EXPRESSIONS]


class Walk:
    """Walks a calibration tick by tick, as the analysis loop does."""

    def __init__(self, calibration: Calibration | None = None) -> None:
        self.calibration = calibration or Calibration()
        self.now = 50.0

    def tick(self, *, face: bool = True) -> Slot | None:
        self.now += PERIOD
        return self.calibration.tick(self.now, face_seen=face)

    def until(self, phase: Phase, *, face: bool = True) -> list[Slot]:
        slots: list[Slot] = []
        for _ in range(1000):
            if self.calibration.phase is phase:
                return slots
            slot = self.tick(face=face)
            slots += [slot] if slot else []
        raise AssertionError(f"never came to {phase}")

    def begin(self) -> Walk:
        self.calibration.begin(self.now)
        return self

    def keep(self) -> Slot:
        """Hold the current expression, keep it, and tell its graded slot."""
        self.until(Phase.REVIEW)
        slot = self.calibration.slot
        assert self.calibration.keep(self.now)
        return slot

    def skip(self) -> None:
        self.calibration.skip(self.now)

    def back(self) -> bool:
        return self.calibration.back(self.now)

    def at(self) -> str:
        return self.calibration.expression.id


def test_one_expression_is_counted_down_held_relaxed_from_held_again_and_reviewed() -> None:
    walk = Walk().begin()
    phases = [walk.calibration.phase]
    while walk.calibration.phase is not Phase.REVIEW:
        walk.tick()
        phases.append(walk.calibration.phase)
    order = [phase for phase, _ in itertools.groupby(phases)]
    assert order == [Phase.GET_READY, Phase.HOLD, Phase.RELAX, Phase.HOLD, Phase.REVIEW]
    assert walk.now - 50.0 == pytest.approx(3 + 3 + 1.5 + 3, abs=5 * PERIOD)


def test_three_seconds_of_a_seen_face_fill_both_takes_with_three_times_what_grading_needs() -> None:
    walk = Walk().begin()
    slots = walk.until(Phase.REVIEW)
    takes = [sum(slot.take == take for slot in slots) for take in (1, TAKES)]
    assert all(29 <= count <= 30 for count in takes)
    assert takes == [walk.calibration.frames(1), walk.calibration.frames(2)]
    assert {slot.expression_id for slot in slots} == {"smile"}
    assert {slot.attempt for slot in slots} == {1}


def test_outside_of_holding_nothing_is_captured() -> None:
    walk = Walk().begin()
    for phase in (Phase.GET_READY, Phase.RELAX, Phase.REVIEW):
        walk.until(phase)
        assert walk.tick() is None
    assert Walk().tick() is None


@pytest.mark.parametrize(
    ("first", "second", "enough"), [(10, 10, True), (9, 10, False), (10, 9, False), (0, 30, False)]
)
def test_an_expression_can_be_kept_with_ten_frames_in_each_take_and_not_with_fewer(
    first: int, second: int, enough: bool
) -> None:
    walk = Walk().begin()
    for faces, after in ((first, Phase.RELAX), (second, Phase.REVIEW)):
        walk.until(Phase.HOLD)
        for number in range(25):
            walk.tick(face=number < faces)
        walk.until(after, face=False)
    assert walk.calibration.enough_frames is enough
    assert walk.calibration.keep(walk.now) is enough
    assert walk.calibration.progress("smile") is (Progress.KEPT if enough else Progress.OPEN)
    assert MIN_FRAMES == 10


def test_only_a_review_can_be_kept() -> None:
    walk = Walk()
    assert not walk.calibration.keep(walk.now)
    walk.begin()
    for phase in (Phase.GET_READY, Phase.HOLD, Phase.RELAX):
        walk.until(phase)
        assert not walk.calibration.keep(walk.now)


def test_all_eleven_kept_are_done_and_each_is_graded_by_its_second_take() -> None:
    walk = Walk().begin()
    kept = [walk.keep() for _ in IDS]
    assert walk.calibration.phase is Phase.DONE
    assert walk.calibration.graded_slots == tuple(Slot(name, GRADED_TAKE, 1) for name in IDS) == tuple(kept)
    assert walk.calibration.skipped == ()
    assert walk.calibration.position == 10
    assert walk.tick() is None


def test_a_skipped_expression_is_not_graded_and_is_not_asked_for_again() -> None:
    walk = Walk().begin()
    walk.keep()
    walk.skip()
    assert walk.at() == "laugh"
    for _ in range(9):
        walk.keep()
    assert walk.calibration.phase is Phase.DONE
    assert walk.calibration.skipped == ("open_smile",)
    assert [slot.expression_id for slot in walk.calibration.graded_slots] == [
        name for name in IDS if name != "open_smile"
    ]


def test_doing_an_expression_again_is_a_new_attempt_and_the_old_frames_count_no_more() -> None:
    walk = Walk().begin()
    walk.until(Phase.REVIEW)
    walk.begin()
    assert walk.calibration.frames(1) == walk.calibration.frames(2) == 0
    assert walk.calibration.slot == Slot("smile", 1, 2)
    assert walk.keep() == Slot("smile", GRADED_TAKE, 2)


def test_a_pause_stops_the_countdown_and_going_on_starts_the_expression_over() -> None:
    walk = Walk().begin()
    walk.until(Phase.HOLD)
    walk.tick()
    walk.calibration.pause(walk.now)
    for _ in range(100):
        assert walk.tick() is None
    assert walk.calibration.phase is Phase.PAUSED
    walk.begin()
    assert (walk.calibration.phase, walk.calibration.frames(1)) == (Phase.GET_READY, 0)


@pytest.mark.parametrize("phase", [Phase.WAITING, Phase.REVIEW, Phase.DONE])
def test_where_nothing_runs_a_pause_changes_nothing(phase: Phase) -> None:
    walk = Walk(Calibration(EXPRESSIONS[:1]))
    if phase is not Phase.WAITING:
        walk.begin().until(Phase.REVIEW)
    if phase is Phase.DONE:
        walk.keep()
    walk.calibration.pause(walk.now)
    assert walk.calibration.phase is phase


def _three_kept() -> Walk:
    walk = Walk().begin()
    for _ in range(3):
        walk.keep()
    return walk


def test_going_back_keeps_what_was_kept_until_something_new_is_kept_in_its_place() -> None:
    walk = _three_kept()
    before = walk.calibration.graded_slots
    assert walk.back()
    assert (walk.at(), walk.calibration.phase) == ("laugh", Phase.GET_READY)
    walk.until(Phase.REVIEW)
    assert walk.calibration.graded_slots == before
    assert walk.calibration.progress("laugh") is Progress.KEPT
    walk.keep()
    assert walk.calibration.graded_slots == (*before[:2], Slot("laugh", GRADED_TAKE, 2))
    assert walk.at() == "expressionless"


@pytest.mark.parametrize("leave", ["skip", "back", "pause", "begin"])
def test_going_back_and_leaving_again_without_finishing_loses_nothing(leave: str) -> None:
    walk = _three_kept()
    before = walk.calibration.graded_slots
    walk.back()
    walk.until(Phase.HOLD)
    walk.tick()
    getattr(walk.calibration, leave)(walk.now)
    assert walk.calibration.graded_slots == before
    assert walk.calibration.skipped == ()


def test_after_going_back_over_several_the_way_on_is_to_the_first_open_one() -> None:
    walk = _three_kept()
    for name in ("laugh", "open_smile", "smile"):
        walk.back()
        assert walk.at() == name
    assert not walk.back()
    walk.keep()
    assert walk.at() == "expressionless"


def test_a_skipped_expression_can_be_gone_back_to_and_kept_after_all() -> None:
    walk = Walk().begin()
    walk.skip()
    walk.back()
    assert walk.calibration.skipped == ("smile",)
    walk.keep()
    assert not walk.calibration.skipped
    assert walk.calibration.progress("smile") is Progress.KEPT
    assert walk.at() == "open_smile"


def _done() -> Walk:
    walk = Walk(Calibration(EXPRESSIONS[:4])).begin()
    for _ in range(4):
        walk.keep()
    return walk


def test_a_redone_expression_replaces_the_kept_one_only_when_it_is_kept() -> None:
    walk = _done()
    before = walk.calibration.graded_slots
    walk.calibration.redo("laugh", walk.now)
    assert (walk.at(), walk.calibration.phase) == ("laugh", Phase.GET_READY)
    assert walk.calibration.graded_slots == before
    walk.keep()
    assert walk.calibration.phase is Phase.DONE
    assert walk.calibration.graded_slots == (*before[:2], Slot("laugh", GRADED_TAKE, 2), before[3])


@pytest.mark.parametrize("leave", ["skip", "back"])
def test_a_redo_that_is_given_up_leads_back_to_being_done_with_nothing_lost(leave: str) -> None:
    walk = _done()
    before = walk.calibration.graded_slots
    walk.calibration.redo("open_smile", walk.now)
    getattr(walk.calibration, leave)(walk.now)
    assert walk.calibration.phase is Phase.DONE
    assert walk.calibration.graded_slots == before


def test_from_being_done_the_way_back_is_through_the_last_expressions() -> None:
    walk = _done()
    assert walk.back()
    assert walk.at() == "expressionless"
    assert walk.back()
    assert walk.at() == "laugh"


def test_an_expression_that_is_not_asked_for_can_neither_be_redone_nor_looked_up() -> None:
    walk = _done()
    with pytest.raises(KeyError, match="rage"):
        walk.calibration.redo("rage", walk.now)
    with pytest.raises(KeyError, match="rage"):
        walk.calibration.progress("rage")
    assert walk.calibration.phase is Phase.DONE


@pytest.mark.parametrize("expressions", [(), EXPRESSIONS[:1] * 2])
def test_no_expression_and_an_expression_twice_are_refused(expressions: tuple[Expression, ...]) -> None:
    with pytest.raises(ValueError, match="at least one expression, and each only once"):
        Calibration(expressions)


def test_the_countdown_tells_how_much_has_passed_and_how_much_is_left() -> None:
    calibration = Calibration(timing=Timing(get_ready=4.0))
    calibration.begin(10.0)
    assert (calibration.share_done(11.0), calibration.seconds_left(11.0)) == (0.25, 3.0)
    assert (calibration.share_done(99.0), calibration.seconds_left(99.0)) == (1.0, 0.0)
    assert (calibration.share_done(9.0), calibration.seconds_left(9.0)) == (0.0, 4.0)


def test_a_countdown_without_length_is_over_at_once() -> None:
    calibration = Calibration(timing=Timing(get_ready=0.0, hold=0.0, relax=0.0))
    calibration.begin(1.0)
    for _ in range(4):
        assert calibration.share_done(1.0) == 1.0
        assert calibration.seconds_left(1.0) == 0.0
        calibration.tick(1.0, face_seen=True)
    assert calibration.phase is Phase.REVIEW


def test_a_standstill_ends_one_phase_and_not_several() -> None:
    walk = Walk().begin()
    walk.now += 60
    walk.tick()
    assert walk.calibration.phase is Phase.HOLD
    walk.now += 60
    assert walk.tick() is None  # a face that was seen when the time to hold was over
    assert (walk.calibration.phase, walk.calibration.frames(1)) == (Phase.RELAX, 0)
