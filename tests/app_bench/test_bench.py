"""`calmline bench` on tiny networks, in a real pseudo-terminal: that everything is measured, not how fast it is."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.bench.measured import SteadyCost
from app.bench.run import BenchPlan, _beside_decoding, lightest
from app.bench.screens import measure_soak, measure_steady_call
from app.bench.terminal import TerminalRunError, run_in_terminal
from app.bench.verdicts import limits, table
from app.cli.main import cli
from app.terminal.pseudo_terminal import terminals_are_there
from core.bench.figures import Timing
from core.bench.grading import measure_grading
from core.candidates.registry import read_registry
from core.system.resources import ASSETS_FOLDER, MODELS_FOLDER
from tests.tiny_network import card_for, tiny_network, write_candidate

ROOT = Path(__file__).parents[2]
ACTOR = ASSETS_FOLDER / "actor" / "f_multi"
MOST_GROWTH = 0.05
POOLED = 3
"""Handles that a pool of fixed size (connections that read the record) may still add after the first call."""
needs_terminal = pytest.mark.skipif(not terminals_are_there(), reason="there are no pseudo-terminals on Windows")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Two tiny candidates."""
    for name in ("tiny-1", "tiny-2"):
        content = tiny_network()
        write_candidate(tmp_path / "models", card_for(content, name), content)
    return tmp_path / "models"


