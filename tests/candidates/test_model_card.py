"""The register of terms, and Hugging Face model cards made of the cards."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli.main import run
from core.candidates.card import Card, DataSetUse
from core.candidates.model_card import TEST_MEANING, WEIGHT_TERMS, ingredients, model_card
from core.candidates.registry import read_registry
from core.method.experiments import find_experiment
from core.system.resources import LANDMARKS_FOLDER, MODELS_FOLDER
from core.training.origins import DATA_TERMS

CARDS = [one.card for one in read_registry(MODELS_FOLDER).candidates]


@pytest.mark.parametrize("card", CARDS, ids=[card.id for card in CARDS])
def test_every_set_and_starting_weight_of_a_network_has_its_terms(card: Card) -> None:

    used = list(ingredients(card))
    assert {use.name for use in card.training} <= {use.name for use in used}
    weights = [use for use in used if use.name.endswith(".npz")]
    assert all(use.terms == WEIGHT_TERMS[use.name] for use in weights)
    assert bool(weights) == (".npz" in card.recipe)


def test_the_register_names_each_ingredient_of_each_network_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["networks", "list", "--licences"]) == 0
    said = capsys.readouterr().out
    assert "| mobilenetv2-1 | 2c6b0c05979e | rafdb | 11,043 | RAF-DB, research only |" in said
    assert "| mobilenetv2-1 | 2c6b0c05979e | mobilenetv2_faces_wide.npz | - | weights trained on" in said
    assert said.count("| mobilenetv2-1 |") == 7
    assert "landmarks: Apache License 2.0, also for commercial use" in said
    assert run(["--clean", "networks", "list", "--licences"]) == 0
    assert "research only" not in capsys.readouterr().out


def test_a_model_card_has_metadata_that_a_hub_can_read_and_says_the_terms(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["networks", "list", "--model-cards", str(tmp_path / "cards")]) == 0, capsys.readouterr().err
    assert {one.name for one in (tmp_path / "cards").iterdir()} == {*(card.id for card in CARDS), "landmarks"}
    text = (tmp_path / "cards" / "mobilenetv2-1" / "README.md").read_text(encoding="utf-8")
    _before, front, body = text.split("---\n", 2)
    metadata = {key: json.loads(value) for key, value in (line.split(": ", 1) for line in front.splitlines())}
    assert (metadata["license"], metadata["license_name"]) == ("other", "research-only-data")
    [model] = metadata["model-index"]
    accuracy = {
        one["dataset"]["name"]: metric["value"]
        for one in model["results"]
        for metric in one["metrics"]
        if metric["type"] == "accuracy"
    }
    assert accuracy["rafdb"] == 0.9029
    assert "retrain on data you have rights to" in body
    assert "| rafdb | 11,043 | RAF-DB, research only |" in body


def test_the_landmarks_are_free_and_claim_no_score() -> None:
    [landmarks] = read_registry(LANDMARKS_FOLDER).personal
    text = model_card(landmarks.card)
    assert 'license: "apache-2.0"' in text
    assert "model-index" not in text
    assert "## Scores" not in text


def test_a_network_of_free_pictures_is_not_called_one_for_research_only() -> None:
    use = DataSetUse("emonet", 15_000, DATA_TERMS["emonet"])
    text = model_card(replace(CARDS[0], training=(use,), recipe="from nothing", scores={}))
    assert 'license_name: "terms-of-its-data"' in text
    assert "| emonet | 15,000 | EmoNet-Face Binary, LAION, CC BY 4.0 |" in text


@pytest.mark.parametrize("card", CARDS, ids=[card.id for card in CARDS])
def test_the_number_of_a_name_is_the_test_whose_head_and_starting_rate_the_network_has(card: Card) -> None:
    if card.test is None:
        assert TEST_MEANING not in model_card(card)
        return
    test = find_experiment(card.test, card.network.lower())
    assert TEST_MEANING in model_card(card)
    assert card.name.endswith(f"({card.test})")
    assert card.head == test.head
    assert f"{test.optimizer} {test.rate:g}, " in card.recipe


def test_the_list_says_what_the_number_of_a_name_means(capsys: pytest.CaptureFixture[str]) -> None:
    meaning = "The number of a name is the thesis's test whose head and starting rate it has; it was trained otherwise."
    assert run(["networks", "list"]) == 0
    assert meaning in capsys.readouterr().out
    assert run(["--clean", "networks", "list"]) == 0
    assert meaning not in capsys.readouterr().out
