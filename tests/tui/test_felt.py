"""What a person says of a call: one key that may be left, kept, never shared, and what history makes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.method.agreement import ANSWERS_NEEDED, Felt
from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store.export import ExportRequest, preview
from core.store.records import CallStart, ExportKind, ShareLevel
from core.store.store import Store
from tests.tui.stage import Stage, consent_of, open_stage

READINGS = 100


def record_call(store: Store, *, tense: int, felt: Felt | None = None) -> int:
    """A call of 100 readings of which so many are tense; returns its id."""
    call = store.begin_call(CallStart("tiny-1"))
    outcomes = [Outcome.STRESS] * tense + [Outcome.NEUTRAL] * (READINGS - tense)
    store.add_samples(call.id, [Sample(tick * 200, outcome, 0) for tick, outcome in enumerate(outcomes)])
    store.end_call(call.id)
    if felt is not None:
        store.set_felt(call.id, felt)
    return call.id


def one_call(store: Store) -> None:
    store.record_consent(consent_of(store, share=ShareLevel.CURVES))
    record_call(store, tense=30)


def asks(stage: Stage) -> bool:
    return "How was it for you?" in stage.text()


async def until_last_call(stage: Stage) -> None:
    await stage.until(lambda: "Last call" in stage.text(), "the last call")


@pytest.mark.parametrize(("key", "felt"), [("1", Felt.EASY), ("2", Felt.SO_SO), ("3", Felt.HARD)])
async def test_one_key_says_how_a_call_was_and_it_is_kept(tmp_path: Path, key: str, felt: Felt) -> None:
    async with open_stage(tmp_path, ready=True, prepare=one_call) as stage:
        await until_last_call(stage)
        assert asks(stage)
        await stage.press(key)
        await stage.until(lambda: not asks(stage), "the answer")
        [call] = stage.store.calls()
        assert call.felt is felt
        await stage.press("h")
        await stage.until(lambda: "Answers so far: 1." in " ".join(stage.text().split()), "the history")


async def test_going_on_says_nothing_and_the_next_call_begins(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=one_call) as stage:
        await until_last_call(stage)
        await stage.press("space")
        await stage.until_watching()
        assert not asks(stage)
        await stage.press("1")
        assert [call.felt for call in stage.store.calls()] == [None, None]
        await stage.press("space")
        await stage.until(lambda: asks(stage), "the next question")


async def test_not_today_ends_the_questions_of_that_day_and_of_no_other(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=one_call) as stage:
        await until_last_call(stage)
        await stage.press("t")
        await stage.until(lambda: not asks(stage), "the end of the questions")
        record_call(stage.store, tense=20)
        stage.app.screen.call_changed()  # type: ignore[attr-defined]  # the monitor is told of a call that has ended
        await stage.settle()
        assert not asks(stage)
        await stage.advance(24 * 3600)
        record_call(stage.store, tense=20)
        stage.app.screen.call_changed()  # type: ignore[attr-defined]
        await stage.until(lambda: asks(stage), "the question of the next day")


def test_what_a_person_said_is_in_their_own_copy_and_in_nothing_that_is_shared(tmp_path: Path) -> None:
    from core.system.clock import ManualClock

    with Store.open(tmp_path / "calmline.db", ManualClock()) as store:
        store.record_consent(consent_of(store, share=ShareLevel.CURVES))
        record_call(store, tense=30, felt=Felt.HARD)
        [own] = preview(store, ExportRequest(ExportKind.CALLS, mine=True))
        shared = [row for kind in ExportKind for row in preview(store, ExportRequest(kind))]
    assert own["felt"] == "hard"
    assert shared
    assert all("felt" not in row and "hard" not in row.values() for row in shared)


def answered(tensions: Callable[[int], int]) -> Callable[[Store], None]:
    """A record of twenty answered calls: every third one was hard."""

    def prepare(store: Store) -> None:
        one_call(store)
        for number in range(ANSWERS_NEEDED):
            record_call(store, tense=tensions(number), felt=Felt.HARD if number % 3 == 0 else Felt.EASY)

    return prepare


@pytest.mark.parametrize(
    ("tensions", "sentence"),
    [
        (
            lambda number: 40 + number if number % 3 == 0 else number,
            "the one that you found harder also looked tenser in 100%",
        ),
        (lambda number: number * 7 % 10, "do not rely on what it says about you"),
        (lambda number: 0, "there is nothing to compare"),
    ],
    ids=["related", "unrelated", "always the same"],
)
async def test_history_says_how_often_calmline_agreed_and_when_not_to_rely_on_it(
    tmp_path: Path, tensions: Callable[[int], int], sentence: str
) -> None:
    async with open_stage(tmp_path, ready=True, prepare=answered(tensions)) as stage:
        await stage.press("h")
        await stage.until(lambda: sentence in " ".join(stage.text().split()), sentence)
