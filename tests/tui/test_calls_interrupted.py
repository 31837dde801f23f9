"""Calls that pause, lose their camera or end by something else than the key."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from app.tui.widgets.curve import MarkKind
from app.tui.widgets.level_chart import LevelChart
from core.method.emotion import Outcome
from core.sources.source import SourceProblem
from core.store.records import CallState, ShareLevel
from core.store.store import Store
from core.system.clock import SystemClock
from tests.tui.stage import ColourSource, consent_of, open_stage
from tests.tui.test_calls import end_call, start_call, tense


async def test_a_pause_closes_the_camera_and_the_call_goes_on_after_it(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=tense) as stage:
        await start_call(stage)
        await stage.advance(2.0)
        level = stage.app.calling.level
        await stage.press("p")
        await stage.until(lambda: stage.open_sources == 0, "the camera to close")
        assert "camera off" in stage.text()
        assert "paused" in stage.text()
        stage.clock.advance(10.0, looping=False)
        await stage.settle()
        assert stage.app.calling.paused
        assert stage.app.calling.level == level
        await stage.press("p")
        await stage.until_watching()
        await stage.advance(1.0)
        assert stage.open_sources == 1
        assert stage.app.calling.level > level
        await end_call(stage)
        [call] = stage.store.calls()
        times = [sample.t_ms for sample in stage.store.samples(call.id)]
    assert not [t_ms for t_ms in times if 2500 < t_ms < 11_500], "nothing is read in a pause"
    assert times[-1] > 12_000
    assert call.state is CallState.ENDED


async def test_a_pause_is_called_one_too_where_an_actor_plays_on(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=lambda: ColourSource(is_camera=False)) as stage:
        await start_call(stage)
        await stage.advance(20.0)
        await stage.press("p")
        await stage.advance(20.0)
        await stage.press("p")
        await stage.advance(20.0)
        curve = stage.app.screen.query_one("#curve", LevelChart).curve
        assert [mark.kind for mark in curve.marks] == [MarkKind.PAUSE]
        await end_call(stage)
        assert stage.store.calls()[0].summary.face_seen_share == 1.0


async def test_a_paused_call_can_be_ended(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=tense) as stage:
        await start_call(stage)
        await stage.advance(2.0)
        await stage.press("p")
        await stage.until(lambda: stage.open_sources == 0, "the camera to close")
        await end_call(stage)
        assert stage.store.calls()[0].state is CallState.ENDED


@pytest.mark.parametrize("paused", [False, True])
async def test_a_call_stops_within_a_second_of_the_withdrawal_whoever_wrote_it(tmp_path: Path, paused: bool) -> None:
    waited: list[float] = []
    async with open_stage(tmp_path, ready=True, make_source=tense) as stage:
        while not waited or (
            min(waited) >= 1.0 and len(waited) < 8
        ):  # a busy computer may be late at times, not always
            stage.store.record_consent(consent_of(stage.store))
            await start_call(stage)
            await stage.advance(2.0)
            if paused:
                await stage.press("p")
            with Store.open(stage.store.path, SystemClock(), shared=True) as other:  # as `calmline consent set` does
                other.record_consent(consent_of(other, measure=False))
                withdrawn = time.monotonic()
                while stage.app.calling.running is not None:  # noqa: ASYNC110 - the app ends it by itself
                    await asyncio.sleep(0.01)
                waited.append(time.monotonic() - withdrawn)
            await stage.until(lambda: stage.open_sources == 0, "the camera to close")
        assert min(waited) < 1.0
        assert "You withdrew your consent, so the call was ended." in stage.notices()
        assert {call.state for call in stage.store.calls()} == {CallState.ENDED}
        await stage.press("space")
        assert "not agreed to be measured" in stage.notices()


async def test_a_camera_that_goes_away_leaves_gaps_and_comes_back_in_the_same_call(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=tense) as stage:
        await start_call(stage)
        await stage.advance(2.0)
        level = stage.app.calling.level
        stage.source.trouble = SourceProblem.LOST
        await stage.advance(5.0)
        assert "went away" in " ".join(stage.text().split())
        assert stage.app.calling.level == level
        stage.source.trouble = None
        await stage.advance(2.0)
        assert stage.app.calling.level > level
        await end_call(stage)
        [call] = stage.store.calls()
    assert call.summary.share(Outcome.GAP) > 0.5
    assert call.state is CallState.ENDED


async def test_without_a_face_for_three_seconds_the_level_waits_and_says_so(tmp_path: Path) -> None:
    def nobody() -> ColourSource:
        return ColourSource(mood=lambda seconds: None)

    async with open_stage(tmp_path, ready=True, make_source=nobody) as stage:
        await start_call(stage)
        await stage.advance(4.0)
        assert "no face: the level waits" in stage.text()
        assert stage.app.calling.level == 0
        await end_call(stage)


async def test_quitting_in_the_middle_of_a_call_ends_it_closes_the_camera_and_keeps_what_was_read(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path, ready=True, make_source=tense) as stage:
        await start_call(stage)
        await stage.advance(3.0)
        await stage.press("ctrl+q")
        source, path = stage.source, stage.store.path
    assert not source.is_open
    with Store.open(path, SystemClock(), read_only=True) as store:
        [call] = store.calls()
        assert call.state is CallState.ENDED
        assert len(store.samples(call.id)) >= 15


async def test_withdrawing_consent_in_a_call_ends_the_call(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await start_call(stage)
        await stage.press("s", "down", "down", "enter", "y")
        await stage.until(lambda: stage.app.calling.running is None, "the end of the call")
        consent = stage.store.consent()
        assert consent is not None
        assert (consent.measure, consent.share) == (False, ShareLevel.NOTHING)
        assert stage.open_sources == 0


async def test_a_file_that_has_played_ends_its_call(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await start_call(stage)
        await stage.advance(1.0)
        stage.source.ended = True
        await asyncio.to_thread(stage.clock.advance, 0.4, looping=False)
        await stage.until(lambda: stage.app.calling.running is None, "the end of the call")
        assert stage.store.calls()[0].state is CallState.ENDED
