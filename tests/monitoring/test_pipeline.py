from __future__ import annotations

import numpy as np
import pytest

from core.candidates.network import NetworkError
from core.face.box import FaceBox
from core.face.crop import crop_face
from core.method.emotion import GAP, Emotion, Outcome, Probabilities
from core.monitoring.pipeline import FORGET_FACE_AFTER, FaceTracker, Pipeline
from core.sources.source import Frame, Pixels
from tests.doubles import FakeFinder, FakeNetwork, sure_of

BOX, OTHER = FaceBox(10, 20, 60, 60), FaceBox(200, 20, 60, 60)


def _pixels() -> Pixels:
    return np.random.default_rng(3).integers(0, 255, (240, 320, 3), dtype=np.uint8)


def _lasts(boxes: list[FaceBox | None], moments: list[float]) -> list[FaceBox | None]:
    finder = FakeFinder(boxes)
    tracker = FaceTracker(finder)
    for moment in moments:
        tracker.locate(Frame(_pixels(), moment))
    return finder.lasts


def test_the_last_face_leads_the_search_until_two_seconds_have_passed_without_it() -> None:
    assert _lasts([BOX, None, None, None], [0.0, 1.0, FORGET_FACE_AFTER, 2.01]) == [None, BOX, BOX, None]


def test_a_forgotten_face_stays_forgotten_until_one_is_found_again() -> None:
    assert _lasts([BOX, None, OTHER, OTHER], [0.0, 2.5, 2.6, 2.7]) == [None, None, None, OTHER]


def test_each_sight_of_the_face_keeps_it_in_mind_for_two_more_seconds() -> None:
    assert _lasts([BOX, OTHER, None, None], [0.0, 1.9, 3.8, 4.0]) == [None, BOX, OTHER, None]


def test_a_source_that_was_opened_anew_is_searched_anew() -> None:
    assert _lasts([BOX, OTHER], [600.0, 0.0]) == [None, None]


def test_the_crop_that_the_network_reads_is_the_one_crop_function_s() -> None:
    pixels = _pixels()
    seen: list[Pixels] = []

    def keep(crop: Pixels) -> Probabilities:
        seen.append(crop)
        return sure_of(Emotion.HAPPY)

    reading = Pipeline(FaceTracker(FakeFinder([BOX])), FakeNetwork("one", keep)).read(Frame(pixels, 0.0))
    assert reading.outcome is Outcome.HAPPY
    assert reading.probabilities == sure_of(Emotion.HAPPY)
    np.testing.assert_array_equal(seen[0], crop_face(pixels, BOX))


def test_no_frame_and_no_face_are_gaps_and_the_network_is_not_asked() -> None:
    network = FakeNetwork("one", lambda crop: sure_of(Emotion.HAPPY))
    finder = FakeFinder([None])
    pipeline = Pipeline(FaceTracker(finder), network)
    assert pipeline.read(None) is GAP
    assert pipeline.read(Frame(_pixels(), 0.0)) is GAP
    assert (len(finder.lasts), network.batches) == (1, [])


@pytest.mark.parametrize(
    ("threshold", "outcome"), [(0.5, Outcome.UNSURE), (0.0, Outcome.STRESS), (0.39, Outcome.STRESS)]
)
def test_a_face_that_nothing_reads_well_is_unsure_unless_the_thesis_way_is_asked_for(
    threshold: float, outcome: Outcome
) -> None:
    network = FakeNetwork("one", lambda crop: sure_of(Emotion.STRESS, 0.4))
    reading = Pipeline(FaceTracker(FakeFinder([BOX])), network, threshold).read(Frame(_pixels(), 0.0))
    assert reading.outcome is outcome
    assert reading.probabilities is not None


def test_a_network_that_fails_is_not_taken_for_a_gap() -> None:
    def fail(crop: Pixels) -> Probabilities:
        raise NetworkError("broken")

    with pytest.raises(NetworkError, match="broken"):
        Pipeline(FaceTracker(FakeFinder([BOX])), FakeNetwork("one", fail)).read(Frame(_pixels(), 0.0))
