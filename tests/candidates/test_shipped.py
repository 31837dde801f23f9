"""The contract that every shipped candidate keeps, whatever it is."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.adapt.blend import PAIR
from core.candidates.card import NETWORK_FILE
from core.candidates.network import LiteRTNetwork
from core.candidates.registry import Candidate, read_registry
from core.face.crop import ColourOrder, crop_face
from core.face.haar import HaarFaceFinder
from core.method.emotion import EMOTIONS
from core.sources.source import Pixels
from core.system.resources import ASSETS_FOLDER, MODELS_FOLDER
from tests.thorough import mostly_thorough

SHIPPED = read_registry(MODELS_FOLDER)

pytestmark = pytest.mark.skipif(not SHIPPED.candidates, reason="models/ holds no candidate yet")


QUICK = [one for one in SHIPPED.candidates if one.card.id in PAIR]


@pytest.fixture(params=mostly_thorough(SHIPPED.candidates, QUICK), ids=SHIPPED.ids)
def candidate(request: pytest.FixtureRequest) -> Candidate:
    assert isinstance(request.param, Candidate)
    return request.param


@pytest.fixture
def network(candidate: Candidate) -> LiteRTNetwork:
    return candidate.load()


@cache
def _faces() -> list[Pixels]:
    """The demo actor's face in seven expressions, cut out as in a call."""
    finder, crops = HaarFaceFinder(), []
    for path in sorted((ASSETS_FOLDER / "actor" / "m_multi").glob("*_100.jpg")):
        pixels = np.asarray(cv2.imread(str(path)), np.uint8)
        box = finder.find(pixels)
        crops += [crop_face(pixels, box)] if box is not None else []
    assert len(crops) >= 7
    return crops[:7]


def _array(network: LiteRTNetwork, crops: list[Pixels]) -> NDArray[np.float64]:
    return np.array([read.as_tuple() for read in network.read(crops)])


@pytest.mark.all_networks
def test_nothing_that_is_shipped_is_left_out() -> None:
    assert SHIPPED.rejections == ()


def test_a_shipped_card_names_its_data_and_terms(candidate: Candidate) -> None:
    card = candidate.card
    assert all(use.name and use.pictures > 0 and use.terms for use in card.training)
    assert card.terms
    assert card.recipe
    assert card.scores
    assert card.network in ("MobileNetV2", "InceptionV3", "Xception", "VGG16", "VGG16-DenseNet")


def test_a_shipped_network_has_the_shape_of_its_card_and_its_probabilities_sum_to_one(network: LiteRTNetwork) -> None:
    read = _array(network, _faces())
    assert read.shape == (7, len(EMOTIONS))
    np.testing.assert_allclose(read.sum(axis=1), 1, atol=1e-6)


def test_a_shipped_network_reads_a_face_alone_as_among_seven(network: LiteRTNetwork) -> None:
    faces = _faces()
    alone = np.concatenate([_array(network, [face]) for face in faces])
    np.testing.assert_allclose(_array(network, faces), alone, atol=1e-3)


def test_a_shipped_network_tells_faces_apart(network: LiteRTNetwork) -> None:
    assert np.ptp(_array(network, _faces()), axis=0).max() > 0.05


def test_a_shipped_network_gets_the_colour_order_that_its_card_declares(candidate: Candidate) -> None:
    """Whoever swaps the channels of the crops and of the card gets the same answer; swapping one alone does not."""
    faces, network = _faces(), candidate.load()
    other: ColourOrder = "BGR" if candidate.card.colour_order == "RGB" else "RGB"
    swapped = LiteRTNetwork(replace(candidate.card, colour_order=other), candidate.path.read_bytes())
    turned = [np.ascontiguousarray(face[..., ::-1]) for face in faces]
    np.testing.assert_allclose(_array(swapped, turned), _array(network, faces), atol=1e-6)
    assert np.abs(_array(swapped, faces) - _array(network, faces)).max() > 1e-4


@pytest.mark.parametrize("position", [0.0, 0.3, 0.999])
def test_a_shipped_network_with_a_changed_byte_is_left_out(
    candidate: Candidate, tmp_path: Path, position: float
) -> None:
    place = tmp_path / candidate.card.id
    shutil.copytree(candidate.path.parent, place)
    content = bytearray(candidate.path.read_bytes())
    content[int(position * len(content))] ^= 0xFF
    (place / NETWORK_FILE).write_bytes(bytes(content))
    registry = read_registry(tmp_path)
    assert registry.candidates == ()
    assert "the sha256 differs" in str(registry.rejections[0].reason)
