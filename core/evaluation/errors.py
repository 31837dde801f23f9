"""What evaluation may find wrong."""

from __future__ import annotations

from core.system.errors import TranslatableError


class EvaluationError(TranslatableError):
    """Something cannot be evaluated as asked; the message says what and why."""
