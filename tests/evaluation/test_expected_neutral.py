"""What it would cost still pictures to expect a neutral face, as calls do (docs/evidence/talking.md)."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from core.adapt.blend import PAIR, untuned
from core.adapt.network import BlendedNetwork
from core.candidates.registry import read_registry
from core.datasets.labelled import read_splits
from core.evaluation.metrics import read_rightly
from core.method.reading import read_in_call
from core.system.resources import MODELS_FOLDER

SHARED = Path(os.environ.get("CALMLINE_SHARED", Path(__file__).parents[3] / "shared"))


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not (SHARED / "data").is_dir(), reason="the shared data are not here")
@pytest.mark.parametrize("name", ["rafdb", "ferplus", "korean", "affectnet_oval", "lfw", "ckplus"])
def test_to_expect_a_neutral_face_would_cost_no_validation_set_half_a_point(name: str) -> None:
    [labelled] = read_splits(SHARED / "data", [name], "val")
    registry = read_registry(MODELS_FOLDER)
    networks = [found.load() for one in PAIR if (found := registry.find(one)) is not None]
    pair = BlendedNetwork(networks, untuned([network.card for network in networks]))
    crops = [np.ascontiguousarray(picture[..., ::-1]) for picture in labelled.pictures]
    read = [one for start in range(0, len(crops), 32) for one in pair.read(crops[start : start + 32])]
    as_still, as_in_call = (
        read_rightly(np.array([one.as_tuple() for one in some]), labelled).mean()
        for some in (read, [read_in_call([one]) for one in read])
    )
    print(f"{name}: {as_still:.4f}, {as_in_call:.4f}")
    assert as_in_call > as_still - 0.005
