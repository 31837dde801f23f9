from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from core.method.emotion import Outcome
from core.method.sample import Sample
from core.method.summary import CallTension
from core.store import schema
from core.store.connection import connect
from core.store.errors import LockHolder, NoticeCode, StoreError, StoreErrorCode
from core.store.records import CallRecord, CallSource, CallStart, CallState, ShareLevel
from core.store.schema import Migration, migrations
from core.store.store import Store
from core.system.clock import ManualClock

RECORD_OF_0_1_0 = Path(__file__).with_name("record_0_1_0.sql")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")


def error_of(path: Path, clock: ManualClock, **how: bool) -> StoreError:
    with pytest.raises(StoreError) as caught:
        Store.open(path, clock, read_only=how.get("read_only", False), shared=how.get("shared", False))
    return caught.value


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestSchema:
    def test_an_empty_file_becomes_a_record(self, path: Path, clock: ManualClock) -> None:
        path.parent.mkdir()
        path.touch()
        with Store.open(path, clock) as store:
            assert store.calls() == []
            assert store.integrity() == []

    def test_a_record_of_version_0_1_0_opens_with_everything_in_it(self, path: Path, clock: ManualClock) -> None:
        path.parent.mkdir()
        with sqlite3.connect(path) as connection:
            connection.executescript(RECORD_OF_0_1_0.read_text(encoding="utf-8"))
        connection.close()
        with Store.open(path, clock) as store:
            [call] = store.calls()
            assert (call.state, call.summary.readings) == (CallState.ENDED, len(store.samples(call.id)))
            assert call.start.memory_seconds == 0, "it was read frame by frame"
            assert store.chosen_candidate() == "mobilenetv2-1"
            consent = store.consent()
            assert consent is not None
            assert consent.measure
            assert store.integrity() == []

    def test_calls_of_an_older_program_are_summed_up_anew_from_their_samples(
        self, path: Path, clock: ManualClock
    ) -> None:
        path.parent.mkdir()
        call = "INSERT INTO call SELECT {id}, session_id, {id}, local_day, started_at, utc_offset_minutes, ended_at, state,"
        call += " candidate_id, profile, readings_per_second, unsure_below, demo, first_consent, last_consent FROM call"
        with sqlite3.connect(path) as connection:
            connection.executescript(RECORD_OF_0_1_0.read_text(encoding="utf-8"))
            for call_id in (2, 3):
                connection.execute(call.format(id=call_id) + " WHERE id = 1")
                summary = (call_id, 60_000, 6_000, 59_800, 50_000, None, 0, 100, 200, 0, 0, 0)
                connection.execute(f"INSERT INTO call_summary VALUES ({', '.join('?' * 12)})", summary)
            samples = [(2, tick * 200, 2 if tick >= 100 else 1, 0) for tick in range(300)]
            connection.executemany("INSERT INTO sample VALUES (?, ?, ?, ?)", samples)
        connection.close()
        with Store.open(path, clock) as store:
            summed, retired = store.call(2).summary, store.call(3).summary
            assert summed.tension == CallTension(667, 59_800, 31_600, None)
            assert (summed.duration_ms, summed.counts) == (60_000, (0, 100, 200, 0, 0, 0))
            assert retired.tension is None, "its curve is gone, and the old figures meant something else"
            assert (retired.level_peak, retired.enough_seen) == (6_000, True)
            assert store.recent_peaks() == [667]
            assert store.integrity() == []

    def test_what_0_1_0_meant_is_kept_at_its_strictest(self, path: Path, clock: ManualClock) -> None:
        """Answers, releases, demos, numbers and days of a record of the version before."""
        path.parent.mkdir()
        with sqlite3.connect(path) as old:
            old.executescript(RECORD_OF_0_1_0.read_text(encoding="utf-8"))
            consent = (
                "INSERT INTO consent (at, measure, share, share_emotions, region, language, text_version, text_sha256)"
                f" VALUES (?, 1, 'curves', ?, 'KR', 'en', '2026-11', '{'a' * 64}')"
            )
            old.execute(consent, ("2026-01-06T00:00:00.000+00:00", 0))
            old.execute(consent, ("2026-01-07T00:00:00.000+00:00", 1))
            release = "INSERT INTO release (at, since, until, share, share_emotions) VALUES (?, ?, ?, 'curves', 1)"
            days = ("2026-01-01T00:00:00.000+00:00", "2030-01-01T00:00:00.000+00:00")
            old.execute(release, ("2026-01-08T00:00:00.000+00:00", *days))
            old.execute(release, ("2025-01-01T00:00:00.000+00:00", *days))
            call = (
                "INSERT INTO call (number, local_day, started_at, utc_offset_minutes, ended_at, state, candidate_id,"
                " profile, readings_per_second, unsure_below, demo)"
                " VALUES (1, '2026-01-05', ?, 0, ?, 'ended', 'a', 'thesis-table', 5, 0.5, ?)"
            )
            old.execute(call, ("2026-01-05T10:00:00.000+00:00", "2026-01-05T10:01:00.000+00:00", 1))
            old.execute(call, ("2026-01-09T10:00:00.000+00:00", "2026-01-09T10:01:00.000+00:00", 0))
            old.execute(
                "INSERT INTO export_log (at, kind, since, until, detail, target, system_user, rows, mine)"
                " VALUES ('2026-01-08T00:00:00.000+00:00', 'calls', ?, ?, 'curves, emotions', '-', 'mina', 1, 0)",
                [datetime(2026, 1, day).astimezone(UTC).isoformat(timespec="milliseconds") for day in (5, 8)],
            )
        old.close()
        with Store.open(path, clock) as store:
            before, without_words, with_words = store.consents()
            assert without_words.share is ShareLevel.SUMMARIES
            assert with_words.share is ShareLevel.CURVES
            first, demo, later = store.calls()
            assert (first.number, demo.number, later.number) == (1, 2, 3)
            assert (first.start.source, demo.start.source) == (CallSource.CAMERA, CallSource.ACTOR)
            [kept] = store.releases()
            assert (kept.calls, kept.consent) == (frozenset([first.id, demo.id]), with_words.id)
            [exported] = store.exports()
            assert (exported.since, exported.until) == (date(2026, 1, 5), date(2026, 1, 7))
            assert before.text_version != ""
            assert store.integrity() == []

    def test_a_new_step_is_applied_to_an_old_record(
        self, path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Store.open(path, clock).close()

        def add_mood(db: Database) -> None:
            db.execute("CREATE TABLE mood (id INTEGER PRIMARY KEY) STRICT")

        both = (*schema.MIGRATIONS, Migration("0.2.0/004_mood", add_mood))
        monkeypatch.setattr(schema, "MIGRATIONS", both)
        monkeypatch.setattr("core.store.opening.migrations", lambda: migrations(both))
        with Store.open(path, clock) as store:
            assert store.integrity() == []
        with closing(Database(path)) as db:
            assert db.table("mood").exists()

    def test_a_step_that_fails_leaves_the_record_as_it_was(
        self, path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Store.open(path, clock).close()

        def fail(db: Database) -> None:
            db.execute("DROP TABLE sample")
            db.execute("CREATE TABLE sample (oh no")

        both = (*schema.MIGRATIONS, Migration("0.2.0/002_broken", fail))
        with monkeypatch.context() as patched:
            patched.setattr(schema, "MIGRATIONS", both)
            patched.setattr("core.store.opening.migrations", lambda: migrations(both))
            error_of(path, clock)
        with Store.open(path, clock) as store:
            assert store.integrity() == []
            assert store.samples(1) == []

    def test_a_record_of_a_newer_program_is_refused_and_says_which_it_needs(
        self, path: Path, clock: ManualClock
    ) -> None:
        Store.open(path, clock).close()
        with closing(Database(path)) as newer:
            newer.table("_sqlite_migrations").insert(
                {"migration_set": "calmline", "name": "0.9.0/007_later", "applied_at": "2027"}
            )
        before = path.read_bytes()
        for how in ({}, {"read_only": True}, {"shared": True}):
            error = error_of(path, clock, **how)
            assert (error.code, error.detail) == (StoreErrorCode.NEWER_SCHEMA, "0.9.0")
        assert path.read_bytes() == before

    @pytest.mark.skipif(sys.platform != "linux", reason="Linux tells which files a process has open")
    @pytest.mark.parametrize("how", [{"read_only": True}, {"shared": True}])
    def test_a_record_that_is_refused_is_not_held_open(
        self, path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, how: dict[str, bool]
    ) -> None:
        Store.open(path, clock).close()
        checked: list[Database] = []
        last = 2 if "shared" in how else 1  # a writer is checked before the reader

        def check(db: Database) -> None:
            checked.append(db)
            if len(checked) == last:
                raise StoreError(StoreErrorCode.OLDER_SCHEMA)

        monkeypatch.setattr("core.store.opening.check_current", check)
        with pytest.raises(StoreError) as caught:
            Store.open(path, clock, read_only=how.get("read_only", False), shared=how.get("shared", False))
        assert caught.value.code is StoreErrorCode.OLDER_SCHEMA
        held = [str(place.readlink()) for place in Path("/proc/self/fd").iterdir() if place.is_symlink()]
        assert not [place for place in held if place.startswith(str(path))]
        assert "calmline-record" not in [thread.name for thread in threading.enumerate()]

    def test_another_programs_database_is_refused_and_left_alone(self, path: Path, clock: ManualClock) -> None:
        path.parent.mkdir()
        with closing(Database(path)) as db:
            db.table("recipes").insert({"name": "kimchi"})
        assert error_of(path, clock).code is StoreErrorCode.NOT_OURS
        with closing(Database(path)) as db:
            assert list(db.table("recipes").rows) == [{"name": "kimchi"}]

    @pytest.mark.usefixtures("store")
    def test_no_table_can_hold_a_picture(self, path: Path) -> None:
        with closing(connect(path, read_only=True)) as db:
            tables = [(table.name, table.strict, table.columns) for table in db.tables]
        own = [(name, strict, columns) for name, strict, columns in tables if not name.startswith(("_", "sqlite_"))]
        assert len(own) == 15
        for name, strict, columns in own:
            assert strict, name
            assert {column.type for column in columns} <= {"INTEGER", "TEXT", "REAL"}, name

    @pytest.mark.usefixtures("store")
    def test_the_database_is_durable_and_forgets_for_good(self, path: Path) -> None:
        names = ("journal_mode", "foreign_keys", "secure_delete", "synchronous")
        with closing(connect(path)) as db:  # as every connection that writes
            values = {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in names}
        assert values == {"journal_mode": "wal", "foreign_keys": 1, "secure_delete": 1, "synchronous": 2}


class TestTwoPrograms:
    def test_the_second_learns_who_has_it_since_when(self, store: Store, path: Path, clock: ManualClock) -> None:
        began = clock.wall()
        clock.advance(60)
        error = error_of(path, clock)
        assert error.code is StoreErrorCode.IN_USE
        assert error.holder == LockHolder(os.getpid(), began)

    def test_the_second_learns_it_from_another_process_too(self, store: Store, path: Path) -> None:
        program = (
            "import sys; from pathlib import Path; from core.system.clock import SystemClock\n"
            "from core.store.errors import StoreError; from core.store.store import Store\n"
            "try: Store.open(Path(sys.argv[1]), SystemClock())\n"
            "except StoreError as error: print(error.code, error.holder.pid)"
        )
        answer = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
        assert answer.stdout.split() == ["in_use", str(os.getpid())]

    def test_a_lock_file_with_nonsense_in_it_only_loses_the_name(
        self, store: Store, path: Path, clock: ManualClock
    ) -> None:
        path.with_name(path.name + ".lock").write_text("[")
        error = error_of(path, clock)
        assert (error.code, error.holder) == (StoreErrorCode.IN_USE, None)

    def test_reading_goes_on_beside_a_running_call(self, store: Store, path: Path, clock: ManualClock) -> None:
        call = store.begin_call(CallStart("a"))
        store.add_samples(call.id, [Sample(0, Outcome.HAPPY, 0)])
        store.flush()
        with Store.open(path, clock, read_only=True) as reader:
            assert len(reader.samples(call.id)) == 1
            with pytest.raises(StoreError) as caught:
                reader.set_setting("a", "b")
            assert caught.value.code is StoreErrorCode.READ_ONLY

    def test_a_command_may_write_beside_a_running_call_and_leaves_the_call_alone(
        self, store: Store, path: Path, clock: ManualClock
    ) -> None:
        call = store.begin_call(CallStart("a"))
        with Store.open(path, clock, shared=True) as beside:
            beside.set_setting("retention", "30")
        assert store.setting("retention") == "30"
        assert store.call(call.id).state is CallState.OPEN

    def test_a_command_puts_the_record_in_order_where_no_program_runs(
        self, store: Store, path: Path, clock: ManualClock
    ) -> None:
        call = store.begin_call(CallStart("a"))
        store.close()
        with Store.open(path, clock, shared=True) as command:
            assert command.call(call.id).state is CallState.INTERRUPTED
            assert [notice.code for notice in command.notices] == [NoticeCode.CALLS_INTERRUPTED]
            Store.open(path, clock).close()

    def test_the_record_is_free_again_after_closing(self, store: Store, path: Path, clock: ManualClock) -> None:
        assert store.close() == 0
        Store.open(path, clock).close()

    @pytest.mark.parametrize("how", [{"read_only": True}, {"shared": True}])
    def test_looking_at_a_record_that_is_not_there_makes_none(
        self, path: Path, clock: ManualClock, how: dict[str, bool]
    ) -> None:
        assert error_of(path, clock, **how).code is StoreErrorCode.NOT_FOUND
        assert not path.parent.exists()


class TestDamage:
    @pytest.mark.parametrize(
        "damage",
        [
            lambda data: b"this was a database once" * 100,
            lambda data: b"\0" * len(data),
            lambda data: data[:100] + os.urandom(4000) + data[4100:],
            lambda data: data[: len(data) // 2],
            lambda data: data[:4096] + b"\xff" * (len(data) - 4096),
        ],
        ids=["text", "zeros", "first page", "cut in half", "all but the first page"],
    )
    def test_a_damaged_record_is_set_aside_and_a_new_one_begun(
        self,
        store: Store,
        path: Path,
        clock: ManualClock,
        record_call: Callable[..., CallRecord],
        damage: Callable[[bytes], bytes],
    ) -> None:
        record_call((Outcome.STRESS,) * 500)
        store.close()
        damaged = damage(path.read_bytes())
        path.write_bytes(damaged)
        with Store.open(path, clock) as again:
            [notice] = again.notices
            assert notice.code is NoticeCode.SET_ASIDE
            assert Path(notice.detail).read_bytes() == damaged
            assert f"damaged-{clock.wall():%Y%m%d}" in notice.detail
            assert again.calls() == []
            assert again.integrity() == []

    def test_two_damaged_records_of_the_same_second_are_both_kept(self, path: Path, clock: ManualClock) -> None:
        path.parent.mkdir()
        for text in ("first", "second"):
            path.write_text(text * 100)
            Store.open(path, clock).close()
            path.unlink()
        kept = sorted(found.read_text()[:5] for found in path.parent.glob("*.damaged-*"))
        assert kept == ["first", "secon"]

    def test_a_folder_in_the_place_of_the_record_is_refused(self, path: Path, clock: ManualClock) -> None:
        path.mkdir(parents=True)
        for how in ({}, {"read_only": True}):
            assert error_of(path, clock, **how).code is StoreErrorCode.UNREADABLE

    def test_a_file_in_the_place_of_the_folder_is_refused(self, path: Path, clock: ManualClock) -> None:
        path.parent.write_text("not a folder")
        assert error_of(path, clock).code is StoreErrorCode.UNREADABLE


class TestInterrupted:
    def test_a_call_left_open_is_closed_at_its_last_sample(self, store: Store, path: Path, clock: ManualClock) -> None:
        call = store.begin_call(CallStart("a"))
        store.add_samples(call.id, [Sample(200 * tick, Outcome.STRESS, 20 * tick) for tick in range(20)])
        store.close()
        clock.advance(3600)
        with Store.open(path, clock) as again:
            closed = again.call(call.id)
            assert [(notice.code, notice.detail) for notice in again.notices] == [(NoticeCode.CALLS_INTERRUPTED, "1")]
        assert closed.state is CallState.INTERRUPTED
        assert closed.ended_at == call.started_at + timedelta(milliseconds=3800)
        assert closed.summary.level_peak == 380

    def test_a_call_left_open_before_its_first_sample_is_closed_where_it_began(
        self, store: Store, path: Path, clock: ManualClock
    ) -> None:
        call = store.begin_call(CallStart("a"))
        store.close()
        with Store.open(path, clock) as again:
            assert again.call(call.id).ended_at == call.started_at


@posix_only
class TestRights:
    def test_only_the_owner_may_enter_whatever_the_umask(self, path: Path, clock: ManualClock) -> None:
        before = os.umask(0)
        try:
            with Store.open(path, clock) as store:
                store.set_setting("a", "b")
                files = [file for file in path.parent.iterdir() if file.is_file()]
                assert {file.name for file in files} >= {path.name, f"{path.name}-wal", f"{path.name}.lock"}
                assert {mode_of(file) for file in files} == {0o600}
                assert mode_of(path.parent) == 0o700
        finally:
            os.umask(before)

    def test_a_record_that_others_may_read_is_mended_and_reported(self, path: Path, clock: ManualClock) -> None:
        Store.open(path, clock).close()
        path.chmod(0o644)
        with Store.open(path, clock) as store:
            assert [(notice.code, notice.detail) for notice in store.notices] == [(NoticeCode.RIGHTS_MENDED, str(path))]
        assert mode_of(path) == 0o600

    def test_a_folder_that_the_person_chose_is_left_as_it_is(self, tmp_path: Path, clock: ManualClock) -> None:
        tmp_path.chmod(0o755)
        Store.open(tmp_path / "mine.db", clock).close()
        assert mode_of(tmp_path) == 0o755
