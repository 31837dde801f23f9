"""The texts that are read aloud after the expressions, so that talking is not taken for strain."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.tui.widgets.grade_table import GradeTable
from app.tui.wizard.steps import Step
from core.method.grading import TUNED
from core.monitoring.drift import FIRST_CALLS
from tests.tui.stage import Stage, open_stage, walk_to


def words(stage: Stage) -> str:
    return " ".join(stage.text().split())


async def say(stage: Stage, seconds: float, key: str = "space") -> None:
    """Begin (or go on, by `p`), look at the text for five seconds, and say it."""
    await stage.press(key)
    await stage.advance(5.0 + seconds + 0.5)
    assert "Enter goes on" in words(stage)
    await stage.press("enter")


async def read_aloud(stage: Stage) -> None:
    """All three; the next one begins by itself when one is kept."""
    await stage.press("space")
    for seconds in (15.0, 15.0, 10.0):
        await stage.advance(5.0 + seconds + 0.5)
        await stage.press("enter")
    await stage.until_step(Step.VERDICT)


async def test_who_reads_the_texts_sees_how_well_each_network_reads_speech_and_calls_say_that_it_was_learnt(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path, with_maps=True) as stage:
        await walk_to(stage, Step.SPEECH)
        assert "So that talking is not taken for strain" in words(stage)
        assert "Your order was sent on Tuesday" in words(stage)
        before = stage.clock.monotonic()
        await read_aloud(stage)
        assert stage.clock.monotonic() - before <= 120, "two minutes at most"
        await stage.until(lambda: "Enter uses it" in words(stage), "the verdict")
        table = stage.app.screen.query_one(GradeTable)
        assert set(table.speech) == {"tiny-1", "tiny-2", TUNED}
        assert table.speech[TUNED] == 1.0
        assert "talk" in stage.text()
        chosen = next(number for number, one in enumerate(table.results) if one.candidate_id == TUNED)
        await stage.press(*["down"] * chosen, "enter")
        await stage.until_step(Step.MONITOR)
        await stage.settle()
        kept = stage.store.latest_calibration()
        assert kept is not None
        assert kept.knows_speech
        assert {one.candidate_id: one.speech for one in kept.scores}[TUNED] == 1.0
        assert "Talking may be taken for something else" not in words(stage)
        await stage.press("space")
        await stage.until_watching()
        assert [call.start.knows_speech for call in stage.store.calls()] == [True]
        assert stage.open_sources == 1


async def test_who_leaves_them_out_is_told_that_talking_may_be_taken_for_something_else(tmp_path: Path) -> None:
    async with open_stage(tmp_path, with_maps=True) as stage:
        await walk_to(stage, Step.MONITOR)
        await stage.until(lambda: "Talking may be taken for something else" in words(stage), "the sentence")
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(2.0)
        await stage.press("space")
        await stage.until(lambda: stage.app.watcher.purpose is None, "the end of the call")
        await stage.press("h")
        await stage.until(
            lambda: "read by what had not learnt how you speak" in words(stage), "the mark in the history"
        )
        assert stage.text().count("talk?") == 2


async def test_after_each_of_the_first_calls_who_left_them_out_is_asked_again_and_u_leads_there(tmp_path: Path) -> None:
    async with open_stage(tmp_path, with_maps=True) as stage:
        await walk_to(stage, Step.MONITOR)
        await stage.until(lambda: "run the set-up again from Settings (s)" in words(stage), "the sentence")
        for number in range(1, FIRST_CALLS + 2):
            await stage.press("space")
            await stage.until_watching()
            assert "Shall it learn that now?" not in words(stage)
            await stage.advance(2.0)
            await stage.press("space")
            await stage.until(lambda: stage.app.watcher.purpose is None, "the end of the call")
            await stage.settle()
            assert ("Shall it learn that now?" in words(stage)) == (number <= FIRST_CALLS)
            if number == FIRST_CALLS:
                chosen = stage.store.latest_calibration()
                await stage.press("u")
                await stage.until_step(Step.CAMERA)
                assert stage.store.latest_calibration() == chosen
                stage.app.show_step(Step.MONITOR)
                await stage.settle()


@pytest.mark.thorough
async def test_a_text_can_be_said_again_and_left_and_the_way_back_leads_to_the_expressions(tmp_path: Path) -> None:
    async with open_stage(tmp_path, with_maps=True) as stage:
        await walk_to(stage, Step.SPEECH)
        await stage.press("space")
        await stage.advance(10.0)
        assert "say it" in stage.text()
        await stage.press("p")
        assert "paused" in stage.text()
        await say(stage, 15.0, "p")
        assert "Thank you so much for waiting" in words(stage)
        await stage.press("escape")
        assert "Your order was sent on Tuesday" in words(stage)
        await stage.press("s")
        await stage.until_step(Step.VERDICT)
        await stage.until(lambda: "points" in stage.text(), "the verdict")
        assert "talk" not in stage.text(), "only the text that is learnt from was said: nothing tells how well it helps"
        await stage.press("escape")
        await stage.until_step(Step.SPEECH)
        await stage.until_watching()
        await stage.press("escape", "escape", "escape")
        await stage.until_step(Step.EXPRESSIONS)
