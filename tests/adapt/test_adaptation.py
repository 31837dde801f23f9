from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapt.adaptation import Adaptation, AdaptationError, Kind
from core.adapt.examples import Examples, read_examples
from core.adapt.fitting import fit_adaptation, log_loss
from core.adapt.network import AdaptedNetwork
from core.adapt.offer import gain_is_certain, offer_adaptation
from core.candidates.network import LiteRTNetwork, NetworkError
from core.method.emotion import EMOTIONS, EXPRESSIONS
from tests.tiny_network import card_for, tiny_network

CONTENT = tiny_network(outputs=2)
CARD = card_for(CONTENT, outputs=("probabilities", "feature_map"))


def person(seed: int, *, skew: float = 0.0, faces: int = 10, channels: int = 24, signal: float = 1.0) -> Examples:
    """Eleven expressions of a made-up person; with `skew`, the shipped network takes the neutral face for stress."""
    expressions = np.random.default_rng(1).normal(size=(len(EXPRESSIONS), channels)) * signal
    random = np.random.default_rng(seed)
    groups = np.repeat(np.arange(len(EXPRESSIONS)), faces)
    right = np.array([EMOTIONS.index(EXPRESSIONS[number].emotion) for number in groups])
    logits = 3.0 * np.eye(4)[right] + random.normal(size=(len(groups), 4)) * 0.3
    logits[right == 1, 2] += skew
    powers = np.exp(logits)
    allowed = np.eye(4, dtype=bool)[right]
    pooled = expressions[groups] + random.normal(size=(len(groups), channels)) * 0.3
    return Examples(pooled, powers / powers.sum(1, keepdims=True), allowed, np.ones_like(allowed), groups)


@given(seed=st.integers(0, 50), skew=st.floats(-4, 8), kind=st.sampled_from(Kind))
def test_at_strength_zero_it_is_the_shipped_network(seed: int, skew: float, kind: Kind) -> None:
    examples = person(seed, skew=skew, faces=2)
    nothing = fit_adaptation(CARD, examples, kind).scaled(0)
    assert np.allclose(nothing.apply(examples.pooled, examples.probabilities), examples.probabilities, atol=1e-5)


@given(seed=st.integers(0, 50), skew=st.floats(-4, 8), kind=st.sampled_from(Kind), strength=st.floats(-3, 3))
def test_probabilities_stay_probabilities(seed: int, skew: float, kind: Kind, strength: float) -> None:
    examples = person(seed, skew=skew, faces=2)
    read = fit_adaptation(CARD, examples, kind).scaled(strength).apply(examples.pooled, examples.probabilities)
    assert np.allclose(read.sum(axis=1), 1)
    assert (read >= 0).all()


@given(seed=st.integers(0, 50), kind=st.sampled_from(Kind))
def test_the_heavier_the_penalty_the_nearer_the_shipped_network(seed: int, kind: Kind) -> None:
    examples = person(seed, skew=5, faces=2)
    light, heavy = (fit_adaptation(CARD, examples, kind, penalty).bias for penalty in (0.01, 100.0))
    assert np.linalg.norm(heavy) < 0.02
    assert np.linalg.norm(heavy) <= np.linalg.norm(light) + 1e-9


def test_a_face_that_looks_tense_at_rest_is_read_as_neutral_after_a_fit_on_another_take() -> None:
    offer = offer_adaptation(CARD, person(1, skew=5), person(2, skew=5))
    assert offer.certain
    assert offer.points_gained > 0
    assert offer.shipped.grades["expressionless"].taken_for == "stress"
    assert offer.adapted.grades["expressionless"].taken_for == "neutral"


@given(seed=st.integers(0, 30), skew=st.floats(-4, 6), signal=st.floats(0, 2))
def test_it_is_never_certain_without_more_points_on_the_take_held_out(seed: int, skew: float, signal: float) -> None:
    offer = offer_adaptation(
        CARD, person(seed, skew=skew, signal=signal, faces=3), person(seed + 99, skew=-skew, signal=signal, faces=3), 1
    )
    assert not offer.certain or offer.points_gained > 0


