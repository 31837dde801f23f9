"""After a call that looked tenser than is usual for a person, one quiet card offers a moment for oneself; nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.tui.dialogs.breathe import BREAK_SECONDS, BreakDialog, BreatheDialog
from app.words.tension import card_text
from core.method.tension import CALLS_NEEDED
from core.store.store import Store
from tests.tui.stage import Stage, open_stage
from tests.tui.test_felt import asks, record_call, until_last_call


def calls(*tense: int) -> Callable[[Store], None]:
    def prepare(store: Store) -> None:
        for one in tense:
            record_call(store, tense=one)

    return prepare


USUAL = [20] * CALLS_NEEDED


def offers(stage: Stage) -> bool:
    return " ".join(card_text().split()) in " ".join(stage.text().replace("│", " ").split())


@pytest.mark.parametrize(
    ("tense", "offered"),
    [
        ([60], True),  # half, until there are ten calls to compare with
        ([40], False),
        ([*USUAL, 45], True),
        ([*USUAL, 20], False),
        ([*[60] * CALLS_NEEDED, 45], False),  # tense, but no more than is usual for this person
    ],
)
async def test_it_comes_after_a_call_over_ones_own_high_and_after_no_other(
    tmp_path: Path, tense: list[int], offered: bool
) -> None:
    async with open_stage(tmp_path, ready=True, prepare=calls(*tense)) as stage:
        await until_last_call(stage)
        assert offers(stage) is offered
        assert asks(stage) is not offered, "one question at a time"


@pytest.mark.parametrize(("key", "dialog"), [("b", BreatheDialog), ("k", BreakDialog)])
async def test_it_leads_to_a_minute_of_breathing_or_to_a_break_and_is_gone_then(
    tmp_path: Path, key: str, dialog: type
) -> None:
    async with open_stage(tmp_path, ready=True, prepare=calls(60)) as stage:
        await until_last_call(stage)
        await stage.press(key)
        assert isinstance(stage.app.screen, dialog)
        stage.clock.advance(BREAK_SECONDS + 1, looping=False)
        await stage.until(lambda: not stage.app.screen.is_modal, "its end")
        await stage.until(lambda: not offers(stage), "the card gone")
        assert asks(stage)


async def test_not_now_puts_it_away_until_the_next_such_call(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=calls(60)) as stage:
        await until_last_call(stage)
        await stage.press("x")
        await stage.until(lambda: not offers(stage), "the card gone")
        record_call(stage.store, tense=70)
        await stage.press("h", "escape")
        await stage.until(lambda: offers(stage), "the card of the next one")


async def test_not_today_puts_it_away_for_the_day(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=calls(60)) as stage:
        await until_last_call(stage)
        await stage.press("t")
        await stage.until(lambda: not offers(stage), "the card gone")
        record_call(stage.store, tense=90)
        await stage.press("h", "escape")
        await stage.settle()
        assert not offers(stage)
        assert asks(stage), "how the call was is another question"


async def test_its_keys_do_nothing_without_it_and_a_call_begins_in_spite_of_it(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=calls(20)) as stage:
        await until_last_call(stage)
        await stage.press("k", "x")
        assert not stage.app.screen.is_modal
    async with open_stage(tmp_path / "hard", ready=True, prepare=calls(60)) as stage:
        await until_last_call(stage)
        await stage.press("space")
        await stage.until_watching()
        assert not offers(stage)
