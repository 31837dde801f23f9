"""Each fault injected for real, as the command line answers it: a sentence, exit code 1, and nothing lost."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store.errors import NoticeCode, StoreError, StoreErrorCode
from core.store.records import CallStart, CallState
from core.store.store import Store
from core.system.clock import ManualClock
from tests.cli.shell import Shell, record
from tests.store.test_store_trouble import fill, mounted

ROOT = Path(__file__).parents[2]
CALL = ("run", "--headless", "--candidate", "tiny-1", "--source", "actor", "--seconds", "1")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals and users of POSIX")


def as_nobody(work: Callable[[], str]) -> str:
    """What `work` answers in a process without any rights but those of everybody. Skips without root."""
    if sys.platform == "win32" or os.getuid() != 0:
        pytest.skip("changing the user needs root")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgid(65534)
            os.setuid(65534)
            answer = work()
        except BaseException as error:  # noqa: BLE001 - it is told and judged outside
            answer = repr(error)
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as answers:
        return answers.read().decode()


def let_everybody_in(folder: Path) -> None:
    """Open the folders of this test run, up to the one that the system has for temporary files."""
    for above in (folder, *folder.parents):
        if above.name.startswith("pytest-of-"):
            above.chmod(0o755)
            return
        above.chmod(0o755)


def code_of(path: Path, *, read_only: bool = False) -> str:
    """What opening says."""
    try:
        Store.open(path, ManualClock(), read_only=read_only).close()
    except StoreError as error:
        return error.code.value
    return "opened"


class TestTwoInstances:
    def test_the_second_says_who_has_it(self, shell: Shell) -> None:
        program = (
            "import sys; from pathlib import Path; from core.system.clock import SystemClock; from core.store.store import Store\n"
            "store = Store.open(Path(sys.argv[1]), SystemClock()); print('open', flush=True); sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", program, shell.database],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        ) as first:
            assert first.stdout is not None
            assert first.stdout.readline() == "open\n"
            code, _, err = shell(*CALL)
            assert code == 1
            assert f"process {first.pid}" in err
            _, _, korean = shell("--language", "ko", *CALL)
            assert str(first.pid) in korean
            assert shell("doctor")[1].count("ok  record") == 1  # looking is always possible
            first.kill()


class TestLocked:
    @pytest.mark.parametrize("how", ["BEGIN EXCLUSIVE", "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"])
    def test_a_database_that_another_program_holds_is_said_so(self, shell: Shell, how: str) -> None:
        record(shell)
        program = (
            "import sqlite3, sys; connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
            "for one in sys.argv[2].split(';'): connection.execute(one)\n"
            "connection.execute('UPDATE setting SET value = value'); print('held', flush=True); sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", program, shell.database, how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            for command in (CALL, ("consent", "set", "--measure"), ("erase", "--everything", "--yes")):
                code, _, err = shell(*command)
                assert code == 1
                assert "Another program holds your record" in err
            other.kill()
        assert shell(*CALL)[0] == 0


class TestFullDisk:
    def test_a_call_on_a_full_disk_is_one_sentence_and_what_was_there_stays(self, shell: Shell) -> None:
        with mounted(shell.database.parent, "-o", "size=512k"):
            record(shell)
            fill(shell.database.parent / "filler")
            code, _, err = shell(*CALL)
            assert (code, "The disk is full" in err) == (1, True)
            (shell.database.parent / "filler").unlink()
            with Store.open(shell.database, ManualClock()) as store:
                assert store.integrity() == []
                assert len(store.calls()) >= 1

    def test_an_export_on_a_full_disk_leaves_no_half_a_file(self, shell: Shell, tmp_path: Path) -> None:
        record(shell)
        with mounted(tmp_path / "stick", "-o", "size=64k"):
            fill(tmp_path / "stick" / "filler")
            code, _, err = shell("export", "--mine", "--samples", "--out", tmp_path / "stick" / "all.csv")
            assert (code, "the disk is full" in err) == (1, True)
            assert [path.name for path in (tmp_path / "stick").iterdir()] == ["filler"]

    @posix_only
    def test_a_quota_is_met_like_a_full_disk(self, tmp_path: Path) -> None:
        """A limit on the size of files stands for a quota: the system refuses to write, whatever room there is."""
        program = (
            "import resource, signal, sys; from pathlib import Path; from core.system.clock import ManualClock\n"
            "from core.store.errors import StoreError; from core.store.records import CallStart; from core.store.store import Store; from core.method.sample import Sample; from core.method.emotion import Outcome\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "store = Store.open(Path(sys.argv[1]), ManualClock()); call = store.begin_call(CallStart('a'))\n"
            "store.add_samples(call.id, [Sample(0, Outcome.STRESS, 20)]); store.flush()\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
            "store.add_samples(call.id, [Sample(tick + 1, Outcome.STRESS, 20) for tick in range(60_000)])\n"
            "try: store.flush()\n"
            "except StoreError as error: print(error.code, store.close())\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, tmp_path / "calmline.db"],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        )
        assert done.stdout.split() in (["disk_full", "60000"], ["io", "60000"])
        with Store.open(tmp_path / "calmline.db", ManualClock()) as store:
            assert store.integrity() == []
            assert store.samples(1) == [Sample(0, Outcome.STRESS, 20)]
            assert store.call(1).state is CallState.INTERRUPTED


class TestReadOnly:
    def test_a_read_only_mount_can_be_read_and_says_that_it_cannot_be_written(self, shell: Shell) -> None:
        with mounted(shell.database.parent, "-o", "size=2m"):
            record(shell)
            subprocess.run(["mount", "-o", "remount,ro", str(shell.database.parent)], check=True)
            code, _, err = shell(*CALL)
            assert (code, "may not be written" in err) == (1, True)
            assert shell("export", "--mine", "--preview")[0] == 0

    @posix_only
    def test_a_folder_without_rights_is_said_so(self, tmp_path: Path) -> None:
        let_everybody_in(tmp_path)
        (tmp_path / "closed").mkdir(mode=0o555)
        assert as_nobody(lambda: code_of(tmp_path / "closed" / "calmline.db")) == "read_only"
        assert as_nobody(lambda: code_of(tmp_path / "closed" / "deep" / "calmline.db")) == "read_only"

    @posix_only
    def test_a_record_of_another_user_is_said_so(self, tmp_path: Path) -> None:
        path = tmp_path / "calmline.db"
        Store.open(path, ManualClock()).close()
        let_everybody_in(tmp_path)
        assert as_nobody(lambda: code_of(path)) == "foreign_owner"
        assert as_nobody(lambda: code_of(path, read_only=True)) == "foreign_owner"


class TestDamage:
    def test_flipped_bytes_are_set_aside_and_the_person_is_told(self, shell: Shell) -> None:
        record(shell, calls=3)
        content = bytearray(shell.database.read_bytes())
        dice = random.Random(11)
        for place in dice.sample(range(100, len(content)), 4000):
            content[place] ^= 1 << dice.randrange(8)
        shell.database.write_bytes(content)
        code, _, err = shell("doctor")
        assert code == 1
        code, _, err = shell(*CALL)
        assert code == 0
        assert "Your record was damaged. It was set aside as" in err
        [aside] = shell.database.parent.glob("calmline.damaged-*.db")
        assert aside.read_bytes() == bytes(content)

    @pytest.mark.parametrize("column", ["started_at", "ended_at"])
    def test_a_moment_that_is_none_is_damage_too(self, shell: Shell, column: str) -> None:
        """Bytes flipped inside of a value: SQLite's own checks find nothing."""
        record(shell)
        with sqlite3.connect(shell.database) as connection:
            connection.execute(f"UPDATE call SET {column} = '2026-13-77T99:99'")
        connection.close()
        code, _, err = shell("export", "--mine")
        assert code == 1
        assert "Your record is damaged" in err


