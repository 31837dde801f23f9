from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from app.cli.evidence.people import people
from core.adapt.adaptation import Kind
from core.adapt.examples import Examples, read_examples
from core.candidates.network import LiteRTNetwork
from core.evaluation.crossvalidated import grade_adapted
from core.evaluation.people import evaluate_people, stratified_folds, summarise_people
from core.sources.source import Pixels
from tests.adapt.test_adaptation import CARD, CONTENT, person

SHARED = Path(os.environ.get("CALMLINE_SHARED", Path(__file__).parents[3] / "shared"))


@given(sizes=st.lists(st.integers(1, 20), min_size=1, max_size=6), folds=st.integers(2, 8))
def test_folds_are_spread_evenly_within_each_group(sizes: list[int], folds: int) -> None:
    groups = np.repeat(np.arange(len(sizes)), sizes)
    fold = stratified_folds(groups, folds, np.random.default_rng(1))
    for group in range(len(sizes)):
        counts = np.bincount(fold[groups == group], minlength=folds)
        assert counts.max() - counts.min() <= 1


def joined(parts: list[Examples]) -> Examples:
    fields = ("pooled", "probabilities", "allowed", "offered", "groups")
    return Examples(*(np.concatenate([getattr(part, field) for part in parts]) for field in fields))


def test_a_person_whose_resting_face_misleads_gains_and_another_does_not_lose() -> None:
    both = joined([person(1, skew=6, faces=6), person(2, skew=0, faces=6)])
    found = evaluate_people({"tiny-1": CARD}, {"tiny-1": both}, ["a"] * 66 + ["b"] * 66)
    skewed, plain = found
    assert skewed.gain > 0.1
    assert skewed.offered > 0
    assert plain.gain >= 0
    summary = summarise_people(found)
    assert (summary.people, summary.gained, summary.lost) == (2, 1, 0)
    assert summary.adapted > summary.chosen


def test_people_with_few_pictures_and_without_a_name_are_left_out() -> None:
    examples = person(1, faces=1)
    assert evaluate_people({"tiny-1": CARD}, {"tiny-1": examples}, ["few"] * 11) == []
    assert evaluate_people({"tiny-1": CARD}, {"tiny-1": examples}, [""] * 11, min_pictures=4) == []
    with pytest.raises(ValueError, match="nobody"):
        summarise_people([])


def test_what_holds_no_information_is_never_worth_more_than_noise() -> None:
    """Features and labels that have nothing to do with each other: the gate must keep people from harm on average."""
    gains = []
    for seed in range(12):
        examples = person(seed, faces=4, signal=0.0)
        found = evaluate_people({"tiny-1": CARD}, {"tiny-1": examples}, ["a"] * 44)
        gains.append(found[0].gain)
    assert np.mean(gains) > -0.01


def crops_of(colour: tuple[int, int, int], count: int) -> list[Pixels]:
    return [np.full((100, 100, 3), np.minimum(255, np.array(colour) + number), np.uint8) for number in range(count)]


def test_grading_with_adaptation_reads_every_picture_by_a_fit_without_it() -> None:
    network = LiteRTNetwork(CARD, CONTENT)
    frames = {
        "smile": crops_of((0, 0, 240), 6),
        "expressionless": crops_of((120, 90, 90), 6),  # a resting face that this network takes for stress
        "blank_stare": crops_of((130, 90, 80), 6),
        "rage": crops_of((240, 0, 0), 6),
        "full_surprise": crops_of((0, 0, 0), 6),
    }
    examples = read_examples(network, frames)
    graded = grade_adapted(CARD, examples, 3)
    assert graded.shipped.grades["expressionless"].taken_for != "neutral"
    assert graded.adapted[Kind.HEAD].score > graded.shipped.score
    assert graded.adapted[Kind.HEAD].best_possible == graded.shipped.best_possible == 50
    with pytest.raises(ValueError, match="two folds"):
        grade_adapted(CARD, examples, 1)
    with pytest.raises(ValueError, match="no expression"):
        read_examples(network, {"grin": frames["smile"]})


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "data" / "korean.csv").is_file(), reason="the shared data sets are not here")
def test_no_korean_validation_person_ends_up_worse_by_more_than_noise() -> None:
    done = CliRunner().invoke(people, [str(SHARED / "data"), "--set", "korean"])
    assert done.exit_code == 0, done.output
    cells = [cell.strip() for cell in done.stdout.splitlines()[2].split("|")]
    first, chosen, adapted = (float(cell.rstrip("%")) for cell in cells[3:6])
    assert int(cells[2]) >= 20
    assert adapted >= chosen
    assert cells[8] == "0"
    assert first > 90
