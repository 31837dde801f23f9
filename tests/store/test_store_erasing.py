from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store.erasing import Retired
from core.store.errors import Notice, NoticeCode, StoreError, StoreErrorCode
from core.store.records import CallRecord, CallStart, Consent
from core.store.store import Store
from core.system.clock import ManualClock

MARK = "Kranich-8341"
"""Stands in notes and settings, so that their bytes can be looked for."""


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def record_a_day_later(clock: ManualClock, record_call: Callable[..., CallRecord]) -> CallRecord:
    clock.advance(24 * 3600)
    return record_call()


def use_for(store: Store, clock: ManualClock, days: int) -> None:
    """The program is started now, and again and again for so many days."""
    left = days
    while True:
        store.begin_session("x")
        store.end_session()
        if not left:
            return
        step = min(20, left)
        clock.advance(timedelta(days=step).total_seconds())
        left -= step


class TestErasing:
    def test_an_erased_call_leaves_no_byte(
        self, store: Store, path: Path, record_call: Callable[..., CallRecord]
    ) -> None:
        call, kept = record_call(), record_call()
        store.add_note(call.id, 0, MARK)
        assert MARK.encode() in bytes_of(path.parent)
        store.erase_call(call.id)
        assert MARK.encode() not in bytes_of(path.parent)
        assert [found.id for found in store.calls()] == [kept.id]
        assert store.samples(call.id) == []

    def test_erasing_everything_leaves_no_byte_of_the_person(
        self,
        store: Store,
        path: Path,
        clock: ManualClock,
        agree: Callable[..., Consent],
        record_call: Callable[..., CallRecord],
    ) -> None:
        agree()
        store.begin_session(f"0.1.0+{MARK}")
        store.set_setting("note", MARK)
        call = store.begin_call(CallStart(MARK))
        levels = [123_456_789 + tick for tick in range(200)]
        store.add_samples(call.id, [Sample(tick * 200, Outcome.STRESS, level) for tick, level in enumerate(levels)])
        store.add_note(call.id, 0, MARK)
        store.end_call(call.id)
        pseudonym = store.counsellor().pseudonym
        patterns = [MARK.encode(), pseudonym.encode(), *(level.to_bytes(4, "big") for level in levels)]
        before = bytes_of(path.parent)
        assert all(pattern in before for pattern in patterns)
        store.erase_all()
        for moment in ("while open", "after closing"):
            left = bytes_of(path.parent)
            assert [pattern for pattern in patterns if pattern in left] == [], moment
            if moment == "while open":
                assert (store.calls(), store.consents(), store.setting("note")) == ([], [], None)
                store.close()
        with Store.open(path, clock) as again:
            assert again.counsellor().pseudonym != pseudonym
            assert again.calls() == []

    def test_what_was_set_aside_as_damaged_is_overwritten_before_its_name_is_gone(
        self, path: Path, clock: ManualClock, tmp_path: Path
    ) -> None:
        Store.open(path, clock).close()
        damaged, second_name = path.with_name("calmline.damaged-20260101-000000.db"), tmp_path / "second name"
        damaged.write_bytes(MARK.encode() * 100)
        os.link(damaged, second_name)
        with Store.open(path, clock) as store:
            store.erase_all()
        assert not damaged.exists()
        assert not any(second_name.read_bytes())

    def test_erasing_everything_takes_what_was_set_aside_as_damaged(self, path: Path, clock: ManualClock) -> None:
        path.parent.mkdir()
        path.write_text(MARK * 500)
        with Store.open(path, clock) as store:
            store.erase_all()
        assert MARK.encode() not in bytes_of(path.parent)

    def test_days_are_erased_and_the_rest_stays(
        self, store: Store, clock: ManualClock, record_call: Callable[..., CallRecord]
    ) -> None:
        first, second, third = (record_a_day_later(clock, record_call) for _ in range(3))
        assert store.erase_range(second.local_day, second.local_day) == 1
        assert [call.id for call in store.calls()] == [first.id, third.id]

    def test_a_running_call_is_not_erased(self, store: Store) -> None:
        call = store.begin_call(CallStart("a"))
        with pytest.raises(StoreError) as one:
            store.erase_call(call.id)
        with pytest.raises(StoreError) as everything:
            store.erase_all()
        assert one.value.code is everything.value.code is StoreErrorCode.CALL_OPEN
        assert store.call(call.id) == call

    def test_erasing_while_another_program_reads_says_that_bytes_may_be_left(
        self, store: Store, path: Path, record_call: Callable[..., CallRecord]
    ) -> None:
        call = record_call()
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sample").fetchone()
        with pytest.raises(StoreError) as caught:
            store.erase_call(call.id)
        assert caught.value.code is StoreErrorCode.LOCKED
        reader.close()
        store.sweep()
        assert store.calls() == []


