"""The tuned reader under stress: few faces, a wrong expression made, bad light, classes that were not shown.

On the two demo actors that the networks misread most: what is fitted on one take must not harm another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.adapt.blend import PAIR, Floats, untuned
from core.adapt.examples import Examples, join, read_examples
from core.adapt.fitting import fit_blend
from core.calibration.actor import capture_expression
from core.calibration.machine import Timing
from core.candidates.card import Card
from core.candidates.network import LiteRTNetwork
from core.candidates.registry import read_registry
from core.evaluation.metrics import read_rightly
from core.face.haar import HaarFaceFinder
from core.method.emotion import EMOTIONS, EXPRESSIONS, Emotion, expression_by_id
from core.sources.actor import DemoActor
from core.sources.source import Pixels
from core.system.resources import ASSETS_FOLDER, MODELS_FOLDER
from tests.thorough import mostly_thorough

Take = list[Examples]
"""A take as each network of the pair read it."""

DIM = 0.35
"""What is left of the light where it is bad."""


def crops_of(actor: str, seed: int) -> dict[str, list[Pixels]]:
    source, finder = DemoActor(ASSETS_FOLDER / "actor" / actor, seed=seed), HaarFaceFinder()
    return {one.id: capture_expression(source, one, finder, Timing(hold=0.6)) for one in EXPRESSIONS}


@pytest.fixture(scope="module")
def pair() -> list[LiteRTNetwork]:
    registry = read_registry(MODELS_FOLDER)
    return [found.load() for name in PAIR if (found := registry.find(name)) is not None]


@pytest.fixture(scope="module")
def cards(pair: list[LiteRTNetwork]) -> list[Card]:
    return [network.card for network in pair]


pytestmark = pytest.mark.xdist_group("stress")  # one process reads the takes, once


@pytest.fixture(scope="module", params=mostly_thorough(["f_white", "m_white"], ("f_white",)))
def takes(request: pytest.FixtureRequest, pair: list[LiteRTNetwork]) -> tuple[Take, Take, Take]:
    """One to fit on, another to test on, and the other in bad light."""
    first, second = (crops_of(request.param, seed) for seed in (3, 11))
    dim = {name: [(crop * DIM).astype(np.uint8) for crop in crops] for name, crops in second.items()}
    one, other, dark = ([read_examples(network, crops) for network in pair] for crops in (first, second, dim))
    return one, other, dark


def right(cards: Sequence[Card], fitted: Take | None, tested: Take) -> NDArray[np.bool_]:
    """Which of the tested faces are read rightly by what was fitted on others, or untuned."""
    blend = untuned(cards) if fitted is None else fit_blend(cards, fitted)
    probabilities: Floats = blend.apply([one.probabilities for one in tested], [one.pooled for one in tested])
    return read_rightly(probabilities, tested[0])


def kept(take: Take, keep: NDArray[np.bool_] | NDArray[np.int64]) -> Take:
    return [one.take(keep) for one in take]


def shows(take: Take, emotion: Emotion) -> NDArray[np.bool_]:
    return take[0].candidate_labels[:, EMOTIONS.index(emotion)]


def test_the_whole_take_helps(cards: list[Card], takes: tuple[Take, Take, Take]) -> None:
    fitted, tested, _ = takes
    assert right(cards, fitted, tested).mean() > right(cards, None, tested).mean()


def test_one_face_of_each_expression_does_no_harm(cards: list[Card], takes: tuple[Take, Take, Take]) -> None:
    fitted, tested, _ = takes
    few = kept(fitted, np.unique(fitted[0].groups, return_index=True)[1])
    assert len(few[0]) == len(EXPRESSIONS)
    assert right(cards, few, tested).mean() >= right(cards, None, tested).mean()


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("asked", "made"), [("frown", "smile"), ("open_smile", "expressionless"), ("full_surprise", "open_frown")]
)
def test_one_wrong_expression_of_eleven_does_the_other_ten_no_harm(
    cards: list[Card], takes: tuple[Take, Take, Take], asked: str, made: str
) -> None:
    fitted, tested, _ = takes
    number, shown = EXPRESSIONS.index(expression_by_id(asked)), EXPRESSIONS.index(expression_by_id(made))
    groups, wrong = fitted[0].groups, []
    for one in fitted:
        faces = one.take(np.flatnonzero(groups == shown))
        labels = one.take(np.flatnonzero(groups == number)).candidate_labels[:1].repeat(len(faces), axis=0)
        faces = replace(faces, candidate_labels=labels, groups=np.full(len(faces), number))
        wrong.append(join([one.take(groups != number), faces]))
    others = tested[0].groups != number
    assert right(cards, wrong, tested)[others].mean() >= right(cards, None, tested)[others].mean()


def test_bad_light_after_the_wizard_makes_the_tuned_reader_no_worse_than_the_untuned(
    cards: list[Card], takes: tuple[Take, Take, Take]
) -> None:
    fitted, _, dark = takes
    assert right(cards, fitted, dark).mean() >= right(cards, None, dark).mean()


@pytest.mark.parametrize("emotion", mostly_thorough(EMOTIONS, (Emotion.STRESS,)))
def test_nobody_is_read_worse_in_a_class_that_was_not_shown_and_the_others_gain_all_the_same(
    cards: list[Card], takes: tuple[Take, Take, Take], emotion: Emotion
) -> None:
    fitted, tested, _ = takes
    without = kept(fitted, ~shows(fitted, emotion))
    unshown = shows(tested, emotion)
    assert unshown.any()
    assert right(cards, without, tested)[unshown].mean() >= right(cards, None, tested)[unshown].mean()
    assert right(cards, without, tested)[~unshown].mean() >= right(cards, None, tested)[~unshown].mean()
