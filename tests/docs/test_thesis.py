"""docs/evidence/thesis.md says what the runs came to whose descriptions and histories lie beside it."""

from __future__ import annotations

import re
from pathlib import Path

from core.training.curves import course_table, read_runs

EVIDENCE = Path(__file__).resolve().parents[2] / "docs" / "evidence"
RUNS = sorted((EVIDENCE / "thesis").iterdir())


def test_the_table_of_the_thesis_s_tests_is_that_of_the_runs_that_are_kept() -> None:
    page = (EVIDENCE / "thesis.md").read_text(encoding="utf-8")
    told = re.findall(
        r"^\| (\d+) \| [^|]+ \| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| (\d) \| [^|]+ \|$", page, re.MULTILINE
    )
    rows = course_table(read_runs(RUNS)).rows
    best = sorted(rows, key=lambda row: -float(row[6].split("%")[0]))
    assert len(told) == len(RUNS) == 5
    for run, epochs, training, validation, highest, rank in told:
        [row] = [one for one in rows if one[0] == f"mobilenetv2-{run}"]
        assert (row[2], row[4].replace("%", "")) == (epochs, training)
        assert row[5].replace("%", "") == validation
        assert row[6].replace("%", "").replace(" after ", ", ") == highest
        assert best[int(rank) - 1] is row
