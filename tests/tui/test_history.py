"""The history by keys: a day, a week and a month of one's own calls, copied as text, and exported after a look."""

from __future__ import annotations

import csv
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.widgets import DataTable

from app.tui.dialogs.export import WrittenDialog
from app.tui.dialogs.preview import PreviewDialog
from app.tui.screens.monitor import MonitorScreen
from app.words.insight import day_name, day_sentence
from app.words.language import use_language
from app.words.sentences import column_name
from core.method.emotion import Outcome
from core.method.grading import TUNED_LANDMARKS
from core.method.level import next_level
from core.method.sample import Sample
from core.method.summary import summarise_period
from core.store.export_rows import OWN_CALL_COLUMNS
from core.store.records import CallSource, CallStart, ShareLevel
from core.store.store import Store
from tests.tui.stage import NOON, Stage, SteppedClock, consent_of, open_stage

WEEKS = 6


TINY = CallStart("tiny-1")


def record_call(store: Store, at: datetime, tense: int, *, length: int = 150, start: CallStart = TINY) -> None:
    """A call at `at` of which the first `tense` readings are stress and the rest neutral."""
    clock = store._clock
    assert isinstance(clock, SteppedClock)
    clock._start, clock._seconds = at, 0.0
    call, level, samples = store.begin_call(start), 0, []
    for number in range(length):
        outcome = Outcome.STRESS if number < tense else Outcome.NEUTRAL
        level = next_level(level, outcome)
        samples.append(Sample(200 * number, outcome, level))
    store.add_samples(call.id, samples)
    clock._seconds = length / 5
    store.end_call(call.id)
    clock._start, clock._seconds = NOON, 0.0


def with_weeks(store: Store) -> None:
    """Two calls a day but Sundays for six weeks: at ten calm, at eleven tense; the last week is tenser."""
    chance = random.Random(1)
    for day in range(7 * WEEKS, -1, -1):
        morning = NOON.replace(hour=10) - timedelta(days=day)
        if morning.weekday() != 6:
            record_call(store, morning, chance.randint(0, 15))
            record_call(store, morning + timedelta(hours=1), 90 + chance.randint(0, 9))


async def open_history(stage: Stage) -> None:
    await stage.press("h")
    await stage.until(lambda: "Tiny (1)" in stage.text(), "the last call's line")


async def test_the_week_is_a_map_of_hours_and_weekdays_with_how_many_calls_stand_behind_each(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_weeks) as stage:
        await open_history(stage)
        await stage.press("3")
        await stage.until(lambda: "looked tensest" in stage.text(), "the sentence")
        lines = stage.text().splitlines()
        [head] = [line for line in lines if "Mon" in line and "Sun" in line]
        [eleven] = [line for line in lines if line.lstrip().startswith("11:00")]
        assert head.index("Mon") < head.index("Sun")
        cells = eleven.split()[1:]
        assert cells[-1] == "–"
        assert all(60 <= int(share.rstrip("%")) <= 66 for share in cells[:-1:2])
        assert set(cells[1:-1:2]) == {"4"}
        assert "11:00 looked tensest" in stage.text()
        assert "in 4 calls" in stage.text()


async def test_the_month_is_compared_with_ones_own_usual_and_says_how_sure_that_is(tmp_path: Path) -> None:
    def tenser(store: Store) -> None:
        for day in range(60, -1, -1):
            record_call(store, NOON - timedelta(days=day, hours=2), 30 + day % 7 + (60 if day < 30 else 0))

    async with open_stage(tmp_path, ready=True, prepare=tenser) as stage:
        await open_history(stage)
        await stage.press("4")
        await stage.until(lambda: "95 % interval" in stage.text(), "the sentence")
        words = " ".join(stage.text().split())
        assert "These 30 days 62% of a call looked tense, usually 22%" in words
        assert "your usual" in words
        place = stage.app.screen.query_one("#place")
        assert place.max_scroll_y == 0, "the days stand under the bars, and in sight"


async def test_a_month_like_the_ones_before_is_said_to_be_no_more_than_chance(tmp_path: Path) -> None:
    def alike(store: Store) -> None:
        chance = random.Random(3)
        for day in range(60, -1, -1):
            record_call(store, NOON - timedelta(days=day, hours=2), chance.randint(0, 60))

    async with open_stage(tmp_path, ready=True, prepare=alike) as stage:
        await open_history(stage)
        await stage.press("4")
        await stage.until(lambda: "no more than chance may bring" in " ".join(stage.text().split()), "the sentence")


