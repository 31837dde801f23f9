"""The record locked with a passphrase: on real SQLCipher files, with real processes that die in the middle."""

from __future__ import annotations

import base64
import os
import random
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store import cipher, encryption
from core.store.cipher import is_encrypted
from core.store.encryption import convert, opens
from core.store.errors import NoticeCode, StoreError, StoreErrorCode
from core.store.records import CallStart
from core.store.store import Store
from core.system.clock import ManualClock

pytest.importorskip("sqlcipher3")

PASSPHRASE = "달빛이 좋은 밤에"
OTHER = "correct horse battery"
MARK = "Kranich-8341"
LEVELS = [0x5AC3_9177_E000 + tick for tick in range(200)]
"""Six bytes each in SQLite's pages: four would turn up in encrypted ones by chance, now and then."""


KOREAN = "오늘은 전화를 열두 번 받았고, 그중 세 번은 힘들었지만 한숨 돌리고 나니 다시 괜찮아졌습니다. 내일은 조금 더 쉬자.".encode()

REAL_ITERATIONS = cipher.KEY_ITERATIONS


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of a second a key is what makes guessing dear; these tests derive hundreds."""
    monkeypatch.setattr(cipher, "KEY_ITERATIONS", 1000)


@pytest.fixture
def record(path: Path, clock: ManualClock) -> Path:
    """A closed plain record with a call, a note and a setting whose bytes can be looked for."""
    with Store.open(path, clock) as store:
        call = store.begin_call(CallStart("tiny-1"))
        store.add_samples(call.id, [Sample(tick * 200, Outcome.STRESS, level) for tick, level in enumerate(LEVELS)])
        store.add_note(call.id, 0, MARK)
        store.set_setting("note", MARK)
        store.end_call(call.id)
    return path


def contents(path: Path, clock: ManualClock, passphrase: str | None) -> list[object]:
    """Everything in it, and that it is sound."""
    with Store.open(path, clock, passphrase=passphrase) as store:
        assert store.integrity() == []
        [call] = store.calls()
        return [store.counsellor(), call, store.samples(call.id), store.notes(call.id), store.setting("note")]


def plain_bytes_left(path: Path, clock: ManualClock, passphrase: str) -> list[bytes]:
    with Store.open(path, clock, passphrase=passphrase) as store:
        pseudonym = store.counsellor().pseudonym.encode()
        store.set_setting("other", MARK)  # so that the log is looked at, too
        found = b"".join(file.read_bytes() for file in path.parent.rglob("*") if file.is_file())
    patterns = [MARK.encode(), pseudonym, b"tiny-1", b"CREATE TABLE", *(level.to_bytes(6, "big") for level in LEVELS)]
    return [pattern for pattern in patterns if pattern in found]


def error_of(call: Callable[[], object]) -> StoreErrorCode:
    with pytest.raises(StoreError) as caught:
        call()
    return caught.value.code


class TestConverting:
    def test_there_and_back_and_to_another_passphrase_nothing_changes(self, record: Path, clock: ManualClock) -> None:
        before = contents(record, clock, None)
        for old, new in ((None, PASSPHRASE), (PASSPHRASE, OTHER), (OTHER, None)):
            convert(record, clock.wall(), before=old, after=new)
            assert is_encrypted(record) == (new is not None)
            assert contents(record, clock, new) == before
        assert record.read_bytes().startswith(b"SQLite format 3")

    def test_no_plain_byte_is_left_in_any_file(self, record: Path, clock: ManualClock) -> None:
        assert all(level.to_bytes(6, "big") in record.read_bytes() for level in LEVELS)
        convert(record, clock.wall(), before=None, after=PASSPHRASE)
        assert not record.read_bytes().startswith(b"SQLite")
        assert plain_bytes_left(record, clock, PASSPHRASE) == []
        assert {file.name for file in record.parent.iterdir()} <= {record.name, f"{record.name}.lock"}

    def test_the_old_file_is_overwritten_not_only_unlinked(self, record: Path, clock: ManualClock) -> None:
        with record.open("rb", buffering=0) as old:  # a second hold on the old file's blocks
            assert old.read(16) == cipher.PLAIN_HEADER
            convert(record, clock.wall(), before=None, after=PASSPHRASE)
            old.seek(0)
            assert set(old.read()) == {0}

    def test_the_old_passphrase_opens_nothing_after_a_change(self, record: Path, clock: ManualClock) -> None:
        convert(record, clock.wall(), before=None, after=PASSPHRASE)
        convert(record, clock.wall(), before=PASSPHRASE, after=OTHER)
        assert (opens(record, PASSPHRASE), opens(record, OTHER)) == (False, True)

    def test_any_sqlcipher_tool_opens_it_with_the_passphrase(
        self, record: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from sqlcipher3 import dbapi2

        monkeypatch.setattr(cipher, "KEY_ITERATIONS", REAL_ITERATIONS)
        convert(record, clock.wall(), before=None, after=OTHER)
        connection = dbapi2.connect(str(record))
        connection.execute(f"PRAGMA key = '{OTHER}'")
        assert connection.execute("SELECT text FROM call_note").fetchall() == [(MARK,)]
        connection.close()

    def test_a_passphrase_is_the_same_however_the_keyboard_composes_hangul(
        self, record: Path, clock: ManualClock
    ) -> None:
        import unicodedata

        convert(record, clock.wall(), before=None, after=unicodedata.normalize("NFD", PASSPHRASE))
        assert opens(record, unicodedata.normalize("NFC", PASSPHRASE))

    @pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
    def test_the_converted_record_is_still_for_its_owner_only(self, record: Path, clock: ManualClock) -> None:
        convert(record, clock.wall(), before=None, after=PASSPHRASE)
        assert stat.S_IMODE(record.stat().st_mode) == 0o600

    def test_a_wrong_passphrase_converts_nothing(self, record: Path, clock: ManualClock) -> None:
        convert(record, clock.wall(), before=None, after=PASSPHRASE)
        before = record.read_bytes()
        wrong = error_of(lambda: convert(record, clock.wall(), before=OTHER, after=None))
        assert wrong is StoreErrorCode.WRONG_PASSPHRASE
        assert record.read_bytes() == before

    def test_a_record_in_use_is_not_converted(self, record: Path, clock: ManualClock) -> None:
        def encrypt() -> None:
            convert(record, clock.wall(), before=None, after=PASSPHRASE)

        with Store.open(record, clock):
            assert error_of(encrypt) is StoreErrorCode.IN_USE
        # A process of its own: locks of files are the process's, and SQLCipher is another SQLite than Python's.
        reader = subprocess.Popen([sys.executable, "-c", _READ, record], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"reading\n"
        assert error_of(encrypt) is StoreErrorCode.LOCKED
        reader.communicate(b"\n")
        encrypt()
        assert is_encrypted(record)

    def test_a_copy_that_differs_is_not_used(
        self, record: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(encryption, "_same_rows", lambda *_: False)
        before = contents(record, clock, None)
        code = error_of(lambda: convert(record, clock.wall(), before=None, after=PASSPHRASE))
        assert code is StoreErrorCode.IO
        assert contents(record, clock, None) == before
        assert {file.name for file in record.parent.iterdir()} <= {record.name, f"{record.name}.lock"}

    @pytest.mark.skipif(sys.platform == "win32", reason="forks")
    @pytest.mark.parametrize(("old", "new"), [(None, PASSPHRASE), (PASSPHRASE, OTHER), (PASSPHRASE, None)])
    def test_a_process_that_dies_anywhere_in_it_loses_nothing(
        self, record: Path, clock: ManualClock, old: str | None, new: str | None
    ) -> None:
        if old is not None:
            convert(record, clock.wall(), before=None, after=old)
        before = contents(record, clock, old)
        places = {where: record.parent.parent / where / record.name for where in (*BEFORE_SWAP, *AFTER_SWAP)}
        for place in places.values():
            shutil.copytree(record.parent, place.parent)
        died = subprocess.run(
            [sys.executable, "-c", _DIE, record.parent.parent, old or "", new or "", *places], check=False
        )
        assert died.returncode == 0
        for where, place in places.items():
            assert contents(place, clock, new if where in AFTER_SWAP else old) == before, where
            left = {file.name for file in place.parent.iterdir()}
            assert left <= {record.name, *(f"{record.name}{more}" for more in (".lock", "-wal", "-shm"))}


BEFORE_SWAP = ("_compare", "_swap", "put_in_place", "first fsync")
AFTER_SWAP = ("second fsync", "swept")

_READ = """
import sqlite3, sys
reader = sqlite3.connect(sys.argv[1], isolation_level=None)
reader.execute("BEGIN")
reader.execute("SELECT count(*) FROM sample").fetchone()
print("reading", flush=True)
sys.stdin.readline()
"""

_DIE = """
import os, sys
from pathlib import Path
from core.system.clock import ManualClock
from core.store import cipher, encryption

