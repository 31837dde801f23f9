from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.adapt.adaptation import Kind
from core.adapt.examples import Examples
from core.adapt.fitting import fit_adaptation
from core.candidates.card import Card, CardError
from core.candidates.network import LiteRTNetwork, NetworkError
from core.candidates.temperature import (
    LARGEST_LOG,
    Likeness,
    Temperature,
    TemperatureError,
    temperature_from_mapping,
)
from tests.tiny_network import card_for, tiny_network

REDDISH = Likeness("reddish", 1.0, -20.0, (0,), (40.0,))
"""Sure for a mean red above 0.5, not at all below."""

logs = st.floats(-LARGEST_LOG, LARGEST_LOG)
numbers = st.floats(-100, 100)
likenesses = st.integers(0, 5).flatmap(
    lambda count: st.builds(
        Likeness,
        st.text(st.characters(categories=["L"]), max_size=8),
        logs,
        numbers,
        st.lists(st.integers(0, 7), min_size=count, max_size=count).map(tuple),
        st.lists(numbers, min_size=count, max_size=count).map(tuple),
    )
)
temperatures = st.builds(Temperature, logs, st.lists(likenesses, max_size=3).map(tuple))


@st.composite
def readings(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    shares = np.array(draw(st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=1, max_size=4))) + 1e-3
    seed = draw(st.integers(0, 99))
    return shares / shares.sum(axis=1, keepdims=True), np.random.default_rng(seed).random((len(shares), 8), np.float32)


@given(temperatures, readings())
def test_a_temperature_makes_probabilities_of_probabilities_and_keeps_their_order(
    temperature: Temperature, reading: tuple[NDArray[np.float64], NDArray[np.float32]]
) -> None:
    before, pooled = reading
    after = temperature.apply(before, pooled)
    np.testing.assert_allclose(after.sum(axis=1), 1)
    assert (after >= 0).all()
    assert (after.argmax(axis=1) == before.argmax(axis=1)).all() or np.ptp(np.sort(before, axis=1)[:, -2:]) < 1e-6


@given(readings())
def test_no_temperature_leaves_what_the_network_says(
    reading: tuple[NDArray[np.float64], NDArray[np.float32]],
) -> None:
    np.testing.assert_allclose(Temperature(0.0).apply(*reading), reading[0])


@given(readings(), st.floats(0.1, LARGEST_LOG))
def test_a_high_temperature_makes_less_sure_and_a_low_one_surer(
    reading: tuple[NDArray[np.float64], NDArray[np.float32]], log: float
) -> None:
    before = reading[0].max(axis=1)
    assert (Temperature(log).apply(*reading).max(axis=1) <= before + 1e-9).all()
    assert (Temperature(-log).apply(*reading).max(axis=1) >= before - 1e-9).all()


def test_a_likeness_counts_where_the_features_show_it() -> None:
    temperature = Temperature(0.0, (REDDISH,))
    pooled = np.array([[0.9, 0.0, 0.0], [0.1, 0.0, 0.0]], np.float32)
    np.testing.assert_allclose(temperature.log_of(pooled), [1.0, 0.0], atol=1e-6)
    assert temperature.channels_needed == 1


@given(temperatures)
def test_a_temperature_comes_back_from_a_card(temperature: Temperature) -> None:
    card = card_for(b"network", temperature=temperature)
    assert Card.from_mapping(json.loads(card.to_json())) == card


def test_a_card_without_a_temperature_is_as_right_as_one_with_none() -> None:
    data = json.loads(card_for(b"network").to_json())
    del data["temperature"]
    assert Card.from_mapping(data).temperature is None


def test_a_card_keeps_each_list_of_numbers_on_one_line() -> None:
    card = card_for(b"network", temperature=Temperature(0.5, (Likeness("a", 0.1, 0.2, (1, 2, 30), (0.5, -1.0, 2e-7)),)))
    assert '"channels": [ 1, 2, 30 ]' in card.to_json()
    assert '"weights": [ 0.5, -1.0, 2e-07 ]' in card.to_json()


