from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("keras", reason="needs the extra `train`")
pytest.importorskip("tensorflow", reason="needs the extra `train`")

from core.candidates.card import DataSetUse
from core.method.experiments import find_experiment
from core.shipping.conversion import Converted
from core.shipping.export import OWN_TERMS, RESEARCH_TERMS, write_candidate
from core.training.origins import inherited_uses, uses_of_run
from tests.tiny_network import card_for, tiny_network
from tests.tiny_network import write_candidate as put_candidate
from tests.training.made_up import run_description

RESEARCH = DataSetUse("rafdb", 12_000, "RAF-DB, research only")


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    content = tiny_network()
    return put_candidate(tmp_path / "models", card_for(content, training=(RESEARCH,)), content)


def config(folder: Path, begun_from: list[Path]) -> Path:
    """A run of ten pictures of one's own, begun from these."""
    folder.mkdir()
    data = {"mine/train": 10, "mine/val": 3}
    described = run_description(data=data, inherited=inherited_uses(begun_from))
    (folder / "run.json").write_text(json.dumps(described), encoding="utf-8")
    return folder


def test_whoever_trains_on_from_a_shipped_network_goes_on_under_the_terms_of_its_data(
    shipped: Path, tmp_path: Path
) -> None:
    first = config(tmp_path / "first", [shipped])
    second = config(tmp_path / "second", [first])
    for run in (first, second):
        uses = uses_of_run(json.loads((run / "run.json").read_text(encoding="utf-8")))
        assert [(use.name, use.pictures) for use in uses] == [("mine", 10), ("rafdb", 12_000)]
        card = write_candidate(
            tmp_path, find_experiment(1, "mobilenetv2"), Converted(b"", "int8", {}), uses, "recipe", {}
        )
        assert card.terms == RESEARCH_TERMS


def test_the_file_of_a_candidate_tells_the_same_as_its_folder(shipped: Path) -> None:
    assert inherited_uses([shipped / "network.tflite"]) == inherited_uses([shipped]) != []


def test_a_run_from_nothing_is_its_makers_own(tmp_path: Path) -> None:
    (tmp_path / "weights.npz").write_bytes(b"")
    run = config(tmp_path / "run", [tmp_path / "weights.npz", tmp_path / "nowhere"])
    uses = uses_of_run(json.loads((run / "run.json").read_text(encoding="utf-8")))
    assert [use.name for use in uses] == ["mine"]
    card = write_candidate(tmp_path, find_experiment(1, "mobilenetv2"), Converted(b"", "int8", {}), uses, "recipe", {})
    assert card.terms == OWN_TERMS
