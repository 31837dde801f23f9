"""The picture of one minute: what it says is true, of the networks that are shipped, and made by the command."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.candidates.card import Card
from core.candidates.registry import read_registry
from core.method.emotion import EMOTIONS, Emotion, Probabilities
from core.method.reading import MEMORY_SECONDS
from core.sources.source import Pixels
from core.system.resources import MODELS_FOLDER
from tests.minute.__main__ import ACTOR, FACES_AT, LEVELS, PICTURES, draw_minute, read_minute
from tests.minute.readings import MINUTE, levels, outcomes, right_outcomes

FASTEST = "mobilenetv2-9"
CARD = next(one.card for one in read_registry(MODELS_FOLDER).candidates)


def stored() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((PICTURES / LEVELS).read_text(encoding="ascii"))
    return read


class Says:
    """A network that says the emotions that it is given, one after the other."""

    def __init__(self, emotions: Sequence[Emotion]) -> None:
        self._next = iter(emotions)

    @property
    def card(self) -> Card:
        return CARD

    def read(self, crops: Sequence[Pixels]) -> list[Probabilities]:
        said = [next(self._next) for _ in crops]
        return [Probabilities.from_sequence([float(one is other) for other in EMOTIONS]) for one in said]


def minute_of(emotions: Sequence[Emotion], memory_seconds: float) -> list[float]:
    crop = np.zeros((100, 100, 3), np.uint8)
    return levels(outcomes(Says(emotions), [(tick / 5, crop) for tick in range(len(emotions))], memory_seconds))


RIGHT = [Emotion(outcome.value) for outcome in right_outcomes()]


def test_the_parts_follow_each_other_for_a_minute_and_each_has_a_face_in_the_strip() -> None:
    assert MINUTE[0].start == 0
    assert MINUTE[-1].end == 60
    assert all(one.end == other.start for one, other in itertools.pairwise(MINUTE))
    assert all(any(part.start < at < part.end for at in FACES_AT) for part in MINUTE)


def test_a_reader_that_is_always_right_has_the_dashed_curve_and_with_memory_nearly_so() -> None:
    right = levels(right_outcomes())
    assert minute_of(RIGHT, 0.0) == right
    assert (right[89], right[149]) == (0.0, 1.2)  # calm talk leaves it alone; twelve seconds of frowning are 60 steps
    assert np.abs(np.subtract(minute_of(RIGHT, MEMORY_SECONDS), right)).max() < 0.15


def test_a_reader_that_always_says_neutral_misses_the_strain() -> None:
    assert set(minute_of([Emotion.NEUTRAL] * 300, 0.0)) == {0.0}


@pytest.mark.all_networks
def test_the_picture_is_of_the_networks_that_are_shipped() -> None:
    """Where this fails: networks have changed, and `python3 -m tests.minute` draws the minute again."""
    shipped = {one.card.id: one.card.reading_sha256 for one in read_registry(MODELS_FOLDER).candidates}
    assert stored()["hashes"] == shipped
    assert set(stored()["networks"]) == set(shipped)


def test_after_the_wizard_the_level_is_nearer_to_what_is_right_than_that_of_most_networks() -> None:
    read = stored()

    def apart(curve: Sequence[float]) -> float:
        return float(np.abs(np.subtract(curve, read["right"])).mean())

    assert apart(read["tuned"]) < float(np.median([apart(curve) for curve in read["networks"].values()]))
    assert apart(read["tuned"]) < 0.2


@pytest.mark.thorough
@pytest.mark.timeout(400)
def test_one_network_makes_its_curve_again() -> None:
    again = read_minute(ACTOR, [FASTEST])
    assert again["right"] == stored()["right"]
    assert np.allclose(again["networks"][FASTEST], stored()["networks"][FASTEST], atol=0.06)
    assert len(again["tuned"]) == 300


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_command_makes_every_curve_again() -> None:
    again, before = read_minute(ACTOR), stored()
    for name, curve in {**before["networks"], "tuned": before["tuned"]}.items():
        assert np.allclose({**again["networks"], "tuned": again["tuned"]}[name], curve, atol=0.06), name


def test_it_is_drawn_in_both_languages_as_svg_and_png(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is in the extra train")
    try:
        made = draw_minute(stored(), tmp_path)
    except SystemExit as error:
        pytest.skip(str(error))  # no font with Hangul on this computer
    assert [path.name for path in made] == ["minute.svg", "minute.png", "minute.ko.svg", "minute.ko.png"]
    assert all((PICTURES / path.name).is_file() for path in made)
    for path in made:
        head = path.read_bytes()[:200]
        assert b"<svg" in path.read_bytes()[:1000] if path.suffix == ".svg" else head.startswith(b"\x89PNG")
        assert path.stat().st_size < 1_500_000
