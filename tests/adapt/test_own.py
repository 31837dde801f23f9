"""A model of one's own, on the demo actor that the shipped networks misread most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from app.tui.verdict import Verdict
from core.adapt.adaptation import Adaptation
from core.adapt.chosen import load_chosen
from core.adapt.examples import Examples, read_examples
from core.adapt.offer import grade_examples
from core.adapt.own import make_own_model
from core.calibration.actor import capture_expression
from core.calibration.machine import Timing
from core.candidates.registry import read_registry
from core.face.haar import HaarFaceFinder
from core.method.emotion import EXPRESSIONS
from core.sources.actor import DemoActor
from core.sources.source import Pixels
from core.store.records import CalibrationRecord, LightState, OwnModelRecord
from core.system.clock import ManualClock
from core.system.resources import ASSETS_FOLDER, MODELS_FOLDER
from tests.adapt.test_adaptation import CARD, person

MISREAD_MOST = "m_white"
"""`python -m app demo --report --actor ID` over all ten: 54 of 110 points at best."""

SHORT = Timing(hold=1.2)
"""Twelve crops of an expression instead of thirty."""


def take(seed: int) -> dict[str, list[Pixels]]:
    actor, finder = DemoActor(ASSETS_FOLDER / "actor" / MISREAD_MOST, seed=seed), HaarFaceFinder()
    return {expression.id: capture_expression(actor, expression, finder, SHORT) for expression in EXPRESSIONS}


def test_the_actor_that_is_misread_most_gains_also_on_a_third_take_and_the_screen_says_how_much() -> None:
    networks = {candidate.card.id: candidate.load() for candidate in read_registry(MODELS_FOLDER).candidates}
    fitted, graded, third = (
        {name: read_examples(network, crops) for name, network in networks.items()}
        for crops in (take(3), take(11), take(27))
    )
    results = [grade_examples(name, some, some.probabilities, 10) for name, some in graded.items()]
    own = make_own_model({name: network.card for name, network in networks.items()}, results, fitted, graded)
    assert own is not None
    assert own.certain
    assert own.points_gained >= 10
    base = own.adaptation.candidate_id
    corrected = own.adaptation.apply(third[base].pooled, third[base].probabilities)
    best = third[own.best.candidate_id]
    assert (
        grade_examples(base, third[base], corrected, 10).score > grade_examples("", best, best.probabilities, 10).score
    )
    text = Verdict(results, own=own).sentence(lambda name: name)
    assert f"{own.result.score} of {own.result.best_possible} points" in text
    assert f"{own.points_gained} more than {own.best.candidate_id}" in text
    assert "learnt from your first take and was graded on the second" in text


def examples_of(skew: float, seed: int) -> Mapping[str, Examples]:
    return {"tiny-1": person(seed, skew=skew)}


def results_of(graded: Mapping[str, Examples]):  # type: ignore[no-untyped-def]  # results by name
    return [grade_examples(name, some, some.probabilities, 10) for name, some in graded.items()]


def read_well(seed: int) -> Mapping[str, Examples]:
    """Somebody whom the shipped network reads surely and rightly in everything."""
    some = person(seed)
    return {"tiny-1": replace(some, probabilities=np.where(some.allowed, 0.97, 0.01).astype(np.float64))}


def test_who_is_read_well_is_offered_nothing_as_certain() -> None:
    graded = read_well(2)
    own = make_own_model({"tiny-1": CARD}, results_of(graded), read_well(1), graded)
    assert own is not None
    assert not own.certain
    verdict = Verdict(results_of(graded), own=own)
    assert verdict.chosen == "tiny-1"
    assert not verdict.may_choose(own.result.candidate_id)
    assert "no sure gain" in verdict.sentence(lambda name: name)
    assert verdict.own_record is None


def test_three_points_more_by_one_expression_are_no_sure_gain() -> None:
    def nearly(seed: int) -> Mapping[str, Examples]:
        some = read_well(seed)["tiny-1"]
        shown = np.where(some.groups == 0, 0.89, 0.97)[:, None]
        rest = np.where(some.groups == 0, 0.11 / 3, 0.01)[:, None]
        return {"tiny-1": replace(some, probabilities=np.where(some.allowed, shown, rest).astype(np.float64))}

    graded = nearly(2)
    own = make_own_model({"tiny-1": CARD}, results_of(graded), nearly(1), graded)
    assert own is not None
    assert (own.best.score, own.points_gained) == (107, 3)
    assert not own.certain


def test_an_adapted_network_must_surpass_the_best_shipped_one_not_only_itself() -> None:
    graded = {"tiny-1": person(2, skew=5), "better": person(2, skew=0)}
    fitted = {"tiny-1": person(1, skew=5), "better": person(1, skew=0)}
    alone = make_own_model({"tiny-1": CARD}, results_of({"tiny-1": graded["tiny-1"]}), fitted, graded)
    assert alone is not None
    assert alone.certain
    beside = make_own_model({"tiny-1": CARD}, results_of(graded), fitted, graded)
    assert beside is not None
    assert beside.best.candidate_id == "better"
    assert not beside.certain


def test_without_a_first_take_or_features_there_is_no_own_model() -> None:
    graded = examples_of(5, 2)
    assert make_own_model({"tiny-1": CARD}, results_of(graded), {}, graded) is None
    assert make_own_model({"tiny-1": CARD}, results_of(graded), examples_of(5, 1), {}) is None
    assert make_own_model({"tiny-1": CARD}, [], examples_of(5, 1), graded) is None


def test_a_take_is_thinned_evenly_and_keeps_every_expression() -> None:
    examples = person(1, faces=30)
    thinned = examples.thinned(10)
    assert np.bincount(thinned.groups).tolist() == [10] * 11
    assert np.array_equal(thinned.pooled[0], examples.pooled[0])
    assert len(person(1, faces=4).thinned(10)) == 44


@pytest.mark.parametrize("numbers", ["{}", '{"version": 1}'])
def test_numbers_that_cannot_be_right_are_left_out_and_the_shipped_network_reads(numbers: str) -> None:
    registry = read_registry(MODELS_FOLDER)
    first = registry.candidates[0].card
    graded = {first.id: person(2)}
    result = results_of(graded)[0]
    own_result = grade_examples(f"{first.id}-own", graded[first.id], graded[first.id].probabilities, 10)
    record = CalibrationRecord.from_results(
        ManualClock().wall(),
        "camera 0",
        LightState.READY,
        [own_result, result],
        chosen=own_result.candidate_id,
        card_sha256={first.id: first.sha256, own_result.candidate_id: first.sha256},
        own_model=OwnModelRecord(own_result.candidate_id, first.id, 3, numbers),
    )
    chosen = load_chosen(registry, record)
    assert chosen is not None
    assert chosen.own_left_out
    assert chosen.network is chosen.shipped
    assert chosen.network.card.id == first.id


def test_the_numbers_of_an_adaptation_are_few_enough_to_be_text() -> None:
    from core.adapt.own import FITTED_FACES

    own = make_own_model({"tiny-1": CARD}, results_of(examples_of(5, 2)), examples_of(5, 1), examples_of(5, 2))
    assert own is not None
    assert FITTED_FACES * len(EXPRESSIONS) < 200
    assert Adaptation.from_json(own.adaptation.to_json()).belongs_to(CARD)
