"""Setting up from a bare checkout: what is made, when it is made again, and what a person reads when it fails."""

from __future__ import annotations

import os
import platform
import re
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import SimpleNamespace

import pytest

from app import installing
from app.installing import our_venv, python_of, set_up
from app.words.language import use_language

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(os.name == "nt", reason="the installer here is a shell script")


class Checkout:
    """A checkout without `.venv`, and an uv on PATH that makes environments and notes what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.venv = folder / ".venv"
        (folder / "requirements").mkdir()
        self.lock = folder / "requirements" / "run.lock"
        self.lock.write_text("# nothing\n", encoding="ascii")
        self.tools = folder / "tools"
        self.tools.mkdir()
        self.uv_says("")

    def uv_says(self, text: str, code: int = 0) -> None:
        """What installing prints, and how it ends."""
        uv = self.tools / "uv"
        uv.write_text(
            "#!/bin/sh\n"
            f'[ "$1" = --version ] && exit 0\necho "$@" >> {self.folder}/asked.txt\n'
            '[ "$1" = venv ] && for last; do :; done && mkdir -p "$last/bin" && touch "$last/bin/python" && exit 0\n'
            f"cat <<'END'\n{text}\nEND\nexit {code}\n",
            encoding="utf-8",
        )
        uv.chmod(0o755)

    @property
    def asked(self) -> list[str]:
        """What uv was asked since the last look."""
        noted = self.folder / "asked.txt"
        lines = noted.read_text(encoding="utf-8").splitlines() if noted.exists() else []
        noted.unlink(missing_ok=True)
        return lines

    def set_up(self) -> Path:
        return set_up(self.folder, self.lock)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    made = Checkout(tmp_path)
    monkeypatch.setenv("PATH", f"{made.tools}{os.pathsep}/bin{os.pathsep}/usr/bin")
    return made


@posix
def test_the_first_start_makes_an_environment_and_installs_by_hash_and_the_second_does_nothing(
    checkout: Checkout,
) -> None:
    assert checkout.set_up() == checkout.venv / "bin" / "python"
    made, installed = checkout.asked
    assert made.startswith("venv")
    assert "--require-hashes" in installed
    assert installed.endswith(str(checkout.lock))
    checkout.set_up()
    assert checkout.asked == []


@posix
def test_a_changed_lock_file_is_installed_into_the_environment_that_is_there(checkout: Checkout) -> None:
    checkout.set_up()
    checkout.lock.write_text("# something else\n", encoding="ascii")
    assert checkout.asked
    checkout.set_up()
    assert [line.split()[0] for line in checkout.asked] == ["pip"]


@posix
def test_the_tests_add_what_they_need_to_the_same_environment(checkout: Checkout) -> None:
    checkout.set_up()
    develop = checkout.lock.with_name("develop.lock")
    develop.write_text("# more\n", encoding="ascii")
    assert checkout.asked
    assert set_up(checkout.folder, develop) == python_of(checkout.venv)
    assert [line.split()[0] for line in checkout.asked] == ["pip"]


@posix
@pytest.mark.parametrize("kind", ["folder", "file", "dangling link"])
def test_a_venv_of_one_s_own_is_left_as_it_is(checkout: Checkout, kind: str) -> None:
    if kind == "folder":
        checkout.venv.mkdir()
        (checkout.venv / "mine.txt").write_text("mine", encoding="ascii")
    elif kind == "file":
        checkout.venv.write_text("/somewhere/else\n", encoding="ascii")
    else:
        checkout.venv.symlink_to(checkout.folder / "gone")
    assert checkout.set_up() == python_of(checkout.folder / ".venv-calmline")
    if kind == "folder":
        assert [place.name for place in checkout.venv.iterdir()] == ["mine.txt"]


@posix
def test_a_failed_set_up_of_ours_begins_anew_at_the_next_start(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.uv_says("something odd", 2)
    with pytest.raises(SystemExit, match="could not be set up: its last words stand above"):
        checkout.set_up()
    assert "something odd" in capsys.readouterr().err
    (checkout.venv / "half").touch()
    checkout.uv_says("")
    assert checkout.set_up() == python_of(checkout.venv)
    assert not (checkout.venv / "half").exists()


@posix
@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("error: Request failed\n  Caused by: dns error: failed to lookup address information", "cannot be reached"),
        ("NewConnectionError('...: Failed to establish a new connection: [Errno -3] Temporary failure", "pip download"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer certificate", "PIP_CERT"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: No matching distribution found for ai-edge-litert==2.3.0", "this kind of computer"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the one"),
    ],
)
def test_what_the_installer_says_becomes_a_cause(checkout: Checkout, said: str, cause: str) -> None:
    checkout.uv_says(said, 1)
    with pytest.raises(SystemExit, match=cause):
        checkout.set_up()


@posix
def test_the_cause_is_told_in_the_person_s_language(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    use_language("ko")
    checkout.uv_says("OSError: [Errno 28] No space left on device", 1)
    with pytest.raises(SystemExit, match="캄라인을 설치하지 못했어요: 디스크가 가득 찼어요"):
        checkout.set_up()
    assert capsys.readouterr().err.startswith(f"캄라인을 {checkout.venv} 폴더에 설치해요.")


@posix
def test_a_folder_of_packages_is_used_instead_of_the_network(checkout: Checkout) -> None:
    (checkout.folder / "wheels").mkdir()
    checkout.set_up()
    assert f"--no-index --find-links {checkout.folder / 'wheels'}" in checkout.asked[-1]


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_checkout_that_cannot_be_written_says_so_and_what_to_do(checkout: Checkout) -> None:
    checkout.folder.chmod(0o500)
    try:
        with pytest.raises(SystemExit, match=r"Permission denied.*uv tool install"):
            checkout.set_up()
    finally:
        checkout.folder.chmod(0o700)


def test_a_read_only_disk_says_so_and_what_to_do(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(SystemExit, match=r"Read-only file system.*uv tool install"):
        checkout.set_up()


@posix
def test_a_uv_that_does_not_run_is_passed_over(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout.tools / "uv").write_text("#!/bin/sh\necho 'pyenv: uv: command not found' >&2\nexit 127\n")
    steps: list[list[str]] = []
    monkeypatch.setattr(installing, "_run", lambda command, *_: steps.append(list(command)))
    checkout.set_up()
    assert [step[1:3] for step in steps] == [["-m", "venv"], ["-m", "pip"]]


@posix
@pytest.mark.parametrize(
    ("language", "said_so"),
    [("en", r"fetching packages, [01] of 2, \d+ s"), ("ko", r"패키지를 받는 중, 2개 중 [01]개, \d+초")],
)
def test_progress_is_told_while_the_installer_is_silent(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str, said_so: str
) -> None:
    use_language(language)
    monkeypatch.setattr(installing, "SECONDS_BETWEEN_LINES", 0.05)
    checkout.lock.write_text("a==1\nb==2\n", encoding="ascii")
    silent = "echo Collecting a\nfor i in 1 2 3 4 5 6; do sleep 0.1; done\n"
    said: list[str] = []
    with (
        subprocess.Popen(["sh", "-c", silent], stdout=subprocess.PIPE, text=True) as program,
        installing._progress(said, checkout.venv, 2),
    ):
        assert program.stdout is not None
        said.extend(program.stdout)
    assert re.search(said_so, capsys.readouterr().err)


@posix
def test_ctrl_c_while_installing_is_one_line_and_130(checkout: Checkout) -> None:
    slow, begun = checkout.tools / "uv", checkout.folder / "begun"
    os.mkfifo(begun)
    slow.write_text(slow.read_text(encoding="utf-8").replace("cat <<", f"echo begun > {begun}; exec sleep 60; cat <<"))
    code = f"from app import installing; from pathlib import Path as P; installing.set_up(P({str(checkout.folder)!r}), P({str(checkout.lock)!r}))"
    with subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True
    ) as program:
        assert begun.read_text(encoding="ascii") == "begun\n"
        os.killpg(program.pid, signal.SIGINT)
        assert program.stderr is not None
        said = program.stderr.read()
    assert program.returncode == 130
    assert said.splitlines()[-1] == "Broken off. The next start goes on with it."
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("system", "kind", "machine", "said"),
    [
        ("darwin", "macosx-10.13-universal2", "x86_64", "Macs with Intel chips"),
        ("win32", "win-arm64", "ARM64", "Windows on ARM"),
    ],
)
def test_a_computer_for_which_litert_is_not_made_is_told_so_before_anything_is_fetched(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, system: str, kind: str, machine: str, said: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(sysconfig, "get_platform", lambda: kind)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    with pytest.raises(SystemExit, match=said):
        checkout.set_up()
    assert not checkout.venv.exists()


@pytest.mark.parametrize(("system", "place"), [("nt", ".venv/Scripts/python.exe"), ("posix", ".venv/bin/python")])
def test_the_python_of_an_environment_lies_where_the_system_puts_it(
    monkeypatch: pytest.MonkeyPatch, system: str, place: str
) -> None:
    monkeypatch.setattr(installing, "os", SimpleNamespace(name=system))
    assert python_of(Path(".venv")).as_posix() == place


@pytest.mark.parametrize(("system", "kind"), [("darwin", "macosx-11.0-arm64"), ("win32", "win-amd64")])
def test_the_computers_that_it_is_made_for_are_not_refused(
    monkeypatch: pytest.MonkeyPatch, system: str, kind: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(sysconfig, "get_platform", lambda: kind)
    monkeypatch.setattr(platform, "machine", lambda: "ARM64")  # an Intel Python on Windows for ARM says so, too
    assert installing.unfit_computer() is None


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("HOST_GNU_TYPE", "x86_64-alpine-linux-musl", "musl"), ("Py_GIL_DISABLED", 1, "usual CPython")],
)
def test_a_python_for_which_litert_is_not_made_is_told_so(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object, said: str
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sysconfig, "get_config_var", lambda asked: value if asked == name else None)
    assert said in str(installing.unfit_computer())


def test_a_python_that_is_too_new_is_told_which_one_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 99, 0, "final", 0))
    assert "Start it with Python 3.14 or an older one" in str(installing.unfit_computer())


def test_an_environment_of_ours_that_lost_a_package_says_what_to_do(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.venv.mkdir()
    (checkout.venv / "calmline-run.sha256").touch()
    monkeypatch.setattr(sys, "prefix", str(checkout.venv))
    with pytest.raises(SystemExit, match="Remove it and start again"):
        checkout.set_up()


def test_an_environment_that_was_made_by_an_earlier_calmline_is_ours(checkout: Checkout) -> None:
    checkout.venv.mkdir()
    (checkout.venv / "calmline-develop.sha256").write_text("1234", encoding="ascii")
    assert our_venv(checkout.folder) == checkout.venv
