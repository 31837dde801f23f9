"""The loss for partial labels: -log(sum over the allowed / sum over the classes that the set has)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

_NEVER = -1e9


def partial_label_loss(smoothing: float = 0.0, distillation: float = 0.0) -> Any:
    """A Keras loss on logits. `y_true` is (batch, 8): four "allowed" of 0 or 1, then four "offered", 0 where not.

    With one allowed and all offered it is plain cross-entropy. A class is offered with 1, or with how frequent it is
    in its set: then the set explains that much of a label, and the picture has to explain only the rest, so that the
    network does not learn whose pictures are mostly of one class (logit adjustment, Menon et al. 2021, here for each
    set). `smoothing` (0 to 1) moves that much of the target to the offered classes evenly, so that probabilities stay
    meant. With `distillation` (0 to 1) four more columns follow, a teacher's probabilities, and that much of the loss is
    the cross-entropy with them (Hinton et al. 2015). Where these four are 0 nobody teaches, and the label is the whole
    loss.
    """

    def loss(y_true: Any, logits: Any) -> Any:
        labelled = from_labels(y_true, logits)
        if not distillation:
            return labelled
        soft_targets = y_true[:, 8:12]
        distilled = ops.logsumexp(logits, axis=1) - ops.sum(soft_targets * logits, axis=1)
        part = ops.where(ops.max(soft_targets, axis=1) > 0, distillation, 0.0)
        return (1.0 - part) * labelled + part * distilled

    def from_labels(y_true: Any, logits: Any) -> Any:
        candidate_labels, label_space = y_true[:, :4], y_true[:, 4:8]
        adjusted = logits + ops.log(ops.where(label_space > 0, label_space, 1.0))
        over_label_space = ops.logsumexp(ops.where(label_space > 0, adjusted, _NEVER), axis=1)
        over_candidates = ops.logsumexp(ops.where(candidate_labels > 0, adjusted, _NEVER), axis=1)
        hard = over_label_space - over_candidates
        count = ops.sum(ops.cast(label_space > 0, adjusted.dtype), axis=1)
        even = over_label_space - ops.sum(ops.where(label_space > 0, adjusted, 0.0), axis=1) / count
        return (1.0 - smoothing) * hard + smoothing * even

    loss.__name__ = "partial_label_loss"
    return loss


class PartialLabelAccuracy(keras.metrics.Mean):  # type: ignore[misc]  # keras is untyped
    """The share of pictures whose best offered class is allowed."""

    def update_state(self, y_true: Any, logits: Any, sample_weight: Any = None) -> Any:
        """Add one batch to the mean."""
        candidate_labels, label_space = y_true[:, :4], y_true[:, 4:8]
        best = ops.argmax(ops.where(label_space > 0, logits, _NEVER), axis=1)
        accuracy = ops.sum(ops.one_hot(best, 4) * candidate_labels, axis=1)
        return super().update_state(accuracy, sample_weight)
