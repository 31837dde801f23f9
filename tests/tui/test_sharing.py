"""What the screens say and do about sharing: the preview, earlier calls, what was exported, and where the law forbids it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.tui.app import CalmlineApp
from app.tui.dialogs.ask import SureDialog
from app.tui.dialogs.preview import PreviewDialog
from app.tui.services import Services
from app.tui.start import make_app
from app.tui.wizard.steps import Step
from app.words.sentences import column_name
from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store.errors import Notice, NoticeCode
from core.store.export import ExportRequest, preview
from core.store.export_rows import CALL_COLUMNS
from core.store.records import CallStart, ExportKind, ExportRecord, ShareLevel
from core.store.store import Store
from tests.tui.stage import Stage, consent_of, open_stage

CALLS = ExportRequest(ExportKind.CALLS)


def with_calls(store: Store, share: ShareLevel = ShareLevel.SUMMARIES) -> None:
    """Two calls, and after them another answer."""
    for _ in range(2):
        call = store.begin_call(CallStart("tiny-1"))
        store.add_samples(call.id, [Sample(200 * n, Outcome.STRESS, 20 * n) for n in range(15)])
        store.end_call(call.id)
    store.record_consent(consent_of(store, share=share))


async def choose(stage: Stage, key: str) -> None:
    """Enter on the line of the settings with this key."""
    lines = stage.app.screen.query_one("#settings")
    for _ in range(20):
        if getattr(lines, "pointed", None) == key:
            break
        await stage.press("down")
    await stage.press("enter")


async def test_earlier_calls_are_looked_at_before_they_are_handed_over(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_calls) as stage:
        stage.clock.advance(1.0, looping=False)
        await stage.press("s")
        await choose(stage, "release")
        await stage.press("enter")
        assert isinstance(stage.app.screen, PreviewDialog)
        assert stage.store.counsellor().pseudonym in stage.text()
        await stage.press("escape")
        assert isinstance(stage.app.screen, SureDialog)
        await stage.press("escape")
        assert stage.store.releases() == []
        await choose(stage, "release")
        await stage.press("enter", "escape", "y")
        [release] = stage.store.releases()
        assert release.share is ShareLevel.SUMMARIES
        assert release.calls == {call.id for call in stage.store.calls()}
        assert len(preview(stage.store, CALLS)) == 2


async def test_who_shares_nothing_has_nothing_to_hand_over(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True) as stage:
        await stage.press("s")
        await choose(stage, "release")
        assert "You share nothing" in stage.notices()


async def test_a_preview_of_curves_asks_of_what(tmp_path: Path) -> None:
    def curves(store: Store) -> None:
        store.record_consent(consent_of(store, share=ShareLevel.CURVES))
        with_calls(store, share=ShareLevel.CURVES)

    async with open_stage(tmp_path, ready=True, prepare=curves) as stage:
        await stage.press("s")
        await choose(stage, "preview")
        await stage.press("down", "enter")
        assert isinstance(stage.app.screen, PreviewDialog)
        assert "mean level" in stage.text()
        assert "From a curve one can tell when you looked tense or smiled." in stage.text()


async def test_a_call_can_be_read_in_a_small_window_before_it_is_handed_over(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_calls) as stage:
        stage.clock.advance(1.0, looping=False)
        await stage.press("s")
        await choose(stage, "release")
        await stage.press("enter")
        seen = stage.text()
        for name in CALL_COLUMNS:
            assert column_name(name) in seen
        assert seen.count(stage.store.counsellor().pseudonym) >= 1


async def test_curves_that_go_along_are_named_before_they_are_handed_over(tmp_path: Path) -> None:
    def curves(store: Store) -> None:
        with_calls(store)
        store.record_consent(consent_of(store, share=ShareLevel.CURVES))

    async with open_stage(tmp_path, ready=True, prepare=curves) as stage:
        stage.clock.advance(1.0, looping=False)
        await stage.press("s")
        await choose(stage, "release")
        await stage.press("enter")
        assert isinstance(stage.app.screen, PreviewDialog)
        assert "and its curve" in stage.text()
        assert "looked tense or smiled" in stage.text()
        assert "nothing else" not in stage.text()


async def test_a_preview_of_curves_that_are_all_past_their_time_says_so(tmp_path: Path) -> None:
    def long_ago(store: Store) -> None:
        store.record_consent(consent_of(store, share=ShareLevel.CURVES))
        store.end_call(store.begin_call(CallStart("tiny-1")).id)

    async with open_stage(tmp_path, ready=True, prepare=long_ago) as stage:
        await stage.press("s")
        await choose(stage, "preview")
        await stage.press("down", "enter")
        assert "None of these calls has its curve any more." in stage.notices()


async def test_where_the_law_forbids_sharing_every_screen_says_what_calmline_is(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.press("home", "down", "enter")
        await stage.until_step(Step.CONSENT)
        assert stage.app.wizard.region == "EU"
        assert "training aid" in stage.text()
        await stage.press("m", "3", "enter")
        await stage.until_step(Step.CAMERA)
        consent = stage.store.consent()
        assert consent is not None
        assert (consent.measure, consent.share, consent.region) == (True, ShareLevel.NOTHING, "EU")


async def test_moving_into_the_eea_ends_sharing_with_the_reason(tmp_path: Path) -> None:
    async with open_stage(tmp_path, ready=True, prepare=with_calls) as stage:
        await stage.press("s")
        await choose(stage, "region")
        await stage.press("home", "down", "enter")
        assert "training aid" in stage.notices()
        consent = stage.store.consent()
        assert consent is not None
        assert (consent.share, consent.region) == (ShareLevel.NOTHING, "EU")
        await choose(stage, "share")
        assert stage.store.consent() == consent


async def test_every_export_is_in_the_history_with_its_days_its_user_and_its_target(tmp_path: Path) -> None:
    def exported(store: Store) -> None:
        now = store.now()
        store.log_export(
            ExportRecord(now, ExportKind.CALLS, now.date(), now.date(), "summaries", "/[home]/c.csv", "mina", 7, False)
        )

    async with open_stage(tmp_path, ready=True, prepare=exported) as stage:
        await stage.press("h", "5")
        await stage.until(lambda: "summaries" in stage.text() and "by mina" in stage.text(), "the export's line")
        text = stage.text()
        assert all(
            word in text
            for word in (
                "by mina, to /[home]/c.csv",
                "calls",
                f"{stage.store.now():%Y-%m-%d} – {stage.store.now():%Y-%m-%d}",
                "7",
            )
        )


async def test_what_opening_had_to_mend_is_told(tmp_path: Path) -> None:
    def mended(stage: Stage) -> bool:
        return "Others on this computer could open /some/folder" in stage.notices()

    def with_notice(services: Services) -> CalmlineApp:
        services.notices = [Notice(NoticeCode.RIGHTS_MENDED, "/some/folder")]
        return make_app(services)

    async with open_stage(tmp_path, ready=True, make_app_of=with_notice) as stage:
        await stage.until(lambda: mended(stage), "the notice")


@pytest.mark.parametrize(("language", "said"), [("en", "In case the clock is wrong"), ("ko", "시계가 틀렸을 수도")])
async def test_where_the_date_is_years_ahead_old_calls_stay_and_it_is_said_why(
    tmp_path: Path, language: str, said: str
) -> None:
    def years_ahead(store: Store) -> None:
        with_calls(store)
        store._clock._start += timedelta(days=3000)  # type: ignore[attr-defined]

    async with open_stage(tmp_path, ready=True, prepare=years_ahead, language=language) as stage:
        await stage.until(lambda: said in stage.notices(), "the notice")
        assert len(stage.store.calls()) == 2
