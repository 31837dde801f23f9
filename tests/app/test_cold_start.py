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


def test_opening_a_record_waits_for_neither_numpy_nor_pandas(tmp_path: Path) -> None:
    """sqlite-utils would import both, to know their types."""
    found = imported_by(
        "import app.tui.start\nfrom pathlib import Path\nfrom core.system.clock import SystemClock\nfrom core.store.store import Store\n"
        f"Store.open(Path({str(tmp_path / 'c.db')!r}), SystemClock()).close()"
    )
    assert "sqlite_utils" in found
    assert found & {"numpy", "pandas", "cv2"} == set()


def test_what_was_held_off_can_be_imported_afterwards() -> None:
    code = "from core.store.library import sqlite_utils\nsqlite_utils()\nimport pandas, numpy\nnumpy.zeros(1)"
    assert {"sqlite_utils", "numpy", "pandas"} <= imported_by(code)


def test_setting_up_costs_no_later_start_anything() -> None:
    found = imported_by("from app.bootstrap import RUN, enter\nenter(RUN, 'app')")
    assert found & {"subprocess", "hashlib", "venv"} == set()


def test_the_first_screen_is_there_before_opencv_and_litert() -> None:
    found = imported_by(
        "import app.tui.start\nfrom app.tui.screens import coach, monitor\nfrom app.tui.wizard import verdict, welcome"
    )
    assert "textual" in found
    assert found & {"cv2", "ai_edge_litert", "pandas", "numpy", "plotext", "tensorflow", "keras"} == set()
