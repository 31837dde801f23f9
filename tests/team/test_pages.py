"""The two pages for a supervisor: what they say, what they never say, and that a browser and axe find them in order."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from app.cli.team.counsellor import render_counsellor
from app.cli.team.page import render_page
from app.words.language import use_language
from app.words.tension import level_sentence
from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store.export import ExportRefused, SharedPage, plan_page
from core.store.export_rows import SCHEMA_VERSION
from core.store.records import CallStart, ShareLevel
from core.store.store import Store
from core.store.tables import Cell, Row
from core.system.clock import ManualClock
from core.team.figures import Band, Group, TeamReport
from tests.tui.stage import consent_of

DAY = date(2026, 1, 12)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def row(number: int, **changes: Cell) -> Row:
    """One call as a row that is shared."""
    return {
        "counsellor": "K7-ABCD",
        "day": f"2026-01-{5 + number % 5:02d}",
        "part_of_day": "morning",
        "minutes": 4,
        "tensest_minute": 0.61,
        "tense_minutes": 2,
        "calm_again_minutes": number + 1,
        "face_seen": 1.0,
        **changes,
    }


PAGE = SharedPage(
    "K7-ABCD",
    (
        row(0),
        row(1, tensest_minute=0.9),
        row(2, tensest_minute=None, tense_minutes=None, calm_again_minutes=None, face_seen=0.4),
    ),
    {0: ((1, 0.5), (2, 2.0), (3, -0.25), (4, 0.0))},
)


def text_of(page: str) -> str:
    """What can be read of a page."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)))


def test_the_page_sums_up_calls_and_recovery() -> None:
    text = text_of(render_counsellor(PAGE, DAY))
    for said in (
        "Drawn and handed over by K7-ABCD on 2026-01-12.",
        "calls 3",
        "minutes in calls 12",
        "minutes that looked tense 4",
        "half of the calls within (minutes) 2",
        "too little was seen to say 1",
        "4 0.90 2 2 100 %",
        "40 % (too little)",
    ):
        assert said in text


def test_the_page_explains_the_level_in_the_words_of_the_screens() -> None:
    assert level_sentence() in unescape(render_counsellor(PAGE, DAY))


def test_every_bar_of_a_curve_has_its_number_and_height() -> None:
    page = render_counsellor(PAGE, DAY)
    assert re.findall(r'<li style="height:([0-9.]+)%"( class=below)?><span>minute (\d): (-?[0-9.]+)</span>', page) == [
        ("25.0", "", "1", "0.50"),
        ("100.0", "", "2", "2.00"),
        ("12.5", " class=below", "3", "-0.25"),
        ("0.0", "", "4", "0.00"),
    ]
    assert "Curves" not in render_counsellor(SharedPage("K7", PAGE.calls, {}), DAY)


def test_a_page_loads_nothing_and_names_its_schema() -> None:
    for page in (render_counsellor(PAGE, DAY), render_page(report(), DAY)):
        assert "default-src 'none'" in page
        assert f'name="calmline-schema" content="{SCHEMA_VERSION}"' in page
        assert not re.search(r"<script|<img|<link|src=|href=|https?:", page)


@pytest.mark.parametrize("share", [ShareLevel.SUMMARIES, ShareLevel.CURVES])
def test_consent_decides_what_is_on_it(share: ShareLevel, tmp_path: Path) -> None:
    clock = ManualClock()
    with Store.open(tmp_path / "calmline.db", clock) as store:
        for answer in (ShareLevel.NOTHING, share):
            store.record_consent(consent_of(store, share=answer))
            call = store.begin_call(CallStart("tiny-1"))
            store.add_samples(call.id, [Sample(200 * n, Outcome.STRESS, 20 * n) for n in range(600)])
            clock.advance(120)
            store.end_call(call.id)
            clock.advance(60)
        page = plan_page(store)
    assert len(page.calls) == 1, "the call of before was not shared, and nothing tells that it was there"
    assert {place: [minute for minute, _level in curve] for place, curve in page.curves.items()} == (
        {0: [1, 2]} if share is ShareLevel.CURVES else {}
    )


def test_who_shares_nothing_hands_over_no_page(tmp_path: Path) -> None:
    with Store.open(tmp_path / "calmline.db", ManualClock()) as store:
        store.record_consent(consent_of(store))
        with pytest.raises(ExportRefused):
            plan_page(store)


def report() -> TeamReport:
    """Figures of a team of forty."""
    bands = list(Band)
    groups = [Group(day, part, 40, bands[(day or 0) % 3]) for day in (*range(1, 6), None) for part in ("morning", None)]
    return TeamReport(40, tuple(groups))


def axe() -> Path | None:
    """axe-core, where npm has it."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    root = subprocess.run([npm, "root", "-g"], capture_output=True, text=True, check=True).stdout.strip()
    script = Path(root) / "axe-core" / "axe.min.js"
    return script if script.is_file() else None


@pytest.mark.thorough
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("which", ["counsellor", "team"])
def test_axe_finds_nothing(which: str, width: int, language: str, tmp_path: Path) -> None:
    script = axe()
    if CHROMIUM is None or script is None:
        pytest.skip("needs Chromium and axe-core (npm install --global axe-core)")
    use_language(language)
    page = render_counsellor(PAGE, DAY) if which == "counsellor" else render_page(report(), DAY)
    policy = re.search(r'<meta http-equiv="Content-Security-Policy"[^>]*>', page)
    assert policy is not None
    run = "axe.run().then(found => { document.title = JSON.stringify(found.violations.map(one => [one.id, one.nodes.map(n => n.html)])) })"
    asked = page.replace(policy[0], "").replace(
        "</body>", f"<script>{script.read_text(encoding='utf-8')}</script><script>{run}</script></body>"
    )
    (tmp_path / "page.html").write_text(asked, encoding="utf-8")
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command += [
        f"--window-size={width},900",
        "--virtual-time-budget=20000",
        "--dump-dom",
        f"file://{tmp_path}/page.html",
    ]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100).stdout
    title = re.search(r"<title>(\[.*?)</title>", shown, re.DOTALL)
    assert title is not None, "axe has not run"
    assert json.loads(unescape(title[1])) == []
