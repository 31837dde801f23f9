"""docs/evidence/thesis.md says what the runs came to whose descriptions and histories lie beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.training.curves import course_table, read_runs

EVIDENCE = Path(__file__).resolve().parents[2] / "docs" / "evidence"
NETWORKS = {"MobileNetV2": ("mobilenetv2", {"1", "2", "3", "5", "9"}), "InceptionV3": ("inceptionv3", {"1", "2", "10"})}


@pytest.mark.parametrize("heading", NETWORKS)
def test_the_tables_of_the_thesis_s_tests_are_those_of_the_runs_that_are_kept(heading: str) -> None:
    network, tests = NETWORKS[heading]
    [part] = re.findall(
        rf"^### {heading}\n(.*?)(?=^##)", (EVIDENCE / "thesis.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    told = re.findall(
        r"^\| (\d+) \| [^|]+ \| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| (\d) \| [^|]+ \|$", part, re.MULTILINE
    )
    rows = course_table(read_runs(sorted((EVIDENCE / "thesis").glob(f"{network}-*")))).rows
    best = sorted(rows, key=lambda row: -float(row[6].split("%")[0]))
    assert {run for run, *_figures in told} == tests
    assert len(told) == len(rows)
    for run, epochs, training, validation, highest, rank in told:
        [row] = [one for one in rows if one[0] == f"{network}-{run}"]
        assert (row[2], row[4].replace("%", "")) == (epochs, training)
        assert row[5].replace("%", "") == validation
        assert row[6].replace("%", "").replace(" after ", ", ") == highest
        assert best[int(rank) - 1] is row
    assert f"![Accuracy and loss of {heading}, training and validation by epoch](thesis-{network}.png)" in part
    assert (EVIDENCE / f"thesis-{network}.png").is_file()
