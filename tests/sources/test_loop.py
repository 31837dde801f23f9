from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sources.loop import LONGEST_FILL_SECONDS, RETRY_SECONDS, STOP_SECONDS, AnalysisLoop, LoopEnd, Tick
from core.sources.source import SourceError, SourceProblem
from core.system.clock import Clock, ManualClock, SystemClock
from tests.doubles import FakeSource, no_camera

RATE = 5.0


class Run:
    """One loop on a source, with everything it handed on."""

    def __init__(
        self, source: FakeSource, clock: Clock | None = None, handle: Callable[[Tick], object] | None = None
    ) -> None:
        self.source, self.clock = source, clock or ManualClock()
        self.ticks: list[Tick] = []
        self.ends: list[LoopEnd] = []
        self.open_at_end: list[bool] = []
        self._handle = handle
        self.loop = AnalysisLoop(source, self._take, self.clock, rate=RATE, on_end=self._end)

    def _take(self, tick: Tick) -> None:
        self.ticks.append(tick)
        if self._handle is not None:
            self._handle(tick)

    def _end(self, end: LoopEnd) -> None:
        self.ends.append(end)
        self.open_at_end.append(self.source.is_open)

    def run(self) -> Run:
        self.loop.run()
        return self

    @property
    def moments(self) -> list[float]:
        return [round(tick.now, 6) for tick in self.ticks]

    @property
    def gaps(self) -> list[float]:
        return [round(tick.now, 6) for tick in self.ticks if tick.frame is None]

    def assert_ended(self, *, trouble: SourceError | None = None, failure: Exception | None = None) -> None:
        assert self.ends == [LoopEnd(trouble, failure)]
        assert self.open_at_end == [False]
        assert self.source.closed == 1


def test_a_file_is_read_at_the_rate_until_its_end_and_then_closed() -> None:
    run = Run(FakeSource(last=5)).run()
    assert run.moments == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert run.gaps == []
    assert run.source.asked == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2])
    run.assert_ended()


def test_the_source_is_asked_for_time_since_it_was_opened() -> None:
    clock = ManualClock()
    clock.advance(500)
    run = Run(FakeSource(last=1), clock).run()
    assert run.source.asked == pytest.approx([0.0, 0.2, 0.4])
    assert run.moments == [500.0, 500.2]


def test_a_stop_from_the_handler_ends_the_loop_and_closes_the_source() -> None:
    def stop(tick: Tick) -> None:
        if tick.now >= 1:
            run.loop.request_stop()

    run = Run(FakeSource(is_camera=True), handle=stop)
    run.run()
    assert run.moments[-1] == 1.0
    run.assert_ended()


def test_a_handler_that_raises_ends_the_loop_and_closes_the_source() -> None:
    failure = ZeroDivisionError("oh")

    def fail(tick: Tick) -> None:
        raise failure

    run = Run(FakeSource(), handle=fail).run()
    run.assert_ended(failure=failure)


def test_a_file_that_does_not_open_is_tried_once_and_closed() -> None:
    trouble = SourceError(SourceProblem.UNREADABLE, "clip.mp4")
    run = Run(FakeSource(open_failures=[trouble])).run()
    assert run.ticks == []
    run.assert_ended(trouble=trouble)


@pytest.mark.parametrize("is_camera", [True, False])
def test_an_unexpected_error_while_opening_closes_the_source(is_camera: bool) -> None:
    failure = RuntimeError("driver")
    run = Run(FakeSource(is_camera=is_camera, open_failures=[failure])).run()
    run.assert_ended(failure=failure)


@pytest.mark.parametrize("is_camera", [True, False])
def test_a_source_that_goes_away_in_the_middle_is_closed_and_told(is_camera: bool) -> None:
    trouble = SourceError(SourceProblem.LOST, "fake")
    run = Run(FakeSource(is_camera=is_camera, frame_failures={3: trouble})).run()
    assert run.moments == [0.0, 0.2, 0.4]
    run.assert_ended(trouble=trouble)