class TestRetention:
    def test_samples_go_first_and_their_summary_stays(
        self, store: Store, clock: ManualClock, record_call: Callable[..., CallRecord]
    ) -> None:
        old = record_call()
        use_for(store, clock, 91)
        new = record_call()
        assert store.apply_retention() == Retired(10, 0)
        assert store.samples(old.id) == []
        assert store.call(old.id).summary == old.summary
        assert len(store.samples(new.id)) == 10

    def test_calls_go_later(self, store: Store, clock: ManualClock, record_call: Callable[..., CallRecord]) -> None:
        record_call()
        use_for(store, clock, 366)
        assert store.apply_retention() == Retired(10, 1)
        assert store.calls() == []

    def test_nothing_goes_before_its_time(
        self, store: Store, clock: ManualClock, record_call: Callable[..., CallRecord]
    ) -> None:
        call = record_call()
        use_for(store, clock, 89)
        assert store.apply_retention() == Retired(0, 0)
        assert len(store.samples(call.id)) == 10

    def test_a_clock_set_ahead_by_years_removes_nothing_and_the_person_is_told(
        self, store: Store, clock: ManualClock, record_call: Callable[..., CallRecord]
    ) -> None:
        call = record_call()
        clock.advance(timedelta(days=3000).total_seconds())
        for _start in range(3):
            store.begin_session("x")
            retired = store.apply_retention()
            assert (retired.samples, retired.calls, retired.held_back) == (0, 0, True)
            assert retired.notice == Notice(NoticeCode.OLD_CALLS_HELD, "")
            store.end_session()
            clock.advance(timedelta(days=2).total_seconds())
        assert len(store.samples(call.id)) == 10

    def test_after_a_week_of_use_a_date_far_ahead_is_believed(
        self, store: Store, clock: ManualClock, record_call: Callable[..., CallRecord]
    ) -> None:
        record_call()
        clock.advance(timedelta(days=3000).total_seconds())
        use_for(store, clock, 8)
        assert store.apply_retention() == Retired(10, 1)

    def test_who_comes_back_once_a_season_keeps_old_calls_for_one_visit_more_at_most(
        self, store: Store, clock: ManualClock, record_call: Callable[..., CallRecord]
    ) -> None:
        for _visit in range(8):
            record_call()
            store.apply_retention()
            clock.advance(timedelta(days=100).total_seconds())
        store.begin_session("x")
        store.apply_retention()
        assert len(store.calls()) == 4
        assert min(call.started_at for call in store.calls()) > clock.wall() - timedelta(days=365 + 100 + 1)

    def test_what_is_too_old_goes_by_the_last_use_before_a_long_quiet(
        self, store: Store, clock: ManualClock, record_call: Callable[..., CallRecord]
    ) -> None:
        old = record_call()
        use_for(store, clock, 80)
        new = record_call()
        clock.advance(timedelta(days=3000).total_seconds())
        retired = store.apply_retention()
        assert (retired.samples, retired.calls, retired.held_back) == (10, 0, True)
        assert (len(store.samples(old.id)), len(store.samples(new.id))) == (0, 10)
