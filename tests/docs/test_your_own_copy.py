"""The page on one's own copy: each block runs as it stands, on a copy made by the command that stands before it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.method.emotion import Outcome
from tests.store.views import record_of_two_days

PAGE = Path(__file__).parents[2] / "docs" / "your-own-copy.md"
ROOT = PAGE.parents[1]
BLOCKS = re.findall(r"```python\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_each_block_has_ten_lines_at_most() -> None:
    assert [len([line for line in block.splitlines() if line]) <= 10 for block in BLOCKS] == [True, True]


@pytest.mark.parametrize("block", BLOCKS, ids=["pandas", "duckdb"])
def test_a_block_runs_and_shows_the_calls(block: str, tmp_path: Path) -> None:
    database = record_of_two_days(tmp_path / "data" / "calmline.db", [Outcome.STRESS] * 400)
    copying = [sys.executable, "-m", "app", "--db", str(database), "record", "backup", str(tmp_path / "copy.db")]
    subprocess.run(copying, cwd=ROOT, check=True, capture_output=True)
    done = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ("2026-01-05" if "duckdb" not in block else "stress") in done.stdout
