"""The temperature on a card: learnt from made-up readings whose true sureness is known. Needs scikit-learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.datasets.labelled import LabelledSet
from core.evaluation.metrics import evaluate_probabilities
from tests.training.made_up import drawn_set

pytest.importorskip("sklearn", reason="needs the extra `train`")

from core.training.calibrating import LabelKind, Read, calibrated_scores, fit_temperature

CHANNELS = 6
TRUE = {"korean": 0.97, "affectnet_oval": 0.7, "rafdb": 0.85}
"""How often a reading that says 0.85 is right in each set; each set is bright in a channel of its own."""


def made_up(name: str, count: int, seed: int) -> Read:
    random = np.random.default_rng(seed)
    right = random.integers(0, 4, count)
    said = np.where(random.random(count) < TRUE[name], right, (right + random.integers(1, 4, count)) % 4)
    probabilities = np.full((count, 4), 0.05)
    probabilities[np.arange(count), said] = 0.85
    pooled = random.normal(0, 0.3, (count, CHANNELS)).astype(np.float32)
    pooled[:, list(TRUE).index(name)] += 2
    drawn = drawn_set(4)
    labelled = LabelledSet(
        name, "val", ("",) * count, drawn.pictures[:1].repeat(count, 0), np.eye(4, dtype=bool)[right],
        np.ones((count, 4), bool), ("",) * count, ("",) * count, (),
    )  # fmt: skip
    return Read(labelled, probabilities, pooled)


def test_each_kind_of_picture_gets_the_sureness_that_it_bears_out() -> None:
    training = [made_up(name, 600, seed) for seed, name in enumerate(TRUE)]
    validation = [made_up(name, 800, 10 + seed) for seed, name in enumerate(TRUE)]
    temperature = fit_temperature(training, validation)
    assert [one.name for one in temperature.likenesses] == [kind.value for kind in LabelKind]
    fresh = [made_up(name, 2000, 20 + seed) for seed, name in enumerate(TRUE)]
    for name, figures in calibrated_scores(temperature, fresh).items():
        assert figures["ece"] < 0.04, name
        assert figures["accuracy"] == pytest.approx(TRUE[name], abs=0.03)
    before = [evaluate_probabilities(one.probabilities, one.labelled)["ece"] for one in fresh]
    assert before[0] > 0.1
    assert before[1] > 0.1


def test_one_temperature_for_all_where_only_one_kind_of_set_is_known() -> None:
    validation = [made_up("rafdb", 800, 1)]
    for training in ([], [made_up("rafdb", 100, 2)], [made_up("korean", 100, 2)]):
        assert fit_temperature(training, validation).likenesses == ()


def test_a_set_that_nothing_is_trained_on_stays_for_judging() -> None:
    training = [made_up("rafdb", 200, 1)]
    known, stranger = made_up("rafdb", 800, 2), made_up("korean", 800, 3)
    assert fit_temperature(training, [known, stranger]) == fit_temperature(training, [known])
    renamed = replace(stranger, labelled=replace(stranger.labelled, name="elsewhere"))
    assert fit_temperature(training, [renamed]).log_temperature < fit_temperature(training, [known]).log_temperature


def test_without_a_validation_picture_nothing_is_fitted() -> None:
    with pytest.raises(ValueError, match="no validation picture"):
        fit_temperature([made_up("rafdb", 10, 1)], [])