cipher.KEY_ITERATIONS = 1000
folder, old, new, *places = sys.argv[1:]


def die(*_, **__):
    os._exit(9)


def die_at_call(number, module, name):
    real, calls = getattr(module, name), []
    setattr(module, name, lambda one: die() if len(calls) == number - 1 else calls.append(real(one)))


for where in places:
    child = os.fork()
    if child == 0:
        if where == "swept":
            die_at_call(2, encryption, "clear_leftovers")
        elif where.endswith("fsync"):
            die_at_call(1 if where == "first fsync" else 2, os, "fsync")
        else:
            setattr(encryption, where, die)
        encryption.convert(Path(folder) / where / "calmline.db", ManualClock().wall(), before=old or None, after=new or None)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9, where
"""


class TestOpening:
    @pytest.fixture
    def locked(self, record: Path, clock: ManualClock) -> Path:
        convert(record, clock.wall(), before=None, after=PASSPHRASE)
        return record

    @pytest.mark.parametrize(("read_only", "shared"), [(False, False), (True, False), (False, True)])
    def test_without_the_right_passphrase_it_stays_shut_and_untouched(
        self, locked: Path, clock: ManualClock, read_only: bool, shared: bool
    ) -> None:
        before = locked.read_bytes()

        def open_with(passphrase: str | None) -> Store:
            return Store.open(locked, clock, read_only=read_only, shared=shared, passphrase=passphrase)

        assert error_of(lambda: open_with(None)) is StoreErrorCode.ENCRYPTED
        wrong = error_of(lambda: open_with(OTHER))
        assert wrong is StoreErrorCode.WRONG_PASSPHRASE
        assert locked.read_bytes() == before
        assert list(locked.parent.glob("*.damaged-*")) == []

    def test_it_is_read_written_shared_and_erased_like_any_other(self, locked: Path, clock: ManualClock) -> None:
        with Store.open(locked, clock, passphrase=PASSPHRASE) as store:
            with Store.open(locked, clock, shared=True, passphrase=PASSPHRASE) as beside:
                beside.set_setting("days", "30")
            with Store.open(locked, clock, read_only=True, passphrase=PASSPHRASE) as reader:
                assert reader.setting("days") == "30"
            store.erase_all()
            assert store.calls() == []
        assert is_encrypted(locked)
        with Store.open(locked, clock, passphrase=PASSPHRASE) as store:
            assert store.integrity() == []

    def test_a_plain_record_ignores_a_passphrase(self, record: Path, clock: ManualClock) -> None:
        contents(record, clock, OTHER)
        assert not is_encrypted(record)

    def test_a_damaged_encrypted_record_is_set_aside_and_the_new_one_is_encrypted(
        self, locked: Path, clock: ManualClock
    ) -> None:
        data = locked.read_bytes()
        locked.write_bytes(data[:4096] + os.urandom(len(data) - 4096))
        with Store.open(locked, clock, passphrase=PASSPHRASE) as store:
            assert [notice.code for notice in store.notices] == [NoticeCode.SET_ASIDE]
            assert store.calls() == []
            store.flush()
        assert is_encrypted(locked)
        assert opens(locked, PASSPHRASE)

    @pytest.mark.parametrize("left", [128, 500, 2000, 4095])
    def test_one_that_wcropped_off_in_its_first_page_is_no_plain_one(
        self, locked: Path, clock: ManualClock, left: int
    ) -> None:
        """Taken for one, it was set aside and everything after it was kept unlocked."""
        locked.write_bytes(locked.read_bytes()[:left])
        content = locked.read_bytes()
        assert error_of(lambda: Store.open(locked, clock)) is StoreErrorCode.ENCRYPTED
        assert error_of(lambda: Store.open(locked, clock, passphrase=PASSPHRASE)) is StoreErrorCode.WRONG_PASSPHRASE
        assert locked.read_bytes() == content
        assert not list(locked.parent.glob("*damaged*"))

    def test_without_the_extra_it_is_one_sentence_and_nothing_happens(
        self, locked: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "sqlcipher3", None)
        code = error_of(lambda: Store.open(locked, clock, passphrase=PASSPHRASE))
        assert code is StoreErrorCode.NO_CIPHER
        assert error_of(lambda: convert(locked, clock.wall(), before=PASSPHRASE, after=None)) is code

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"text" * 3000,
            KOREAN,
            KOREAN * 6,
            base64.b64encode(random.Random(1).randbytes(2000)),
            bytes(8192),
            cipher.PLAIN_HEADER + random.Random(1).randbytes(8000),
        ],
        ids=["empty", "text", "zeros", "Hangul", "more Hangul", "base64", "a plain header"],
    )
    def test_what_is_no_ciphertext_does_not_look_like_it(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "some.db").write_bytes(content)
        assert not is_encrypted(tmp_path / "some.db")
        assert not is_encrypted(tmp_path)

    def test_the_key_is_in_no_text(self) -> None:
        key = cipher.new_key(PASSPHRASE)
        assert key.digits not in f"{key!r} {key}"


def test_what_a_command_would_write_between_copy_and_swap_is_refused_and_not_lost(
    record: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap = encryption._swap

    def write_then_swap(path: Path, copy: Path, *, wipe: bool) -> None:
        with Store.open(path, clock, shared=True) as store:
            store.set_setting("theme", "dark")
        swap(path, copy, wipe=wipe)

    monkeypatch.setattr(encryption, "_swap", write_then_swap)
    assert error_of(lambda: convert(record, clock.wall(), before=None, after=PASSPHRASE)) is StoreErrorCode.LOCKED
    monkeypatch.undo()
    with Store.open(record, clock, shared=True) as store:
        store.set_setting("theme", "dark")
    with Store.open(record, clock) as store:
        assert store.setting("theme") == "dark"
