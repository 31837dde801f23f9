from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.adapt.blend import Blend, BlendError, blended_ids, untuned
from core.adapt.examples import SPEECH_WEIGHT, Examples, join, read_examples
from core.adapt.fitting import fit_blend
from core.adapt.network import BlendedNetwork
from core.candidates.network import LiteRTNetwork, NetworkError, Prediction
from core.candidates.runner import softmax
from core.method.emotion import EMOTIONS, EXPRESSIONS, Emotion, Probabilities
from core.sources.source import Pixels
from tests.tiny_network import card_for, tiny_network

CONTENT = tiny_network(outputs=2)
CARD = card_for(CONTENT, outputs=("probabilities", "feature_map"))
OTHER = card_for(tiny_network(bias=(0, 0, 0, 1)), "tiny-2")
CARDS = [CARD, OTHER]


def person(seed: int, *, skew: float = 0.0, faces: int = 10, channels: int = 24, signal: float = 1.0) -> Examples:
    """Eleven expressions of a made-up person; with `skew`, the network takes the neutral face for stress."""
    expressions = np.random.default_rng(1).normal(size=(len(EXPRESSIONS), channels)) * signal
    random = np.random.default_rng(seed)
    groups = np.repeat(np.arange(len(EXPRESSIONS)), faces)
    right = np.array([EMOTIONS.index(EXPRESSIONS[number].emotion) for number in groups])
    logits = 3.0 * np.eye(4)[right] + random.normal(size=(len(groups), 4)) * 0.3
    logits[right == 1, 2] += skew
    candidate_labels = np.eye(4, dtype=bool)[right]
    pooled = expressions[groups] + random.normal(size=(len(groups), channels)) * 0.3
    return Examples(pooled, softmax(logits), candidate_labels, np.ones_like(candidate_labels), groups)


def read_by_two(seed: int, skew: float = 0.0, faces: int = 2) -> list[Examples]:
    return [person(seed, skew=skew, faces=faces), person(seed + 500, skew=skew / 2, faces=faces, channels=7)]


