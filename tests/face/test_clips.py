"""The face finder against the method's reference on real clips: the same faces, and the same pixels of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from core.face.box import FaceBox, choose_face
from core.face.checked import CheckedFaceFinder
from core.face.crop import crop_face
from core.face.haar import HaarFaceFinder
from core.method.level import TICK_SECONDS
from core.monitoring.pipeline import FaceTracker
from core.sources.source import Frame, Pixels
from core.sources.video import VideoSource

SHARED = Path(os.environ.get("CALMLINE_SHARED", Path(__file__).parents[3] / "shared"))
CLIPS = sorted((SHARED / "clips").glob("*.mp4"))
SAME = 0.99

pytestmark = [
    pytest.mark.xdist_group("clips"),  # in one process, so that the clips are compared once
    pytest.mark.shared,
    pytest.mark.thorough,
    pytest.mark.skipif(not CLIPS, reason="the clips are in ../shared (or CALMLINE_SHARED), which is not here"),
]


class ReferenceFinder(HaarFaceFinder):
    """The method's search on every frame, whatever was found before."""

    def find(self, pixels: Pixels, last: FaceBox | None = None) -> FaceBox | None:
        return choose_face(self.reference_faces(pixels), last)


@dataclass
class Compared:
    """One clip at the level's clock, by both finders."""

    by_reference: int = 0
    by_ours: int = 0
    left_out: int = 0
    missed: int = 0
    pairs: list[tuple[Pixels, Pixels]] = field(default_factory=list)


def ticks(path: Path) -> Iterator[Frame]:
    source, number = VideoSource(path), 0
    source.open()
    while frame := source.frame_at(number * TICK_SECONDS):
        yield frame
        number += 1
    source.close()


def compare(path: Path) -> Compared:
    reference, ours, checked = map(FaceTracker, (ReferenceFinder(), HaarFaceFinder(), CheckedFaceFinder()))
    seen = Compared()
    for frame in ticks(path):
        wanted, found = reference.locate(frame), ours.locate(frame)
        seen.left_out += checked.locate(frame) is None and found is not None
        seen.by_reference += wanted is not None
        seen.by_ours += found is not None
        seen.missed += wanted is not None and found is None
        if wanted is not None and found is not None:
            seen.pairs.append((crop_face(frame.pixels, wanted), crop_face(frame.pixels, found)))
    return seen


@pytest.fixture(scope="module")
def compared() -> dict[str, Compared]:
    return {path.name: compare(path) for path in CLIPS}


@pytest.mark.parametrize("name", [path.name for path in CLIPS])
def test_no_face_of_the_reference_is_missed(compared: dict[str, Compared], name: str) -> None:
    assert compared[name].missed == 0
    assert compared[name].by_ours >= compared[name].by_reference


def test_a_clip_without_a_face_has_none_in_finer_steps_either(compared: dict[str, Compared]) -> None:
    assert compared["pyfeat_no_face.mp4"].by_ours == 0


def test_leaving_out_heads_on_their_side_and_small_faces_costs_no_more_than_a_hundredth_of_the_frames(
    compared: dict[str, Compared],
) -> None:
    assert sum(one.left_out for one in compared.values()) <= sum(one.by_ours for one in compared.values()) / 100


def test_what_is_cut_out_of_both_boxes_is_the_same_and_so_is_the_emotion_that_is_read_from_it(
    compared: dict[str, Compared],
) -> None:
    pairs = [pair for one in compared.values() for pair in one.pairs]
    assert len(pairs) > 300
    assert sum(np.array_equal(theirs, ours) for theirs, ours in pairs) / len(pairs) >= SAME
