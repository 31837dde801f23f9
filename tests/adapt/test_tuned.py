"""The reader that is tuned to a person, on the demo actor that the networks misread most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from app.tui.verdict import Verdict
from core.adapt.blend import PAIR, untuned
from core.adapt.chosen import load_chosen, load_default, load_reader
from core.adapt.examples import Examples, read_examples
from core.adapt.tuned import grade_examples, tune_reader
from core.calibration.actor import capture_expression
from core.calibration.machine import Timing
from core.candidates.card import mean_accuracies
from core.candidates.network import LiteRTNetwork
from core.candidates.registry import read_registry
from core.explain.saliency import COARSE_STRIDE, Explainer, SaliencyMethod
from core.face.haar import HaarFaceFinder
from core.method.emotion import EMOTIONS, EXPRESSIONS, Emotion
from core.method.grading import TUNED, TUNED_LANDMARKS, CandidateResult, Grade
from core.sources.actor import DemoActor
from core.sources.source import Pixels
from core.store.records import CalibrationRecord, LightState, OwnModelRecord
from core.system.clock import ManualClock
from core.system.resources import ASSETS_FOLDER, LANDMARKS_FOLDER, MODELS_FOLDER
from tests.adapt.test_blend import CARD, person

MISREAD_MOST = "m_white"
"""`python -m app demo --report --actor ID` over all ten: 54 of 110 points at best."""

SHORT = Timing(hold=1.2)
"""Twelve crops of an expression instead of thirty."""


def take(seed: int) -> dict[str, list[Pixels]]:
    actor, finder = DemoActor(ASSETS_FOLDER / "actor" / MISREAD_MOST, seed=seed), HaarFaceFinder()
    return {expression.id: capture_expression(actor, expression, finder, SHORT) for expression in EXPRESSIONS}


@pytest.mark.thorough
def test_the_actor_that_is_misread_most_gains_also_on_a_third_take_and_the_screen_says_how_much() -> None:
    registry = read_registry(MODELS_FOLDER)
    networks = {name: found.load() for name in PAIR if (found := registry.find(name))}
    cards = {name: network.card for name, network in networks.items()}
    first, second, third = (
        {name: read_examples(network, crops) for name, network in networks.items()}
        for crops in (take(3), take(11), take(27))
    )
    results = results_of(second)
    best = max(results, key=lambda one: one.score)
    tuned = tune_reader(cards, {}, first, second)
    assert tuned is not None
    assert tuned.result.score >= best.score + 10
    seen = list(third.values())
    probabilities = tuned.blend.apply([one.probabilities for one in seen], [one.pooled for one in seen])
    others = results_of(third)
    assert grade_examples(TUNED, seen[0], probabilities, 10).score > max(one.score for one in others)
    verdict = Verdict(sorted(results, key=lambda one: -one.score), tuned=[tuned])
    assert verdict.chosen == TUNED
    text = verdict.sentence(lambda name: name)
    assert f"{tuned.result.score} of {tuned.result.best_possible} points" in text
    assert f"{verdict.gained(TUNED)} more than {best.candidate_id}" in text
    assert "learnt from your first take and was graded on the second" in text


def examples_of(skew: float, seed: int) -> Mapping[str, Examples]:
    return {"tiny-1": person(seed, skew=skew)}


def results_of(graded: Mapping[str, Examples]) -> list[CandidateResult]:
    return [grade_examples(name, some, some.probabilities, 10) for name, some in graded.items()]


def read_well(seed: int) -> Mapping[str, Examples]:
    """Somebody whom the network reads surely and rightly in everything."""
    some = person(seed)
    return {"tiny-1": replace(some, probabilities=np.where(some.candidate_labels, 0.97, 0.01).astype(np.float64))}


def test_it_is_graded_by_a_fit_on_the_first_take_and_kept_as_fitted_on_both() -> None:
    first, second = examples_of(5, 1), examples_of(5, 2)
    tuned = tune_reader({"tiny-1": CARD}, {}, first, second)
    otherwise = tune_reader({"tiny-1": CARD}, {}, first, examples_of(-5, 3))
    assert tuned is not None
    assert otherwise is not None
    alone = tune_reader({"tiny-1": CARD}, {}, first, {"tiny-1": second["tiny-1"].take(np.arange(10))})
    assert alone is not None
    assert alone.result.grades["smile"].mean_right == pytest.approx(tuned.result.grades["smile"].mean_right)
    assert tuned.blend.to_json() != otherwise.blend.to_json()


def test_who_is_read_well_keeps_the_points_that_the_network_reached() -> None:
    second = read_well(2)
    tuned = tune_reader({"tiny-1": CARD}, {}, read_well(1), second)
    assert tuned is not None
    assert tuned.result.score == 110


def test_every_line_may_be_chosen_and_the_best_by_the_rule_comes_first() -> None:
    second = examples_of(5, 2)
    good = replace(results_of(read_well(2))[0], candidate_id="better")
    results = [good, *results_of(second)]
    tuned = tune_reader({"tiny-1": CARD}, {}, examples_of(5, 1), second)
    assert tuned is not None
    worse = replace(tuned, result=replace(tuned.result, grades=results[1].grades))
    verdict = Verdict(results, tuned=[worse])
    assert verdict.chosen == "better"
    assert {line.candidate_id for line in verdict.lines} == {"better", "tiny-1", TUNED}
    assert "better reads you best" in verdict.sentence(lambda name: name)
    kept = verdict.own_record(verdict.chosen)
    assert kept is not None
    assert kept.candidate_id == TUNED


def test_the_network_that_reads_most_people_better_is_taken_before_one_that_leads_by_chance_and_the_screen_says_why() -> (
    None
):
    lucky = replace(results_of(read_well(2))[0], candidate_id="lucky")
    hardly = {**lucky.grades, "frown": replace(lucky.grades["frown"], grade=Grade.A)}
    good = replace(lucky, candidate_id="good", grades=hardly)
    verdict = Verdict([lucky, good], accuracies={"lucky": 0.88, "good": 0.89})
    assert verdict.chosen == "good"
    assert [line.candidate_id for line in verdict.lines] == ["good", "lucky"]
    text = verdict.sentence(lambda name: name)
    assert "lucky has the most points, but good reads most people better" in text
    assert "107 of 110 points" in text


def test_of_cards_only_the_sets_that_all_of_them_were_tried_on_count() -> None:
    both = {"rafdb": {"accuracy": 0.9, "ece": 0.02}, "lfw": {"accuracy": 0.8}}
    cards = [replace(CARD, id="a", scores=both), replace(CARD, id="b", scores={"rafdb": {"accuracy": 0.7}})]
    assert mean_accuracies(cards) == {"a": 0.9, "b": 0.7}
    assert mean_accuracies(cards[:1]) == {"a": pytest.approx(0.85)}
    assert mean_accuracies([*cards, replace(CARD, id="c", scores={})]) == {}
    assert mean_accuracies([]) == {}


def test_without_a_first_take_or_features_nothing_is_tuned_and_all_skipped_means_the_networks_together() -> None:
    second = examples_of(5, 2)
    assert tune_reader({"tiny-1": CARD}, {}, {}, second) is None
    assert tune_reader({"tiny-1": CARD}, {}, examples_of(5, 1), {}) is None
    nothing = [CandidateResult(name, {}, 1.0) for name in ("tiny-1", "tiny-2")]
    verdict = Verdict(nothing, together=("tiny-1", "tiny-2"))
    assert verdict.lines[0].candidate_id == "tiny-1+tiny-2"
    assert verdict.chosen == "tiny-1+tiny-2"
    assert len(verdict.sha256("tiny-1+tiny-2", {"tiny-1": "a", "tiny-2": "b"})) == 64


def test_a_take_is_thinned_evenly_and_keeps_every_expression_and_more_of_speech() -> None:
    examples = person(1, faces=30)
    thinned = examples.thinned(10)
    assert np.bincount(thinned.groups).tolist() == [10] * 11
    assert np.array_equal(thinned.pooled[0], examples.pooled[0])
    assert len(person(1, faces=4).thinned(10)) == 44
    assert len(replace(examples, groups=np.full(330, -1)).thinned(10)) == 60


@pytest.fixture(scope="module")
def landmarks() -> LiteRTNetwork:
    [found] = read_registry(LANDMARKS_FOLDER).personal
    return found.load()


@pytest.mark.thorough
def test_the_landmarks_fitted_to_an_actors_first_take_read_the_second_and_are_kept_as_one_more_candidate(
    landmarks: LiteRTNetwork,
) -> None:
    first, second = ({"landmarks": read_examples(landmarks, take(seed))} for seed in (3, 11))
    cards, costs = {"landmarks": landmarks.card, "tiny-1": CARD}, {"landmarks": 6.0, "tiny-1": 1.0}
    others = {"tiny-1": person(2, skew=5)}
    verdict = Verdict(results_of(others)).with_tuned(cards, costs, first, second, {})
    assert verdict.chosen == TUNED_LANDMARKS
    best = verdict.lines[0]
    assert best.score >= 90
    assert best.milliseconds_per_face == 6.0
    assert {line.candidate_id for line in verdict.lines} == {TUNED_LANDMARKS, "tiny-1"}
    text = verdict.sentence(lambda name: name)
    assert f"landmarks of your face reads you best: {best.score} of 110 points" in text
    own = verdict.own_record(verdict.chosen)
    assert own is not None
    assert own.base_id == "landmarks"
    record = CalibrationRecord.from_results(
        ManualClock().wall(),
        "camera 0",
        LightState.READY,
        verdict.lines,
        chosen=TUNED_LANDMARKS,
        card_sha256={line.candidate_id: verdict.sha256(line.candidate_id, {"tiny-1": "b"}) for line in verdict.lines},
        own_model=own,
    )
    registry = read_registry(LANDMARKS_FOLDER)
    chosen = load_chosen(registry, record)
    assert chosen is not None
    assert chosen.network.card.id == TUNED_LANDMARKS
    smile = take(27)["smile"][-1]
    assert chosen.network.read([smile])[0].happy > 0.5
    saliency = Explainer(chosen.explained).explain(smile, stride=COARSE_STRIDE)
    assert saliency.method is SaliencyMethod.OCCLUSION
    assert saliency.saliency.max() == 1, "what was fitted is explained, not the landmarks that have no opinion"
    broken = replace(record, own_model=replace(own, numbers="{}"))
    assert load_chosen(registry, broken) is None, "nothing reads as it comes"


def test_landmarks_read_nobody_untuned_and_are_not_tuned_where_a_class_was_not_shown(landmarks: LiteRTNetwork) -> None:
    registry = read_registry(LANDMARKS_FOLDER)
    assert load_reader(registry, "landmarks") is None
    assert load_default(registry) is None
    whole = person(1, channels=52)
    surprised = whole.candidate_labels[:, EMOTIONS.index(Emotion.SURPRISE)]
    lacking = {"landmarks": whole.take(~surprised)}
    cards = {"landmarks": landmarks.card}
    assert tune_reader(cards, {}, lacking, {"landmarks": whole}) is None
    verdict = Verdict().with_tuned(cards, {}, lacking, {"landmarks": whole}, {})
    assert verdict.lines == []
    assert "must have seen an expression of each kind: happy, neutral, tense, surprise" in verdict.sentence(str)
    assert "No network could be used" in Verdict().sentence(str)


def test_of_two_readers_tuned_to_a_person_the_one_that_was_chosen_is_kept_else_the_better_one() -> None:
    second = examples_of(5, 2)
    networks = tune_reader({"tiny-1": CARD}, {}, examples_of(5, 1), second)
    assert networks is not None
    [worse] = results_of({TUNED_LANDMARKS: second["tiny-1"]})
    verdict = Verdict(results_of(second), tuned=[networks, replace(networks, result=worse)])
    assert verdict.lines[0].candidate_id == TUNED
    kept = [verdict.own_record(name) for name in (TUNED_LANDMARKS, TUNED, "tiny-1")]
    assert [one.candidate_id for one in kept if one is not None] == [TUNED_LANDMARKS, TUNED, TUNED]


@pytest.mark.parametrize("numbers", ["{}", '{"version": 1}'])
def test_numbers_that_cannot_be_right_are_left_out_and_the_networks_read_as_they_come(numbers: str) -> None:
    registry = read_registry(MODELS_FOLDER)
    first = registry.candidates[0].card
    [result] = results_of({first.id: person(2)})
    own = replace(result, candidate_id=TUNED)
    record = CalibrationRecord.from_results(
        ManualClock().wall(),
        "camera 0",
        LightState.READY,
        [own, result],
        chosen=TUNED,
        card_sha256={first.id: first.sha256, TUNED: first.sha256},
        own_model=OwnModelRecord(TUNED, first.id, 3, numbers),
    )
    chosen = load_chosen(registry, record)
    assert chosen is not None
    assert chosen.own_left_out
    assert chosen.network.card.id == first.id


def test_who_has_not_chosen_is_read_by_the_pair_and_several_can_be_named() -> None:
    registry = read_registry(MODELS_FOLDER)
    default = load_default(registry)
    assert default is not None
    assert default.network.card.id == "+".join(PAIR)
    assert load_chosen(registry, None) is None
    named = load_reader(registry, "mobilenetv2-1+mobilenetv2-5")
    assert named is not None
    assert named.explained.card.id == "mobilenetv2-1"
    for name in ("nobody", "mobilenetv2-1+nobody", "mobilenetv2-1+mobilenetv2-1", "", "+"):
        assert load_reader(registry, name) is None


def test_the_numbers_of_a_blend_are_few_enough_to_be_kept_as_text() -> None:
    wide = person(1, channels=2048)
    tuned = tune_reader({"tiny-1": CARD}, {}, {"tiny-1": wide}, {"tiny-1": wide})
    assert tuned is not None
    assert len(tuned.blend.to_json()) < 200_000
    assert tuned.blend.belongs_to([CARD])
    assert not untuned([CARD]).is_tuned
