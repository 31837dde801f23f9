"""The landmark networks as a candidate, on the demo actors' faces."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.candidates.network import LiteRTNetwork
from core.candidates.registry import read_registry
from core.face.crop import crop_face
from core.face.haar import HaarFaceFinder
from core.face.landmarks import BLENDSHAPES
from core.sources.source import Pixels
from core.system.resources import ASSETS_FOLDER, LANDMARKS_FOLDER


@pytest.fixture(scope="module")
def network() -> LiteRTNetwork:
    [landmarks] = read_registry(LANDMARKS_FOLDER).personal
    return landmarks.load()


def crop(actor: str, frame: str) -> Pixels:
    pictures = [cv2.imread(str(ASSETS_FOLDER / "actor" / actor / f"{name}.jpg")) for name in ("neutral", frame)]
    calm, shown = (np.asarray(picture, np.uint8) for picture in pictures)
    box = HaarFaceFinder().find(calm)  # the actor holds its head still
    assert box is not None
    return crop_face(shown, box)


def features(network: LiteRTNetwork, *crops: Pixels) -> NDArray[np.float32]:
    return network.read_features(crops).pooled


@pytest.mark.parametrize("actor", ["f_multi", "m_african", "f_easian"])
def test_a_smile_shows_in_the_features_of_a_crop_and_the_probabilities_stay_even(
    network: LiteRTNetwork, actor: str
) -> None:
    read = network.read_features([crop(actor, "neutral"), crop(actor, "smile_100")])
    np.testing.assert_allclose(read.probabilities, 0.25)
    assert read.pooled.shape == (2, len(BLENDSHAPES))
    calm, smiling = read.pooled[:, BLENDSHAPES.index("mouthSmileLeft")]
    assert smiling > calm + 0.3


def test_after_resting_it_reads_the_same(network: LiteRTNetwork) -> None:
    face = crop("m_white", "frown_100")
    before = features(network, face)
    network.release()
    np.testing.assert_array_equal(features(network, face), before)
    np.testing.assert_array_equal(features(network, crop("f_multi", "neutral"), face)[1:], before)
