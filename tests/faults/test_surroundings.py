"""Links, other people's files, drives without locks, closed and full streams: a sentence each, and the rest goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from app.cli.main import run
from core.store.cipher import is_too_short
from core.store.errors import Notice, NoticeCode, StoreError, StoreErrorCode
from core.store.files import mend_rights
from core.store.locations import Locations
from core.store.records import CallStart, CallState
from core.store.store import Store
from core.system.clock import ManualClock
from tests.cli.shell import Shell, record
from tests.faults.test_faults import as_nobody, let_everybody_in
from tests.store.test_store_trouble import mounted

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links, owners and streams of POSIX")
SHIM = Path(__file__).with_name("flock_fails.c")


def code_of(path: Path, *, read_only: bool = False, shared: bool = False) -> str:
    try:
        Store.open(path, ManualClock(), read_only=read_only, shared=shared).close()
    except StoreError as error:
        return error.code.value
    return "opened"


def program(
    shell: Shell, *arguments: object, redirect: str = "", environment: Mapping[str, str | bytes] | None = None
) -> tuple[int, str, str]:
    """The real program: exit code, standard output, standard error. `redirect` as a shell writes it."""
    command = ["bash", "-c", f'exec "$@" {redirect}', "-", sys.executable, "-m", "app", "--db", str(shell.database)]
    done = subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True,
        cwd=ROOT,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environb, **{os.fsencode(name): os.fsencode(value) for name, value in (environment or {}).items()}},
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in out + err
    assert "inside Calmline" not in out + err
    assert "Exception ignored" not in err
    return done.returncode, out, err


class TestLinks:
    def test_a_database_opened_through_a_link_is_the_one_that_is_open_already(self, tmp_path: Path) -> None:
        path, link = tmp_path / "calmline.db", tmp_path / "elsewhere" / "other.db"
        link.parent.mkdir()
        link.symlink_to(path)
        with Store.open(path, ManualClock()) as first:
            call = first.begin_call(CallStart("a"))
            assert code_of(link) == "in_use"
            assert first.call(call.id).state is CallState.OPEN
        assert code_of(link) == "opened"
        assert sorted(one.name for one in link.parent.iterdir()) == ["other.db"]

    def test_a_database_with_a_second_name_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "calmline.db"
        assert code_of(path) == "opened"
        (tmp_path / "other.db").hardlink_to(path)
        assert code_of(path) == code_of(tmp_path / "other.db") == "linked"

    @pytest.mark.parametrize("beside", [".lock", "-wal", "-shm", "-journal"])
    def test_a_link_beside_it_is_not_followed(self, tmp_path: Path, beside: str) -> None:
        path, letter = tmp_path / "calmline.db", tmp_path / "letter.txt"
        assert code_of(path) == "opened"
        letter.write_text("Dear mother", encoding="utf-8")
        letter.chmod(0o644)
        for left in tmp_path.glob("calmline.db*"):
            if left != path:
                left.unlink()
        (tmp_path / f"calmline.db{beside}").symlink_to(letter)
        assert code_of(path) == "linked"
        assert (letter.read_text(encoding="utf-8"), letter.stat().st_mode & 0o777) == ("Dear mother", 0o644)

    @pytest.mark.parametrize("left", [".converting", ".converted", ".converted-wal"])
    def test_a_link_that_looks_like_a_leftover_is_taken_away_and_what_it_leads_to_stays(
        self, tmp_path: Path, left: str
    ) -> None:
        path, letter = tmp_path / "calmline.db", tmp_path / "letter.txt"
        letter.write_text("Dear mother", encoding="utf-8")
        (tmp_path / f"calmline.db{left}").symlink_to(letter)
        assert code_of(path) == "opened"
        assert letter.read_text(encoding="utf-8") == "Dear mother"
        assert not (tmp_path / f"calmline.db{left}").is_symlink()

    def test_the_log_is_not_written_through_a_link(self, shell: Shell, tmp_path: Path) -> None:
        letter = tmp_path / "letter.txt"
        letter.write_text("Dear mother", encoding="utf-8")
        log = tmp_path / "state" / "calmline" / "log" / "calmline.log"
        log.parent.mkdir(parents=True)
        log.symlink_to(letter)
        assert shell("classify", tmp_path / "none.png")[0] == 1
        assert letter.read_text(encoding="utf-8") == "Dear mother"


class TestOwners:
    @pytest.mark.parametrize("whose", ["calmline.db", "calmline.db.lock", "calmline.db-wal"])
    @pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="giving files away needs root")
    def test_another_users_file_is_refused_whatever_its_rights(self, tmp_path: Path, whose: str) -> None:
        path = tmp_path / "calmline.db"
        assert code_of(path) == "opened"
        (tmp_path / whose).touch()
        os.chown(tmp_path / whose, 65534, 65534)
        (tmp_path / whose).chmod(0o666)
        assert code_of(path) == "foreign_owner"
        assert (tmp_path / whose).stat().st_uid == 65534
        assert whose != path.name or code_of(path, read_only=True) == code_of(path, shared=True) == "foreign_owner"

    @pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="giving folders away needs root")
    @pytest.mark.parametrize("which", ["runtime", "log"])
    def test_without_a_folder_of_ones_own_for_log_or_channel_the_rest_goes_on(self, tmp_path: Path, which: str) -> None:
        locations = Locations.below(tmp_path)
        folder: Path = getattr(locations, which)
        folder.mkdir()
        os.chown(folder, 65534, 65534)
        assert locations.prepare() == [Notice(NoticeCode.FOLDER_NOT_USED, str(folder))]
        assert code_of(locations.database) == "opened"

    @pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="giving folders away needs root")
    def test_a_data_folder_of_somebody_else_is_refused(self, tmp_path: Path) -> None:
        os.chown(tmp_path, 65534, 65534)
        with pytest.raises(StoreError) as caught:
            Locations.below(tmp_path).prepare()
        assert caught.value.code is StoreErrorCode.FOREIGN_OWNER

    def test_a_home_that_may_not_be_entered_is_a_sentence(self, tmp_path: Path) -> None:
        let_everybody_in(tmp_path)
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        below = Locations.below(closed / "data")

        def answers() -> str:
            said = []
            for work in (below.prepare, lambda: code_of(below.database), lambda: code_of(below.database, shared=True)):
                try:
                    said.append(str(work()))
                except StoreError as error:
                    said.append(error.code.value)
            return " ".join(said)

        assert as_nobody(answers) == "read_only read_only read_only"

    @pytest.mark.parametrize("command", [("export", "--mine"), ("erase", "--everything", "--yes"), ("doctor",)])
    def test_no_command_breaks_on_it(self, shell: Shell, tmp_path: Path, command: Sequence[str]) -> None:
        let_everybody_in(tmp_path)
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)

        def answer() -> str:
            shell.capture.readouterr()
            code = run(["--db", str(closed / "calmline.db"), *command])
            out, err = shell.capture.readouterr()
            return f"{code} {out} {err}"

        said = as_nobody(answer)
        assert said.startswith("1 ")
        assert "inside Calmline" not in said
        assert "Traceback" not in said

    def test_rights_that_the_drive_keeps_as_they_are_are_not_said_to_be_mended(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "calmline.db"
        path.touch(mode=0o644)
        path.chmod(0o644)
        monkeypatch.setattr(Path, "chmod", lambda *_: None)
        notice = mend_rights(path)
        assert notice is not None
        assert notice.code is NoticeCode.RIGHTS_NOT_MENDED


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("a library that makes locks fail needs a C compiler and LD_PRELOAD")
    library = tmp_path_factory.mktemp("shim") / "flock_fails.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, SHIM, "-ldl"], check=True)
    return library


class TestDrives:
    @pytest.mark.parametrize("number", [37, 38, 95, 22])
    def test_where_flock_fails_another_lock_keeps_the_second_out(self, shell: Shell, shim: Path, number: int) -> None:
        record(shell)
        on_drive = {"LD_PRELOAD": str(shim), "SHIM_FLOCK": str(number)}
        holding = (
            "import sys; from pathlib import Path; from core.system.clock import SystemClock; from core.store.store import Store\n"
            "store = Store.open(Path(sys.argv[1]), SystemClock()); print('open', flush=True); sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", holding, shell.database],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **on_drive},
        ) as first:
            assert first.stdout is not None
            assert first.stdout.readline() == "open\n"
            code, _, err = program(shell, "erase", "--everything", "--yes", environment=on_drive)
            assert (code, f"process {first.pid}" in err) == (1, True)
        code, out, _ = program(shell, "erase", "--everything", "--yes", environment=on_drive)
        assert (code, "Everything is erased" in out) == (0, True)

    @pytest.mark.parametrize("number", [37, 38, 95, 22])
    def test_where_there_is_no_lock_of_any_kind_that_is_said(self, shell: Shell, shim: Path, number: int) -> None:
        record(shell)
        on_drive = {"LD_PRELOAD": str(shim), "SHIM_FLOCK": str(number), "SHIM_LOCKF": str(number)}
        code, _, err = program(shell, "erase", "--everything", "--yes", environment=on_drive)
        assert (code, "without file locks" in err) == (1, True)

    @pytest.mark.parametrize("number", [37, 38, 95, 22])
    @pytest.mark.parametrize("command", [("erase", "--everything", "--yes"), ("export", "--mine"), ("consent", "show")])
    def test_where_only_the_locks_of_sqlite_fail_nobody_is_said_to_hold_the_record(
        self, shell: Shell, shim: Path, number: int, command: tuple[str, ...]
    ) -> None:
        record(shell)
        code, _, err = program(shell, *command, environment={"LD_PRELOAD": str(shim), "SHIM_LOCKF": str(number)})
        assert (code, "without file locks" in err, "Another program" in err) == (1, True, False), err

    def test_where_rights_cannot_be_changed_that_is_said_and_it_goes_on(self, shell: Shell, shim: Path) -> None:
        record(shell)
        shell.database.chmod(0o644)
        on_drive = {"LD_PRELOAD": str(shim), "SHIM_CHMOD": "1"}
        code, out, err = program(shell, "erase", "--everything", "--yes", environment=on_drive)
        assert (code, "Everything is erased" in out) == (0, True), err
        assert "Please change its rights" in err

    def test_a_drive_without_room_for_another_file_is_full(self, shell: Shell) -> None:
        with mounted(shell.database.parent, "-o", "size=4m,nr_inodes=3"):
            (shell.database.parent / "one").touch()
            (shell.database.parent / "two").touch()
            code, _, err = shell("run", "--headless", "--candidate", "tiny-1", "--source", "actor", "--seconds", "1")
            assert (code, "The disk is full" in err) == (1, True), err
            (shell.database.parent / "two").unlink()
            code, _, err = shell("run", "--headless", "--candidate", "tiny-1", "--source", "actor", "--seconds", "1")
            assert code == 1
            assert "inside Calmline" not in err


class TestStreams:
    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
    @pytest.mark.parametrize(
        "command", [("export", "--mine"), ("doctor",), ("paths",), ("--help",), ("export", "--mine", "--samples")]
    )
    def test_a_full_disk_behind_the_output_is_said(self, shell: Shell, command: Sequence[str]) -> None:
        record(shell)
        code, _, err = program(shell, *command, redirect="> /dev/full")
        assert (code, "No space left" in err) == (1, True), err

    @pytest.mark.parametrize("command", [("export", "--mine"), ("paths",), ("--version",)])
    def test_a_closed_output_is_said(self, shell: Shell, command: Sequence[str]) -> None:
        record(shell)
        code, _, err = program(shell, *command, redirect=">&-")
        assert (code, "cannot be written" in err) == (1, True), err

    def test_what_prints_nothing_needs_no_output(self, shell: Shell, tmp_path: Path) -> None:
        record(shell)
        code, _, _ = program(shell, "export", "--mine", "--out", tmp_path / "all.csv", redirect="<&- >&- 2>&-")
        assert code == 0
        assert (tmp_path / "all.csv").read_text(encoding="utf-8").count("\n") == 2

    def test_closed_streams_never_become_the_database(self, shell: Shell) -> None:
        record(shell)
        program(shell, "consent", "show", redirect="<&- >&- 2>&-")
        with Store.open(shell.database, ManualClock()) as store:
            assert store.integrity() == []
            assert store.notices == ()


class TestWordsFromOutside:
    @pytest.mark.parametrize("zone", ["UTC+26", "UTC-47"])
    def test_a_time_zone_that_no_place_has_is_said_and_utc_taken(self, shell: Shell, zone: str) -> None:
        record(shell)
        code, out, err = program(shell, "export", "--mine", environment={"TZ": zone})
        assert (code, zone in err) == (0, True)
        assert "2026-01-05 09:00" in out

    @pytest.mark.parametrize("passphrase", [b"\xff\xfe long enough", b"\xb1\xe8\xc3\xb6\xbc\xf6\xc0\xd3\xb4\xd9"])
    def test_a_passphrase_that_is_no_text_is_said(self, shell: Shell, passphrase: bytes) -> None:
        pytest.importorskip("sqlcipher3", reason="the extra `encrypt` is not installed")
        record(shell)
        before = shell.database.read_bytes()
        code, _, err = program(shell, "encrypt", "on", environment={"CALMLINE_PASSPHRASE": passphrase})
        assert (code, "not text in UTF-8" in err) == (1, True), err
        assert shell.database.read_bytes() == before

    @pytest.mark.parametrize("passphrase", [" " * 8, "\t" * 20, "a" + " " * 9, "\u3000" * 8])
    def test_spaces_are_no_passphrase(self, shell: Shell, monkeypatch: pytest.MonkeyPatch, passphrase: str) -> None:
        pytest.importorskip("sqlcipher3", reason="the extra `encrypt` is not installed")
        record(shell)
        monkeypatch.setenv("CALMLINE_PASSPHRASE", passphrase)
        code, _, err = shell("encrypt", "on")
        assert (code, "spaces not counted" in err) == (1, True)
        assert is_too_short(passphrase)
        assert not is_too_short("달빛이 좋은 밤에 걷기")

    @pytest.mark.parametrize(
        "command",
        [
            ("export", "--mine"),
            ("consent", "show"),
            ("consent", "set", "--measure"),
            ("erase", "--everything", "--yes"),
            ("encrypt", "on"),
            ("doctor",),
            ("call", "status"),
            ("run", "--headless", "--source", "actor", "--seconds", "1"),
        ],
    )
    def test_nobody_waits_on_a_pipe_named_as_the_record(self, shell: Shell, command: Sequence[str]) -> None:
        shell.database.parent.mkdir(parents=True)
        os.mkfifo(shell.database)
        code, out, err = program(shell, *command)
        assert code == (5 if command[0] == "call" else 1)
        assert (out + err).strip()

    def test_a_record_that_cannot_be_looked_at_has_its_own_sentence(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "calmline.db")
        path = tmp_path / "calmline.db"
        assert code_of(path) == code_of(path, read_only=True) == code_of(path, shared=True) == "unreadable"
