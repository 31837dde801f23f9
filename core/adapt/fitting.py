"""Fitting an adaptation: penalised maximum likelihood around the shipped network, in plain NumPy.

The head of a candidate may be linear in the pooled features (head #1) or not (head #2, method.md 4). So the shipped
logits stay as they are, and a *residual* linear map on the features is added to them; it is penalised towards zero, and
zero is the shipped network. By the representer theorem the penalised map lies in the span of the person's centred
features, so it is fitted on their principal components: a few dozen numbers instead of thousands.
"""

from __future__ import annotations

import numpy as np

from core.adapt.adaptation import Adaptation, Kind, softmax
from core.adapt.examples import Examples, Floats
from core.candidates.card import Card
from core.method.emotion import EMOTIONS, Emotion

COMPONENTS = 32
"""Principal components of the person's features that the head may use."""

HEAD_PENALTY = 0.01
"""Weight of the squared head against the mean log loss, features scaled to a mean square of 1.

Lighter ones (0.0003 to 0.003) harm people of whom there are few pictures when nothing holds them back; 0.1 helps nobody.
"""

BIAS_PENALTY = 0.05
"""Weight of the squared bias against the mean log loss."""

INTERCEPT_PENALTY = 5.0
"""How much heavier the head's own bias is penalised than its features: it moves every face at once."""

STEPS = 400
"""Accelerated gradient steps; the loss is smooth and penalised, so that these many bring it to rest."""


def fit_adaptation(card: Card, examples: Examples, kind: Kind, penalty: float | None = None) -> Adaptation:
    """Fit a correction of `card`'s network on one person's examples.

    `Kind.BIAS` looks at the neutral faces only: it takes back what makes a resting face look like something else.
    `Kind.HEAD` uses all. `penalty` > 0 replaces the named constant; the larger, the nearer the shipped network.

    Raises:
        ValueError: there is no example.
    """
    if not len(examples):
        raise ValueError("there is no example to fit on")
    if kind is Kind.BIAS:
        bias = _fit_bias(examples.only(Emotion.NEUTRAL), BIAS_PENALTY if penalty is None else penalty)
        return Adaptation(kind, card.id, card.reading_sha256, bias, np.zeros((0, len(EMOTIONS))))
    bias, matrix = _fit_head(examples, HEAD_PENALTY if penalty is None else penalty)
    return Adaptation(kind, card.id, card.reading_sha256, bias, matrix)


def log_loss(examples: Examples, probabilities: Floats) -> Floats:
    """-log(allowed / offered) of each example (n,) for probabilities (n, 4): the partial-label loss."""
    allowed = (probabilities * examples.allowed).sum(axis=1)
    offered = (probabilities * examples.offered).sum(axis=1)
    return np.asarray(-np.log(np.maximum(allowed, 1e-12) / np.maximum(offered, 1e-12)))


def _fit_bias(examples: Examples, penalty: float) -> Floats:
    if not len(examples):
        return np.zeros(len(EMOTIONS))  # no neutral face was shown: nothing is known of it
    return np.asarray(_descend(examples, np.ones((len(examples), 1)), np.array([penalty]))[0])


def _fit_head(examples: Examples, penalty: float) -> tuple[Floats, Floats]:
    weights = examples.weights
    mean = weights @ examples.pooled
    centred = examples.pooled - mean
    scale = float(np.sqrt(weights @ (centred**2).sum(axis=1))) or 1.0
    directions = _principal_directions(centred * np.sqrt(weights)[:, None])
    inputs = np.hstack([np.ones((len(examples), 1)), centred @ directions.T / scale])
    fitted = _descend(examples, inputs, penalty * np.array([INTERCEPT_PENALTY] + [1.0] * len(directions)))
    matrix = directions.T @ fitted[1:] / scale
    return fitted[0] - mean @ matrix, matrix


def _principal_directions(rows: Floats) -> Floats:
    """Up to `COMPONENTS` orthonormal directions (k, channels) in which the rows (n, channels) vary most.

    By way of the small (n, n) matrix of products: there are far fewer faces than channels.
    """
    values, vectors = np.linalg.eigh(rows @ rows.T)
    kept = np.argsort(values)[::-1][:COMPONENTS]
    kept = kept[values[kept] > 1e-9 * max(float(values.max()), 1e-300)]
    return np.asarray((vectors[:, kept] / np.sqrt(values[kept])).T @ rows)


def _descend(examples: Examples, inputs: Floats, penalties: Floats) -> Floats:
    """The (inputs' width, 4) map with the least penalised loss, by Nesterov's accelerated gradient from zero."""
    weights, shipped = examples.weights, examples.log_probabilities
    curvature = 0.5 * float(weights @ (inputs**2).sum(axis=1)) + 2 * float(penalties.max())
    fitted = ahead = np.zeros((inputs.shape[1], len(EMOTIONS)))
    for step in range(STEPS):
        logits = shipped + inputs @ ahead
        offered = softmax(np.where(examples.offered, logits, -np.inf))
        allowed = softmax(np.where(examples.allowed, logits, -np.inf))
        gradient = inputs.T @ ((offered - allowed) * weights[:, None]) + 2 * penalties[:, None] * ahead
        following = ahead - gradient / curvature
        ahead = following + step / (step + 3) * (following - fitted)
        fitted = following
    return fitted
