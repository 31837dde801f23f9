"""Nothing heavy is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"cv2", "ai_edge_litert", "pandas", "textual", "numpy", "sqlite_utils", "plotext", "tensorflow", "keras"}


def imported_by(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["--language", "ko", "--help"]])
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    found = imported_by(f"from app.cli.main import run\nrun({arguments!r})")
    assert found & HEAVY == set()


def test_the_first_screen_is_there_before_opencv_and_litert() -> None:
    found = imported_by("import app.tui.start\nfrom app.tui.screens import coach, monitor, verdict, welcome")
    assert "textual" in found
    assert found & {"cv2", "ai_edge_litert", "pandas", "plotext", "tensorflow", "keras"} == set()
