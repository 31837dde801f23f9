"""The wizard, walked by keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from app.tui.services import chosen_camera
from app.tui.widgets.grade_table import GradeTable
from app.tui.wizard.steps import Step
from app.words.language import _
from core.calibration.machine import Phase
from core.method.emotion import EXPRESSIONS
from core.sources.source import SourceError, SourceProblem
from core.store.records import LightState, ShareLevel
from tests.tui.stage import ColourSource, do_expressions, hold, leave_texts_out, open_stage, walk_to


async def test_the_whole_way_leads_from_welcome_to_the_monitor_with_a_verdict_in_the_record(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.MONITOR)
        calibration = stage.store.latest_calibration()
    assert calibration is not None
    assert calibration.chosen in ("tiny-1", "tiny-2")
    assert {score.score for score in calibration.scores} == {110}
    assert calibration.light is LightState.OVERRIDDEN


async def test_nothing_is_measured_before_the_person_has_said_yes(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.press("enter")
        await stage.until_step(Step.CONSENT)
        await stage.press("enter")
        assert stage.app.current_step is Step.CONSENT
        assert "Calmline needs your yes" in stage.text()
        assert stage.store.consent() is None
        assert stage.sources == [] or not stage.open_sources


async def test_a_yes_and_an_enter_that_are_typed_at_once_are_taken_in_their_order(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.press("enter")
        await stage.until_step(Step.CONSENT)
        for key in ("m", "enter"):
            stage.app.post_message(events.Key(key, None))
        await stage.until_step(Step.CAMERA)


async def test_declining_is_recorded_and_said_kindly_and_can_be_undone(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.press("enter")
        await stage.until_step(Step.CONSENT)
        await stage.press("d")
        consent = stage.store.consent()
        assert consent is not None
        assert not consent.measure
        assert "That is fine. Nothing is measured." in stage.text()
        await stage.press("m", "enter")
        await stage.until_step(Step.CAMERA)
        consent = stage.store.consent()
        assert consent is not None
        assert consent.measure


async def test_sharing_begins_at_nothing_and_takes_what_is_chosen(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.press("home", "enter")  # the first country of the list, where sharing is possible
        await stage.until_step(Step.CONSENT)
        await stage.press("m", "2", "enter")
        await stage.until_step(Step.CAMERA)
        consent = stage.store.consent()
    assert consent is not None
    assert (consent.region, consent.share) == ("KR", ShareLevel.SUMMARIES)


@pytest.mark.parametrize(
    ("keys", "region", "said"),
    [
        (("home", "down"), "EU", "the law leaves no room for sharing"),
        (("end",), "ZZ", "before you name your country"),
    ],
)
async def test_in_the_eu_and_in_another_country_nothing_can_be_shared_and_the_screen_says_why(
    tmp_path: Path, keys: tuple[str, ...], region: str, said: str
) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.press(*keys, "enter")
        await stage.until_step(Step.CONSENT)
        assert said in " ".join(stage.text().split())
        await stage.press("3", "m", "enter")
        await stage.until_step(Step.CAMERA)
        consent = stage.store.consent()
    assert consent is not None
    assert (consent.region, consent.share) == (region, ShareLevel.NOTHING)


async def test_the_camera_is_closed_when_the_person_goes_back_from_the_light_check(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.LIGHT)
        await stage.until_watching()
        assert stage.open_sources == 1
        assert "camera on" in stage.text()
        await stage.press("escape")
        await stage.until_step(Step.CAMERA)
        assert stage.open_sources == 0
        assert "camera off" in stage.text()


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (SourceProblem.BUSY, "used by another program"),
        (SourceProblem.NO_PERMISSION, "may not use"),
        (SourceProblem.NOT_FOUND, "not found"),
    ],
)
async def test_a_camera_that_does_not_open_is_explained_and_tried_again(
    tmp_path: Path, trouble: SourceProblem, said: str
) -> None:
    def source() -> ColourSource:
        return ColourSource(refusals=[SourceError(trouble, "camera 0")])

    async with open_stage(tmp_path, make_source=source) as stage:
        await walk_to(stage, Step.LIGHT)
        await stage.until_watching()
        assert said in " ".join(stage.text().split())
        assert "camera off" in stage.text()  # nothing is open while it waits to be tried again
        await stage.advance(2.5)
        assert stage.source.is_open
        assert "camera on" in stage.text()


async def test_an_expression_can_be_done_again_before_it_is_kept(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press("space")
        await hold(stage)
        await stage.press("space")
        calibration = stage.app.wizard.calibration
        assert calibration is not None
        assert (calibration.phase, calibration.position) == (Phase.GET_READY, 0)
        await hold(stage)
        await stage.press("enter")
        assert calibration.position == 1
        assert [slot.attempt for slot in calibration.graded_slots] == [2]


async def test_back_leads_to_the_expression_before_and_from_the_first_one_to_the_light(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await do_expressions(stage, 1)
        calibration = stage.app.wizard.calibration
        assert calibration is not None
        assert calibration.position == 1
        await stage.press("escape")
        assert calibration.position == 0
        await stage.press("escape")
        await stage.until_step(Step.LIGHT)
        await stage.until_watching()
        assert stage.open_sources == 1


async def test_a_pause_stops_the_countdown(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press("space")
        await stage.advance(1.0)
        await stage.press("p")
        await stage.advance(30.0)
        assert stage.app.wizard.calibration is not None
        assert stage.app.wizard.calibration.phase is Phase.PAUSED


async def test_skipped_expressions_count_nothing_and_are_shown_as_a_dash(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await do_expressions(stage, 2)
        for _ in range(len(EXPRESSIONS) - 2):
            await stage.press("s")
        await leave_texts_out(stage)
        await stage.until(lambda: "points" in stage.text(), "the verdict")
        assert "20 of 20 points" in stage.text()
        await stage.press("enter")
        await stage.until_step(Step.MONITOR)
        calibration = stage.store.latest_calibration()
    assert calibration is not None
    assert sum(grade.skipped for grade in calibration.scores[0].grades) == len(EXPRESSIONS) - 2


async def test_nobody_is_told_how_an_expression_is_read_before_both_takes_are_over(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press("space")
        for _moment in range(11):  # three seconds to get ready, the first take, the pause, the second
            await stage.advance(0.9)
            assert "%" not in stage.text()
            assert "networks" not in stage.text()
        await stage.advance(1.1)
        grader = stage.app.wizard.grader
        assert grader is not None
        await stage.until(lambda: grader.pending == 0, "the readings")
        await stage.advance(0.1)
        assert "by 2 of 2 networks" in stage.text()


async def test_whoever_skips_everything_is_not_stuck(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        for _ in EXPRESSIONS:
            await stage.press("s")
        await leave_texts_out(stage)
        await stage.until(lambda: "Nothing was graded" in stage.text(), "the verdict")
        assert "not tuned to you" in " ".join(stage.text().split())
        await stage.press("enter")
        await stage.until_step(Step.MONITOR)
        assert stage.store.chosen_candidate() == "tiny-1+tiny-2", "what is read together, not the alphabet's first"
        await stage.press("s")
        await stage.until(lambda: "not tuned to you" in stage.text(), "the settings")


@pytest.mark.thorough
async def test_the_verdict_lets_an_expression_be_redone_and_comes_back(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.VERDICT)
        await stage.press("r")
        await stage.press("down", "enter")
        await stage.until_step(Step.EXPRESSIONS)
        await stage.until_watching()
        calibration = stage.app.wizard.calibration
        assert calibration is not None
        assert calibration.expression.id == EXPRESSIONS[1].id
        await hold(stage)
        await stage.press("enter")
        await stage.until_step(Step.VERDICT)
        await stage.until(lambda: "110 of 110" in stage.text(), "the verdict")


async def test_the_person_may_choose_another_network_than_the_best(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.VERDICT)
        await stage.press("w")
        assert "read as" in stage.text()
        await stage.press("escape")
        best = stage.app.screen.query_one(GradeTable).chosen
        await stage.press("down", "enter")
        await stage.until_step(Step.MONITOR)
        assert stage.store.chosen_candidate() not in (None, best)


async def test_a_face_that_is_seen_too_rarely_is_asked_again_and_not_kept(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        stage.source.trouble = SourceProblem.BLACK
        await stage.press("space")
        await hold(stage)
        assert "your face was seen too rarely" in stage.text()
        await stage.press("enter")
        assert stage.app.wizard.calibration is not None
        assert stage.app.wizard.calibration.position == 0


async def test_a_wizard_that_was_left_goes_on_where_it_was(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press("ctrl+q")
    async with open_stage(
        tmp_path / "again", prepare=lambda store: store.set_setting("wizard_step", "consent")
    ) as stage:
        assert stage.app.current_step is Step.CONSENT


async def test_the_language_changes_everywhere_at_once_and_is_remembered(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        assert "Welcome to Calmline" in stage.text()
        await stage.press("l")
        assert "캄라인에 오신 것을 환영해요" in stage.text()
        assert stage.store.setting("language") == "ko"
        await stage.press("enter")
        await stage.until_step(Step.CONSENT)
        assert "동의" in stage.text()
        await stage.press("m")
        await stage.press("f2")
        assert "[x]  m  Measure me" in stage.text()


async def test_a_fault_in_a_screen_closes_the_camera_too(tmp_path: Path) -> None:
    stages = []
    with pytest.raises(RuntimeError, match="a fault of ours"):
        async with open_stage(tmp_path) as stage:
            stages.append(stage)
            await walk_to(stage, Step.LIGHT)
            await stage.until_watching()
            assert stage.open_sources == 1
            stage.app.screen.call_later(_fail)
            await stage.settle()
    assert stages[0].open_sources == 0


def _fail() -> None:
    raise RuntimeError("a fault of ours")


async def test_keys_typed_in_hangul_mode_do_what_their_latin_ones_do(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.press("enter")
        await stage.until_step(Step.CONSENT)
        stage.app.post_message(events.Key("ㅇ", "ㅇ"))  # the key of "d", decline
        await stage.until(lambda: stage.store.consent() is not None, "the answer")
        consent = stage.store.consent()
        assert consent is not None
        assert not consent.measure


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_which_take_is_held_can_be_read_in_a_small_window(tmp_path: Path, language: str) -> None:
    async with open_stage(tmp_path, language=language) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press("space")
        await stage.advance(4.5)
        assert _("hold it") in stage.text()
        assert _("take {number} of 2").format(number=1) in stage.text()


async def test_the_next_camera_is_found_where_the_record_names_none_that_could_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sources.devices.list_cameras", lambda: [(0, "front"), (2, "side")])
    async with open_stage(tmp_path, fixed_source=False) as stage:
        await walk_to(stage, Step.LIGHT)
        await stage.until_step(Step.LIGHT)
        await stage.until_watching()
        stage.store.set_setting("camera", "[/nonsense]")
        stage.store.set_setting("camera_name", "")
        await stage.press("c")
        assert stage.store.setting("camera") == "0"
        await stage.press("c")
        assert stage.store.setting("camera") == "2"
        assert chosen_camera(stage.store) == "2"
        monkeypatch.setattr("core.sources.devices.list_cameras", lambda: [(0, "side"), (1, "front")])
        assert chosen_camera(stage.store) == "0"  # numbers have changed, names have not