def test_a_source_that_cannot_even_be_closed_is_told() -> None:
    failure = OSError("stuck")
    run = Run(FakeSource(last=1, close_failure=failure)).run()
    run.assert_ended(failure=failure)


def test_an_interrupt_from_the_keyboard_passes_on_but_the_source_is_closed() -> None:
    def interrupt(tick: Tick) -> None:
        raise KeyboardInterrupt

    run = Run(FakeSource(), handle=interrupt)
    with pytest.raises(KeyboardInterrupt):
        run.run()
    assert run.source.closed == 1


def test_a_loop_that_was_stopped_before_it_began_never_opens_the_source() -> None:
    run = Run(FakeSource(is_camera=True))
    run.loop.request_stop()
    run.run()
    assert (run.source.opened, run.ticks) == (0, [])
    run.assert_ended()


def test_a_camera_that_does_not_open_is_tried_again_until_it_does() -> None:
    source = FakeSource(is_camera=True, open_failures=[no_camera(), no_camera()], last=1)
    run = Run(source).run()
    assert [(tick.now, tick.frame, tick.trouble) for tick in run.ticks[:2]] == [
        (0.0, None, SourceProblem.NOT_FOUND),
        (RETRY_SECONDS, None, SourceProblem.NOT_FOUND),
    ]
    assert run.moments[2:] == [2 * RETRY_SECONDS, 2 * RETRY_SECONDS + 0.2]
    assert source.opened == 1
    run.assert_ended()


def test_a_camera_is_held_while_it_is_opened_and_open_and_not_while_it_waits_to_be_tried_again() -> None:
    told: list[tuple[str, bool]] = []
    source = FakeSource(is_camera=True, open_failures=[no_camera()])

    def handle(tick: Tick) -> None:
        told.append(("waits" if tick.frame is None else "sees", loop.holds_source))
        if tick.frame is not None:
            loop.request_stop()

    def changed() -> None:
        told.append(("changed", loop.holds_source))

    loop = AnalysisLoop(source, handle, ManualClock(), rate=5.0, on_hold=changed)
    assert not loop.holds_source
    loop.run()
    assert told == [
        ("changed", True),
        ("changed", False),
        ("waits", False),
        ("changed", True),
        ("sees", True),
        ("changed", False),
    ]


def test_what_is_wrong_with_the_source_comes_with_each_tick() -> None:
    source = FakeSource(is_camera=True, trouble=SourceProblem.BLACK, last=0)
    run = Run(source).run()
    assert [tick.trouble for tick in run.ticks] == [SourceProblem.BLACK]


def _with_delay(clock: ManualClock, before: int, seconds: float, last: int = 6) -> Run:
    """A run whose handler takes `seconds` after the frame with this number."""

    def handle(tick: Tick) -> None:
        if tick.frame is not None and len([t for t in run.ticks if t.frame is not None]) == before + 1:
            clock.advance(seconds)

    run = Run(FakeSource(last=last), clock, handle)
    return run.run()


@pytest.mark.parametrize(
    ("seconds", "gaps"),
    [
        (0.1, []),
        (0.39, []),  # the next reading is late, none is lost
        (0.41, [0.6]),
        (1.05, [0.6, 0.8, 1.0, 1.2]),
        (4.99, [round(0.6 + 0.2 * number, 1) for number in range(23)]),
    ],
)
def test_ticks_that_were_missed_become_gaps_at_the_moments_they_were_due(seconds: float, gaps: list[float]) -> None:
    run = _with_delay(ManualClock(), before=2, seconds=seconds)
    assert run.gaps == gaps
    assert run.moments == pytest.approx([0.2 * number for number in range(len(run.moments))])


def test_a_long_standstill_is_one_gap_where_it_began_and_the_next_reading_stands_after_it() -> None:
    run = _with_delay(ManualClock(), before=2, seconds=3600)
    assert run.gaps == [0.6]
    assert run.moments[2:6] == [0.4, 0.6, 3600.4, 3600.6]
    assert run.source.asked[3] == pytest.approx(3600.4)


