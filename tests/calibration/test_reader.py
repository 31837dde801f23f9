"""What the grader keeps of one candidate: features of both takes, and where it looked in the graded one."""

from __future__ import annotations

import numpy as np

from core.calibration.grader import CalibrationGrader
from core.calibration.machine import Slot
from core.calibration.reader import OCCLUDED_CROP, CandidateReader
from core.candidates.network import LiteRTNetwork
from core.explain.attribution import Attribution
from core.explain.regions import Region
from core.explain.saliency import SaliencyMethod
from core.method.emotion import Emotion
from core.sources.source import Pixels
from tests.doubles import FakeNetwork, sure_of
from tests.tiny_network import card_for, tiny_network

FITTED, GRADED = Slot("frown", 1, 1), Slot("frown", 2, 1)


def network(grid: int) -> LiteRTNetwork:
    content = tiny_network(grid=grid, outputs=2)
    return LiteRTNetwork(card_for(content, outputs=("probabilities", "feature_map")), content)


def blue(count: int) -> list[Pixels]:
    """Faces read as stress, brightest at the mouth."""
    crop = np.zeros((100, 100, 3), np.uint8)
    crop[:, :, 0], crop[60:, :, 0] = 180, 250
    return [crop.copy() for _ in range(count)]


def read(reader: CandidateReader, slot: Slot, count: int) -> None:
    for start in range(0, count, 8):
        some = blue(min(8, count - start))
        reader.keep(reader.read([slot] * len(some), some))


def test_features_of_both_takes_become_examples_and_only_the_graded_one_is_explained() -> None:
    reader = CandidateReader(network(4))
    read(reader, FITTED, 12)
    read(reader, GRADED, 14)
    examples = reader.examples([FITTED])
    assert examples is not None
    assert examples.pooled.shape == (12, 3)
    assert reader.attribution(FITTED, Emotion.STRESS) is None
    attribution = reader.attribution(GRADED, Emotion.STRESS)
    assert attribution is not None
    assert (attribution.frames, attribution.method, attribution.most) == (3, SaliencyMethod.ACTIVATION, Region.MOUTH)
    assert abs(sum(attribution.shares.values()) - 1) < 1e-6


def test_a_network_that_nobody_learns_from_keeps_no_features_and_reads_the_same() -> None:
    wide, narrow = CandidateReader(network(4)), CandidateReader(network(4), keeps_features=False)
    for reader in (wide, narrow):
        read(reader, FITTED, 12)
    kept, none = wide.examples([FITTED]), narrow.examples([FITTED])
    assert kept is not None
    assert none is not None
    assert none.pooled.shape == (12, 0)
    assert (none.probabilities == kept.probabilities).all()


def test_a_map_of_one_cell_is_explained_by_occlusion_of_one_crop() -> None:
    reader = CandidateReader(network(1))
    read(reader, GRADED, OCCLUDED_CROP)
    assert reader.attribution(GRADED, Emotion.STRESS) is None
    read(reader, GRADED, 5)
    attribution = reader.attribution(GRADED, Emotion.STRESS)
    assert attribution is not None
    assert (attribution.frames, attribution.method) == (1, SaliencyMethod.OCCLUSION)


def test_a_network_that_tells_no_features_gives_grades_and_nothing_else() -> None:
    grader = CalibrationGrader([FakeNetwork("plain", lambda crop: sure_of(Emotion.STRESS))])
    for crop in blue(12):
        grader.submit(GRADED, crop)
    grader.wait()
    results = grader.results([GRADED])
    assert results[0].score == 10
    assert grader.examples([GRADED]) == {}
    assert grader.attributions([GRADED], results) == {"plain": {}}
    grader.close()


def test_a_network_that_looked_nowhere_on_the_face_is_not_said_to_have_looked_anywhere() -> None:
    nothing, beside = dict.fromkeys(Region, 0.0), {**dict.fromkeys(Region, 0.0), Region.REST: 1.0}
    for shares in (nothing, beside):
        assert Attribution(Emotion.HAPPY, shares, 1, SaliencyMethod.ACTIVATION).most is None
