"""Calls without screens: read as the record's settings say, and no longer than the consent holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path

import pytest

from app.cli.context import Setup
from core.candidates.registry import read_registry
from core.face.box import FaceBox
from core.method.emotion import Emotion, Outcome
from core.method.level import THESIS_CODE, next_level
from core.monitoring import headless
from core.monitoring.headless import HeadlessSample, monitor_calls
from core.sources.video import VideoSource
from core.store.records import CallSource, CallState
from core.store.settings import MEMORY_SETTING, PROFILE_SETTING, UNSURE_SETTING
from core.store.store import Store
from core.system.clock import ManualClock
from core.system.resources import MODELS_FOLDER
from tests.cases import CASES
from tests.doubles import FakeFinder, FakeNetwork, FakeSource, sure_of
from tests.tui.stage import consent_of


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(headless, "CheckedFaceFinder", lambda: FakeFinder(cycle([FaceBox(0, 0, 4, 4)])))
    with Store.open(tmp_path / "calmline.db", ManualClock()) as opened:
        yield opened


def reads(*answers: tuple[Emotion, float]) -> FakeNetwork:
    """A network that gives these answers in turn: an emotion and how probable it is."""
    turn = cycle(answers)
    return FakeNetwork("fake", lambda _crop: sure_of(*next(turn)))


def test_calls_are_read_by_the_settings_that_the_record_keeps(store: Store) -> None:
    for key, value in ((PROFILE_SETTING, "thesis-code"), (MEMORY_SETTING, "0"), (UNSURE_SETTING, "0")):
        store.set_setting(key, value)
    network = reads((Emotion.STRESS, 0.9), (Emotion.NEUTRAL, 0.9), (Emotion.HAPPY, 0.3))
    [call] = monitor_calls(FakeSource(last=30), network, store, ManualClock(), write=lambda _sample: None)
    samples = store.samples(call.id)
    assert (call.start.profile, call.start.unsure_below, call.start.memory_seconds) == ("thesis-code", 0.0, 0.0)
    assert call.start.source is CallSource.FILE
    assert {sample.outcome for sample in samples} == {Outcome.STRESS, Outcome.NEUTRAL, Outcome.HAPPY}
    level = 0
    for sample in samples:
        level = next_level(level, sample.outcome, THESIS_CODE)
        assert sample.level == level


def test_without_settings_what_is_not_likelier_than_not_is_unsure(store: Store) -> None:
    network = reads((Emotion.HAPPY, 0.3))
    [call] = monitor_calls(FakeSource(last=5), network, store, ManualClock(), write=lambda _sample: None)
    assert {sample.outcome for sample in store.samples(call.id)} == {Outcome.UNSURE}


def test_a_withdrawal_ends_the_call_and_no_other_begins(store: Store) -> None:
    store.record_consent(consent_of(store))
    written: list[HeadlessSample] = []

    def write(sample: HeadlessSample) -> None:
        written.append(sample)
        if len(written) == 10:
            store.record_consent(consent_of(store, measure=False))

    network, source = reads((Emotion.STRESS, 0.9)), FakeSource(is_camera=True)
    [call] = monitor_calls(source, network, store, ManualClock(), calls=3, seconds=60, write=write)
    assert call.state is CallState.ENDED
    assert len(written) == len(store.samples(call.id)) == 10
    assert not source.is_open


@pytest.mark.all_networks
@pytest.mark.parametrize(("memory", "happy", "stress"), [("0", 3000, 13_200), ("1", 3600, 14_000)])
@pytest.mark.parametrize("network_id", ["inceptionv3-1", "inceptionv3-10"])
def test_a_video_that_slows_down_in_poor_light_is_read_at_its_own_times(
    tmp_path: Path, network_id: str, memory: str, happy: int, stress: int
) -> None:
    """Of single frames exactly as the case says; the second's memory follows a face within that second.

    What follows at 14.8 s, bared teeth under raised brows, is surprise to all ten networks, with memory and without.
    """
    candidate = read_registry(MODELS_FOLDER).find(network_id)
    assert candidate is not None
    samples: list[HeadlessSample] = []
    with Store.open(tmp_path / "calmline.db", ManualClock()) as store:
        store.set_setting(MEMORY_SETTING, memory)
        source = VideoSource(CASES / "vfr_lowlight.mp4")
        monitor_calls(source, candidate.load(), store, ManualClock(), write=samples.append)
    assert (begins(samples, "happy"), begins(samples, "stress"), samples[-1].t_ms) == (happy, stress, 19_600)


@pytest.mark.all_networks
@pytest.mark.parametrize(("memory", "happy"), [("0", 3000), ("1", 3600)])
def test_the_usual_reader_sees_the_smile_when_it_begins_and_with_a_memory_within_a_second(
    tmp_path: Path, memory: str, happy: int
) -> None:
    """The rage at 13.2 s it takes for neutral, with memory and without: not every network sees it, whatever the time."""
    reader = Setup(models=MODELS_FOLDER).chosen_network(None).network
    samples: list[HeadlessSample] = []
    with Store.open(tmp_path / "calmline.db", ManualClock()) as store:
        store.set_setting(MEMORY_SETTING, memory)
        source = VideoSource(CASES / "vfr_lowlight.mp4")
        monitor_calls(source, reader, store, ManualClock(), seconds=4, write=samples.append)
    assert begins(samples, "happy") == happy


def begins(samples: Sequence[HeadlessSample], emotion: str) -> int:
    """When an emotion is read for the first time, in milliseconds."""
    return min(one.t_ms for one in samples if one.emotion == emotion)
