from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.candidates.registry import Candidate, read_registry
from core.explain.file_graph import FileGraph
from core.explain.geometry import MapGeometry, enlarge, even_geometry, map_geometry
from core.system.resources import MODELS_FOLDER
from tests.tiny_network import tiny_network

CANDIDATES = read_registry(MODELS_FOLDER).candidates
CELLS = {"MobileNetV2": (31.0, 32.0), "VGG16-DenseNet": (15.5, 32.0)}
"""MobileNetV2 pads behind only, five times: 1 + 2 + 4 + 8 + 16. VGG16 halves five times: (32 - 1) / 2."""


@given(arrays(np.float32, st.tuples(st.integers(2, 12), st.integers(2, 12)), elements=st.floats(0, 1, width=32)))
def test_cells_that_share_the_crop_evenly_are_enlarged_as_opencv_does_it(coarse: np.ndarray) -> None:
    assert np.allclose(enlarge(coarse, None), cv2.resize(coarse, (100, 100)), atol=0.03)  # remap counts in 32nds


@given(st.floats(0, 40), st.floats(8, 40), st.integers(2, 4), st.integers(0, 3))
def test_a_cell_is_hottest_at_the_pixel_it_looks_at(first: float, step: float, cells: int, cell: int) -> None:
    cell = min(cell, cells - 1)
    centre = first + cell * step
    if centre > 99:
        return
    coarse = np.zeros((cells, cells), np.float32)
    coarse[cell, cell] = 1
    saliency = enlarge(coarse, MapGeometry(first, step))
    near = round(centre)
    assert saliency[near, near] >= saliency.max() - 2 / step


def test_even_cells_lie_in_the_middle_of_their_share() -> None:
    assert even_geometry(4) == MapGeometry(12.0, 25.0)


@pytest.mark.parametrize("candidate", CANDIDATES, ids=[one.card.id for one in CANDIDATES])
def test_every_shipped_file_tells_where_the_cells_of_its_map_lie(candidate: Candidate) -> None:
    geometry = map_geometry(FileGraph(candidate.path.read_bytes()))
    assert geometry is not None
    assert (geometry.first, geometry.step) == CELLS.get(candidate.card.network, (geometry.first, 32.0))
    assert 0 <= geometry.first < geometry.step * 1.5


def test_a_file_without_a_map_tells_no_place() -> None:
    assert map_geometry(FileGraph(tiny_network())) is None