def test_after_a_long_standstill_no_reading_is_lost_in_the_call() -> None:
    clock = ManualClock()
    run = _with_delay(clock, before=2, seconds=LONGEST_FILL_SECONDS + 1)
    moments = [tick.now for tick in run.ticks if tick.frame is not None]
    assert len(moments) == 7
    assert moments == sorted(set(moments)), "each is a sample: a call takes no two of one moment"


@given(st.lists(st.floats(0, 3), min_size=1, max_size=15))
def test_whatever_the_delays_each_moment_of_the_grid_comes_once_and_in_order(delays: list[float]) -> None:
    clock = ManualClock()
    left = iter(delays)
    run = Run(FakeSource(last=len(delays)), clock, lambda tick: clock.advance(next(left, 0.0) if tick.frame else 0.0))
    run.run()
    assert run.moments == pytest.approx([0.2 * number for number in range(len(run.moments))])
    assert len([tick for tick in run.ticks if tick.frame is not None]) == len(delays) + 1


def test_stopping_a_loop_that_waits_for_its_camera_takes_no_time_on_the_real_clock() -> None:
    tried = threading.Event()
    source = FakeSource(is_camera=True, open_failures=[no_camera() for _ in range(100)])
    run = Run(source, SystemClock(), lambda tick: tried.set())
    run.loop.start()
    assert tried.wait(10)
    began = time.monotonic()
    assert run.loop.stop() is True
    assert time.monotonic() - began < STOP_SECONDS
    assert not run.loop.running
    run.assert_ended()


class SlowToOpen(FakeSource):
    """A camera whose first frame does not come; `close` from another thread ends the wait, as with a real one."""

    def __init__(self) -> None:
        super().__init__(is_camera=True)
        self.entered, self.let_go = threading.Event(), threading.Event()

    def open(self) -> None:
        self.entered.set()
        assert self.let_go.wait(30)
        raise no_camera()

    def close(self) -> None:
        super().close()
        self.let_go.set()


def test_a_camera_that_is_slow_to_open_does_not_hold_up_a_stop() -> None:
    source = SlowToOpen()
    run = Run(source, SystemClock())
    run.loop.start()
    assert source.entered.wait(10)
    assert run.loop.stop() is True
    assert run.ticks == []
    assert run.ends == [LoopEnd()]


def test_stopping_a_running_loop_waits_until_its_source_is_closed() -> None:
    seen = threading.Event()
    run = Run(FakeSource(is_camera=True), SystemClock(), lambda tick: seen.set())
    run.loop.start()
    assert seen.wait(10)
    assert run.loop.running
    assert run.loop.stop() is True
    assert run.source.closed == 1
    assert run.loop.stop() is True
    run.assert_ended()


def test_a_driver_that_hangs_is_reported_after_two_seconds_and_does_not_keep_the_program_from_ending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.sources.loop.STOP_SECONDS", 0.05)
    hangs, goes_on = threading.Event(), threading.Event()

    def hang(number: int) -> None:
        hangs.set()
        goes_on.wait(30)

    run = Run(FakeSource(is_camera=True, on_frame=hang), SystemClock())
    run.loop.start()
    assert hangs.wait(10)
    assert run.loop.stop() is False
    [thread] = [thread for thread in threading.enumerate() if thread.name == "calmline-analysis"]
    assert thread.daemon
    goes_on.set()
    thread.join(10)
    run.assert_ended()


def test_a_loop_can_be_stopped_from_its_own_handler_and_before_it_began() -> None:
    run = Run(FakeSource(), handle=lambda tick: run.loop.stop() and None)
    assert run.loop.stop() is True
    run = Run(FakeSource(), SystemClock(), handle=lambda tick: run.loop.stop() and None)
    run.loop.start()
    assert run.loop.stop() is True
    run.assert_ended()


def test_a_loop_runs_once() -> None:
    run = Run(FakeSource(last=0), SystemClock())
    run.loop.start()
    run.loop.stop()
    with pytest.raises(RuntimeError, match="runs once"):
        run.loop.start()
