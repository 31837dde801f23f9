from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapt.chosen import load_default
from core.candidates.network import NetworkError
from core.candidates.registry import read_registry
from core.face.box import FaceBox
from core.face.crop import crop_face
from core.face.haar import HaarFaceFinder
from core.method.emotion import GAP, Emotion, Outcome, Probabilities, Reading, expression_by_id
from core.method.level import READINGS_PER_SECOND
from core.method.reading import MEMORY_SECONDS, read_in_call
from core.monitoring.pipeline import FORGET_FACE_AFTER, FaceTracker, Pipeline
from core.sources.actor import TRANSITION_SECONDS, DemoActor
from core.sources.source import Frame, Pixels
from core.system.resources import ASSETS_FOLDER, MODELS_FOLDER
from tests.doubles import FakeFinder, FakeNetwork, sure_of
from tests.strategies import probabilities
from tests.thorough import mostly_thorough

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
    assert pipeline.read(None) == GAP
    assert pipeline.read(Frame(_pixels(), 0.0)) == GAP
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


def _readings(memory_seconds: float, seen: list[tuple[float, Probabilities | None]]) -> list[Reading]:
    """What a pipeline reads at each moment: the probabilities that its network gives there, None without a face."""
    waiting = [one for _, one in seen if one is not None]
    network = FakeNetwork("one", lambda crop: waiting.pop(0))
    finder = FakeFinder([None if one is None else BOX for _, one in seen])
    pipeline = Pipeline(FaceTracker(finder), network, memory_seconds=memory_seconds)
    return [pipeline.read(Frame(_pixels(), moment)) for moment, _ in seen]


def _ticks(*read: Probabilities | None, since: float = 0.0) -> list[tuple[float, Probabilities | None]]:
    return [(since + number * 0.2, one) for number, one in enumerate(read)]


NEUTRAL, STRESS = sure_of(Emotion.NEUTRAL), sure_of(Emotion.STRESS)


@given(st.lists(probabilities, min_size=1, max_size=8))
def test_without_a_memory_every_frame_is_read_by_itself(read: list[Probabilities]) -> None:
    assert [one.probabilities for one in _readings(0.0, _ticks(*read))] == read


@given(st.lists(probabilities, min_size=1, max_size=12))
def test_with_a_memory_a_reading_is_the_mean_of_the_five_ticks_of_the_last_second(read: list[Probabilities]) -> None:
    expected = [read_in_call(read[max(0, number - 4) : number + 1]) for number in range(len(read))]
    assert [one.probabilities for one in _readings(1.0, _ticks(*read))] == expected


@pytest.mark.parametrize(
    ("memory", "outputs", "in_mirror"),
    [
        (1.0, ("probabilities",), [False, True, False, True]),
        (0.0, ("probabilities",), [False, False, False, False]),
        (1.0, ("blendshapes",), [False, False, False, False]),
    ],
    ids=["with a memory", "single frames", "fitted to one person"],
)
def test_with_a_memory_every_second_face_is_read_as_in_a_mirror(
    memory: float, outputs: tuple[str, ...], in_mirror: list[bool]
) -> None:
    pixels = _pixels()
    seen: list[Pixels] = []

    def keep(crop: Pixels) -> Probabilities:
        seen.append(crop)
        return NEUTRAL

    network = FakeNetwork("one", keep)
    network.card = replace(network.card, outputs=outputs)
    pipeline = Pipeline(FaceTracker(FakeFinder([BOX, BOX, None, BOX, BOX])), network, memory_seconds=memory)
    for number in range(5):
        pipeline.read(Frame(pixels, number * 0.2))
    plain = crop_face(pixels, BOX)
    assert not np.array_equal(plain, plain[:, ::-1])
    assert [np.array_equal(crop, plain[:, ::-1]) for crop in seen] == in_mirror
    assert [np.array_equal(crop, plain) for crop in seen] == [not one for one in in_mirror]


def test_a_mouth_that_opens_for_a_moment_while_somebody_talks_is_not_read_as_strain() -> None:
    talking = _ticks(NEUTRAL, NEUTRAL, NEUTRAL, STRESS, NEUTRAL, NEUTRAL, STRESS, NEUTRAL)
    assert {one.outcome for one in _readings(1.0, talking)} == {Outcome.NEUTRAL}
    assert [one.outcome for one in _readings(0.0, talking)].count(Outcome.STRESS) == 2


def test_an_expression_that_stays_is_read_within_three_ticks() -> None:
    outcomes = [one.outcome for one in _readings(1.0, _ticks(*[NEUTRAL] * 5, *[STRESS] * 5))]
    assert outcomes[5 + 2 :] == [Outcome.STRESS] * 3


def test_a_gap_stays_a_gap_and_what_was_read_before_it_is_forgotten_after_a_second() -> None:
    short = _readings(1.0, _ticks(NEUTRAL, NEUTRAL, NEUTRAL, None, STRESS))
    assert short[3] == GAP
    assert short[4].probabilities == read_in_call([NEUTRAL, NEUTRAL, NEUTRAL, STRESS])
    long = _readings(1.0, _ticks(NEUTRAL, NEUTRAL, NEUTRAL, None, None, None, None, STRESS))
    assert long[-1].probabilities == read_in_call([STRESS])


def test_what_a_source_showed_before_it_was_opened_anew_is_forgotten() -> None:
    read = _readings(1.0, [*_ticks(NEUTRAL, NEUTRAL, since=600.0), *_ticks(STRESS)])
    assert read[-1].probabilities == read_in_call([STRESS])


@pytest.mark.parametrize("actor", mostly_thorough(["f_multi", "m_multi"], ["m_multi"]))
@pytest.mark.parametrize("expression_id", ["open_smile", "full_surprise", "rage", "crying"])
def test_a_change_of_the_actor_s_expression_is_seen_within_1_2_seconds(actor: str, expression_id: str) -> None:
    source = DemoActor(ASSETS_FOLDER / "actor" / actor)
    reader = load_default(read_registry(MODELS_FOLDER))
    assert reader is not None
    pipeline = Pipeline(FaceTracker(HaarFaceFinder()), reader.network, memory_seconds=MEMORY_SECONDS)
    expression = expression_by_id(expression_id)
    source.open()
    for tick in range(10):
        pipeline.read(source.frame_at(tick / READINGS_PER_SECOND))
    source.perform(expression)
    half_way = 9 / READINGS_PER_SECOND + TRANSITION_SECONDS / 2
    moments = [(10 + tick) / READINGS_PER_SECOND for tick in range(15)]
    seen = [at - half_way for at in moments if pipeline.read(source.frame_at(at)).outcome.emotion is expression.emotion]
    assert seen, "it is never read"
    assert seen[0] <= 1.2 + 1e-9
