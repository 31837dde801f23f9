"""What is checked at each start, and what an installed Calmline says that lacks something."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from app import bootstrap, installing
from app.bootstrap import DEVELOP, RUN, enter

ROOT = Path(__file__).parents[2]


class _StartedError(Exception):
    """Stands for the program that takes this one's place."""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose set-up is noted in `asked.txt` and not done."""
    (tmp_path / "requirements").mkdir()
    for name in ("run", "develop"):
        (tmp_path / "requirements" / f"{name}.lock").write_text("# nothing\n", encoding="ascii")

    def start(*_: object) -> None:
        raise _StartedError

    def set_up(folder: Path, lock: Path) -> Path:
        (folder / "asked.txt").write_text(lock.stem, encoding="ascii")
        return folder / "python"

    monkeypatch.setattr(bootstrap, "CHECKOUT", tmp_path)
    monkeypatch.setattr(bootstrap, "_start_again", start)
    monkeypatch.setattr(installing, "set_up", set_up)
    return tmp_path


def needs(monkeypatch: pytest.MonkeyPatch, module: str, package: str, bounds: tuple[object, object]) -> None:
    monkeypatch.setattr(bootstrap, "_NEEDED", {RUN: {module: (package, *bounds)}, DEVELOP: {}})


def installed_cv2(folder: Path, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python of one's own in which only this OpenCV is found."""
    (folder / "cv2").mkdir()
    (folder / "cv2" / "__init__.py").touch()
    (folder / "cv2" / "version.py").write_text(f'opencv_version = "{version}"\ncontrib = False\n', encoding="ascii")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "cv2", raising=False)
    monkeypatch.setattr(
        bootstrap, "_NEEDED", {RUN: {"cv2": bootstrap._NEEDED[RUN]["cv2"]}, DEVELOP: bootstrap._NEEDED[DEVELOP]}
    )


def test_nothing_is_set_up_where_everything_is_installed(checkout: Path) -> None:
    enter(DEVELOP, "app")
    assert not (checkout / "asked.txt").exists()


@pytest.mark.parametrize(("version", "fits"), [("4.9.0.80", False), ("4.10.0.84", True), ("5.0.0.93", False)])
def test_a_python_with_another_opencv_is_not_taken_for_one_that_has_all(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, fits: bool
) -> None:
    installed_cv2(tmp_path, version, monkeypatch)
    if fits:
        enter(RUN, "app")
    else:
        with pytest.raises(_StartedError):
            enter(RUN, "app")
    assert (checkout / "asked.txt").exists() is not fits


def test_an_installed_program_beside_another_opencv_says_which_one_it_needs(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed_cv2(tmp_path, "5.0.0.93", monkeypatch)
    (checkout / "requirements" / "run.lock").unlink()
    with pytest.raises(SystemExit, match=r"needs opencv-python-headless>=4\.10,<5"):
        enter(RUN, "app")


@pytest.mark.parametrize("module", bootstrap._NEEDED[RUN])
def test_the_version_of_each_package_is_found_without_importing_it(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    package = bootstrap._NEEDED[RUN][module][0]
    needs(monkeypatch, module, package, ((9999,), None))
    with pytest.raises(_StartedError):
        enter(RUN, "app")
    assert (checkout / "asked.txt").read_text() == RUN


def test_the_bounds_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for package, oldest, below in bootstrap._NEEDED[RUN].values():
        bounds = f"{package}>={bootstrap._dotted(oldest)}" + (f",<{bootstrap._dotted(below)}" if below else "")
        assert bounds in project["dependencies"]


def test_the_tests_ask_for_what_they_need_besides(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_NEEDED", {RUN: {}, DEVELOP: {"calmline_missing": ("calmline-missing", (), None)}})
    enter(RUN, "app")
    with pytest.raises(_StartedError):
        enter(DEVELOP, "tests")
    assert (checkout / "asked.txt").read_text() == DEVELOP


def test_a_python_that_was_built_without_sqlite_says_so(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "_sqlite3", None)
    with pytest.raises(SystemExit, match=r"built without _sqlite3\. Install the headers .*libsqlite3-dev"):
        enter(RUN, "app")
    assert not (checkout / "asked.txt").exists()


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", r"needs Python 3\.11 or newer; this is 3\.9"), ("ko", r"파이썬 3\.11 이상이 필요해요\(지금은 3\.9\)")],
)
def test_an_old_python_is_told_which_one_is_needed(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setenv("CALMLINE_LANGUAGE", language)
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    with pytest.raises(SystemExit, match=said):
        enter(RUN, "app")
    assert not (checkout / "asked.txt").exists()


READ_FIRST = ["__init__.py", "__main__.py", "bootstrap.py"] + [f"words/{name}.py" for name in ("__init__", "language")]


@pytest.mark.parametrize("name", READ_FIRST)
def test_what_an_old_python_reads_before_it_is_told_is_in_its_own_words(name: str) -> None:
    assert ast.parse((ROOT / "app" / name).read_text(encoding="utf-8"), feature_version=(3, 7)).body


@pytest.mark.parametrize(
    ("arguments", "locale", "said"),
    [
        ([], "en_US.UTF-8", "Calmline is not installed completely: it needs ai-edge-litert"),
        ([], "ko_KR.UTF-8", "캄라인이 완전히 설치되지 않았어요. ai-edge-litert"),
        (["--language=ko"], "en_US.UTF-8", "캄라인이 완전히 설치되지 않았어요. ai-edge-litert"),
        (["--language", "en"], "ko_KR.UTF-8", "Calmline is not installed completely: it needs ai-edge-litert"),
    ],
)
def test_the_first_start_speaks_the_person_s_language_with_the_standard_library_alone(
    tmp_path: Path, arguments: list[str], locale: str, said: str
) -> None:
    for name in READ_FIRST:
        (tmp_path / "app" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "app" / name, tmp_path / "app" / name)
    shutil.copytree(ROOT / "app" / "locale", tmp_path / "app" / "locale")
    bare = [sys.executable, "-S", "-X", "utf8", "-m", "app", *arguments, "doctor"]  # -S: no package that is installed
    done = subprocess.run(
        bare, cwd=tmp_path, env={**os.environ, "LANG": locale}, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(said)
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("code", [0, 7])
def test_on_windows_the_program_is_waited_for_and_its_exit_code_handed_on(
    monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """There exec would let the prompt of the shell come back at once."""
    monkeypatch.setattr(bootstrap, "os", SimpleNamespace(name="nt"))
    started: list[list[str]] = []

    def start(arguments: list[str]) -> SimpleNamespace:
        started.append(arguments)
        return SimpleNamespace(wait=lambda: code)

    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.setattr(sys, "argv", ["app", "doctor", "--json"])
    with pytest.raises(SystemExit) as ended:
        bootstrap._start_again(Path("C:/calmline/.venv/Scripts/python.exe"), "app")
    assert ended.value.code == code
    assert started == [["C:/calmline/.venv/Scripts/python.exe", "-m", "app", "doctor", "--json"]]


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
