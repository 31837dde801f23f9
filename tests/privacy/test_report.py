"""`doctor --privacy`: who keeps each promise here, and what is in the person's own record and folders."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import run
from app.cli.privacy import report
from app.cli.privacy.confining import NOTE
from app.cli.privacy.report import KeptBy, Line, looks_up_addresses, native_files, package_of, promises, shown
from app.words.language import use_language
from core.privacy import probes
from core.privacy.confinement import Confinement, Reach
from core.privacy.probes import network_is_refused, programs_are_refused, reading_is_refused, writing_is_refused
from core.store.locations import find_locations
from core.store.store import Store
from core.system.clock import SystemClock

LINUX = Confinement(files=True, scoped=True, calls=True)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
        (tmp_path / name.lower()).mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """What the probes say, to be changed."""
    answers = dict.fromkeys(("reads", "writes", "connections", "programs", "memory", "crash"), True)
    monkeypatch.setattr(probes, "reading_is_refused", lambda folders: answers["reads"])
    monkeypatch.setattr(probes, "writing_is_refused", lambda folders: answers["writes"])
    monkeypatch.setattr(probes, "network_is_refused", Answer(answers, "connections"))
    monkeypatch.setattr(probes, "programs_are_refused", Answer(answers, "programs"))
    monkeypatch.setattr(report, "memory_is_ours", Answer(answers, "memory"))
    monkeypatch.setattr(report, "no_core_file", Answer(answers, "crash"))
    return answers


class Answer:
    def __init__(self, answers: dict[str, bool], name: str) -> None:
        self.answers, self.name = answers, name

    def __call__(self) -> bool:
        return self.answers[self.name]


def lines(held: Confinement, folder: Path) -> dict[str, Line]:
    return {line.name: line for line in promises(held, Reach((), (folder,), folder))}


@pytest.mark.parametrize(
    ("system", "held", "kept"),
    [
        ("linux", LINUX, {"reads": "enforced", "writes": "enforced", "connections": "enforced", "memory": "enforced"}),
        ("linux", Confinement(calls=True), {"reads": "promised", "writes": "watched", "connections": "enforced"}),
        ("linux", Confinement(files=True), {"reads": "enforced", "connections": "watched", "programs": "watched"}),
        ("linux", Confinement(threads=True), {"reads": "promised", "connections": "watched"}),
        ("darwin", Confinement(), {"reads": "promised", "writes": "watched", "crash": "enforced"}),
        ("win32", Confinement(), {"reads": "promised", "writes": "watched", "crash": "promised"}),
    ],
)
def test_who_keeps_a_promise_is_said_on_every_system(
    system: str,
    held: Confinement,
    kept: dict[str, str],
    refused: dict[str, bool],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    found = lines(held, tmp_path)
    assert {name: found[name].kept_by.value for name in kept} == kept
    assert found["sockets"].kept_by is found["camera"].kept_by is KeptBy.WATCHED
    assert all(line.good for line in found.values())
    assert found["memory"].kept_by is (KeptBy.ENFORCED if system == "linux" else KeptBy.PROMISED)


@pytest.mark.parametrize("name", ["reads", "writes", "connections", "programs", "crash", "memory"])
def test_what_should_be_refused_and_was_not_is_seen(name: str, refused: dict[str, bool], tmp_path: Path) -> None:
    refused[name] = False
    assert [one for one, line in lines(LINUX, tmp_path).items() if not line.good] == [name]


@pytest.mark.skipif(sys.platform == "win32", reason="folders and processes of POSIX")
def test_the_probes_see_that_nothing_is_refused_in_a_process_that_is_not_confined(tmp_path: Path) -> None:
    assert not reading_is_refused([tmp_path])
    assert not writing_is_refused([tmp_path])
    assert not network_is_refused()
    assert list(tmp_path.glob(".calmline-probe-*")) == []
    assert reading_is_refused([tmp_path / "missing"])
    assert writing_is_refused([Path("/proc/self")])


@pytest.mark.skipif(sys.platform == "win32", reason="processes of POSIX")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")
def test_the_probe_for_programs_sees_that_they_can_be_started() -> None:
    assert not programs_are_refused()


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Runs the command in this process, which is not confined: its exit code and its lines."""

    def tell() -> tuple[int, str]:
        capsys.readouterr()
        code = run(["doctor", "--privacy"])
        return code, capsys.readouterr().out

    yield tell


def test_doctor_tries_and_looks_at_the_persons_own_record(told: Any, refused: dict[str, bool]) -> None:
    locations = find_locations(None, {})
    locations.prepare()
    Store.open(locations.database, SystemClock()).close()
    code, out = told()
    assert code == 0, out
    for name in ("reads", "writes", "connections", "programs", "memory", "log", "files", "record", "native code"):
        assert re.search(rf"^ok  {name} ", out, re.MULTILINE), out
    for package in ("ai_edge_litert", "cv2", "numpy"):
        assert package in out
    (locations.data / "cache.bin").touch()
    locations.log_file.write_text(f"INFO\n{NOTE}writes /etc/x\n", encoding="utf-8")
    code, out = told()
    assert code == 1
    assert f"{locations.data / 'cache.bin'}: not a name that is used here" in out
    assert "writes /etc/x" in out
    assert "Please report this" in out


def test_mediapipe_is_not_installed_and_litert_looks_nobody_up() -> None:
    import ai_edge_litert.interpreter
    import cv2

    assert importlib.util.find_spec("mediapipe") is None
    assert ai_edge_litert.interpreter is not None
    assert cv2 is not None
    reaching = {package_of(path) for path in native_files() if looks_up_addresses(path)}
    assert "ai_edge_litert" in {package_of(path) for path in native_files()}
    assert "ai_edge_litert" not in reaching
    assert "numpy" not in reaching
    if sys.platform == "linux":
        assert "opencv_python_headless.libs" in reaching


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_line_stands_in_columns_in_both_languages(
    language: str, refused: dict[str, bool], tmp_path: Path
) -> None:
    from rich.cells import cell_len

    use_language(language)
    for held in (LINUX, Confinement()):
        for line in promises(held, Reach((), (tmp_path,), tmp_path)):
            first, *below = shown(line)
            assert cell_len(first[: first.index(line.text)]) == 26
            assert all(one.startswith(" " * 26) for one in below)


def test_names_below_a_line_are_not_endless() -> None:
    line = Line("files", KeptBy.CHECKED, "not as expected:", False, [f"/x/{number}" for number in range(20)])
    assert list(shown(line))[-1].strip() == "and 8 more"
