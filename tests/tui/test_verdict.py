"""The verdict: a model of one's own, and why an expression was misread."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.tui.autoplay import play
from app.tui.services import DemoOptions, Services, load_reading_tools
from app.tui.start import make_app, source_maker
from app.tui.widgets.grade_table import GradeTable
from app.tui.widgets.marked_list import MarkedList
from app.tui.wizard.steps import Step
from app.tui.wizard.verdict import Graded, VerdictScreen
from app.words.sentences import expression_abbreviation, expression_name
from core.adapt.blend import Blend, Member
from core.method.emotion import EXPRESSIONS
from core.method.grading import TUNED, TUNED_LANDMARKS
from core.store.locations import Locations
from core.store.records import CalibrationRecord, LightState, OwnModelRecord
from core.store.store import Store
from core.system.clock import ManualClock
from core.system.resources import MODELS_FOLDER
from tests.thorough import mostly_thorough
from tests.tiny_network import card_for, tiny_network
from tests.tui.stage import (
    MISREADING,
    ColourSource,
    Stage,
    all_read_rightly,
    consent_of,
    hold,
    leave_texts_out,
    open_stage,
    walk_to,
)


def shaded() -> ColourSource:
    return ColourSource(shaded=True)


def words(stage: Stage) -> str:
    return " ".join(stage.text().replace("│", " ").split())


def latest(store: Store) -> CalibrationRecord:
    calibration = store.latest_calibration()
    assert calibration is not None
    return calibration


def with_own_model(weights: Sequence[Sequence[float]]) -> Callable[[Store], None]:
    """A record whose person uses an own model of tiny-1 with these weights: it reads green as neutral."""

    def prepare(store: Store) -> None:
        content = tiny_network(weights=weights, grid=4, outputs=2)
        card = card_for(content, outputs=("probabilities", "feature_map"))
        matrix = np.array([[0, 0, 0, 0], [0, 9, -9, 0], [0, 0, 0, 0]], dtype=np.float64)
        member = Member("tiny-1", card.reading_sha256, np.zeros((4, 4)), matrix)
        blend = Blend((member,), np.ones(4, np.bool_), np.zeros(4))
        store.record_consent(consent_of(store))
        store.save_calibration(
            CalibrationRecord.from_results(
                store.now(),
                "camera 0",
                LightState.READY,
                all_read_rightly(TUNED, "tiny-1"),
                chosen=TUNED,
                card_sha256={TUNED: blend.sha256, "tiny-1": card.sha256},
                own_model=OwnModelRecord(TUNED, "tiny-1", 40, blend.to_json()),
            )
        )

    return prepare


async def test_an_own_model_that_surely_gains_comes_first_says_how_much_and_is_kept_until_all_is_erased(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path, weights=MISREADING, with_maps=True, make_source=shaded) as stage:
        await walk_to(stage, Step.VERDICT)
        await stage.until(lambda: "reader tuned to you reads you best" in words(stage), "the tuned reader")
        [own, best, _other] = stage.app.screen.query_one(GradeTable).results
        assert own.candidate_id == TUNED
        assert own.score > best.score
        assert f"{own.score} of {own.best_possible} points" in words(stage)
        assert f"{own.score - best.score} more than Tiny (1)" in words(stage)
        assert "“No expression” was hard for 2 of 2: read as tense, looking at the mouth" in words(stage)
        await _look_at_why(stage)
        await stage.press("up", "enter")
        await stage.until_step(Step.MONITOR)
        kept = latest(stage.store)
        assert kept.own_model is not None
        assert kept.chosen == kept.own_model.candidate_id == own.candidate_id
        assert kept.own_model.points_gained == own.score - best.score
        assert {score.candidate_id for score in kept.scores} == {"tiny-1", "tiny-2", own.candidate_id}
        assert set(json.loads(kept.own_model.numbers)) == {"version", "members", "learnt", "bias"}
        stage.store.erase_all()
        assert stage.store.latest_calibration() is None
        content = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("calmline.db*"))
    number = str(Blend.from_json(kept.own_model.numbers).members[0].of_features[0, 0])
    assert number.encode() not in content


@pytest.mark.thorough
async def test_the_line_pointed_at_stays_when_an_own_model_comes_before_it(tmp_path: Path) -> None:
    async with open_stage(tmp_path, weights=MISREADING, with_maps=True, make_source=shaded) as stage:
        await walk_to(stage, Step.VERDICT)
        await stage.until(lambda: "reader tuned to you reads you best" in words(stage), "the tuned reader")
        screen = stage.app.screen
        assert isinstance(screen, VerdictScreen)
        known = screen._verdict
        screen.on_graded(Graded(replace(known, tuned=()), final=False))
        await stage.press("down")
        pointed = screen._verdict.lines[screen._pointed].candidate_id
        screen.on_graded(Graded(known, final=True))
        table = screen.query_one(GradeTable)
        assert table.results[table.pointed].candidate_id == pointed


async def _look_at_why(stage: Stage) -> None:
    """`w`: of the own model what became of each expression, of a shipped one what it was taken for and where it looked."""
    await stage.press("w")
    assert "tuned to you" in stage.text()
    assert " → " in stage.text()
    await stage.press("escape", "down", "w")
    assert "“No expression” is neutral; it was taken for tense." in words(stage)
    assert "●      ●" in stage.text()  # the guide's eyes
    assert "It saw your mouth" in words(stage)
    await stage.press("right")
    assert "“Blank stare”" in stage.text()
    await stage.press("left", "left")
    assert "read as" in stage.text()  # the table of shares
    await stage.press("escape")


async def test_where_the_networks_read_all_rightly_any_line_may_be_taken_and_all_are_kept(tmp_path: Path) -> None:
    async with open_stage(tmp_path, with_maps=True) as stage:  # networks that read everything rightly: nothing to gain
        await walk_to(stage, Step.VERDICT)
        await stage.until(lambda: "Enter uses it" in words(stage), "the verdict")
        results = stage.app.screen.query_one(GradeTable).results
        assert {one.score for one in results} == {110}
        number = next(place for place, one in enumerate(results) if one.candidate_id == "tiny-2")
        await stage.press(*["down"] * number, "enter")
        await stage.until_step(Step.MONITOR)
        kept = latest(stage.store)
    assert kept.chosen == "tiny-2"
    assert {score.candidate_id for score in kept.scores} == {"tiny-1", "tiny-2", TUNED}


async def test_whoever_skips_all_expressions_is_read_by_the_networks_together(tmp_path: Path) -> None:
    async with open_stage(tmp_path, with_maps=True) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press(*["s"] * 11)
        await leave_texts_out(stage)
        await stage.until(lambda: "Nothing was graded" in words(stage), "the verdict")
        await stage.press("enter")
        await stage.until_step(Step.MONITOR)
        assert latest(stage.store).chosen == "tiny-1+tiny-2"
        await stage.press("space")
        await stage.until_watching()
        assert [call.start.candidate_id for call in stage.store.calls()] == ["tiny-1+tiny-2"]


async def test_calls_read_with_the_own_model_of_the_record(tmp_path: Path) -> None:
    prepare = with_own_model(MISREADING)
    async with open_stage(tmp_path, weights=MISREADING, with_maps=True, prepare=prepare) as stage:
        await stage.press("space")
        await stage.until_watching()
        await stage.advance(3.0)
        assert "neutral" in stage.text()  # as shipped the network takes this resting face for a tense one
        assert stage.notices() == ""
        assert [call.start.candidate_id for call in stage.store.calls()] == [TUNED]


async def test_the_settings_offer_no_reader_of_ones_own_that_was_not_kept(tmp_path: Path) -> None:
    def prepare(store: Store) -> None:
        with_own_model(MISREADING)(store)
        kept = latest(store)
        other = replace(kept.scores[0], candidate_id=TUNED_LANDMARKS, chosen=False)
        store.save_calibration(replace(kept, id=None, scores=(*kept.scores, other)))

    async with open_stage(tmp_path, weights=MISREADING, with_maps=True, prepare=prepare) as stage:
        stage.app.show_settings("network")
        await stage.settle()
        await stage.press("enter")
        offered = stage.app.screen.query_one(MarkedList)
        assert {offered.get_option_at_index(number).id for number in range(offered.option_count)} == {TUNED, "tiny-1"}


async def test_an_own_model_of_another_file_is_left_out_and_the_person_is_told(tmp_path: Path) -> None:
    prepare = with_own_model([[value * 0.9 for value in row] for row in MISREADING])
    async with open_stage(tmp_path, weights=MISREADING, with_maps=True, prepare=prepare) as stage:
        await stage.press("space")
        await stage.until_watching()
        assert "has changed since your own reader was tuned" in stage.notices()
        await stage.advance(2.0)
        assert "tense" in stage.text()
        assert [call.start.candidate_id for call in stage.store.calls()] == ["tiny-1"]


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_the_demo_actor_that_is_misread_most_gets_an_own_model_through_the_whole_wizard(tmp_path: Path) -> None:
    """The shipped networks, the real face finder, the actor m_white: as shipped 64 of 110 points at best."""
    locations = Locations.below(tmp_path)
    locations.prepare()
    clock = ManualClock()
    with Store.open(locations.database, clock) as store:
        services = Services(
            locations=locations,
            store=store,
            clock=clock,
            make_source=source_maker(store, "actor:m_white"),
            load_tools=lambda: load_reading_tools(MODELS_FOLDER),
            fixed_source=True,
            demo=DemoOptions(auto=True, fast=True),
        )
        app = make_app(services)
        async with app.run_test(size=(80, 24)) as pilot:
            await play(pilot)
        kept = latest(store)
        assert kept.own_model is not None
        assert kept.chosen == kept.own_model.candidate_id
        assert kept.own_model.points_gained >= 10
        assert {call.start.candidate_id for call in store.calls()} == {kept.chosen}


@pytest.mark.parametrize("language", mostly_thorough(["en", "ko"], ["ko"]))
@pytest.mark.parametrize("width", [80, 120])
async def test_what_a_head_stands_for_is_never_torn_from_it(tmp_path: Path, width: int, language: str) -> None:
    async with open_stage(tmp_path, size=(width, 40), language=language) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press("space")
        await hold(stage)
        await stage.press("enter", *["s"] * 10)
        await leave_texts_out(stage)
        await stage.until(lambda: expression_abbreviation("full_surprise") in stage.text(), "the verdict")
        for expression in EXPRESSIONS:
            pair = f"{expression_abbreviation(expression.id)} {expression_name(expression.id).lower()}"
            assert pair in stage.text()
