from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store.errors import StoreError, StoreErrorCode
from core.store.records import CallRecord, CallSource, CallStart, CallState
from core.store.store import Store
from core.system.clock import ManualClock


def record_a_day_later(clock: ManualClock, record_call: Callable[..., CallRecord]) -> CallRecord:
    clock.advance(24 * 3600)
    return record_call()


samples_of_a_call = st.lists(
    st.builds(
        Sample,
        st.integers(0, 10_000_000),
        st.sampled_from(list(Outcome)),
        st.integers(-2_000_000, 2_000_000),
    ),
    unique_by=lambda sample: sample.t_ms,
    max_size=50,
).map(lambda samples: sorted(samples, key=lambda sample: sample.t_ms))


class TestCalls:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
    @given(samples=samples_of_a_call)
    def test_what_is_stored_comes_back_the_same(self, store: Store, samples: list[Sample]) -> None:
        start = CallStart("xception-5", "thesis-code", 4, 0.0, CallSource.ACTOR, memory_seconds=0.4)
        call = store.begin_call(start)
        store.add_samples(call.id, samples)
        ended = store.end_call(call.id)
        assert store.samples(call.id) == samples
        assert ended.start == call.start
        assert ended.summary.readings == len(samples)
        assert ended.state is CallState.ENDED

    def test_a_call_takes_as_long_as_the_clock_that_never_goes_back_says(
        self, store: Store, clock: ManualClock, record_call: Callable[..., CallRecord]
    ) -> None:
        call = record_call((Outcome.NEUTRAL,) * 25)
        assert call.summary.duration_ms == 5000
        assert call.ended_at == call.started_at + timedelta(seconds=5)

    def test_a_calendar_set_back_in_the_middle_does_not_shorten_a_call(self, path: Path) -> None:
        class SetBack(ManualClock):
            hours = 0

            def wall(self) -> datetime:
                return super().wall() - timedelta(hours=self.hours)

        clock = SetBack()
        with Store.open(path, clock) as store:
            call = store.begin_call(CallStart("a"))
            clock.advance(60)
            clock.hours = 5
            assert store.end_call(call.id).summary.duration_ms == 60_000

    def test_calls_are_numbered_within_their_day(
        self, store: Store, clock: ManualClock, record_call: Callable[..., CallRecord]
    ) -> None:
        numbers = [record_call().number, record_call().number]
        clock.advance(24 * 3600)
        assert [*numbers, record_call().number] == [1, 2, 1]

    def test_a_running_call_is_listed_with_what_is_committed_so_far(self, store: Store) -> None:
        call = store.begin_call(CallStart("a"))
        store.add_samples(call.id, [Sample(200, Outcome.STRESS, 620)])
        store.flush()
        listed = store.calls()
        assert [(found.state, found.summary.level_peak) for found in listed] == [(CallState.OPEN, 620)]

    def test_calls_are_picked_by_their_local_day(
        self, store: Store, clock: ManualClock, record_call: Callable[..., CallRecord]
    ) -> None:
        first, second, third = (record_a_day_later(clock, record_call) for _ in range(3))
        assert [call.id for call in store.calls(second.local_day, second.local_day)] == [second.id]
        assert [call.id for call in store.calls(until=second.local_day)] == [first.id, second.id]
        assert [call.id for call in store.calls(since=third.local_day)] == [third.id]

    def test_no_two_calls_of_a_day_have_one_number(self, store: Store, record_call: Callable[..., CallRecord]) -> None:
        first, second = record_call(), record_call()
        store.erase_call(first.id)
        third = record_call()
        assert [call.number for call in store.calls()] == [second.number, third.number] == [2, 3]
        store.erase_all()
        assert record_call().number == 1

    def test_a_number_is_new_after_the_last_the_middle_and_all_days_before_were_erased(
        self, store: Store, clock: ManualClock, record_call: Callable[..., CallRecord]
    ) -> None:
        calls = [record_call() for _ in range(3)]
        store.erase_call(calls[1].id)
        assert record_call().number == 4
        store.erase_range(calls[0].local_day, calls[0].local_day)
        assert record_call().number == 1
        clock.advance(24 * 3600)
        assert record_call().number == 1

    def test_what_is_not_the_person_is_in_no_day_no_trend_and_no_threshold(
        self, store: Store, record_call: Callable[..., CallRecord]
    ) -> None:
        own = record_call((Outcome.NEUTRAL,) * 150)
        for source in (CallSource.ACTOR, CallSource.FILE):
            record_call((Outcome.STRESS,) * 150, source=source)
        assert store.day_summary(own.local_day).peaks == (0,)
        assert store.usual_level_peak() is None
        assert store.recent_peaks() == [0]

    def test_ending_a_call_twice_is_an_error_and_changes_nothing(
        self, store: Store, record_call: Callable[..., CallRecord]
    ) -> None:
        call = record_call()
        with pytest.raises(StoreError) as caught:
            store.end_call(call.id)
        assert caught.value.code is StoreErrorCode.UNKNOWN_CALL
        assert store.call(call.id) == call

    def test_samples_of_a_call_that_does_not_exist_hold_nothing_up(
        self, store: Store, record_call: Callable[..., CallRecord]
    ) -> None:
        store.add_samples(999, [Sample(0, Outcome.HAPPY, 0)])
        store.flush()
        assert store.trouble is None
        assert record_call().summary.readings == 10

    def test_samples_are_committed_within_a_second_without_being_asked(
        self, store: Store, path: Path, clock: ManualClock
    ) -> None:
        call = store.begin_call(CallStart("a"))
        store.add_samples(call.id, [Sample(0, Outcome.HAPPY, 0)])
        committed = threading.Event()

        def look() -> None:
            with Store.open(path, clock, read_only=True) as reader:
                while not reader.samples(call.id):
                    threading.Event().wait(0.02)
            committed.set()

        threading.Thread(target=look).start()
        assert committed.wait(1.0)

    def test_many_threads_read_while_one_writes(self, store: Store, record_call: Callable[..., CallRecord]) -> None:
        record_call()
        seen: list[int] = []
        threads = [threading.Thread(target=lambda: seen.append(len(store.calls()))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == [1] * 8

    def test_a_note_is_kept_and_cut_to_its_length(self, store: Store, record_call: Callable[..., CallRecord]) -> None:
        call = record_call()
        store.add_note(call.id, 1500, "  the caller shouted  ")
        store.add_note(call.id, 500, "x" * 600)
        assert [(note.t_ms, len(note.text)) for note in store.notes(call.id)] == [(500, 500), (1500, 17 + 1)]

    def test_a_note_cannot_speak_to_the_terminal(self, store: Store, record_call: Callable[..., CallRecord]) -> None:
        call = record_call()
        store.add_note(call.id, 0, "\x1b[2J\x07안녕\r\n")
        assert [note.text for note in store.notes(call.id)] == ["[2J안녕"]

    def test_an_empty_note_is_refused(self, store: Store, record_call: Callable[..., CallRecord]) -> None:
        with pytest.raises(ValueError, match="at least one character"):
            store.add_note(record_call().id, 0, "   ")

    def test_a_day_sums_up_its_calls(self, store: Store, record_call: Callable[..., CallRecord]) -> None:
        call = record_call((Outcome.STRESS,) * 150)
        record_call((Outcome.NEUTRAL,) * 100)
        record_call((Outcome.GAP,) * 300)
        day = store.day_summary(call.local_day)
        assert (day.calls, day.peak, day.peaks) == (3, 1000, (1000, 0))

    def test_a_sample_from_before_its_call_is_refused_at_once(self, store: Store) -> None:
        call = store.begin_call(CallStart("a"))
        with pytest.raises(ValueError, match="older than its call"):
            store.add_samples(call.id, [Sample(-1, Outcome.HAPPY, 0)])

    def test_the_peaks_of_the_last_calls_come_in_their_order(
        self, store: Store, record_call: Callable[..., CallRecord]
    ) -> None:
        for tense in (5, 10, 30):
            record_call((Outcome.STRESS,) * tense + (Outcome.NEUTRAL,) * (100 - tense))
            record_call((Outcome.STRESS,) * 20)  # too little seen
        assert store.recent_peaks(2) == [100, 300]


def test_the_last_calls_are_the_newest_that_have_ended_oldest_first(
    store: Store, record_call: Callable[..., CallRecord]
) -> None:
    assert store.last_calls() == []
    calls = [record_call() for _ in range(3)]
    store.begin_call(CallStart("mobilenetv2-1"))
    assert store.last_calls(2) == [store.call(call.id) for call in calls[1:]]


def test_a_call_keeps_all_of_its_samples_unless_its_end_was_missed(store: Store) -> None:
    samples = [Sample(200 * n, Outcome.NEUTRAL, n) for n in range(10)]
    for duration_ms, kept, lasted in ((None, 10, 1800), (1000, 6, 1000)):
        call = store.begin_call(CallStart("mobilenetv2-1"))
        store.add_samples(call.id, samples)
        ended = store.end_call(call.id, duration_ms=duration_ms)  # the clock stands still: its end is its beginning
        assert store.samples(call.id) == samples[:kept]
        assert ended.summary.duration_ms == lasted
