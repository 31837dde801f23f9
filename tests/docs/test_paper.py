"""docs/evidence/paper.md says what the ten runs came to whose descriptions and results lie beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.evaluation.results import read_result
from core.training.settings import CONFIG_FILE

EVIDENCE = Path(__file__).resolve().parents[2] / "docs" / "evidence"
NETWORKS, SEEDS = ("vgg16", "vgg16-densenet"), (1, 2, 3, 4, 5)
T_OF_FIVE = 2.7764
"""Student's t of four degrees of freedom that 95 % lie within."""


def accuracy_of(network: str, seed: int) -> float:
    result = read_result(EVIDENCE / "paper" / f"{network}-{seed}")
    assert result is not None
    return float(result["scores"]["three"]["accuracy"]) * 100


def described(network: str, seed: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EVIDENCE / "paper" / f"{network}-{seed}" / CONFIG_FILE).read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def accuracies() -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """Percent of the validation pictures read rightly, seed by seed."""
    return {network: np.array([accuracy_of(network, seed) for seed in SEEDS]) for network in NETWORKS}


def test_the_runs_differ_in_their_network_and_their_seed_alone() -> None:
    ones = [described(network, seed) for network in NETWORKS for seed in SEEDS]
    assert [(one["experiment"]["network"], one["settings"]["seed"]) for one in ones] == [
        (network, seed) for network in NETWORKS for seed in SEEDS
    ]
    for one in ones:
        one["experiment"].pop("network")
        one["settings"].pop("seed")
    for kept in ("experiment", "settings", "augmentation", "weights_sha256", "data", "data_hash", "versions"):
        assert all(one[kept] == ones[0][kept] for one in ones), kept


def test_the_table_holds_every_run(accuracies: dict[str, np.ndarray[Any, np.dtype[np.float64]]]) -> None:
    page = (EVIDENCE / "paper.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| (\d) \| ([\d.]+) % \| ([\d.]+) % \| ([+-][\d.]+) \|$", page, re.MULTILINE)
    alone, dense = (accuracies[network] for network in NETWORKS)
    assert told == [
        (str(seed), f"{one:.2f}", f"{other:.2f}", f"{other - one:+.2f}")
        for seed, one, other in zip(SEEDS, alone, dense, strict=True)
    ]


def test_mean_and_interval_are_those_of_the_runs(accuracies: dict[str, np.ndarray[Any, np.dtype[np.float64]]]) -> None:
    page = (EVIDENCE / "paper.md").read_text(encoding="utf-8")
    alone, dense = (accuracies[network] for network in NETWORKS)
    halves = [T_OF_FIVE * np.std(one, ddof=1) / np.sqrt(5) for one in (alone, dense, dense - alone)]
    means = [float(np.mean(one)) for one in (alone, dense, dense - alone)]
    assert f"| mean | {means[0]:.2f} % | {means[1]:.2f} % | {means[2]:+.2f} |" in page
    low_high = [(mean - half, mean + half) for mean, half in zip(means, halves, strict=True)]
    (a, b), (c, d), (e, f) = low_high
    assert f"| 95 % interval | {a:.2f} to {b:.2f} % | {c:.2f} to {d:.2f} % | {e:+.2f} to {f:+.2f} |" in page
    assert (
        f"the five runs of VGG16 alone lie {np.ptp(alone):.2f} points apart, those with dense blocks {np.ptp(dense):.2f}"
        in page
    )
    spread = float(np.hypot(np.std(alone, ddof=1), np.std(dense, ddof=1)))
    assert f"has a standard deviation of {spread:.2f} points by these runs" in page
