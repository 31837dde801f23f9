"""The structure of the code: no circle of imports, and what each command loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from app.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
HEAVY = {"cv2", "ai_edge_litert", "numpy", "pandas", "textual", "plotext", "sqlite_utils"}
TRAINING = {"keras", "tensorflow", "jax", "matplotlib", "sklearn", "scipy"}


def imports() -> dict[str, set[str]]:
    """Which modules of ours each module imports, anywhere in its file, also where only types are checked."""
    files = [*(ROOT / "core").rglob("*.py"), *(ROOT / "app").rglob("*.py")]
    names = {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}
    return {name: set(_imported(file, names)) - {name} for name, file in names.items()}


def _imported(file: Path, known: Collection[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in known or node.module in known:
                    yield whole if whole in known else node.module


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """The groups of modules that import each other, by taking away whatever imports nothing that is left."""
    left = {name: set(targets) for name, targets in graph.items()}
    while leaves := {name for name, targets in left.items() if not targets & left.keys()}:
        left = {name: targets for name, targets in left.items() if name not in leaves}
    while roots := left.keys() - {target for targets in left.values() for target in targets}:
        left = {name: targets for name, targets in left.items() if name not in roots}
    return [set(left)] if left else []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles(imports()) == []


def test_a_circle_is_seen() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == [{"b", "c"}]


def loaded_by(code: str) -> set[str]:
    """The top-level modules that are loaded in a fresh process after `code`."""
    listed = "import sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{listed}"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_help_of_a_command_loads_nothing_heavy(command: str) -> None:
    found = loaded_by(f"from app.cli.main import run\nrun([{command!r}, '--help'])")
    assert found & (HEAVY | TRAINING) == set()


@pytest.mark.parametrize(
    ("command", "may_load"),
    [
        (["paths"], set()),
        (["candidates"], {"cv2", "ai_edge_litert", "numpy"}),
        (["consent", "show"], {"sqlite_utils"}),
        (["export", "--preview"], {"sqlite_utils"}),
        (["call", "status"], set()),
        (["run", "--headless", "--source", "actor:f_white"], {"cv2", "ai_edge_litert", "numpy", "sqlite_utils"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_loads_what_it_needs_and_no_more(command: list[str], may_load: set[str], tmp_path: Path) -> None:
    database = str(tmp_path / "calmline.db")
    found = loaded_by(f"from app.cli.main import run\nrun(['--db', {database!r}, *{command!r}])")
    assert found & (HEAVY | TRAINING) <= may_load