@pytest.mark.parametrize(
    "change",
    [
        {"log_temperature": math.nan},
        {"log_temperature": 2.1},
        {"log_temperature": "0"},
        {"log_temperature": True},
        {"likenesses": None},
        {"likenesses": [1]},
        {"likenesses": [{}]},
        {"more": 1},
    ],
)
def test_what_is_no_temperature_is_refused(change: dict[str, Any]) -> None:
    data = {**asdict(Temperature(0.1, (REDDISH,))), **change}
    with pytest.raises(TemperatureError):
        temperature_from_mapping(data)
    with pytest.raises(CardError, match="its temperature cannot be right"):
        Card.from_mapping({**json.loads(card_for(b"network").to_json()), "temperature": data})


@pytest.mark.parametrize(
    "change",
    [
        {"channels": [-1]},
        {"channels": [9000]},
        {"channels": [True]},
        {"channels": [0, 1]},
        {"channels": 0},
        {"weights": ["1"]},
        {"weights": [math.inf]},
        {"bias": None},
        {"name": 7},
        {"more": 1},
    ],
)
def test_what_is_no_likeness_is_refused(change: dict[str, Any]) -> None:
    one = {**asdict(REDDISH), **change}
    with pytest.raises(TemperatureError):
        temperature_from_mapping({"log_temperature": 0.0, "likenesses": [one]})


def test_the_network_reads_at_its_card_s_temperature_alone_and_with_its_maps() -> None:
    content = tiny_network(outputs=2, grid=4)
    outputs = ("probabilities", "feature_map")
    plain = LiteRTNetwork(card_for(content, outputs=outputs), content)
    warm = LiteRTNetwork(card_for(content, outputs=outputs, temperature=Temperature(0.0, (REDDISH,))), content)
    red, dark = np.zeros((100, 100, 3), np.uint8), np.full((100, 100, 3), 20, np.uint8)
    red[..., 2] = 255
    before, after = plain.read([red, dark]), warm.read([red, dark])
    expected = Temperature(1.0).apply(np.array([before[0].as_tuple()]), np.zeros((1, 0)))
    np.testing.assert_allclose(after[0].as_tuple(), expected[0], atol=1e-6)
    np.testing.assert_allclose(after[1].as_tuple(), before[1].as_tuple(), atol=1e-6)
    assert list(warm.read_features([red, dark]).probabilities) == after


def test_a_temperature_that_needs_features_which_the_file_does_not_tell_is_refused() -> None:
    far = Temperature(0.0, (Likeness("far", 0.1, 0.0, (3,), (1.0,)),))
    content, outputs = tiny_network(outputs=2, grid=4), ("probabilities", "feature_map")
    with pytest.raises(NetworkError, match="needs 4 features; it has 3"):
        LiteRTNetwork(card_for(content, outputs=outputs, temperature=far), content)
    with pytest.raises(NetworkError, match="needs 4 features; it has 0"):
        LiteRTNetwork(card_for(tiny_network(), temperature=far), tiny_network())


def test_what_was_fitted_on_a_network_s_readings_does_not_belong_to_them_at_another_temperature() -> None:
    cards = [card_for(b"network", temperature=one) for one in (None, Temperature(0.1), Temperature(0.2))]
    assert len({card.reading_sha256 for card in cards}) == 3
    assert cards[0].reading_sha256 == cards[0].sha256
    examples = Examples(
        np.ones((2, 3)), np.full((2, 4), 0.25), np.eye(4, dtype=bool)[:2], np.ones((2, 4), bool), np.arange(2)
    )
    adaptation = fit_adaptation(cards[1], examples, Kind.HEAD)
    assert [adaptation.belongs_to(card) for card in cards] == [False, True, False]
