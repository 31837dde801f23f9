"""What training may find wrong, each with a message that says with what and why."""

from __future__ import annotations

from core.datasets.labelled import DataSetError
from core.evaluation.errors import EvaluationError
from core.explain.file_graph import GraphError
from core.method.experiments import ExperimentError
from core.system.errors import TranslatableError
from core.training.settings import RunError
from core.training.weights import WeightsError


class ShippingError(TranslatableError):
    """A run cannot be shipped; the message says why."""


class AcceleratorError(TranslatableError):
    """Training cannot happen on an accelerator; the message says why."""


class SessionError(TranslatableError):
    """A run cannot be done as asked; the message says why."""


TRAINING_ERRORS = (
    DataSetError,
    ExperimentError,
    GraphError,
    WeightsError,
    ShippingError,
    AcceleratorError,
    EvaluationError,
    SessionError,
    RunError,
    OSError,
)
"""All of them, for whoever makes sentences of them."""
