from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.candidates.card import MAX_CARD_BYTES, Card, CardError, DataSetUse, load_card
from tests.tiny_network import card_for

RIGHT = card_for(b"network")


def _data(**changes: Any) -> dict[str, Any]:
    data = json.loads(RIGHT.to_json())
    assert isinstance(data, dict)
    return {**data, **changes}


texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=12)
cards = st.builds(
    card_for,
    st.binary(max_size=20),
    st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True),
    name=texts,
    network=texts,
    head=st.integers(0, 2),
    test=st.none() | st.integers(1, 12),
    input_size=st.integers(16, 1024),
    colour_order=st.sampled_from(["RGB", "BGR"]),
    pixel_range=st.sampled_from([(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)]),
    labels=st.permutations(RIGHT.labels).map(tuple),
    outputs=st.sampled_from([("probabilities",), ("probabilities", "feature_map")]),
    training=st.lists(st.builds(DataSetUse, texts, st.integers(1, 10**6), texts), min_size=1).map(tuple),
    scores=st.dictionaries(texts, st.dictionaries(texts, st.floats(0, 1))),
)


@given(cards)
def test_a_card_comes_back_from_its_json(card: Card) -> None:
    assert Card.from_json(card.to_json()) == card


@pytest.mark.parametrize("field", sorted(_data().keys() - {"temperature"}))
def test_a_card_that_lacks_a_field_says_which(field: str) -> None:
    data = _data()
    del data[field]
    with pytest.raises(CardError, match=f"the card cannot be read: .*missing.*`{field}`"):
        Card.from_json(json.dumps(data))


def test_a_card_with_a_field_that_nobody_knows_says_which() -> None:
    with pytest.raises(CardError, match="the card has the unknown nmae"):
        Card.from_json(json.dumps(_data(nmae="")))


@pytest.mark.parametrize("field", sorted(_data()))
@pytest.mark.parametrize(
    "value", [None, True, 7, "", "text", [], [1], {}, {"a": 1}, 1.5, float("inf"), float("nan"), -1, "\x1b[31m"]
)
def test_a_field_of_the_wrong_kind_is_a_card_error_and_nothing_else(field: str, value: Any) -> None:
    try:
        card = Card.from_json(json.dumps(_data(**{field: value})))
    except CardError as error:
        assert str(error)
    else:
        assert Card.from_json(card.to_json()) == card


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"id": "../escape"}, "is not a plain name"),
        ({"id": "Upper"}, "is not a plain name"),
        ({"id": "a" * 41}, "is not a plain name"),
        ({"id": ""}, "is not a plain name"),
        ({"name": " "}, "cannot be shown"),
        ({"name": "red \x1b[31m"}, "cannot be shown"),
        ({"labels": ["happy", "neutral", "stress"]}, "its labels are"),
        ({"labels": ["happy", "neutral", "stress", "stress"]}, "its labels are"),
        ({"labels": ["happy", "neutral", "stress", "Surprise"]}, "its labels are"),
        ({"labels": "happy"}, r"array.*labels"),
        ({"colour_order": "GRB"}, r"GRB.*colour_order"),
        ({"input_size": 15}, "its input size is 15"),
        ({"input_size": 1025}, "its input size is 1025"),
        ({"input_size": "100"}, r"`int`, got `str`.*input_size"),
        ({"input_size": 100.5}, r"`int`, got `float`.*input_size"),
        ({"head": True}, r"`int`, got `bool`.*head"),
        ({"test": "5"}, r"`str`.*test"),
        ({"pixel_range": [1, 0]}, "its pixel range is"),
        ({"pixel_range": [0, float("inf")]}, "malformed"),
        ({"pixel_range": [0, float("nan")]}, "malformed"),
        ({"pixel_range": [0, 10**400]}, r"out of range.*pixel_range"),
        ({"pixel_range": [0, 1, 2]}, r"`array` of length 2"),
        ({"pixel_range": "01"}, r"array.*pixel_range"),
        ({"outputs": []}, "its first output is none of probabilities, logits"),
        ({"outputs": ["feature_map", "probabilities"]}, "its first output is none of probabilities, logits"),
        ({"training": []}, "an untrained network is never used"),
        ({"training": [{"name": "KDEF", "pictures": 0, "terms": "research"}]}, "an untrained network is never used"),
        ({"training": [{"name": "KDEF", "pictures": 1, "terms": " "}]}, "does not name its training data"),
        ({"training": [{"name": "KDEF", "pictures": "many", "terms": "research"}]}, r"`int`, got `str`.*training"),
        ({"training": [{"name": "KDEF", "pictures": 1}]}, r"missing.*terms.*training"),
        ({"training": ["KDEF"]}, r"`object`, got `str`.*training"),
        ({"terms": ""}, "on what terms"),
        ({"scores": {"KDEF": 0.9}}, r"`object`, got `float`.*scores"),
        ({"scores": {"KDEF": {"accuracy": "good"}}}, r"`float`, got `str`.*scores"),
        ({"sha256": "0" * 63}, "64 hex digits"),
        ({"sha256": "G" * 64}, "64 hex digits"),
        ({"size_bytes": None}, r"`int`, got `null`.*size_bytes"),
    ],
)
def test_a_card_that_cannot_be_right_says_why(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(CardError, match=complaint):
        Card.from_json(json.dumps(_data(**changes)))


def test_a_card_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(RIGHT.to_json(), encoding="utf-8")
    assert load_card(tmp_path / "card.json") == RIGHT


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "the card cannot be read: Input data was truncated"),
        (b"{", "the card cannot be read: Input data was truncated"),
        (b"\xff\xfe", "the card cannot be read: JSON is malformed"),
        (b"\xef\xbb\xbf{}", "the card cannot be read: JSON is malformed"),
        (b"[" * 100_000, "the card cannot be read: Expected `object`"),
        (b'{"id": ' + b"[" * 100_000, "the card cannot be read: .*recursion"),
        (b"1" * 5000, "the card cannot be read: Number out of range"),
        (b"[]", "the card cannot be read: Expected `object`"),
        (b"null", "the card cannot be read: Expected `object`"),
        (b"{}", "the card cannot be read: .*missing"),
        (b" " * (MAX_CARD_BYTES + 1), "is larger than"),
    ],
)
def test_a_file_that_is_no_card_says_why(tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "card.json").write_bytes(content)
    with pytest.raises(CardError, match=complaint):
        load_card(tmp_path / "card.json")


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_whatever_a_file_holds_reading_it_ends_in_a_card_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-card.json"
    path.write_bytes(content)
    with pytest.raises(CardError):
        load_card(path)


def test_a_missing_card_and_a_folder_in_its_place_say_so(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"card\.json cannot be read: No such file"):
        load_card(tmp_path / "card.json")
    (tmp_path / "card.json").mkdir()
    with pytest.raises(CardError, match=r"card\.json is not a file"):
        load_card(tmp_path / "card.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_place_of_a_card_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "card.json")
    with pytest.raises(CardError, match="is not a file"):
        load_card(tmp_path / "card.json")