def applied(blend: Blend, read: list[Examples]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return blend.apply([one.probabilities for one in read], [one.pooled for one in read])


@given(seed=st.integers(0, 50), skew=st.floats(-4, 8))
def test_untuned_it_reads_with_the_mean_of_the_log_probabilities(seed: int, skew: float) -> None:
    read = read_by_two(seed, skew)
    mean = np.mean([np.log(one.probabilities) for one in read], axis=0)
    np.testing.assert_allclose(applied(untuned(CARDS), read), softmax(mean), atol=1e-5)


@given(seed=st.integers(0, 50), skew=st.floats(-4, 8))
def test_probabilities_stay_probabilities(seed: int, skew: float) -> None:
    probabilities = applied(fit_blend(CARDS, read_by_two(seed, skew)), read_by_two(seed + 1, -skew))
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert (probabilities >= 0).all()


@given(seed=st.integers(0, 50))
def test_the_heavier_the_penalty_the_nearer_the_mean(seed: int) -> None:
    read = read_by_two(seed, 5)
    far, near = (
        float(np.abs(applied(fit_blend(CARDS, read, penalty), read) - applied(untuned(CARDS), read)).max())
        for penalty in (0.01, 1000.0)
    )
    assert near < 0.02
    assert near <= far + 1e-9


@given(seed=st.integers(0, 40), skew=st.floats(-4, 8), missing=st.sampled_from(list(Emotion)))
def test_a_class_that_was_not_shown_keeps_exactly_the_probability_that_it_had(
    seed: int, skew: float, missing: Emotion
) -> None:
    place = EMOTIONS.index(missing)
    shown = [one.take(~one.candidate_labels[:, place]) for one in read_by_two(seed, skew)]
    blend = fit_blend(CARDS, shown)
    read = read_by_two(seed + 1, skew)
    before, after = applied(untuned(CARDS), read), applied(blend, read)
    np.testing.assert_allclose(after[:, place], before[:, place], atol=1e-12)
    taken_for_it = before.argmax(axis=1) == place
    np.testing.assert_array_equal(after[taken_for_it], before[taken_for_it], "whoever shows it is read as before")


def test_among_the_classes_that_were_shown_it_still_learns() -> None:
    surprise = EMOTIONS.index(Emotion.SURPRISE)
    blend = fit_blend([CARD], [person(1, skew=5).take(~person(1).candidate_labels[:, surprise])])
    tested = person(2, skew=5)
    neutral = tested.candidate_labels[:, EMOTIONS.index(Emotion.NEUTRAL)]
    before, after = (applied(one, [tested])[neutral].argmax(axis=1) for one in (untuned([CARD]), blend))
    assert (before == EMOTIONS.index(Emotion.STRESS)).all()
    assert (after == EMOTIONS.index(Emotion.NEUTRAL)).all()


@pytest.mark.parametrize("emotion", list(Emotion))
def test_one_class_alone_teaches_nothing(emotion: Emotion) -> None:
    alone = person(1, skew=5)
    alone = alone.take(alone.candidate_labels[:, EMOTIONS.index(emotion)])
    blend = fit_blend([CARD], [alone])
    assert not blend.is_tuned
    np.testing.assert_array_equal(applied(blend, [person(2)]), applied(untuned([CARD]), [person(2)]))


def test_kind_speech_teaches_that_it_is_no_strain_and_not_which_of_the_two_it_is() -> None:
    """Faces that may be happy or neutral, and are read as stress."""
    expressions = person(1)
    smiling = person(3, skew=0).take(np.arange(20))
    talk = replace(
        smiling,
        pooled=smiling.pooled + 2.0,
        probabilities=np.tile([0.1, 0.05, 0.8, 0.05], (20, 1)),
        candidate_labels=np.tile([True, True, False, False], (20, 1)),
        groups=np.full(20, -1),
    )
    blend = fit_blend([CARD], [join([expressions, talk])])
    read = applied(blend, [talk])
    assert (read[:, 2] < 0.3).all()
    assert (read[:, 0] > read[:, 1]).all(), "happy was likelier than neutral before, and still is"


def test_a_passage_of_speech_counts_as_much_as_several_expressions() -> None:
    some = person(1, faces=2).take(np.arange(4))
    speech = replace(some, groups=np.array([0, 0, -1, -1]))
    weights = speech.weights
    assert weights.sum() == pytest.approx(1)
    assert weights[2:].sum() == pytest.approx(SPEECH_WEIGHT * weights[:2].sum())


def test_takes_are_fitted_in_well_under_a_second_each() -> None:
    read = [person(1, skew=5, faces=20, channels=2048), person(2, skew=5, faces=20, channels=2048)]
    began = time.thread_time()
    fit_blend(CARDS, read)
    assert time.thread_time() - began < 2


def test_it_is_fitted_on_the_same_faces_for_each_network_and_on_one_at_least() -> None:
    with pytest.raises(ValueError, match="same faces"):
        fit_blend(CARDS, [person(1, faces=2), person(1, faces=3)])
    with pytest.raises(ValueError, match="at least one face"):
        fit_blend([CARD], [person(1).take(np.zeros(0, np.int64))])


@given(seed=st.integers(0, 20))
def test_what_is_written_as_json_reads_the_same(seed: int) -> None:
    read = read_by_two(seed, 4)
    fitted = fit_blend(CARDS, read)
    again = Blend.from_json(fitted.to_json())
    assert again.to_json() == fitted.to_json()
    assert (again.sha256, again.ids) == (fitted.sha256, ("tiny-1", "tiny-2"))
    assert np.abs(applied(fitted, read) - applied(again, read)).max() < 1e-3


@pytest.mark.parametrize(
    "change",
    [
        {"version": 1},
        {"members": []},
        {"members": 7},
        {"learnt": [True]},
        {"bias": [1, 2, 3]},
        {"bias": [1, 2, 3, 1e9]},
        {"bias": ["a", 0, 0, 0]},
        {"sha256": "abc"},
        {"logs": [[1, 2, 3, 4]]},
        {"features": [[1, 2]]},
        {"features": [[1, 2, 3, float("nan")]]},
        {"features": 3},
    ],
)
def test_what_cannot_be_right_is_refused(change: dict[str, Any]) -> None:
    data = json.loads(fit_blend([CARD], [person(1, faces=1)]).to_json())
    [key] = change
    place = data if key in data else data["members"][0]
    place.update(change)
    with pytest.raises(BlendError):
        Blend.from_json(json.dumps(data))


def test_four_networks_or_one_twice_are_no_blend() -> None:
    for cards in ([CARD, CARD], [card_for(b"", f"tiny-{number}") for number in range(4)]):
        with pytest.raises(BlendError, match="one to 3 different"):
            untuned(cards)


@pytest.mark.parametrize("text", ["", "[]", "{", "{}", "[" * 10_000, '{"version": 2}'])
def test_what_is_no_blend_is_refused(text: str) -> None:
    with pytest.raises(BlendError):
        Blend.from_json(text)


def test_the_pair_is_read_together_where_it_is_there_and_the_first_two_elsewhere() -> None:
    assert blended_ids(["inceptionv3-1", "mobilenetv2-1", "vgg16-densenet"]) == ("mobilenetv2-1", "vgg16-densenet")
    assert blended_ids(["a", "mobilenetv2-1"]) == ("mobilenetv2-1",)
    assert blended_ids(["a", "b", "c"]) == ("a", "b")
    assert blended_ids([]) == ()


COLOURS = {"smile": (250, 20, 20), "expressionless": (20, 20, 250), "frown": (10, 10, 200), "full_surprise": (0, 0, 0)}
CROPS = {name: [np.full((100, 100, 3), colour, np.uint8)] * 2 for name, colour in COLOURS.items()}
FACES = [crop for some in CROPS.values() for crop in some]


def test_a_blended_network_reads_like_any_other_and_refuses_a_stranger() -> None:
    network = LiteRTNetwork(CARD, CONTENT)
    examples = read_examples(network, CROPS)
    tuned = BlendedNetwork([network], fit_blend([CARD], [examples]))
    shipped, own = (np.array([one.as_tuple() for one in some.read(FACES)]) for some in (network, tuned))
    assert (own * examples.candidate_labels).sum() > (shipped * examples.candidate_labels).sum()
    np.testing.assert_allclose(tuned.read_features(FACES).probabilities, own)
    assert tuned.read([]) == []
    assert tuned.card.id == "tuned"
    with pytest.raises(BlendError, match="other files"):
        BlendedNetwork([LiteRTNetwork(replace(CARD, temperature=1.1), CONTENT)], fit_blend([CARD], [examples]))


class _Counting(LiteRTNetwork):
    """Counts the faces that it reads."""

    faces = 0

    def predict(self, crops: Sequence[Pixels]) -> Prediction:
        self.faces += len(crops)
        return super().predict(crops)


def _rows(read: Iterable[Probabilities]) -> NDArray[np.float64]:
    return np.array([one.as_tuple() for one in read])


def test_in_a_call_the_second_network_reads_every_second_face_and_stands_for_the_next() -> None:
    first, second = _Counting(CARD, CONTENT), _Counting(OTHER, tiny_network(bias=(0, 0, 0, 1)))
    blended = BlendedNetwork([first, second], untuned([CARD, OTHER]))
    black, blue, red = FACES[-1], FACES[2], FACES[0]
    in_turn = _rows(blended.read_next(crop, at) for crop, at in ((red, 0.0), (blue, 0.2), (black, 0.4), (red, 0.6)))
    assert (first.faces, second.faces) == (4, 2)
    alone = _rows(blended.read([red, blue, black, red]))
    np.testing.assert_allclose(in_turn[[0, 2]], alone[[0, 2]], atol=1e-9)
    assert np.abs(in_turn[[1, 3]] - alone[[1, 3]]).max() > 1e-3, "what it read of another face stands"


@pytest.mark.parametrize("later", [0.3, 60.0, -5.0])
def test_a_face_after_a_gap_or_in_a_source_opened_anew_is_read_by_both(later: float) -> None:
    second = _Counting(OTHER, tiny_network(bias=(0, 0, 0, 1)))
    blended = BlendedNetwork([LiteRTNetwork(CARD, CONTENT), second], untuned([CARD, OTHER]))
    blended.read_next(FACES[0], 10.0)
    blended.read_next(FACES[1], 10.0 + later)
    assert second.faces == 2


def test_a_network_without_features_is_blended_by_its_probabilities() -> None:
    content = tiny_network(bias=(0, 0, 0, 1))
    networks = [LiteRTNetwork(OTHER, content), LiteRTNetwork(CARD, CONTENT)]
    blended = BlendedNetwork(networks, untuned([OTHER, CARD]))
    assert blended.card.id == "tiny-2+tiny-1"
    read = [np.array([one.as_tuple() for one in network.read(FACES)]) for network in networks]
    mean = softmax(np.mean([np.log(np.maximum(one, 1e-6)) for one in read], axis=0))
    np.testing.assert_allclose(np.array([one.as_tuple() for one in blended.read(FACES)]), mean, atol=1e-6)
    with pytest.raises(NetworkError, match="no feature map"):
        blended.read_features(FACES)


def test_a_network_without_a_feature_map_says_so() -> None:
    content = tiny_network()
    with pytest.raises(NetworkError, match="no feature map"):
        LiteRTNetwork(card_for(content), content).read_features([np.zeros((100, 100, 3), np.uint8)])
