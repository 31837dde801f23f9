"""A backup is the record of one moment; a complete copy holds every row; both come back; and no log is ever mixed in."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store import cipher
from core.store.backup import back_up, restore
from core.store.encryption import convert
from core.store.errors import NoticeCode, StoreError, StoreErrorCode
from core.store.export import export_everything
from core.store.records import CallRecord, CallStart, Consent, ShareLevel
from core.store.store import Store
from core.system.clock import ManualClock

Rows = dict[str, list[tuple[object, ...]]]


def rows_of(path: Path) -> Rows:
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        names = [name for (name,) in tables if not name.startswith("_sqlite")]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names}


@pytest.fixture
def used(
    store: Store, agree: Callable[..., Consent], record_call: Callable[..., CallRecord], clock: ManualClock
) -> Store:
    """A record with something in it."""
    agree(ShareLevel.NOTHING)
    call = record_call()
    store.add_note(call.id, 100, '=1+1, he said: "안녕"')
    agree(ShareLevel.CURVES)
    store.release(ShareLevel.SUMMARIES, [call.id])
    store.save_counsellor(language="ko", region="KR")
    store.set_setting("theme", "light")
    store.begin_session("0.2.0")
    return store


class TestBackup:
    def test_it_is_taken_while_a_call_runs_and_comes_back_the_same(
        self, used: Store, path: Path, clock: ManualClock, tmp_path: Path
    ) -> None:
        call = used.begin_call(CallStart("a"))
        used.add_samples(call.id, [Sample(0, Outcome.STRESS, 20)])
        used.flush()
        back_up(path, tmp_path / "backup.db", None)
        at_that_moment = rows_of(path)
        used.add_samples(call.id, [Sample(200, Outcome.STRESS, 40)])
        used.flush()
        assert rows_of(tmp_path / "backup.db") == at_that_moment
        assert [one.name for one in tmp_path.glob("backup.db*")] == ["backup.db"]
        if sys.platform != "win32":
            assert stat.S_IMODE((tmp_path / "backup.db").stat().st_mode) == 0o600
        other = tmp_path / "other" / "calmline.db"
        restore(tmp_path / "backup.db", other, clock.wall(), None)
        assert rows_of(other) == at_that_moment
        with Store.open(other, clock) as again:
            assert len(again.samples(call.id)) == 1
            assert again.integrity() == []

    def test_an_encrypted_record_stays_encrypted(
        self, used: Store, path: Path, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pytest.importorskip("sqlcipher3")
        monkeypatch.setattr(cipher, "KEY_ITERATIONS", 1000)
        calls = used.calls()
        used.close()
        convert(path, clock.wall(), before=None, after="a good passphrase")
        back_up(path, tmp_path / "backup.db", "a good passphrase")
        assert cipher.is_encrypted(tmp_path / "backup.db")
        other = tmp_path / "other" / "calmline.db"
        with pytest.raises(StoreError) as caught:
            restore(tmp_path / "backup.db", other, clock.wall(), "a wrong passphrase")
        assert caught.value.code is StoreErrorCode.WRONG_PASSPHRASE
        assert not other.exists()
        restore(tmp_path / "backup.db", other, clock.wall(), "a good passphrase")
        with Store.open(other, clock, passphrase="a good passphrase") as again:
            assert again.calls() == calls

    @pytest.mark.parametrize("companion", ["-wal", "-journal", "-shm"])
    def test_a_log_beside_it_is_refused_both_ways(
        self, used: Store, path: Path, clock: ManualClock, tmp_path: Path, companion: str
    ) -> None:
        (tmp_path / f"backup.db{companion}").write_bytes(b"old")
        with pytest.raises(StoreError) as caught:
            back_up(path, tmp_path / "backup.db", None)
        assert caught.value.code is StoreErrorCode.LOG_BESIDE
        assert not (tmp_path / "backup.db").exists()
        shutil.copyfile(path, tmp_path / "backup.db")
        with pytest.raises(StoreError) as caught:
            restore(tmp_path / "backup.db", tmp_path / "other" / "calmline.db", clock.wall(), None)
        assert caught.value.code is StoreErrorCode.LOG_BESIDE

    def test_a_record_that_holds_anything_is_never_replaced(
        self, used: Store, path: Path, clock: ManualClock, tmp_path: Path
    ) -> None:
        back_up(path, tmp_path / "backup.db", None)
        before = rows_of(path)
        with pytest.raises(StoreError) as caught:
            restore(tmp_path / "backup.db", path, clock.wall(), None)
        assert caught.value.code is StoreErrorCode.IN_USE
        used.close()
        with pytest.raises(StoreError) as caught:
            restore(tmp_path / "backup.db", path, clock.wall(), None)
        assert caught.value.code is StoreErrorCode.NOT_EMPTY
        assert rows_of(path).keys() == before.keys()
        fresh = tmp_path / "fresh" / "calmline.db"
        Store.open(fresh, clock).close()
        restore(tmp_path / "backup.db", fresh, clock.wall(), None)
        assert rows_of(fresh) == before

    @pytest.mark.parametrize(
        "content", [b"", b"hello", b"SQLite format 3\0" + b"x" * 5000, b'{"calmline": 1}\n', b"[]\n"]
    )
    def test_what_is_no_copy_is_refused_and_nothing_is_made(
        self, clock: ManualClock, tmp_path: Path, content: bytes
    ) -> None:
        (tmp_path / "copy").write_bytes(content)
        other = tmp_path / "other" / "calmline.db"
        with pytest.raises(StoreError) as caught:
            restore(tmp_path / "copy", other, clock.wall(), None)
        assert caught.value.code in (StoreErrorCode.NOT_OURS, StoreErrorCode.CORRUPT)
        assert not other.exists()


class TestLogOfAnotherFile:
    def test_a_backup_laid_by_hand_beside_an_old_log_is_noticed_and_not_mixed(
        self, used: Store, path: Path, clock: ManualClock, tmp_path: Path
    ) -> None:
        back_up(path, tmp_path / "backup.db", None)
        backed_up = rows_of(tmp_path / "backup.db")
        used.set_setting("theme", "dark")  # it is in the log only, as after a crash
        crashed = tmp_path / "crashed" / "calmline.db"
        crashed.parent.mkdir()
        for companion in ("", "-wal"):
            shutil.copyfile(path.with_name(path.name + companion), crashed.with_name(crashed.name + companion))
        with Store.open(crashed, clock) as recovered:
            assert recovered.setting("theme") == "dark", "a log of its own is taken in"
        shutil.copyfile(path.with_name(path.name + "-wal"), crashed.with_name(crashed.name + "-wal"))
        shutil.copyfile(tmp_path / "backup.db", crashed)
        with pytest.raises(StoreError) as caught, Store.open(crashed, clock, read_only=True):
            pass
        assert (caught.value.code, caught.value.detail) == (StoreErrorCode.LOG_BESIDE, f"{crashed}-wal")
        with Store.open(crashed, clock) as mended:
            assert NoticeCode.LOG_SET_ASIDE in [notice.code for notice in mended.notices]
            assert mended.setting("theme") == "light"
            assert mended.integrity() == []
        assert rows_of(crashed) == backed_up
        assert len(list(crashed.parent.glob("calmline.damaged-*.log"))) == 1

    def test_so_is_an_encrypted_one_and_a_log_of_its_own_is_taken_in(
        self, used: Store, path: Path, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pytest.importorskip("sqlcipher3")
        monkeypatch.setattr(cipher, "KEY_ITERATIONS", 1000)
        used.close()
        convert(path, clock.wall(), before=None, after="a good passphrase")
        laid, crashed = tmp_path / "laid" / "calmline.db", tmp_path / "crashed" / "calmline.db"
        for folder in (laid.parent, crashed.parent):
            folder.mkdir()
        back_up(path, laid, "a good passphrase")
        with Store.open(path, clock, passphrase="a good passphrase") as store:
            store.set_setting("theme", "dark")  # in the log only, as after a crash
            shutil.copyfile(path, crashed)
            for target in (crashed, laid):
                shutil.copyfile(path.with_name(path.name + "-wal"), target.with_name(target.name + "-wal"))
        with Store.open(crashed, clock, passphrase="a good passphrase") as recovered:
            assert recovered.setting("theme") == "dark"
            assert NoticeCode.LOG_SET_ASIDE not in [notice.code for notice in recovered.notices]
        with (
            pytest.raises(StoreError) as caught,
            Store.open(laid, clock, read_only=True, passphrase="a good passphrase"),
        ):
            pass
        assert (caught.value.code, caught.value.detail) == (StoreErrorCode.LOG_BESIDE, f"{laid}-wal")
        with Store.open(laid, clock, passphrase="a good passphrase") as mended:
            assert NoticeCode.LOG_SET_ASIDE in [notice.code for notice in mended.notices]
            assert mended.setting("theme") == "light"
            assert mended.integrity() == []
        assert sorted(one.name for one in crashed.parent.iterdir()) == ["calmline.db", "calmline.db.lock"]

    def test_a_closed_record_needs_no_log(self, used: Store, path: Path, clock: ManualClock) -> None:
        used.close()
        assert path.read_bytes()[18:20] == b"\x01\x01"
        with Store.open(path, clock):
            assert path.read_bytes()[18:20] == b"\x02\x02"


class TestCompleteCopy:
    def test_it_holds_every_row_of_every_table_and_comes_back(
        self, used: Store, path: Path, clock: ManualClock, tmp_path: Path
    ) -> None:
        copy = tmp_path / "mine.ndjson"
        record = export_everything(used, copy, "mina")
        before = rows_of(path)
        lines = [json.loads(line) for line in copy.read_text(encoding="utf-8").splitlines()]
        assert len(lines) == record.rows + 1
        assert {line["table"] for line in lines[1:]} == {name for name, rows in before.items() if rows} - {"export_log"}
        [logged] = used.exports()
        assert (logged.kind.value, logged.rows, logged.mine) == ("everything", record.rows, True)
        other = tmp_path / "other" / "calmline.db"
        restore(copy, other, clock.wall(), None)
        after = rows_of(other)
        for table in before.keys() - {"export_log", "setting"}:  # the export itself is told there
            assert after[table] == before[table], table

    def test_a_copy_of_a_newer_program_says_which_it_needs(self, clock: ManualClock, tmp_path: Path) -> None:
        (tmp_path / "copy").write_text('{"calmline": "complete copy", "steps": ["9.9.9/100_moon"]}\n')
        with pytest.raises(StoreError) as caught:
            restore(tmp_path / "copy", tmp_path / "calmline.db", clock.wall(), None)
        assert (caught.value.code, caught.value.detail) == (StoreErrorCode.NEWER_SCHEMA, "9.9.9")
