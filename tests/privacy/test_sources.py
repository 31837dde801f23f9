"""What no line of the program does: write a picture, open a socket, open a camera in a second place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli.coach import coach
from app.cli.context import Setup
from app.cli.explain import explain
from app.words.spoken import SentenceError
from core.sources.source import SourceError

pytestmark = pytest.mark.xdist_group("sources")  # in one process, so that each module is parsed once

ROOT = Path(__file__).parents[2]

PICTURE_WRITERS = {
    "imwrite",
    "imwritemulti",
    "imencode",
    "imencodemulti",
    "VideoWriter",
    "imshow",
    "tofile",
    "savez",
    "savez_compressed",
    "imsave",
    "savefig",
    "fromarray",
}
"""Names by which OpenCV, NumPy, Pillow and matplotlib write pictures."""

NETWORK_MODULES = {
    "socket",
    "ssl",
    "http",
    "urllib",
    "ftplib",
    "smtplib",
    "requests",
    "httpx",
    "aiohttp",
    "urllib3",
    "websockets",
    "xmlrpc",
}

ONLY_HERE = {
    "VideoCapture": {"core/sources/video_capture.py"},
    "multiprocessing.connection": {"core/control/channel.py", "core/control/client.py", "core/control/server.py"},
}


WRITE_PICTURES_OF_FILES = {
    "core/explain/overlay.py": {"imencode"},  # calmline explain PICTURE --out
    "app/cli/coach_report.py": {"imencode"},  # calmline coach --source VIDEO --report
}
"""The two commands whose purpose is a picture, made of files that the person hands over, never of a camera's frames."""

MAY_USE_THEM = {
    "core.explain.overlay": {"app/cli/explain.py", "app/cli/coach_report.py"},
    "app.cli.coach_report": {"app/cli/coach.py"},
}


TRAINING = ("core/training/", "core/datasets/", "core/evaluation/", "core/shipping/")
"""What works on data sets and never on a camera."""


@cache
def every_module() -> dict[str, ast.Module]:
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for package in ("app", "core")
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def modules(*, with_training: bool = False) -> Iterator[tuple[str, ast.Module]]:
    for name, tree in every_module().items():
        if with_training or not name.startswith(TRAINING):
            yield name, tree


@cache
def names_used(tree: ast.AST) -> set[str]:
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return called | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


@cache
def imported(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_nothing_writes_a_picture_but_the_two_commands_that_draw_on_the_persons_own_files() -> None:
    writing = {name: names_used(tree) & PICTURE_WRITERS for name, tree in modules()}
    assert {name: used for name, used in writing.items() if used} == WRITE_PICTURES_OF_FILES


@pytest.mark.parametrize(("writer", "users"), MAY_USE_THEM.items())
def test_what_writes_pictures_is_used_by_its_own_command_only(writer: str, users: set[str]) -> None:
    """No screen, no call and no calibration can reach it by an import."""
    found = {
        name
        for name, tree in modules(with_training=True)
        if any(used == writer or used.startswith(f"{writer}.") for used in imported(tree))
    }
    assert found == users


def refused(command: click.Command, arguments: list[str], folder: Path) -> None:
    """The command ends with a reason and leaves no picture."""
    done = CliRunner().invoke(command, arguments, obj=Setup(database=folder / "calmline.db"))
    assert done.exit_code == 1
    assert isinstance(done.exception, (SentenceError, SourceError)), done.output
    assert not {path.suffix for path in folder.rglob("*")} & {".html", ".png", ".jpg"}


@pytest.mark.parametrize("source", ["0", "actor", "frames", "/dev/null"])
def test_a_report_with_pictures_is_made_of_nothing_but_a_video_file(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "frames").mkdir()
    monkeypatch.chdir(tmp_path)
    refused(coach, ["--source", source, "--seconds", "1", "--report", "report.html"], tmp_path)


def test_a_file_that_is_named_like_a_camera_opens_no_way_to_its_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0").touch()
    monkeypatch.chdir(tmp_path)
    refused(coach, ["--source", "0", "--seconds", "1", "--report", "report.html"], tmp_path)


@pytest.mark.parametrize("picture", ["0", "actor", "/dev/null"])
def test_drawings_are_made_of_nothing_but_picture_files(
    picture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(explain, [picture, "--out", "drawn"], tmp_path)


def test_nothing_imports_what_reaches_another_machine() -> None:
    reaching = {
        name: {module for module in imported(tree) if module.split(".")[0] in NETWORK_MODULES}
        for name, tree in modules(with_training=True)
    }
    allowed = {
        "core/store/connection.py": {"urllib.parse", "urllib.parse.quote"},  # writes a path as a URI, opens nothing
        "core/store/export.py": {"urllib.parse", "urllib.parse.quote"},  # writes the bytes of a path as text
        "core/store/database.py": {"urllib.parse", "urllib.parse.unquote_to_bytes"},  # and reads them again
        "core/control/channel.py": {"socket"},  # asks a Unix socket which user is at its other end
        "core/privacy/probes.py": {"socket"},  # tries whether the kernel refuses one
    }
    assert {name: used for name, used in reaching.items() if used - allowed.get(name, set())} == {}


@pytest.mark.parametrize(("name", "places"), ONLY_HERE.items())
def test_what_is_delicate_is_in_one_place(name: str, places: set[str]) -> None:
    found = {
        module
        for module, tree in modules(with_training=True)
        if name in names_used(tree) or any(used == name or used.startswith(f"{name}.") for used in imported(tree))
    }
    assert found == places


def test_only_the_watcher_and_the_headless_way_read_frames() -> None:
    """Frames come from an analysis loop only, and these two modules are the only ones that start one."""
    starting = {
        name for name, tree in modules() if "AnalysisLoop" in names_used(tree) and name != "core/sources/loop.py"
    }
    assert starting == {"app/tui/calls/watcher.py", "core/monitoring/headless.py"}


def test_frames_are_watched_for_light_calibration_calls_and_practice_only() -> None:
    purposes = {
        name: {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Purpose"
        }
        for name, tree in modules()
    }
    assert {name: used for name, used in purposes.items() if used} == {
        "app/tui/wizard/lighting.py": {"LIGHT"},
        "app/tui/wizard/calibration.py": {"CALIBRATION"},
        "app/tui/calls/calling.py": {"CALL"},
        "app/tui/screens/coach.py": {"PRACTICE"},
    }
