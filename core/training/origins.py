"""What a network was trained on, with what it began from and who taught it: nobody trains a data set's terms away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.candidates.card import CARD_FILE, CardError, DataSetUse, load_card
from core.system.json_records import record_of
from core.training.settings import CONFIG_FILE, read_description

INHERITED = "inherited"
"""What a run's description calls the data sets of the networks that it began from and was taught by."""

DATA_TERMS: Mapping[str, str] = {
    "rafdb": "RAF-DB, research only",
    "ferplus": "FER2013 pictures with FER+ labels, research only",
    "korean": "AI Hub complex video for Korean emotion, research in Korea, no redistribution",
    "affectnet_oval": "AffectNet-like faces cut to an oval, research only",
    "lfw": "Labeled Faces in the Wild with students' labels, research only",
    "ckplus": "CK+, research only",
    "emonet": "EmoNet-Face Binary, LAION, CC BY 4.0",
}
"""Terms of the sets that are known here, for the cards."""

_TERMS_OF_OTHERS = "see the data set's own terms"


def uses_of_run(config: Mapping[str, Any]) -> list[DataSetUse]:
    """The data sets behind a run, by its own description: those of its training, then those it has inherited."""
    counts = {key.removesuffix("/train"): int(count) for key, count in config["data"].items() if key.endswith("/train")}
    own = [DataSetUse(name, count, DATA_TERMS.get(name, _TERMS_OF_OTHERS)) for name, count in counts.items()]
    return _by_name([*own, *(record_of(use, DataSetUse) for use in config.get(INHERITED, ()))])


def uses_of_runs(configs: Iterable[Mapping[str, Any]]) -> list[DataSetUse]:
    """The data sets behind several runs, each set once."""
    return _by_name(use for config in configs for use in uses_of_run(config))


def inherited_uses(places: Iterable[Path]) -> list[dict[str, Any]]:
    """The data sets behind networks, as a run's description keeps them: of runs' folders, candidates' and their files.

    A weights file tells nothing of its data, nor does what cannot be read: whoever begins from it says so elsewhere.
    """
    return [asdict(use) for use in _by_name(use for place in places for use in _uses_behind(place))]


def _uses_behind(place: Path) -> list[DataSetUse]:
    try:
        if (place / CONFIG_FILE).is_file():
            return uses_of_run(read_description(place))
        folder = place if place.is_dir() else place.parent
        if (folder / CARD_FILE).is_file() and (place.is_dir() or place.suffix == ".tflite"):
            return list(load_card(folder / CARD_FILE).training)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, CardError):
        return []  # what is wrong with it is said where its weights are read
    return []


def _by_name(uses: Iterable[DataSetUse]) -> list[DataSetUse]:
    """Each set once, as it is named first."""
    found: dict[str, DataSetUse] = {}
    for use in uses:
        found.setdefault(use.name, use)
    return list(found.values())
