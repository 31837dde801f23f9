"""Setting up from a bare checkout: what is made, when it is made again, and what a person reads when it fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app import bootstrap
from app.bootstrap import DEVELOP, RUN, enter

EMPTY_LOCK = "# nothing\n"


class _StartedError(Exception):
    """Stands for the program that takes this one's place."""


class _Setup:
    """A checkout without `.venv`; what would be run is noted instead, unless `really`."""

    def __init__(self, folder: Path) -> None:
        self.venv = folder / ".venv"
        self.locks = folder / "requirements"
        self.commands: list[list[str]] = []
        self.exit_code = 0

    @property
    def python(self) -> Path:
        return self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def run(self, command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        self.commands.append(command)
        if "venv" in command and self.exit_code == 0:
            self.python.parent.mkdir(parents=True, exist_ok=True)
            self.python.touch()
        return subprocess.CompletedProcess(command, self.exit_code)

    def enter(self, purpose: str = RUN) -> None:
        with pytest.raises(_StartedError):
            enter(purpose, "app")


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Setup:
    setup = _Setup(tmp_path)
    setup.locks.mkdir()
    for name in ("run", "develop"):
        (setup.locks / f"{name}.lock").write_text(EMPTY_LOCK, encoding="ascii")

    def start(*_: object) -> None:
        raise _StartedError

    monkeypatch.setattr(bootstrap, "CHECKOUT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", setup.venv)
    monkeypatch.setattr(bootstrap, "_NEEDED", {RUN: ("calmline_missing",), DEVELOP: ("calmline_missing_too",)})
    monkeypatch.setattr(bootstrap, "_start_again", start)
    monkeypatch.setattr(subprocess, "run", setup.run)
    return setup


def test_nothing_is_made_where_everything_is_installed(setup: _Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_NEEDED", {RUN: ("json",), DEVELOP: ("ast",)})
    enter(DEVELOP, "app")
    assert setup.commands == []


def test_the_first_start_makes_the_venv_and_installs_by_hash(setup: _Setup) -> None:
    setup.enter()
    made, installed = setup.commands
    assert made[1:3] == ["-m", "venv"]
    assert "--require-hashes" in installed
    assert installed[-1] == str(setup.locks / "run.lock")


def test_the_second_start_installs_nothing(setup: _Setup) -> None:
    setup.enter()
    setup.commands.clear()
    setup.enter()
    assert setup.commands == []


def test_a_changed_lock_file_is_installed_into_the_venv_that_is_there(setup: _Setup) -> None:
    setup.enter()
    setup.commands.clear()
    (setup.locks / "run.lock").write_text("# something else\n", encoding="ascii")
    setup.enter()
    assert [command[0] for command in setup.commands] == [str(setup.python)]


def test_the_tests_add_what_they_need_to_the_program_s_venv(setup: _Setup) -> None:
    setup.enter(RUN)
    setup.commands.clear()
    setup.enter(DEVELOP)
    (installed,) = setup.commands
    assert installed[-1] == str(setup.locks / "develop.lock")


def test_a_set_up_that_was_broken_off_begins_anew(setup: _Setup) -> None:
    setup.python.parent.mkdir(parents=True)
    setup.python.touch()
    setup.enter()
    assert "--clear" in setup.commands[0]


def test_a_failed_installation_is_tried_again_at_the_next_start(
    setup: _Setup, capsys: pytest.CaptureFixture[str]
) -> None:
    setup.exit_code = 1
    with pytest.raises(SystemExit, match="could not be set up"):
        enter(RUN, "app")
    assert "once" in capsys.readouterr().err
    setup.exit_code = 0
    setup.enter()


def test_an_old_python_is_told_which_one_is_needed(setup: _Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this is 3\.9"):
        enter(RUN, "app")
    assert setup.commands == []


def test_a_python_that_is_too_new_is_told_which_one_works(setup: _Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 99, 0, "final", 0))
    with pytest.raises(SystemExit, match=r"Python 3\.14 or an older one"):
        enter(RUN, "app")
    assert setup.commands == []


def test_a_checkout_without_its_lock_file_says_so(setup: _Setup) -> None:
    (setup.locks / "run.lock").unlink()
    with pytest.raises(SystemExit, match=r"run\.lock is missing"):
        enter(RUN, "app")


def test_a_venv_that_lost_a_package_says_what_to_do(setup: _Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(setup.venv))
    with pytest.raises(SystemExit, match="Remove it and start again"):
        enter(RUN, "app")


@pytest.mark.skipif(os.name == "nt", reason="a signal to ourselves ends the process there")
def test_an_interrupt_is_left_to_the_program_that_was_started() -> None:
    class Interrupted(subprocess.Popen[bytes]):
        """Ends once it has been told to, which is after the interrupt."""

        interrupted = False

        def wait(self, timeout: float | None = None) -> int:
            if not self.interrupted:
                self.interrupted = True
                os.kill(os.getpid(), signal.SIGINT)
            assert self.stdin is not None
            self.stdin.close()
            return super().wait(timeout)

    waits = [sys.executable, "-c", "import sys; sys.stdin.read(); raise SystemExit(7)"]
    with Interrupted(waits, stdin=subprocess.PIPE) as program:
        assert bootstrap._wait(program) == 7
        assert program.interrupted
