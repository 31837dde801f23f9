"""One call as a state machine: any commands in any order, each tick a step of the level."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.method.emotion import GAP, Emotion, Outcome, Reading
from core.method.level import PROFILES, THESIS_TABLE, TICK_SECONDS, LevelProfile, next_level
from core.method.sample import Sample
from core.monitoring.call import Call, CallPhase
from core.monitoring.pipeline import FaceTracker, Pipeline
from core.sources.loop import Tick
from tests.doubles import FakeFinder, FakeNetwork, sure_of
from tests.strategies import outcomes


class Sink:
    """Keeps what a call stores."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []

    def add_samples(self, call_id: int, samples: Sequence[Sample]) -> None:
        assert call_id == 7
        self.samples += samples


def _reading(outcome: Outcome) -> Reading:
    return GAP if outcome is Outcome.GAP else Reading(outcome, sure_of(outcome.emotion or Emotion.HAPPY, 0.4))


STRESS = _reading(Outcome.STRESS)


def _call(now: float = 100.0, profile: LevelProfile = THESIS_TABLE, sink: Sink | None = None) -> Call:
    pipeline = Pipeline(FaceTracker(FakeFinder([])), FakeNetwork("tiny-1", lambda _crop: sure_of(Emotion.HAPPY)))
    return Call(7, pipeline, sink or Sink(), now, profile)


@given(st.lists(outcomes, max_size=100), st.sampled_from(PROFILES))
def test_a_call_starts_at_zero_and_each_sample_is_one_step_from_the_last(
    read: list[Outcome], profile: LevelProfile
) -> None:
    call, level = _call(5.0, profile), 0
    assert call.level == 0
    for number, outcome in enumerate(read):
        level = next_level(level, outcome, profile)
        assert call.advance(_reading(outcome), 5.0 + number * TICK_SECONDS) == Sample(number * 200, outcome, level)


def test_reset_sets_the_running_call_to_zero_and_its_time_goes_on() -> None:
    call = _call()
    assert [call.advance(STRESS, now) for now in (100.0, 100.2)][-1] == Sample(200, Outcome.STRESS, 40)
    call.reset()
    assert call.advance(STRESS, 101.0) == Sample(1000, Outcome.STRESS, 20)


def test_of_a_pause_nothing_is_kept_whatever_plays_on_and_the_level_waits() -> None:
    sink = Sink()
    call = _call(sink=sink)
    call.advance(STRESS, 100.0)
    call.pause()
    assert call.advance(STRESS, 100.2) is None
    assert call.step(Tick(100.2, None, None)) is None
    assert sink.samples == []
    call.resume(100.3)
    assert call.advance(STRESS, 100.4) == Sample(400, Outcome.STRESS, 40)


def test_two_ticks_of_one_moment_are_one_sample() -> None:
    call = _call()
    assert call.advance(STRESS, 100.2) is not None
    assert call.advance(STRESS, 100.2) is None
    assert call.advance(STRESS, 100.0) is None
    assert call.level == 20


def test_what_is_stored_is_what_was_read_and_nothing_comes_after_the_end() -> None:
    sink = Sink()
    call = _call(sink=sink)
    call.step(Tick(100.0, None, None))
    call.end()
    assert call.step(Tick(100.2, None, None)) is None
    assert sink.samples == [Sample(0, Outcome.GAP, 0)]


@pytest.mark.parametrize("command", [Call.end, Call.reset, Call.pause, lambda call: call.resume(1.0)])
def test_a_call_that_has_ended_stays_ended(command: Callable[[Call], None]) -> None:
    call = _call()
    call.end()
    command(call)
    assert call.phase is CallPhase.ENDED


class CallMachine(RuleBasedStateMachine):
    """Any commands in any order, against the plainest model of a call."""

    @initialize(profile=st.sampled_from(PROFILES), read=st.lists(outcomes, min_size=1, max_size=8))
    def begin(self, profile: LevelProfile, read: list[Outcome]) -> None:
        self.call, self.profile = _call(0.0, profile), profile
        self.now, self.level, self.last_ms, self.phase = 0.0, 0, -1, CallPhase.RUNNING
        for outcome in read:
            self.tick(0.2, outcome)

    @rule(seconds=st.sampled_from([0.0, 0.0004, 0.2, 7.0]), outcome=outcomes)
    def tick(self, seconds: float, outcome: Outcome) -> None:
        self.now += seconds
        sample = self.call.advance(_reading(outcome), self.now)
        t_ms = round(self.now * 1000)
        if self.phase is not CallPhase.RUNNING or t_ms <= self.last_ms:
            assert sample is None
            return
        self.level, self.last_ms = next_level(self.level, outcome, self.profile), t_ms
        assert sample == Sample(t_ms, outcome, self.level)

    @rule()
    def reset(self) -> None:
        self.call.reset()
        self.level = 0

    @rule()
    def pause(self) -> None:
        self.call.pause()
        self.phase = CallPhase.PAUSED if self.phase is CallPhase.RUNNING else self.phase

    @rule()
    def resume(self) -> None:
        self.call.resume(self.now)
        self.phase = CallPhase.RUNNING if self.phase is CallPhase.PAUSED else self.phase

    @precondition(lambda self: self.now > 10)  # else most calls would be over before anything happens
    @rule()
    def end(self) -> None:
        self.call.end()
        self.phase = CallPhase.ENDED

    @invariant()
    def agrees(self) -> None:
        assert (self.call.phase, self.call.level) == (self.phase, self.level)


TestCallMachine = CallMachine.TestCase
TestCallMachine.settings = settings(max_examples=60, stateful_step_count=30)
