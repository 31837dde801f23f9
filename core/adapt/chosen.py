"""The network in use: a shipped candidate, or one with the person's own model on top."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.adapt.adaptation import Adaptation, AdaptationError
from core.adapt.network import AdaptedNetwork
from core.candidates.network import LiteRTNetwork
from core.candidates.registry import Candidate, Registry
from core.store.records import CalibrationRecord


@dataclass(frozen=True, slots=True)
class ChosenNetwork:
    """What reads the person. `shipped` is the network below; `own_left_out`: an own model was chosen but does not fit.

    It does not fit when the shipped file has changed since it was made, or when its numbers cannot be right; then the
    shipped network reads as it comes, and the person is told.
    """

    network: LiteRTNetwork | AdaptedNetwork
    shipped: LiteRTNetwork
    own_left_out: bool = False


def shipped_candidate(registry: Registry, calibration: CalibrationRecord | None) -> Candidate | None:
    """The shipped candidate that the calibration's choice stands for; None without a choice, or where it is gone."""
    if calibration is None or calibration.chosen is None:
        return None
    own = calibration.own_model
    is_own = own is not None and own.candidate_id == calibration.chosen
    return registry.find(own.base_id if own is not None and is_own else calibration.chosen)


def load_chosen(
    registry: Registry,
    calibration: CalibrationRecord | None,
    load: Callable[[Candidate], LiteRTNetwork] = Candidate.load,
) -> ChosenNetwork | None:
    """The network that the calibration chose, loaded by `load`; None where `shipped_candidate` finds none.

    Raises:
        NetworkError: the network file cannot be run.
    """
    candidate = shipped_candidate(registry, calibration)
    if candidate is None or calibration is None:
        return None
    shipped = load(candidate)
    own = calibration.own_model
    if own is None or own.candidate_id != calibration.chosen:
        return ChosenNetwork(shipped, shipped)
    try:
        adaptation = Adaptation.from_json(own.numbers)
        return ChosenNetwork(AdaptedNetwork(shipped, adaptation), shipped)
    except AdaptationError:
        return ChosenNetwork(shipped, shipped, own_left_out=True)