@pytest.fixture
def smallest(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The quick run, made as quick as it can be."""
    monkeypatch.setattr(
        "app.bench.run.QUICK",
        BenchPlan(ticks=3, starts=1, call_seconds=1.0, idle_seconds=0.5, settle_seconds=0.5, graded_expressions=1),
    )
    monkeypatch.setattr("app.bench.run.measure_grading", partial(measure_grading, sleep=lambda _seconds: None))
    yield


@needs_terminal
def test_a_program_is_read_until_it_has_drawn_a_text_or_ended() -> None:
    draws = [sys.executable, "-c", "import time; print('hello', flush=True); time.sleep(600)"]
    assert run_in_terminal(draws, environment={}, folder=ROOT, until="hello") > 0
    size = "import os; assert os.get_terminal_size() == (80, 24); assert os.environ['A'] == 'b'"
    assert run_in_terminal([sys.executable, "-c", size], environment={"A": "b"}, folder=ROOT) > 0


@needs_terminal
@pytest.mark.parametrize(
    ("code", "until", "complaint"),
    [("raise SystemExit(3)", None, "ended with 3"), ("print('other')", "hello", "'hello' was never drawn")],
)
def test_a_program_that_fails_or_never_draws_it_is_told_with_its_last_words(
    code: str, until: str | None, complaint: str
) -> None:
    with pytest.raises(TerminalRunError, match=complaint):
        run_in_terminal([sys.executable, "-c", code], environment={}, folder=ROOT, until=until)


@needs_terminal
def test_a_steady_call_is_measured_on_the_program_itself_wherever_one_stands(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [card, _] = [candidate.card for candidate in read_registry(models).candidates]
    monkeypatch.chdir(models.parent)
    cost = measure_steady_call(ACTOR, card, Path(models.name), seconds=2.0, idle_seconds=0.5, settle_seconds=1.0)
    assert 0 < cost.drawing <= cost.call
    assert cost.idle >= 0
    assert cost.ticks >= 10
    assert 0 <= cost.ticks_missed < cost.ticks
    assert cost.frame_to_level.runs > 0
    assert list(tmp_path.glob("*.json")) == []


@pytest.mark.thorough
@needs_terminal
def test_a_day_of_calls_leaves_no_thread_file_or_handle_behind(models: Path) -> None:
    card = read_registry(models).candidates[0].card
    soak = measure_soak(ACTOR, card, models, calls=3, seconds=12.0, pause=60.0)
    assert soak.readings >= 3 * 12 * 5 - 3
    assert soak.simulated_hours == round((3 * 12 + 3 * 60) / 3600, 2)
    assert soak.threads_left == []
    assert _more(soak.first.handles, soak.last.handles) <= POOLED
    kept = {"calmline.db", "calmline.db-shm", "calmline.db-wal", "calmline.db.lock", "calmline.log", "plan.json"}
    assert {name for name in soak.files if not name.startswith("control-")} == kept


@needs_terminal
@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_eight_hours_of_calls_hold_no_more_memory_at_the_end_than_after_the_first() -> None:
    card = lightest(read_registry(MODELS_FOLDER).candidates).card
    soak = measure_soak(ACTOR, card, MODELS_FOLDER, calls=60, seconds=360.0, pause=120.0)
    assert soak.simulated_hours == 8.0
    assert soak.growth is None or soak.growth <= MOST_GROWTH
    assert soak.threads_left == []
    assert _more(soak.first.handles, soak.last.handles) <= POOLED


@pytest.mark.thorough
@needs_terminal
@pytest.mark.usefixtures("smallest")
def test_a_quick_run_measures_everything_and_keeps_it_under_its_date(models: Path, tmp_path: Path) -> None:
    arguments = ["--db", str(tmp_path / "c.db"), "--only-models", str(models), "bench", "--quick", "--json"]
    done = CliRunner().invoke(cli, [*arguments, "--out", str(tmp_path / "kept")])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert set(report) == {
        "host", "plan", "stages", "candidates", "made_up", "record", "grading", "starts", "decoding", "calls", "thesis",
    }  # fmt: skip
    assert [call["busy_cores"] for call in report["calls"]] == [False, False, False, True]
    assert report["starts"]["first_paint"]["runs"] == 1
    day = report["host"]["measured_at"][:10]
    assert json.loads((tmp_path / "kept" / f"bench-{day}.json").read_text(encoding="utf-8")) == report
    assert not (tmp_path / "c.db").exists()
    shown = table(report)
    for part in (
        "grab",
        "detect",
        "crop",
        "infer tiny-1",
        "store",
        "draw",
        "30 faces graded by 10",
        "every frame",
        "in the record",
    ):
        assert part in shown
    assert len(list(limits(report))) == 16


@needs_terminal
def test_a_program_that_leaves_its_terminal_and_does_not_end_has_failed() -> None:
    leaves = "import os, time; [os.close(number) for number in range(3)]; time.sleep(60)"
    with pytest.raises(TerminalRunError):
        run_in_terminal([sys.executable, "-c", leaves], environment={}, folder=ROOT, longest=1.0)


@pytest.mark.parametrize("system", ["win32"])
def test_where_there_is_no_terminal_a_day_of_calls_is_refused_with_a_sentence(
    system: str, monkeypatch: pytest.MonkeyPatch, models: Path
) -> None:
    from app.cli.main import run

    monkeypatch.setattr("app.terminal.pseudo_terminal.sys.platform", system)
    runner = CliRunner()
    with runner.isolation() as (out, err, _both):
        code = run(["--only-models", str(models), "bench", "--soak"])
        said = err.getvalue().decode()
    assert code == 1
    assert "no pseudo-terminals" in said
    assert out.getvalue() == b""


def _more(first: int | None, last: int | None) -> int:
    return 0 if first is None or last is None else last - first


def _call(**changes: Any) -> dict[str, Any]:
    timing = {"median_ms": 20.0, "low_ms": 10.0, "high_ms": 30.0, "runs": 9}
    return {
        "candidate": "a", "busy_cores": False, "idle": 0.004, "call": 0.05, "drawing": 0.02, "resident_mb": 180.0,
        "frame_to_level": timing, "ticks": 90, "ticks_missed": 0, **changes,
    }  # fmt: skip


def test_a_call_and_decoding_are_measured_by_turns_and_told_by_their_medians(monkeypatch: pytest.MonkeyPatch) -> None:
    order = list[str]()
    decoded, calls = iter([0.05, 0.02, 0.021, 0.022]), iter([0.09, 0.04, 0.03])

    def decoding(_actor: Path, _seconds: float) -> float:
        order.append("decoding")
        return next(decoded)

    def call() -> SteadyCost:
        order.append("call")
        timing = Timing(20.0, 10.0, 30.0, 9)
        return SteadyCost(0.002, next(calls), 0.01, 160.0, timing, ticks=150, ticks_missed=0)

    monkeypatch.setattr("app.bench.run.measure_decoding", decoding)
    found, beside = _beside_decoding(call, BenchPlan())
    assert order == ["decoding", "call", "decoding", "call", "decoding", "call", "decoding"]
    assert (found.call, beside) == (0.04, 0.0215)


@pytest.mark.parametrize(
    ("report", "kept"),
    [
        ({"calls": [_call()]}, [True, True, True]),
        ({"calls": [_call(call=0.061, idle=0.011, resident_mb=250.1)]}, [False, False, False]),
        ({"calls": [_call(), _call(call=0.199)]}, [True] * 6),
        ({"calls": [_call(), _call(call=0.201)]}, [True, True, True, False, True, True]),
        ({"calls": [_call(), _call(candidate="a+b", call=0.121)]}, [True, True, True, False, True, True]),
        ({"calls": [_call()], "decoding": 0.03}, [True] * 4),
        ({"calls": [_call()], "decoding": 0.027}, [True, False, True, True]),
        ({"calls": [_call(busy_cores=True, call=0.9, ticks_missed=1)]}, [False]),
        ({"thesis": [{"candidate": "a", "times_faster": 9.9}, {"candidate": "b", "times_faster": 5.0}]}, [False, True]),
        ({"grading": [{"candidates": 10, "verdict_after_last_s": 1.01}]}, [False]),
        ({"soak": {"growth": 0.051}}, [False]),
        ({"soak": {"growth": None}}, []),
        ({}, []),
    ],
)
def test_a_figure_over_its_limit_is_marked(report: dict[str, Any], kept: list[bool]) -> None:
    found = list(limits(report))
    assert [limit.holds for limit in found] == kept
    assert [limit.line().startswith("ok") for limit in found] == kept


def test_a_plan_can_be_written_down() -> None:
    assert json.dumps(asdict(BenchPlan()))
