"""Which network reads a practice."""

from __future__ import annotations

from core.adapt.chosen import ChosenNetwork, load_chosen, load_default, load_reader
from core.candidates.registry import Registry
from core.store.records import CalibrationRecord

PAPER_NETWORK = "vgg16-densenet"
"""The second paper's network (method.md 4): it reads practices where it is shipped."""


def load_practice_network(
    registry: Registry, calibration: CalibrationRecord | None, named: str | None = None
) -> ChosenNetwork | None:
    """The network `named`; without a name the second paper's, else the one that the person uses, else the default.

    None where the named one, or any at all, is not there.

    Raises:
        NetworkError: it cannot be run.
    """
    if named is not None:
        return load_reader(registry, named)
    return load_reader(registry, PAPER_NETWORK) or load_chosen(registry, calibration) or load_default(registry)
