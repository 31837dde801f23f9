"""The reader in use: a single candidate, several read together, or these tuned to the person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.adapt.blend import MAX_MEMBERS, Blend, BlendError, blended_ids, untuned
from core.adapt.network import BlendedNetwork
from core.candidates.network import FeatureNetwork, LiteRTNetwork
from core.candidates.registry import Candidate, Registry
from core.store.records import CalibrationRecord

Load = Callable[[Candidate], LiteRTNetwork]


@dataclass(frozen=True, slots=True)
class ChosenNetwork:
    """What reads the person. `own_left_out`: a reader of their own was chosen, but does not fit the networks any more.

    It does not fit when a network file has changed since it was made, or when its numbers cannot be right; then its
    networks read as they come, and the person is told.
    """

    network: LiteRTNetwork | BlendedNetwork
    own_left_out: bool = False

    @property
    def explained(self) -> FeatureNetwork:
        """The network that explanations are made of: the first one, or all of it where that has no opinion of its own."""
        if isinstance(self.network, BlendedNetwork) and not self.network.networks[0].card.is_personal:
            return self.network.networks[0]
        return self.network


def load_reader(registry: Registry, name: str, load: Load = Candidate.load) -> ChosenNetwork | None:
    """The candidate with this id, or several that are read together, joined by "+".

    None where one is not there, or reads nobody as it comes.

    Raises:
        NetworkError: a network file cannot be run.
    """
    networks = _load_all(registry, name, load)
    return None if networks is None else _as_they_come(networks)


def load_default(registry: Registry) -> ChosenNetwork | None:
    """What reads whoever has not chosen: the networks that are read together; None where there is none at all.

    Raises:
        NetworkError: a network file cannot be run.
    """
    return load_reader(registry, "+".join(blended_ids(registry.ids)))


def load_chosen(
    registry: Registry, calibration: CalibrationRecord | None, load: Load = Candidate.load
) -> ChosenNetwork | None:
    """The reader that the calibration chose, loaded by `load`; None without a choice, or where it is gone.

    A reader of landmarks that does not fit its networks any more is gone: nothing is left that could read the person.

    Raises:
        NetworkError: a network file cannot be run.
    """
    if calibration is None or calibration.chosen is None:
        return None
    own = calibration.own_model
    if own is None or own.candidate_id != calibration.chosen:
        return load_reader(registry, calibration.chosen, load)
    networks = _load_all(registry, own.base_id, load)
    if networks is None:
        return None
    try:
        return ChosenNetwork(BlendedNetwork(networks, Blend.from_json(own.numbers)))
    except BlendError:
        untuned_reader = _as_they_come(networks)
        return None if untuned_reader is None else replace(untuned_reader, own_left_out=True)


def _load_all(registry: Registry, name: str, load: Load) -> list[LiteRTNetwork] | None:
    """The networks of ids joined by "+": one to three, none of them twice; None where that is not so."""
    names = name.split("+")
    found = [candidate for one in names if (candidate := registry.find(one)) is not None]
    if len(found) < len(names) or len(names) > MAX_MEMBERS or len(set(names)) < len(names):
        return None
    return [load(candidate) for candidate in found]


def _as_they_come(networks: Sequence[LiteRTNetwork]) -> ChosenNetwork | None:
    if any(network.card.is_personal for network in networks):
        return None
    if len(networks) == 1:
        return ChosenNetwork(networks[0])
    return ChosenNetwork(BlendedNetwork(networks, untuned([network.card for network in networks])))
