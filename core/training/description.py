"""A run's description of itself, in its folder: everything needed to repeat it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras

from core.candidates.card import NETWORK_FILE
from core.datasets.labelled import LabelledSet, data_hash
from core.method.experiments import Experiment
from core.system.files import write_file
from core.system.versions import commit, installed_versions
from core.training.augmentation import AugmentationRanges
from core.training.settings import CONFIG_FILE, RunSettings


def describe(
    experiment: Experiment,
    settings: RunSettings,
    sets: Sequence[LabelledSet],
    weights: str | Path,
    ranges: AugmentationRanges,
) -> dict[str, Any]:
    """What the run is, on which data and from which weights: by this it is known again (`core.training.resuming`)."""
    return {
        "experiment": asdict(experiment),
        "settings": asdict(settings),
        "augmentation": asdict(ranges),
        "weights": weights.name if isinstance(weights, Path) else weights,
        "weights_sha256": _sha256(weights),
        "data": {f"{labelled.name}/{labelled.split}": len(labelled) for labelled in sets},
        "data_hash": data_hash(sets),
    }


def write_description(folder: Path, described: Mapping[str, Any], notes: Mapping[str, Any]) -> None:
    """Write what `describe` tells, with which versions the run began; `notes` are kept as they are."""
    config = {
        **described,
        "backend": keras.backend.backend(),
        "versions": installed_versions("keras", "numpy", "opencv-python-headless", keras.backend.backend()),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "commit": commit() or "unknown",
        **notes,
    }
    write_file(folder / CONFIG_FILE, json.dumps(config, indent=2))


def _sha256(weights: str | Path) -> str | None:
    """Which file a run began from, in a folder the candidate's network or the run's description; None where none."""
    if not isinstance(weights, Path):
        return None
    files = [weights, weights / CONFIG_FILE, weights / NETWORK_FILE]  # in the order of `load_initial_weights`
    found = next((file for file in files if file.is_file()), None)
    if found is None:
        return None
    with found.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
