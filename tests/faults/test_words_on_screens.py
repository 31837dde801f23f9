"""Notes, paths and names are shown as they are: markup has no effect, escape codes are written out."""

from __future__ import annotations

from pathlib import Path

from app.tui.wizard.steps import Step
from core.store.store import Store
from tests.fuzz.test_keys import record_of_hostile_words
from tests.tui.stage import open_stage


async def test_a_note_and_an_export_that_look_like_markup_are_shown(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, size=(120, 40), prepare=record_of_hostile_words) as stage:
        await stage.until_step(Step.MONITOR)
        await stage.press("h")
        await stage.until(lambda: "[/red] [bold 2 " in stage.text(), "the note")
        assert "\x1b" not in stage.text()
        await stage.press("5")
        await stage.until(lambda: r"/tmp/[/a]\x1b[2J.csv" in stage.text(), "the export")
        assert "[user" in stage.text()


async def test_a_notice_that_looks_like_markup_is_shown(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.until_step(Step.MONITOR)
        stage.app.screen.notify("[/] it was set aside as /tmp/[/b]\x1b[2J")
        await stage.settle()
        [notice] = stage.popped_up()
        assert notice.message == r"[/] it was set aside as /tmp/[/b]\x1b[2J"
        assert not notice.markup


async def test_words_of_a_record_that_make_no_sense_leave_the_program_as_it_is(tmp_path: Path) -> None:
    def prepare(store: Store) -> None:
        for key in ("language", "theme", "wizard_step", "level_profile", "camera", "sample_days"):
            store.set_setting(key, "[/nonsense]")

    async with open_stage(tmp_path, ready=True, prepare=prepare) as stage:
        await stage.until_step(Step.MONITOR)
        await stage.press("space")
        await stage.until_watching()
        await stage.press("space", "s")
        assert "Settings" in stage.text()
