"""A record that cannot be written while the screens are open: a sentence, and the program goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.tui.wizard.steps import Step
from core.store.errors import StoreError, StoreErrorCode
from core.store.store import Store
from tests.tui.stage import Stage, open_stage, set_up, walk_to


def fill_the_disk(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError(StoreErrorCode.DISK_FULL)

    monkeypatch.setattr(store, "_write", full)


async def said(stage: Stage) -> None:
    await stage.until(lambda: "The disk is full" in stage.notices(), "the reason")


@pytest.mark.parametrize("keys", [("f3",), ("f2",)])
async def test_what_is_only_remembered_holds_until_the_program_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]
) -> None:
    async with open_stage(tmp_path, prepare=set_up) as stage:
        await stage.until_step(Step.MONITOR)
        before = stage.app.theme, stage.app.language
        fill_the_disk(monkeypatch, stage.store)
        await stage.press(*keys)
        assert (stage.app.theme, stage.app.language) != before
        assert stage.popped_up()
        monkeypatch.undo()


async def test_a_consent_that_cannot_be_kept_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.CONSENT)
        await stage.press("m")
        fill_the_disk(monkeypatch, stage.store)
        await stage.press("enter")
        await said(stage)
        await stage.press("d")
        assert stage.app.current_step is Step.CONSENT
        assert stage.store.consent() is None
        monkeypatch.undo()


async def test_a_country_that_cannot_be_kept_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage(tmp_path) as stage:
        fill_the_disk(monkeypatch, stage.store)
        await stage.press("enter")
        await said(stage)
        assert stage.app.current_step is Step.WELCOME
        monkeypatch.undo()
        await stage.press("enter")
        await stage.until_step(Step.CONSENT)


@pytest.mark.thorough
async def test_a_verdict_that_cannot_be_kept_waits_for_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.VERDICT)
        await stage.until(lambda: getattr(stage.app.screen, "_done", False), "the verdict")
        fill_the_disk(monkeypatch, stage.store)
        await stage.press("enter")
        await said(stage)
        assert stage.app.current_step is Step.VERDICT
        monkeypatch.undo()
        await stage.press("enter")
        await stage.until_step(Step.MONITOR)
