from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from core.system.clock import ManualClock, SystemClock


@given(st.lists(st.tuples(st.booleans(), st.floats(-10, 10)), max_size=20))
def test_made_up_time_never_goes_back_and_the_calendar_follows_it(moves: list[tuple[bool, float]]) -> None:
    clock, start = ManualClock(datetime(2026, 3, 1, tzinfo=UTC)), datetime(2026, 3, 1, tzinfo=UTC)
    for jumps, seconds in moves:
        before = clock.monotonic()
        if jumps:
            assert clock.wait_until(before + seconds, threading.Event()) is False
        else:
            clock.advance(seconds)
        assert clock.monotonic() >= before
        assert abs((clock.wall() - start).total_seconds() - clock.monotonic()) < 2e-6


def test_waiting_on_made_up_time_reaches_the_moment_at_once() -> None:
    clock = ManualClock()
    assert clock.wait_until(3600, threading.Event()) is False
    assert clock.monotonic() == 3600


def test_waiting_on_either_clock_ends_at_once_when_stop_is_set() -> None:
    stop = threading.Event()
    stop.set()
    manual, system = ManualClock(), SystemClock()
    began = time.monotonic()
    assert system.wait_until(system.monotonic() + 60, stop) is True
    assert manual.wait_until(60, stop) is True
    assert manual.monotonic() == 0
    assert time.monotonic() - began < 5


def test_the_real_clock_does_not_wait_for_a_moment_that_has_passed() -> None:
    clock = SystemClock()
    began = time.monotonic()
    assert clock.wait_until(clock.monotonic() - 60, threading.Event()) is False
    assert time.monotonic() - began < 5
    assert clock.wall().tzinfo is UTC


def test_a_wait_on_the_real_clock_is_ended_by_stop_from_another_thread() -> None:
    clock, stop = SystemClock(), threading.Event()
    answers: list[bool] = []
    waiter = threading.Thread(target=lambda: answers.append(clock.wait_until(clock.monotonic() + 60, stop)))
    waiter.start()
    stop.set()
    waiter.join(timeout=5)
    assert answers == [True]