async def test_with_few_calls_a_month_says_from_how_many_on_it_compares(tmp_path: Path) -> None:
    def few(store: Store) -> None:
        record_call(store, NOON - timedelta(hours=2), 30)

    async with open_stage(tmp_path, ready=True, prepare=few) as stage:
        await open_history(stage)
        await stage.press("4")
        await stage.until(lambda: "from 10 calls on" in stage.text(), "the sentence")
        await stage.press("3")
        await stage.until(lambda: "No hour with 3 calls or more stands out" in stage.text(), "the sentence")


async def test_a_day_shows_each_call_its_hardest_and_calmest_and_the_arrows_lead_to_other_days(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_weeks) as stage:
        await open_history(stage)
        await stage.press("2")
        await stage.until(lambda: "Tensest" in stage.text(), "the sentence")
        assert day_name(NOON.date()) in stage.text()
        assert "Tensest" in stage.text()
        assert "at 11:00." in stage.text()
        assert "Calmest" in stage.text()
        assert sum("⠁" <= glyph <= "⣿" for glyph in stage.text()) > 40
        await stage.press("left")
        saturday = NOON.date() - timedelta(days=2)
        await stage.until(lambda: day_name(saturday) in stage.text(), "the day before with calls: no Sunday")
        await stage.press("right", "right")
        await stage.until(lambda: day_name(NOON.date()) in stage.text(), "the last day, and no later one")


async def test_the_arrows_of_the_heading_can_be_clicked(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_weeks) as stage:
        await open_history(stage)
        await stage.press("2")
        await stage.until(lambda: day_name(NOON.date()) in stage.text(), "the day")
        [heading] = [line for line in stage.text().splitlines() if "←" in line]
        top = stage.app.screen.query_one("#heading").region.y
        await stage.pilot.click(offset=(heading.index("←"), top))
        saturday = NOON.date() - timedelta(days=2)
        await stage.until(lambda: day_name(saturday) in stage.text(), "the day before")
        await stage.pilot.click(offset=(heading.index("→"), top))
        await stage.until(lambda: day_name(NOON.date()) in stage.text(), "the day after")


async def test_what_is_drawn_is_copied_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    async with open_stage(tmp_path, ready=True, prepare=with_weeks) as stage:
        monkeypatch.setattr(stage.app, "copy_to_clipboard", copied.append)
        await open_history(stage)
        await stage.press("3")
        await stage.until(lambda: "looked tensest" in stage.text(), "the sentence")
        await stage.press("c")
        [text] = copied
        assert "11:00" in text
        assert "looked tensest" in text
        assert "\x1b" not in text


async def test_enter_gives_a_call_all_of_the_place_and_gives_it_back(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_weeks) as stage:
        await open_history(stage)
        chart, table = stage.app.screen.query_one("#curve"), stage.app.screen.query_one("#list")
        before = chart.size.height
        await stage.press("enter")
        assert table.size.height == 0
        assert chart.size.height > 14 > before
        await stage.press("down")
        await stage.until(lambda: "read by Tiny (1)" in stage.text(), "another call, as large")
        await stage.press("enter")
        assert chart.size.height == before
        await stage.pilot.click("#curve")
        await stage.settle()
        assert chart.size.height > before
        await stage.pilot.click("#curve")
        await stage.settle()
        assert chart.size.height == before
        await stage.press("enter", "escape")
        assert chart.size.height == before, "Esc leads back to the list, not past it"
        await stage.press("escape")
        assert isinstance(stage.app.screen, MonitorScreen)


async def test_the_views_stand_under_the_heading_by_their_keys_and_can_be_clicked(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_weeks) as stage:
        await open_history(stage)
        place = stage.app.screen.query_one("#views").region
        row = stage.text().splitlines()[place.y]
        assert row.split() == "1 calls 2 a day 3 week 4 month 5 exports".split()
        for name, told in (
            ("3 week", "Four weeks to"),
            ("5 exports", "What left this program"),
            ("1 calls", "Your calls"),
        ):
            await stage.pilot.click(offset=(row.index(name) + 2, place.y))
            await stage.until(lambda told=told: told in stage.text(), name)  # type: ignore[misc]
            strips = stage.app.screen._compositor.render_strips()[place.y]
            assert "".join(part.text for part in strips if part.style and part.style.bold) == name


async def test_a_list_that_leaves_older_calls_out_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.tui.screens.found.CALLS_SHOWN", 5)
    async with open_stage(tmp_path, ready=True, prepare=with_weeks) as stage:
        await open_history(stage)
        assert f"Your calls: the newest 5 of {len(stage.store.calls())}" in stage.text()
        assert stage.app.screen.query_one(DataTable).row_count == 5


