"""The face finder's steady state beside the method's full search, on the same frames of the demo actor.

`pytest tests/benchmarks/test_finder_speed.py --benchmark-enable` prints the medians and their ratio.
"""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from core.face.box import FaceBox, choose_face
from core.face.haar import HaarFaceFinder
from core.sources.actor import DemoActor
from core.sources.source import Pixels
from core.system.resources import ASSETS_FOLDER


@pytest.fixture(scope="module")
def frames() -> list[Pixels]:
    """Five seconds of a call at the level's clock: one search in all sizes is among them."""
    actor = DemoActor(ASSETS_FOLDER / "actor" / "m_multi", seed=7)
    actor.open()
    actor.perform_call(1)
    shown = [actor.frame_at(4 + tick / 5) for tick in range(25)]
    return [frame.pixels for frame in shown if frame is not None]


@pytest.mark.benchmark(group="face finder, 25 frames")
def test_the_reference_searches_every_frame_in_all_sizes(benchmark: BenchmarkFixture, frames: list[Pixels]) -> None:
    finder = HaarFaceFinder()

    def search() -> FaceBox | None:
        last = None
        for pixels in frames:
            last = choose_face(finder.reference_faces(pixels), last) or last
        return last

    assert benchmark(search) is not None


@pytest.mark.benchmark(group="face finder, 25 frames")
def test_a_followed_face_is_found_again(benchmark: BenchmarkFixture, frames: list[Pixels]) -> None:
    finder = HaarFaceFinder()

    def follow() -> FaceBox | None:
        last = None
        for pixels in frames:
            last = finder.find(pixels, last) or last
        return last

    assert benchmark(follow) is not None
