"""Fitting the head of a blend: penalised maximum likelihood around the mean of the networks, in plain NumPy.

The head is linear in the networks' log probabilities and pooled features, and its squared weights are penalised: what a
person's faces do not show stays as the networks' mean has it. By the representer theorem the penalised map lies in the
span of the faces' centred features, so it is fitted on their principal components: dozens of numbers, not thousands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.adapt.blend import Blend, Floats, Member, centred, log_probabilities
from core.adapt.examples import Examples
from core.candidates.card import Card
from core.candidates.runner import softmax
from core.method.emotion import EMOTIONS

COMPONENTS = 32
"""Principal components of each network's features that the head may use."""

PENALTY = 0.002
"""Weight of the squared head against the mean log loss, log probabilities scaled to a mean square of 1.

Lighter ones gain nothing more on Korean validation people (0.001), heavier ones (0.003 and more) leave talking as it is read.
"""

FEATURE_SCALE = 2.0
"""The features' root mean square beside the log probabilities' 1: their weights are penalised a quarter as much.

At 3 features that tell nothing of the expression would cost a person of eleven faces 6 points instead of 2.

It is features that tell a talking mouth from an expression; log probabilities alone hardly do.
"""

INTERCEPT_PENALTY = 5.0
"""How much heavier the head's own bias is penalised: it moves every face at once."""

STEPS = 400
"""Accelerated gradient steps; the loss is smooth and penalised, so that these many bring it to rest."""


@dataclass(frozen=True, slots=True)
class _Inputs:
    """Rows (n, width) for the head, and how a map of them becomes one of the raw numbers: raw = (x - mean) @ back."""

    rows: Floats
    mean: Floats
    back: Floats


def fit_blend(cards: Sequence[Card], read: Sequence[Examples], penalty: float = PENALTY) -> Blend:
    """Tune a blend of `cards` to one person.

    Args:
        cards: the networks.
        read: the same faces, in the same order, as each of them read them.
        penalty: > 0; the larger, the nearer the networks' mean.

    Raises:
        ValueError: there is no face, or the networks have not read the same ones.
        BlendError: the fit led to numbers beyond all measure.
    """
    first = read[0]
    if not len(first) or any(not np.array_equal(one.groups, first.groups) for one in read):
        raise ValueError("a blend is fitted on at least one face, and on the same faces for each network")
    weights = first.weights
    logs = [_scaled(centred(log_probabilities(one.probabilities)), weights, 1.0) for one in read]
    features = [_scaled(one.pooled, weights, FEATURE_SCALE) for one in read]
    learnt = first.shown
    parts = [*logs, *features]
    inputs = np.hstack([np.ones((len(first), 1)), *(part.rows for part in parts)])
    penalties = penalty * np.array([INTERCEPT_PENALTY] + [1.0] * (inputs.shape[1] - 1))
    fitted = _descend(read, inputs, penalties, weights)
    bias, at = fitted[0], 1
    matrices = []
    for part in parts:
        matrix = part.back @ fitted[at : at + part.rows.shape[1]]
        bias = bias - part.mean @ matrix
        at += part.rows.shape[1]
        matrices.append(matrix)
    members = tuple(
        Member(card.id, card.reading_sha256, of_logs, of_features)
        for card, of_logs, of_features in zip(cards, matrices[: len(cards)], matrices[len(cards) :], strict=True)
    )
    return Blend(members, learnt, bias)


def _scaled(values: Floats, weights: Floats, size: float) -> _Inputs:
    """Values (n, width) as at most `COMPONENTS` numbers a face with a root mean square of `size`."""
    mean = weights @ values
    deviations = values - mean
    scale = size / (float(np.sqrt(weights @ (deviations**2).sum(axis=1))) or 1.0)
    directions = _principal_directions(deviations * np.sqrt(weights)[:, None])
    return _Inputs(deviations @ directions.T * scale, mean, directions.T * scale)


def _principal_directions(rows: Floats) -> Floats:
    """Up to `COMPONENTS` orthonormal directions (k, width) in which the rows (n, width) vary most.

    By way of the small (n, n) matrix of products: there are far fewer faces than channels.
    """
    values, vectors = np.linalg.eigh(rows @ rows.T)
    kept = np.argsort(values)[::-1][:COMPONENTS]
    kept = kept[values[kept] > 1e-9 * max(float(values.max()), 1e-300)]
    return np.asarray((vectors[:, kept] / np.sqrt(values[kept])).T @ rows)


def _descend(read: Sequence[Examples], inputs: Floats, penalties: Floats, weights: Floats) -> Floats:
    """The (inputs' width, 4) map with the least penalised loss, by Nesterov's accelerated gradient from zero.

    The loss compares the classes that were shown, and no others. A face that may be any of them, or none, teaches nothing.
    """
    first = read[0]
    label_space, candidate_labels = first.label_space & first.shown, first.candidate_labels & first.shown
    fitted = ahead = np.zeros((inputs.shape[1], len(EMOTIONS)))
    informative = candidate_labels.any(axis=1) & (label_space.sum(axis=1) > 1)
    if not informative.any():
        return fitted
    mean = np.mean([log_probabilities(one.probabilities) for one in read], axis=0)[informative]
    inputs, weights, label_space, candidate_labels = (
        inputs[informative],
        weights[informative],
        label_space[informative],
        candidate_labels[informative],
    )
    several = candidate_labels.sum(axis=1) > 1
    among_candidates = candidate_labels.astype(np.float64)
    curvature = 0.5 * float(weights @ (inputs**2).sum(axis=1)) + 2 * float(penalties.max())
    for step in range(STEPS):
        logits = mean + inputs @ ahead
        in_label_space = softmax(np.where(label_space, logits, -np.inf))
        among_candidates[several] = softmax(np.where(candidate_labels[several], logits[several], -np.inf))
        gradient = inputs.T @ ((in_label_space - among_candidates) * weights[:, None]) + 2 * penalties[:, None] * ahead
        following = ahead - gradient / curvature
        ahead = following + step / (step + 3) * (following - fitted)
        fitted = following
    return fitted