def test_of_two_calls_as_tense_the_one_that_was_so_for_longer_is_the_tensest(tmp_path: Path) -> None:
    use_language("en")
    with Store.open(tmp_path / "calmline.db", SteppedClock()) as store:
        for tense, hour in ((320, 9), (600, 10)):
            record_call(store, datetime(2026, 1, 5, hour, tzinfo=UTC), tense, length=700)
        calls = store.calls()
    assert len({call.summary.tension.peak for call in calls if call.summary.tension}) == 1
    said = day_sentence(calls, summarise_period([call.finished for call in calls]))
    assert said.startswith(f"Tensest 100% at {calls[1].started_local:%H:%M}.")


async def test_an_empty_record_says_so_in_every_view(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("h")
        for key in "1234":
            await stage.press(key)
            await stage.until(lambda: "No call has been recorded yet." in stage.text(), "the sentence")
        await stage.press("5")
        await stage.until(lambda: "Nothing has been exported yet." in stage.text(), "the sentence")


async def test_a_demos_calls_are_listed_and_said_not_to_count_where_ones_own_are_looked_at(tmp_path: Path) -> None:
    def demo(store: Store) -> None:
        record_call(store, NOON - timedelta(hours=2), 30, start=CallStart(TUNED_LANDMARKS, source=CallSource.ACTOR))

    async with open_stage(tmp_path, ready=True, prepare=demo) as stage:
        await stage.press("h")
        await stage.until(lambda: "read by your landmarks" in " ".join(stage.text().split()), "what read it")
        for key in "234":
            await stage.press(key)
            await stage.until(lambda: "No call of your own yet" in " ".join(stage.text().split()), "the sentence")


def exported(folder: Path) -> list[Path]:
    return sorted((folder / "data" / "exports").glob("*"))


async def test_ones_own_calls_are_exported_by_keys_after_a_look_and_the_path_can_be_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    async with open_stage(tmp_path, ready=True, prepare=with_weeks) as stage:
        monkeypatch.setattr(stage.app, "copy_to_clipboard", copied.append)
        await open_history(stage)
        await stage.press("e", "enter", "enter", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, PreviewDialog), "the preview")
        assert stage.store.counsellor().pseudonym in stage.text()
        assert exported(tmp_path) == []
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, WrittenDialog), "where it is")
        [path] = exported(tmp_path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            days = {row["started"][:10] for row in csv.DictReader(file)}
        assert (min(days), max(days)) == ("2025-12-08", "2026-01-05")  # 30 days; the first of them was a Sunday
        await stage.press("c")
        assert copied == [str(path)]
        [record] = stage.store.exports()
        assert (record.target, record.mine) == (str(path), True)


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_a_look_at_ones_own_calls_names_every_column_in_the_persons_words(tmp_path: Path, language: str) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_weeks, language=language, size=(120, 50)) as stage:
        await open_history(stage)
        await stage.press("e", "enter", "enter", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, PreviewDialog), "the preview")
        seen = stage.text()
        for column in OWN_CALL_COLUMNS:
            assert column_name(column) in seen
            assert column_name(column) != column or language == "en"
            assert "_" not in column_name(column)


async def test_the_form_and_the_period_are_those_that_were_chosen(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_weeks) as stage:
        await open_history(stage)
        await stage.press("e", "enter", "home", "enter", "end", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, PreviewDialog), "the preview")
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, WrittenDialog), "where it is")
        [path] = exported(tmp_path)
        assert path.suffix == ".json"
        rows = json.loads(path.read_text(encoding="utf-8"))
        assert {row["started"][:10] for row in rows} == {"2026-01-05"}


async def test_a_supervisor_gets_what_is_shared_and_nothing_of_it_without_a_yes(tmp_path: Path) -> None:
    def shared(store: Store) -> None:
        store.record_consent(consent_of(store, share=ShareLevel.SUMMARIES))
        with_weeks(store)

    async with open_stage(tmp_path, ready=True, prepare=shared) as stage:
        await open_history(stage)
        await stage.press("e", "down", "enter", "enter", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, PreviewDialog), "the preview")
        assert "This is what your supervisor would get" in stage.text()
        await stage.press("escape")
        assert exported(tmp_path) == []
        assert stage.store.exports() == []


async def test_who_shares_nothing_is_told_so_and_nothing_is_written(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_weeks) as stage:
        await open_history(stage)
        await stage.press("e", "down", "enter", "enter", "enter")
        await stage.until(lambda: "You share nothing" in stage.notices(), "the refusal")
        assert exported(tmp_path) == []


async def test_an_export_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_weeks) as stage:
        (tmp_path / "data" / "exports").write_text("in the way", encoding="utf-8")
        await open_history(stage)
        await stage.press("e", "enter", "enter", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, PreviewDialog), "the preview")
        await stage.press("enter")
        await stage.until(lambda: "exports" in stage.notices(), "the sentence")
