from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("keras", reason="needs the extra `train`")
pytest.importorskip("tensorflow", reason="needs the extra `train`")

from core.method.experiments import find_experiment
from core.training.augmentation import THESIS
from core.training.description import describe, write_description
from core.training.settings import RunSettings
from tests.training.made_up import drawn_set


def test_a_run_describes_itself_also_where_there_is_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = RunSettings(epochs=1, steps=1)
    about = describe(find_experiment(1, "mobilenetv2"), settings, [drawn_set(4)], "none", THESIS)
    write_description(tmp_path, about, {"note": "kept"})
    described = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert (described["commit"], described["note"], described["data"]) == ("unknown", "kept", {"drawn/train": 4})