def test_a_gain_on_few_expressions_that_others_pay_for_is_not_certain() -> None:
    groups = np.arange(11.0)
    before, after = np.full(11, 0.5), np.full(11, 0.5)
    after[0] = 0.9
    assert gain_is_certain(before, after, groups)
    after[1] = 0.2
    assert not gain_is_certain(before, after, groups)
    assert not gain_is_certain(before, before, groups)


def test_a_fit_of_eleven_expressions_takes_less_than_two_seconds() -> None:
    examples = person(1, skew=5, faces=15, channels=2048)
    began = time.perf_counter()
    for kind in Kind:
        fit_adaptation(CARD, examples, kind)
    assert time.perf_counter() - began < 2


def test_partial_labels_are_compared_only_with_what_their_set_offers() -> None:
    examples = person(1, faces=1)
    allowed = examples.allowed | np.array([False, False, True, False])
    partial = Examples(examples.pooled, examples.probabilities, allowed, allowed, examples.groups)
    assert np.allclose(log_loss(partial, partial.probabilities), 0)


@given(seed=st.integers(0, 20), kind=st.sampled_from(Kind))
def test_what_is_written_as_json_reads_the_same(seed: int, kind: Kind) -> None:
    examples = person(seed, skew=4, faces=2)
    fitted = fit_adaptation(CARD, examples, kind)
    again = Adaptation.from_json(fitted.to_json())
    assert again.to_json() == fitted.to_json()
    before, after = (one.apply(examples.pooled, examples.probabilities) for one in (fitted, again))
    assert np.abs(before - after).max() < 1e-3


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"kind": "soul"},
        {"sha256": "abc"},
        {"bias": [1, 2, 3]},
        {"bias": [1, 2, 3, 1e9]},
        {"bias": ["a", 0, 0, 0]},
        {"matrix": [[1, 2]]},
        {"matrix": [[1, 2, 3, float("nan")]]},
        {"kind": "bias"},
        {"more": 1},
    ],
)
def test_what_cannot_be_right_is_refused(change: dict[str, Any]) -> None:
    data = json.loads(fit_adaptation(CARD, person(1, faces=1), Kind.HEAD).to_json())
    with pytest.raises(AdaptationError):
        Adaptation.from_json(json.dumps({**data, **change}))


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 10_000])
def test_what_is_no_adaptation_is_refused(text: str) -> None:
    with pytest.raises(AdaptationError):
        Adaptation.from_json(text)


def test_an_adapted_network_reads_like_any_other_and_refuses_a_stranger() -> None:
    network = LiteRTNetwork(CARD, CONTENT)
    colours = {
        "smile": (250, 20, 20),
        "expressionless": (20, 20, 250),
        "frown": (10, 10, 200),
        "full_surprise": (0, 0, 0),
    }
    crops = {name: [np.full((100, 100, 3), colour, np.uint8)] * 2 for name, colour in colours.items()}
    examples = read_examples(network, crops)
    adapted = AdaptedNetwork(network, fit_adaptation(CARD, examples, Kind.HEAD))
    faces = [crop for some in crops.values() for crop in some]
    shipped = np.array([one.as_tuple() for one in network.read(faces)])
    own = np.array([one.as_tuple() for one in adapted.read(faces)])
    assert (own * examples.allowed).sum() > (shipped * examples.allowed).sum()
    assert adapted.read([]) == []
    assert adapted.card.id == "tiny-1-own"
    other = tiny_network(outputs=2, bias=(0, 0, 0, 1))
    with pytest.raises(AdaptationError, match="another file"):
        AdaptedNetwork(
            LiteRTNetwork(card_for(other, outputs=("probabilities", "feature_map")), other),
            fit_adaptation(CARD, examples, Kind.BIAS),
        )


def test_a_network_without_a_feature_map_says_so() -> None:
    content = tiny_network()
    with pytest.raises(NetworkError, match="no feature map"):
        LiteRTNetwork(card_for(content), content).read_features([np.zeros((100, 100, 3), np.uint8)])
