"""The demo plays itself: the shipped networks, the real face finder, the actor, from the first screen to two calls."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from app.tui.autoplay import play
from app.tui.services import DemoOptions, Services, load_reading_tools
from app.tui.start import make_app, source_maker
from core.store.export import ExportRequest, export_to_stream
from core.store.locations import Locations
from core.store.records import CallSource, CallState, ExportKind
from core.store.store import Store
from core.store.tables import Format
from core.system.clock import ManualClock
from core.system.resources import MODELS_FOLDER


@pytest.mark.thorough
@pytest.mark.timeout(300)
async def test_the_demo_gets_to_a_verdict_and_through_two_calls_that_come_out_of_the_export(tmp_path: Path) -> None:
    locations = Locations.below(tmp_path)
    locations.prepare()
    clock = ManualClock()
    with Store.open(locations.database, clock) as store:
        services = Services(
            locations=locations,
            store=store,
            clock=clock,
            make_source=source_maker(store, "actor:f_white"),
            load_tools=lambda: load_reading_tools(MODELS_FOLDER),
            fixed_source=True,
            demo=DemoOptions(auto=True, fast=True),
        )
        app = make_app(services)
        async with app.run_test(size=(80, 24)) as pilot:
            await play(pilot)
        calibration = store.latest_calibration()
        assert calibration is not None
        assert calibration.chosen is not None
        best = max(calibration.scores, key=lambda score: score.score)
        assert best.score >= 60, "the shipped networks read the demo actor"
        calls = store.calls()
        assert [call.state for call in calls] == [CallState.ENDED] * 2
        assert {call.start.source for call in calls} == {CallSource.ACTOR}
        for call in calls:
            samples = store.samples(call.id)
            assert abs(samples[0].level) <= 20, "every call starts at 0"
            assert max(sample.level for sample in samples) > 200, "the script has strain in it"
        written = io.StringIO()
        export_to_stream(store, ExportRequest(ExportKind.SAMPLES, mine=True), Format.CSV, written, "tests")
        rows = list(csv.DictReader(io.StringIO(written.getvalue())))
        assert len(rows) == sum(len(store.samples(call.id)) for call in calls)
        assert list(rows[0])[:3] == ["Time", "Emotion", "Level"]
