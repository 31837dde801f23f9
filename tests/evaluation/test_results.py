"""What finished runs came to, kept in their folders."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from core.evaluation.results import read_result, write_result

RESULT = {
    "id": "mobilenetv2-5",
    "test": 5,
    "network": "mobilenetv2",
    "scores": {"rafdb": {"accuracy": 0.25, "pictures": 8.0, "loss": 1.5}},
}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_result(tmp_path, RESULT)
    assert read_result(tmp_path) == RESULT


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_run_that_diverged_is_finished_and_its_loss_is_no_number(tmp_path: Path, loss: float) -> None:
    write_result(tmp_path, {**RESULT, "scores": {"rafdb": {"accuracy": 0.25, "pictures": 8.0, "loss": loss}}})
    result = read_result(tmp_path)
    assert result is not None
    assert result["scores"]["rafdb"]["accuracy"] == 0.25
    assert math.isnan(result["scores"]["rafdb"]["loss"])


@pytest.mark.parametrize(
    "content", ["", "[]", '{"id": "one"}', '{"id": "a", "test": 1, "network": "b", "scores": [1]}']
)
def test_what_is_no_result_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "result.json").write_text(content, encoding="utf-8")
    assert read_result(tmp_path) is None
    assert read_result(tmp_path / "elsewhere") is None
