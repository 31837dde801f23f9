"""What evaluation may find wrong."""

from __future__ import annotations


class EvaluationError(ValueError):
    """Something cannot be evaluated as asked; the message says what and why."""
