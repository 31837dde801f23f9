from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.adapt.examples import Examples
from core.candidates.registry import Candidate, read_registry
from core.candidates.runner import LiteRTRunner
from core.datasets.labelled import LabelledSet
from core.evaluation import selection as choosing
from core.evaluation.errors import EvaluationError
from core.evaluation.own_models import accuracy_with_own_models
from core.evaluation.report import choice_cells
from core.evaluation.selection import (
    Choice,
    PersonReadings,
    choose_per_person,
    chosen_halves,
    readings_of_others,
    readings_of_people,
)
from core.evaluation.selection_tables import choices_of_people
from tests.adapt.test_blend import CARD, person
from tests.tiny_network import card_for, tiny_network, write_candidate
from tests.training.made_up import drawn_set


@pytest.fixture
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fits take milliseconds each: ten rounds show what a hundred do."""
    monkeypatch.setattr(choosing, "ROUNDS", 10)


def reader(confidence: list[list[float]], subject: str = "a") -> PersonReadings:
    """One row for each candidate: how sure it is of what is right in each picture; over a half it reads it rightly."""
    values = np.array(confidence)
    return PersonReadings(subject, values > 0.5, values)


def everybody_else(first: float, second: float) -> list[PersonReadings]:
    """Fifty people of whom one candidate is as sure as `first` on average, the other as sure as `second`."""
    random = np.random.default_rng(5)
    means = np.array([[first], [second]])
    drawn = [np.clip(means + random.normal(size=(2, 10)) * 0.1, 0.02, 0.99) for _person in range(50)]
    return [reader(confidence.tolist(), f"else-{number}") for number, confidence in enumerate(drawn)]


def read_by(examples: Examples, subject: str) -> PersonReadings:
    """A made-up person as one candidate reads them."""
    predictions = examples.probabilities
    return readings_of_people(
        [predictions],
        examples.candidate_labels,
        examples.label_space,
        [subject] * len(examples),
        pooled=[examples.pooled],
    )[0]


def test_choosing_removes_all_errors_where_each_person_has_a_network_that_is_always_right() -> None:
    good, bad = [0.95] * 24, [0.3] * 24
    people = [*(reader([good, bad], f"x{n}") for n in range(6)), *(reader([bad, good], f"y{n}") for n in range(4))]
    choice = choose_per_person(["x", "y"], people)
    assert (choice.single, choice.people, choice.pictures) == ("x", 10, 240)
    assert choice.single_accuracy == pytest.approx(0.6)
    assert choice.chosen_accuracy == choice.oracle_accuracy == pytest.approx(1.0)
    assert choice.removed == pytest.approx(1.0)
    assert choice.best_for == {"x": 6.0, "y": 4.0}


def test_choosing_by_chance_is_not_sold_as_a_gain() -> None:
    random = np.random.default_rng(3)
    people = [reader(random.uniform(0.375, 1.0, (4, 10)).tolist(), str(n)) for n in range(300)]
    choice = choose_per_person(list("abcd"), people)
    assert -0.1 < choice.removed < 0.05
    assert choice.removed_at(choice.oracle_accuracy) > 0.2
    assert sum(choice.best_for.values()) == pytest.approx(300)


def test_a_candidate_that_is_lucky_on_a_few_pictures_is_not_chosen_over_one_that_is_better_for_everybody_else() -> None:
    somebody = reader([[0.9] * 8 + [0.4] * 2, [0.9] * 8 + [0.6] * 2])
    assert choose_per_person(["better", "lucky"], [somebody]).single == "lucky"
    chosen = [half.candidate for half in chosen_halves([somebody], everybody_else(0.8, 0.7))]
    assert set(chosen) == {0}


def test_a_person_whom_only_one_candidate_reads_is_given_that_one() -> None:
    somebody = reader([[0.1] * 10, [0.9] * 10])
    chosen = [half.candidate for half in chosen_halves([somebody], everybody_else(0.8, 0.7))]
    assert set(chosen) == {1}


def test_where_the_candidates_read_a_person_alike_the_one_that_is_better_for_everybody_else_is_chosen() -> None:
    somebody = reader([[0.9] * 10, [0.9] * 10])
    for first, second, expected in ((0.8, 0.7, 0), (0.7, 0.8, 1)):
        halves = chosen_halves([somebody], everybody_else(first, second))
        assert {half.candidate for half in halves} == {expected}


def test_what_is_chosen_does_not_hang_on_the_half_that_it_is_tested_on() -> None:
    random = np.random.default_rng(7)
    somebody = reader(random.uniform(0.2, 0.9, (3, 12)).tolist())
    others = [reader(random.uniform(0.2, 0.9, (3, 40)).tolist(), "else")]
    half = next(iter(chosen_halves([somebody], others)))
    for candidate in range(3):
        confidence = somebody.confidence.copy()
        confidence[:, half.tested] = 0.02
        confidence[candidate, half.tested] = 0.98
        again = next(iter(chosen_halves([reader(confidence.tolist())], others)))
        np.testing.assert_array_equal(again.tuned, half.tuned)
        assert again.candidate == half.candidate


def test_every_picture_is_tested_as_often_as_it_is_chosen_on() -> None:
    somebody = reader(np.full((2, 9), 0.9).tolist())
    halves = list(chosen_halves([somebody]))
    tuned, tested = (
        np.bincount(np.concatenate(places), minlength=9)
        for places in ([half.tuned for half in halves], [half.tested for half in halves])
    )
    np.testing.assert_array_equal(tuned, tested)
    assert all(not set(half.tuned.tolist()) & set(half.tested.tolist()) for half in halves)


def test_people_with_few_pictures_and_nobody_known_are_left_out_and_count_among_everybody_else() -> None:
    labelled = drawn_set(40, people=0)
    subjects = ["a"] * 8 + ["b"] * 7 + [""] * 25
    predictions = [np.full((40, 4), 0.25)]
    assert [
        one.subject
        for one in readings_of_people(predictions, labelled.candidate_labels, labelled.label_space, subjects)
    ] == ["a"]
    assert readings_of_others(
        predictions, labelled.candidate_labels, labelled.label_space, subjects
    ).confidence.shape == (1, 32)
    nobody_else = readings_of_others(predictions, labelled.candidate_labels, labelled.label_space, ["a"] * 40)
    assert nobody_else.confidence.shape == (1, 0)
    with pytest.raises(ValueError, match="nobody"):
        choose_per_person(["x"], [])
    with pytest.raises(ValueError, match="nobody"):
        accuracy_with_own_models([CARD], [])


@pytest.mark.usefixtures("few_rounds")
def test_a_model_of_ones_own_removes_errors_of_a_person_whose_resting_face_misleads() -> None:
    people = [read_by(person(1, skew=6, faces=3), "skewed"), read_by(person(2, skew=0, faces=3), "plain")]
    choice = choose_per_person([CARD.id], people)
    own = accuracy_with_own_models([CARD], people)
    assert choice.removed == 0
    assert own is not None
    assert choice.removed_at(own) > 0.5


@pytest.mark.usefixtures("few_rounds")
def test_features_that_tell_nothing_cost_a_person_no_more_than_noise() -> None:
    people = [read_by(person(seed, skew=2, faces=2, signal=0.0), str(seed)) for seed in range(4)]
    own = accuracy_with_own_models([CARD], people)
    assert own is not None
    assert own > choose_per_person([CARD.id], people).single_accuracy - 0.03


def test_without_features_nothing_is_said_of_own_models() -> None:
    known = read_by(person(1, faces=2), "a")
    assert accuracy_with_own_models([CARD], [known, replace(known, examples=())]) is None
    choice = choose_per_person([CARD.id], [known])
    assert choice_cells(choice)[-4:-2] == ("-", "-")


def test_the_table_tells_what_each_way_removes_of_the_single_candidates_errors() -> None:
    choice = Choice(22, 500, "x", 0.98, 0.979, 0.985, {"x": 22.0}, own_accuracy=0.984)
    assert choice_cells(choice) == ("22", "500", "x", "98.0%", "97.9%", "-5.0%", "98.4%", "20.0%", "98.5%", "25.0%")
    assert Choice(1, 8, "x", 1.0, 1.0, 1.0, {"x": 1.0}).removed == 0.0


def candidates_with(folder: Path, outputs: int) -> tuple[Candidate, ...]:
    names = ("probabilities", "feature_map")[:outputs]
    for number, bias in enumerate(((0.0, 0.0, 0.0, 4.0), (3.0, 0.0, 0.0, 0.0))):
        content = tiny_network(bias=bias, outputs=outputs)
        write_candidate(folder, card_for(content, f"tiny-{number}", outputs=names), content)
    return read_registry(folder).candidates


def probabilities_of(
    candidates: tuple[Candidate, ...], sets: list[LabelledSet]
) -> list[dict[str, NDArray[np.float64]]]:
    return [
        {one.name: LiteRTRunner(c.path.read_bytes()).predict(one.pictures).probabilities for one in sets}
        for c in candidates
    ]


@pytest.mark.usefixtures("few_rounds")
def test_choices_are_made_on_every_set_that_has_people_and_over_all_of_them(tmp_path: Path) -> None:
    found = candidates_with(tmp_path, outputs=2)
    sets = [drawn_set(16, name="lfw", people=2), drawn_set(8, name="ckplus", people=1), drawn_set(8, name="rafdb")]
    choices = choices_of_people(found, probabilities_of(found, sets), sets)
    assert {name: (one.people, one.pictures) for name, one in choices.items()} == {
        "lfw": (2, 16),
        "ckplus": (1, 8),
        "all": (3, 24),
    }
    assert all(one.own_accuracy is not None for one in choices.values())


def test_where_nobody_has_enough_pictures_there_is_no_choice_and_without_a_map_no_own_model(tmp_path: Path) -> None:
    found = candidates_with(tmp_path, outputs=1)
    sets = [drawn_set(8, name="lfw", people=2), drawn_set(8, name="rafdb", people=1)]
    assert choices_of_people(found, probabilities_of(found, sets), sets) == {}
    sets = [drawn_set(8, name="lfw", people=1)]
    choices = choices_of_people(found, probabilities_of(found, sets), sets)
    assert choices["lfw"].own_accuracy is None
    assert choices["all"] == choices["lfw"]


def test_a_network_file_that_changed_while_it_was_judged_is_named(tmp_path: Path) -> None:
    found = candidates_with(tmp_path, outputs=2)
    sets = [drawn_set(8, name="lfw", people=1)]
    predictions = probabilities_of(found, sets)
    found[1].path.write_bytes(b"something else")
    with pytest.raises(EvaluationError, match="tiny-1"):
        choices_of_people(found, predictions, sets)
