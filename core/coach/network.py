"""Which network reads a practice."""

from __future__ import annotations

from core.adapt.chosen import ChosenNetwork, load_chosen
from core.candidates.registry import Candidate, Registry
from core.store.records import CalibrationRecord

PAPER_NETWORK = "vgg16-densenet"
"""The second paper's network (method.md 4): it reads practices where it is shipped."""


def load_practice_network(
    registry: Registry, calibration: CalibrationRecord | None, named: str | None = None
) -> ChosenNetwork | None:
    """The network `named`; without a name the second paper's, else the one that the person uses, else the first.

    None where the named one, or any at all, is not there.

    Raises:
        NetworkError: it cannot be run.
    """
    wanted = registry.find(named or PAPER_NETWORK)
    if wanted is not None or named is not None:
        return None if wanted is None else _plain(wanted)
    chosen = load_chosen(registry, calibration)
    if chosen is None and registry.candidates:
        return _plain(registry.candidates[0])
    return chosen


def _plain(candidate: Candidate) -> ChosenNetwork:
    network = candidate.load()
    return ChosenNetwork(network, network)