class TestNewerSchema:
    def test_every_command_says_which_version_is_needed_and_changes_nothing(self, shell: Shell) -> None:
        record(shell)
        with sqlite3.connect(shell.database) as connection:
            connection.execute(
                "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('calmline', '0.9.0/007_later', '')"
            )
        connection.close()
        before = shell.database.read_bytes()
        for command in (
            CALL,
            ("export", "--mine"),
            ("consent", "show"),
            ("erase", "--everything", "--yes"),
            ("doctor",),
        ):
            code, out, err = shell(*command)
            assert code == 1
            assert "It needs version 0.9.0" in out + err
        assert shell.database.read_bytes() == before


class JumpingClock(ManualClock):
    """A clock whose calendar can be set while the call goes on."""

    set_by = timedelta()

    def wall(self) -> datetime:
        return super().wall() + self.set_by


class TestClock:
    @pytest.mark.parametrize("hours", [-26, -5, 5, 26])
    def test_a_calendar_set_in_the_middle_of_a_call_changes_nothing_of_it(self, tmp_path: Path, hours: int) -> None:
        clock = JumpingClock()
        with Store.open(tmp_path / "calmline.db", clock) as store:
            call = store.begin_call(CallStart("a"))
            for tick in range(50):
                if tick == 25:
                    clock.set_by = timedelta(hours=hours)
                store.add_samples(call.id, [Sample(200 * tick, Outcome.STRESS, 20 * tick)])
                clock.advance(0.2)
            ended = store.end_call(call.id)
            assert ended.summary.duration_ms == 10_000
            assert ended.ended_at == ended.started_at + timedelta(seconds=10)
            assert [sample.t_ms for sample in store.samples(call.id)] == list(range(0, 10_000, 200))
            second = store.begin_call(CallStart("a"))
            store.end_call(second.id)
            store.apply_retention()
            assert {one.id for one in store.calls()} == {call.id, second.id}
            assert store.integrity() == []

    def test_a_call_left_open_by_a_clock_in_the_future_is_closed(self, tmp_path: Path) -> None:
        clock = JumpingClock()
        clock.set_by = timedelta(days=2000)
        store = Store.open(tmp_path / "calmline.db", clock)
        call = store.begin_call(CallStart("a"))
        store.add_samples(call.id, [Sample(200, Outcome.STRESS, 20)])
        store.close()
        clock.set_by = timedelta()
        with Store.open(tmp_path / "calmline.db", clock) as again:
            assert again.call(call.id).state is CallState.INTERRUPTED
            assert [notice.code for notice in again.notices] == [NoticeCode.CALLS_INTERRUPTED]
            assert again.samples(call.id) == [Sample(200, Outcome.STRESS, 20)]


