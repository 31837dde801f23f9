"""The practice screen: live, question by question; the camera is open only while practising, and nothing is kept."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from pathlib import Path

from app.tui.actions import actions_of
from app.tui.screens.coach import CoachScreen
from app.tui.screens.monitor import MonitorScreen
from app.tui.services import PracticeOptions
from app.words.language import use_language
from app.words.question_sets import QUESTION_SETS, question_set
from core.method.emotion import Emotion
from core.sources.source import SourceError, SourceProblem
from core.store.store import Store
from tests.tui.stage import ColourSource, Stage, consent_of, open_stage

ASKED = PracticeOptions(("Tell me about yourself.", "What went wrong last year?"))


def agreed(store: Store) -> None:
    store.record_consent(consent_of(store))


def answers(seconds: float) -> Emotion | None:
    """A smile, then calm, then tense from second 10 on."""
    if seconds > 10:
        return Emotion.STRESS
    return Emotion.HAPPY if seconds <= 4 else Emotion.NEUTRAL


def answering() -> ColourSource:
    return ColourSource(mood=answers, shaded=True)


def rows(folder: Path) -> dict[str, int]:
    """How many rows every table of the record has."""
    with sqlite3.connect(folder / "data" / "calmline.db") as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}
    connection.close()
    return counts


async def begin(stage: Stage) -> None:
    await stage.press("space")
    await stage.until_watching()


async def end(stage: Stage) -> None:
    await stage.press("e")
    await stage.until(lambda: "How you came across" in stage.text(), "the summary")


async def test_a_practice_tells_how_one_comes_across_live_and_question_by_question_and_keeps_nothing(
    tmp_path: Path,
) -> None:
    async with open_stage(
        tmp_path, prepare=agreed, make_source=answering, with_maps=True, practice=ASKED, size=(120, 40)
    ) as stage:
        before = rows(tmp_path)
        assert "never for whoever may hire you" in stage.text()
        assert stage.sources == [] or not stage.open_sources
        await begin(stage)
        assert stage.open_sources == 1
        assert "camera on" in stage.text()
        await stage.advance(8.0)
        assert "Question 1 of 2" in stage.text()
        assert "Tell me about yourself." in stage.text()
        assert "now: neutral, for" in stage.text()
        await stage.press("n")
        assert "What went wrong last year?" in stage.text()
        await stage.advance(10.0)
        assert "now: tense" in stage.text()
        assert "You have looked tense" not in stage.text()
        await stage.advance(14.0)
        assert "You have looked tense for 2" in stage.text()
        await end(stage)
        assert stage.open_sources == 0
        assert "camera off" in stage.text()
        assert re.search(r"00:00-00:08 +positive +(49|50|51|52)%  neutral +(48|49|50|51)%  tense +0%", stage.text())
        await stage.press("down")
        assert "You looked tense for 2" in stage.text()
        assert "where it looked: mouth" in stage.text()
        assert rows(tmp_path) == before
        await stage.press("escape")
    assert stage.app.return_code == 0


async def test_a_pause_closes_the_camera_and_does_not_count(tmp_path: Path) -> None:
    async with open_stage(tmp_path, prepare=agreed, make_source=answering, practice=ASKED) as stage:
        await begin(stage)
        await stage.advance(3.0)
        await stage.press("p")
        await stage.until(lambda: stage.open_sources == 0, "the camera closed")
        assert "paused" in stage.text()
        await stage.advance(60.0)
        await stage.press("p")
        await stage.until_watching()
        assert stage.open_sources == 1
        await stage.advance(2.0)
        assert "0:05" in stage.text()


async def test_without_consent_no_camera_is_opened(tmp_path: Path) -> None:
    def declined(store: Store) -> None:
        store.record_consent(replace(consent_of(store), measure=False))

    for prepare in (declined, lambda store: None):
        async with open_stage(tmp_path / str(id(prepare)), prepare=prepare, practice=ASKED) as stage:
            await stage.press("space")
            assert "only read with your consent" in stage.text()
            assert stage.open_sources == 0
            assert stage.app.watcher.purpose is None


async def test_it_is_reached_from_the_monitors_palette_between_calls_and_leads_back(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        screen = stage.app.screen
        assert isinstance(screen, MonitorScreen)
        [practice] = [one for one in actions_of(screen) if one.words == "interview practice"]
        await practice.run()
        await stage.until(lambda: isinstance(stage.app.screen, CoachScreen), "the practice screen")
        await begin(stage)
        await stage.press("escape")  # ends the practice first
        await stage.until(lambda: "How you came across" in stage.text(), "the summary")
        await stage.press("escape")
        assert isinstance(stage.app.screen, MonitorScreen)
        assert stage.open_sources == 0
        await stage.press("space")
        await stage.until_watching()
        assert not [one for one in actions_of(screen) if one.words == "interview practice"]
        assert stage.store.calls() != []


async def test_a_call_that_begins_meanwhile_ends_the_practice(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        stage.app.show_practice()
        await stage.settle()
        await begin(stage)
        await stage.app.start_call()
        await stage.until(lambda: "How you came across" in stage.text(), "the summary")
        assert stage.open_sources == 1
        await stage.press("escape")
        assert isinstance(stage.app.screen, MonitorScreen)
        assert stage.open_sources == 1  # the call's


async def test_questions_can_be_read_from_a_text_file_and_a_bad_one_is_explained(tmp_path: Path) -> None:
    questions = tmp_path / "questions.txt"
    questions.write_text("# mine\nWhy us?\nWhy you?\n", encoding="utf-8")
    async with open_stage(tmp_path, prepare=agreed, practice=PracticeOptions()) as stage:
        await stage.press("l", "end", "enter", *"none.txt", "enter")
        await stage.until(lambda: "cannot be used" in stage.text(), "the reason")
        await stage.press("l", "end", "enter")
        stage.app.screen.query_one("Input").value = str(questions)  # type: ignore[attr-defined]
        await stage.press("enter")
        await stage.until(lambda: "Why us?" in stage.text(), "the question")
        await begin(stage)
        assert "Question 1 of 2" in stage.text()


async def test_a_camera_that_does_not_open_is_explained(tmp_path: Path) -> None:
    def busy() -> ColourSource:
        return ColourSource(refusals=[SourceError(SourceProblem.BUSY, "camera 0")])

    async with open_stage(tmp_path, prepare=agreed, make_source=busy, practice=ASKED) as stage:
        await begin(stage)
        assert "used by another program" in " ".join(stage.text().split())
        await stage.advance(3.0)
        assert stage.open_sources == 1


async def test_questions_are_shown_as_they_are_written(tmp_path: Path) -> None:
    odd = PracticeOptions(("[/b] Why [us]?\x1b[2J",))
    async with open_stage(tmp_path, prepare=agreed, make_source=answering, practice=odd) as stage:
        assert r"[/b] Why [us]?\x1b[2J" in stage.text()
        await begin(stage)
        await stage.advance(2.0)
        assert r"[/b] Why [us]?\x1b[2J" in stage.text()
        await end(stage)
        assert r"[/b] Why [us]?\x1b[2J" in stage.text()
        assert "\x1b" not in stage.text()


async def test_readings_and_the_end_may_come_while_the_language_changes(tmp_path: Path) -> None:
    async with open_stage(tmp_path, prepare=agreed, make_source=answering, practice=ASKED) as stage:
        await begin(stage)
        await stage.advance(2.0)
        screen = stage.app.screen
        assert isinstance(screen, CoachScreen)
        recompose = screen.recompose

        async def slowly() -> None:
            await screen.query_one("#content").remove_children()
            screen.on_practice_ticked()
            await screen._finish()
            await recompose()

        screen.recompose = slowly  # type: ignore[method-assign]
        await stage.press("f2")
        await stage.until(lambda: "이렇게 보였어요" in stage.text(), "the summary in the other language")


async def test_a_practice_that_cannot_begin_again_says_why_and_keeps_its_summary(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, make_source=answering) as stage:
        stage.app.show_practice()
        await stage.settle()
        await begin(stage)
        await stage.advance(6.0)
        await end(stage)
        await stage.app.start_call()
        await stage.press("space")
        assert "A call is running. End it first." in stage.notices()
        assert "How you came across" in stage.text()
        await stage.press("down")
        assert "Question 1" in stage.text()


async def test_going_on_after_a_pause_leaves_a_call_that_has_begun_alone(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        stage.app.show_practice()
        await stage.settle()
        await begin(stage)
        await stage.advance(2.0)
        await stage.press("p")
        await stage.until(lambda: stage.open_sources == 0, "the camera closed")
        await stage.app.start_call()
        await stage.until_watching()
        await stage.press("p")
        assert stage.app.watcher.purpose == "call"
        assert "A call is running. End it first." in stage.notices()
        assert "paused" in stage.text()


async def test_the_home_of_nobody_is_no_place_of_a_question_list(tmp_path: Path) -> None:
    async with open_stage(tmp_path, prepare=agreed, practice=PracticeOptions()) as stage:
        await stage.press("l", "end", "enter")
        stage.app.screen.query_one("Input").value = "~nobody-of-this-name/mine.txt"  # type: ignore[attr-defined]
        await stage.press("enter")
        await stage.until(lambda: "cannot be used" in stage.text(), "the reason")


async def test_what_is_wrong_with_a_question_list_is_said_in_the_persons_language(tmp_path: Path) -> None:
    questions = tmp_path / "q.txt"
    questions.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    async with open_stage(tmp_path, prepare=agreed, practice=PracticeOptions(), language="ko") as stage:
        await stage.press("l", "end", "enter")
        stage.app.screen.query_one("Input").value = str(questions)  # type: ignore[attr-defined]
        await stage.press("enter")
        await stage.until(lambda: "질문 목록을 사용할 수 없어요: q.txt" in stage.text(), "the reason")
        assert "UTF-8 글이 아니에요" in stage.text()


async def test_a_set_of_questions_is_chosen_by_keys_in_either_language(tmp_path: Path) -> None:
    for language, first in (("en", "A customer shouts at you."), ("ko", "고객이 소리를 질러요.")):
        async with open_stage(
            tmp_path / language, prepare=agreed, make_source=answering, practice=PracticeOptions(), language=language
        ) as stage:
            await stage.press("l", "down", "down", "down", "enter")
            assert first in stage.text()
            await begin(stage)
            await stage.advance(1.0)
            await stage.press("n")
            assert question_set("hard")[1] in stage.text()


def test_there_are_five_kinds_of_questions_and_every_one_in_both_languages() -> None:
    assert len(QUESTION_SETS) == 5
    english = {key: question_set(key) for key in QUESTION_SETS}
    use_language("ko")
    korean = {key: question_set(key) for key in QUESTION_SETS}
    use_language("en")
    for key in QUESTION_SETS:
        assert len(english[key]) == len(korean[key]) >= 5
        assert all(any("가" <= letter <= "힣" for letter in question) for question in korean[key])


async def test_the_time_for_an_answer_counts_down_and_begins_again_with_the_next_question(tmp_path: Path) -> None:
    async with open_stage(tmp_path, prepare=agreed, make_source=answering, practice=ASKED) as stage:
        await stage.press("t", "down", "enter")
        await begin(stage)
        await stage.advance(10.0)
        assert re.search(r"00:2[01] left for this answer", stage.text())
        await stage.advance(25.0)
        assert "time is up: n goes on" in stage.text()
        assert "Question 1 of 2" in stage.text()
        await stage.press("n")
        await stage.advance(1.0)
        assert re.search(r"00:(29|30) left for this answer", stage.text())


async def test_four_emotions_take_the_place_of_three_tones_and_give_it_back(tmp_path: Path) -> None:
    async with open_stage(tmp_path, prepare=agreed, make_source=answering, practice=ASKED, with_maps=True) as stage:
        await begin(stage)
        await stage.advance(8.0)
        assert "positive" in stage.text()
        await stage.press("f")
        assert re.search(r"happy +█+░* +(49|50|51|52)%", stage.text())
        assert all(name in stage.text() for name in ("neutral", "tense", "surprise"))
        await end(stage)
        assert re.search(r"happy +(49|50|51|52)%  neutral", stage.text())
        await stage.press("f")
        assert re.search(r"positive +(49|50|51|52)%", stage.text())


async def test_the_summary_says_where_the_network_looked_for_all_three_tones(tmp_path: Path) -> None:
    async with open_stage(
        tmp_path, prepare=agreed, make_source=answering, practice=ASKED, with_maps=True, size=(120, 40)
    ) as stage:
        await begin(stage)
        await stage.advance(16.0)
        await end(stage)
        text = " ".join(stage.text().split())
        assert "clearest positive; where it looked: mouth" in text
        assert "clearest neutral; where it looked: mouth" in text
        assert "tensest here; where it looked: mouth" in text
