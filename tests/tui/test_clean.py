"""The program without the networks: `--clean`, or a folder models/ that holds none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.main import run
from app.tui.wizard.steps import Step
from tests.tui.stage import Stage, hold, leave_texts_out, open_stage, walk_to

ROOT = Path(__file__).parents[2]

WHOLE_WAY = """
import json, os, sys
from pathlib import Path
opened = set()
sys.addaudithook(lambda event, given: opened.add(os.fsdecode(given[0])) if event == "open" and isinstance(given[0], (str, bytes)) else None)
folder = Path(sys.argv[1])
from app.cli.context import Setup
from app.cli.main import run
from app.tui.services import DemoOptions
from app.tui.start import ScreensPlan, run_screens
from core.store.store import Store
from core.store.locations import Locations
from core.system.clock import SystemClock
from core.system.resources import LANDMARKS_FOLDER, MODELS_FOLDER
demo = DemoOptions(auto=True, fast=True, keep=folder, headless=True)
setup = Setup(clean=True)
code = run_screens(ScreensPlan(setup.locations, setup.model_folders, demo=demo))
database = Locations.below(folder).database
exported = run(["--clean", "--db", str(database), "export", "--samples", "--mine", "--out", str(folder / "out.csv")])
with Store.open(database, SystemClock(), read_only=True) as store:
    calls = [call.start.candidate_id for call in store.calls()]
    chosen = store.latest_calibration()
within = lambda place: sorted(one for one in opened if Path(one).resolve().is_relative_to(place))
print(json.dumps({"codes": [code, exported], "calls": calls, "scores": [[one.candidate_id, one.score] for one in chosen.scores],
    "models": within(MODELS_FOLDER), "landmarks": len(within(LANDMARKS_FOLDER)), "rows": len((folder / "out.csv").read_text().splitlines())}))
"""


@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_clean_goes_from_the_wizard_to_the_export_and_opens_no_file_of_a_network_for_research_only(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WHOLE_WAY, str(tmp_path / "kept")], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stdout, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["codes"] == [0, 0], done.stderr
    assert found["models"] == []
    assert found["landmarks"] >= 3, "the hook sees what is opened: the card and both networks"
    assert found["calls"] == ["tuned-landmarks"] * 2
    [[reader, score]] = found["scores"]
    assert reader == "tuned-landmarks"
    assert score >= 80
    assert found["rows"] > 500


def words(stage: Stage) -> str:
    return " ".join(stage.text().split())


async def test_without_networks_nothing_is_said_of_an_expression_before_all_are_made(tmp_path: Path) -> None:
    async with open_stage(tmp_path, clean=True) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press("space")
        await hold(stage)
        await stage.until(lambda: "You are read when all expressions are made" in words(stage), "the review")
        assert "network" not in stage.text()
        assert "left out" not in stage.notices()


async def test_without_networks_whoever_leaves_a_kind_of_expression_out_is_told_what_is_missing(tmp_path: Path) -> None:
    async with open_stage(tmp_path, clean=True) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press(*["s"] * 11)
        await leave_texts_out(stage)
        await stage.until(lambda: "You cannot be read yet" in words(stage), "the verdict")
        await stage.press("enter")
        assert stage.app.current_step is Step.VERDICT
        assert stage.store.latest_calibration() is None
        assert "How you are read" in stage.text()
        assert "network" not in stage.text()


def test_without_networks_whoever_is_not_set_up_is_told_so_by_every_way_of_reading(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = ["--clean", "--db", str(tmp_path / "record.db")]
    for command in (
        ["run", "--headless", "--source", "actor", "--seconds", "5"],
        ["networks", "classify", str(tmp_path)],
    ):
        assert run([*begin, *command]) == 1
        assert "they read nobody before the set-up" in capsys.readouterr().err
    assert run(["--clean", "networks", "list"]) == 0
    assert "| landmarks | #0 | 3.5 |\n" in capsys.readouterr().out