@posix_only
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_computer_that_sleeps_in_a_call_wakes_to_a_gap_and_goes_on(tmp_path: Path) -> None:
    """SIGSTOP stands for sleep: the process stands still while the clock that never goes back goes on."""
    with subprocess.Popen(
        [
            sys.executable,
            "-u",
            "-m",
            "app",
            "--db",
            tmp_path / "calmline.db",
            "run",
            "--headless",
            "--realtime",
            "--source",
            "actor",
            "--seconds",
            "14",
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "HOME": str(tmp_path)},
    ) as program:
        assert program.stdout is not None
        first = [json.loads(program.stdout.readline()) for _ in range(5)]
        os.kill(program.pid, signal.SIGSTOP)
        time.sleep(7)  # sleeping is what is tested
        os.kill(program.pid, signal.SIGCONT)
        rest = [json.loads(line) for line in program.stdout]
    assert program.returncode == 0
    said = [*first, *rest]
    steps = [after["t_ms"] - before["t_ms"] for before, after in itertools.pairwise(said)]
    assert sum(step > 5000 for step in steps) == 1, "one gap for the time asleep"
    with Store.open(tmp_path / "calmline.db", ManualClock(datetime.now(UTC))) as store:
        [call] = store.calls()
        assert call.state is CallState.ENDED
        assert [sample.t_ms for sample in store.samples(call.id)] == [one["t_ms"] for one in said]


def test_opening_never_answers_with_a_code_without_a_sentence() -> None:
    from app.words.errors import store_error_sentence

    for code in StoreErrorCode:
        assert store_error_sentence(StoreError(code, "it"))
