from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.method.emotion import GAP, Emotion, Outcome, Reading
from core.method.level import PROFILES, THESIS_CODE, TICK_SECONDS, LevelProfile, next_level
from core.method.sample import Sample
from core.monitoring.monitor import Monitor, MonitorError, MonitorState
from tests.doubles import sure_of
from tests.strategies import outcomes


def _reading(outcome: Outcome) -> Reading:
    return GAP if outcome is Outcome.GAP else Reading(outcome, sure_of(outcome.emotion or Emotion.HAPPY, 0.4))


STRESS = _reading(Outcome.STRESS)


def _running(now: float = 100.0) -> Monitor:
    monitor = Monitor()
    monitor.start(now)
    return monitor


def _levels(monitor: Monitor, readings: list[Reading], now: float = 100.0) -> list[int]:
    samples = [monitor.tick(reading, now + number * TICK_SECONDS) for number, reading in enumerate(readings)]
    return [sample.level for sample in samples if sample is not None]


@given(st.lists(outcomes, max_size=100), st.sampled_from(PROFILES))
def test_a_call_starts_at_zero_and_each_sample_is_one_step_from_the_last(
    read: list[Outcome], profile: LevelProfile
) -> None:
    monitor = Monitor(profile)
    monitor.start(5.0)
    level = 0
    for number, outcome in enumerate(read):
        level = next_level(level, outcome, profile)
        sample = monitor.tick(_reading(outcome), 5.0 + number * TICK_SECONDS)
        assert sample == Sample(number * 200, outcome, level)


def test_the_next_call_starts_at_zero_whatever_the_last_came_to() -> None:
    monitor = _running()
    assert _levels(monitor, [STRESS] * 3) == [20, 40, 60]
    monitor.end()
    assert monitor.level == 0
    monitor.start(200.0)
    assert monitor.level == 0
    assert monitor.tick(STRESS, 200.0) == Sample(0, Outcome.STRESS, 20)


def test_reset_sets_the_running_call_to_zero_and_its_time_goes_on() -> None:
    monitor = _running()
    _levels(monitor, [STRESS] * 3)
    monitor.reset()
    assert monitor.tick(STRESS, 101.0) == Sample(1000, Outcome.STRESS, 20)


def test_a_paused_call_gives_gaps_whatever_is_read_and_its_level_waits() -> None:
    monitor = _running()
    monitor.tick(STRESS, 100.0)
    monitor.pause()
    assert monitor.tick(STRESS, 100.2) == Sample(200, Outcome.GAP, 20)
    monitor.resume()
    assert monitor.tick(STRESS, 100.4) == Sample(400, Outcome.STRESS, 40)


def test_two_ticks_of_one_moment_are_one_sample() -> None:
    monitor = _running()
    assert monitor.tick(STRESS, 100.2) is not None
    assert monitor.tick(STRESS, 100.2) is None
    assert monitor.tick(STRESS, 100.0) is None
    assert monitor.level == 20


def test_between_calls_a_tick_is_no_sample_and_no_time_passes() -> None:
    monitor = Monitor(THESIS_CODE)
    assert monitor.tick(STRESS, 1.0) is None
    assert (monitor.elapsed(99.0), monitor.state, monitor.profile) == (0.0, MonitorState.IDLE, THESIS_CODE)


@pytest.mark.parametrize("command", [Monitor.end, Monitor.reset, Monitor.pause, Monitor.resume])
def test_commands_for_a_call_are_refused_between_calls(command: Callable[[Monitor], None]) -> None:
    with pytest.raises(MonitorError) as refused:
        command(Monitor())
    assert refused.value.code == "no_call"


def test_a_second_call_is_refused_while_one_runs_even_when_paused() -> None:
    monitor = _running()
    monitor.pause()
    with pytest.raises(MonitorError) as refused:
        monitor.start(101.0)
    assert refused.value.code == "in_call"
    assert monitor.state is MonitorState.PAUSED


class MonitorMachine(RuleBasedStateMachine):
    """Any commands in any order, against the plainest model of a call."""

    @initialize(profile=st.sampled_from(PROFILES))
    def new(self, profile: LevelProfile) -> None:
        self.monitor, self.profile = Monitor(profile), profile
        self.now, self.level, self.last_ms, self.began = 0.0, 0, -1, 0.0
        self.state = MonitorState.IDLE

    @rule(seconds=st.sampled_from([0.0, 0.0004, 0.2, 7.0]), outcome=outcomes)
    def tick(self, seconds: float, outcome: Outcome) -> None:
        self.now += seconds
        sample = self.monitor.tick(_reading(outcome), self.now)
        t_ms = round((self.now - self.began) * 1000)
        if self.state is MonitorState.IDLE or t_ms <= self.last_ms:
            assert sample is None
            return
        seen = outcome if self.state is MonitorState.IN_CALL else Outcome.GAP
        self.level, self.last_ms = next_level(self.level, seen, self.profile), t_ms
        assert sample == Sample(t_ms, seen, self.level)

    @rule()
    def start(self) -> None:
        if self.state is MonitorState.IDLE:
            self.monitor.start(self.now)
            self.state, self.level, self.last_ms, self.began = MonitorState.IN_CALL, 0, -1, self.now
        else:
            with pytest.raises(MonitorError):
                self.monitor.start(self.now)

    @rule(command=st.sampled_from(["end", "reset", "pause", "resume"]))
    def command(self, command: str) -> None:
        if self.state is MonitorState.IDLE:
            with pytest.raises(MonitorError):
                getattr(self.monitor, command)()
            return
        getattr(self.monitor, command)()
        self.level = 0 if command in ("end", "reset") else self.level
        after = {"end": MonitorState.IDLE, "pause": MonitorState.PAUSED, "resume": MonitorState.IN_CALL}
        self.state = after.get(command, self.state)

    @invariant()
    def agrees(self) -> None:
        assert (self.monitor.state, self.monitor.level) == (self.state, self.level)


TestMonitorMachine = MonitorMachine.TestCase
TestMonitorMachine.settings = settings(max_examples=60, stateful_step_count=30)
