"""Live practice without a screen: time, pauses, questions, and where the network looked at the tensest moments."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from core.adapt.chosen import ChosenNetwork
from core.candidates.network import LiteRTNetwork
from core.candidates.registry import read_registry
from core.coach.live import LivePractice
from core.coach.network import load_practice_network
from core.coach.session import Session, find_runs, valence_shares
from core.coach.timeline import timeline_bins
from core.coach.valence import Moment, Valence
from core.explain.regions import Region
from core.explain.saliency import SaliencyMethod
from core.method.emotion import Outcome
from core.monitoring.pipeline import FaceTracker
from core.sources.loop import Tick
from core.sources.source import Frame, SourceProblem
from core.system.resources import MODELS_FOLDER
from tests.coach.test_session import moments
from tests.tiny_network import card_for, tiny_network
from tests.tui.stage import ColourFinder

RED, GREEN, BLUE = (0, 0, 255), (0, 255, 0), (255, 0, 0)  # BGR: read as happy, neutral, stress


def practice(*, maps: bool = True, questions: Iterable[str] = ()) -> LivePractice:
    content = tiny_network(grid=4, outputs=2) if maps else tiny_network()
    outputs = ("probabilities", "feature_map") if maps else ("probabilities",)
    network = LiteRTNetwork(card_for(content, outputs=outputs), content)
    return LivePractice(FaceTracker(ColourFinder()), ChosenNetwork(network), tuple(questions))


def tick(now: float, colour: tuple[int, int, int] | None = GREEN) -> Tick:
    if colour is None:
        return Tick(now, None, SourceProblem.LOST)
    pixels = np.full((48, 64, 3), colour, np.uint8)
    pixels[:26] = pixels[:26] // 5 * 3
    return Tick(now, Frame(pixels, now))


def play(live: LivePractice, begin: float, colours: Iterable[tuple[int, int, int] | None]) -> None:
    for number, colour in enumerate(colours):
        live.handle(tick(begin + number * 0.2, colour))


def test_time_counts_from_the_first_frame_and_not_in_a_pause() -> None:
    live = practice()
    play(live, 100.0, [None] * 10)
    assert live.view().seconds == 0
    assert live.view().trouble is SourceProblem.LOST
    play(live, 110.0, [GREEN] * 11)
    assert live.view().seconds == pytest.approx(2)
    live.pause()
    play(live, 120.0, [BLUE] * 50)
    live.resume()
    play(live, 300.0, [GREEN] * 5)
    assert live.view().seconds == pytest.approx(3)
    assert live.view().shares[Valence.NEGATIVE] == 0


def test_each_question_has_its_shares_and_its_tensest_moments_tell_where_the_network_looked() -> None:
    live = practice(questions=["Who are you?", "Why us?"])
    play(live, 0.0, [RED] * 10)
    live.next_question()
    assert live.view().question == "Why us?"
    play(live, 2.0, [BLUE] * 30)
    first, second = live.summaries()
    assert first.shares[Valence.POSITIVE] == 1
    assert second.shares[Valence.NEGATIVE] == 1
    for moment in second.most_negative:
        attribution = live.attribution(moment)
        assert attribution is not None
        assert attribution.most is Region.MOUTH  # the upper half is darker
        assert attribution.method is SaliencyMethod.ACTIVATION
    assert live.attribution(Moment(99.0, Outcome.STRESS)) is None


def test_a_network_without_a_map_is_explained_by_occlusion_now_and_then() -> None:
    live = practice(maps=False)
    play(live, 0.0, [BLUE] * 26)
    assert len(live._attributions) == 3  # in five seconds: at 0, 2 and 4
    assert {attribution.method for _, attribution in live._attributions} == {SaliencyMethod.OCCLUSION}


def test_a_long_session_tells_the_same_as_counting_everything_anew() -> None:
    session, fed = Session(), moments("hhnnsssuuh-??--sssssunnnnnnnnuuuuuuuuuhhss" * 3)
    for number, moment in enumerate(fed, start=1):
        session.add(moment)
        assert session.shares == pytest.approx(valence_shares(fed[:number]))
        runs = find_runs(fed[:number])
        if session.current_run is not None:
            assert session.current_run == runs[-1]


def test_a_strip_shows_a_short_tense_moment_among_calm_ones() -> None:
    bins = timeline_bins(moments("n" * 40 + "s" + "n" * 40 + "h" * 20), 10)
    assert [valence for valence, _ in bins].count(Valence.NEGATIVE) == 1
    assert bins[-1] == (Valence.POSITIVE, 0.0)
    assert timeline_bins([], 10) == []
    assert timeline_bins(moments("-----"), 2) == [(None, 0.0)] * 2


def test_the_practice_network_is_the_one_named_or_the_first_without_a_choice() -> None:
    registry = read_registry(MODELS_FOLDER)
    last = registry.ids[-1]
    named = load_practice_network(registry, None, last)
    assert named is not None
    assert named.network.card.id == last
    found = load_practice_network(registry, None)
    assert found is not None
    assert found.network.card.id in registry.ids
    assert load_practice_network(registry, None, "nobody") is None
