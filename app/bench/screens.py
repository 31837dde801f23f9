"""Measures the screens: a steady call, a long day of calls, and how soon the first screen is there."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from app.bench.measured import SETTLE_SECONDS, Plan, SoakCost, SteadyCost
from app.bench.terminal import run_in_terminal
from app.words.consent_text import text_in_use
from core.bench.figures import Timing, ratio, timing_of
from core.candidates.card import Card
from core.method.emotion import EMOTIONS, EXPRESSIONS, Emotion, Probabilities
from core.method.grading import grade_frames
from core.store.consent import changed_answer
from core.store.locations import Locations
from core.store.records import CalibrationRecord, LightState
from core.store.store import Store
from core.system.clock import SystemClock
from core.system.json_records import decode_json

ROOT = Path(__file__).resolve().parents[2]

_BARE = "from textual.app import App\nfrom textual.widgets import Static\nclass Bare(App):\n    def compose(self):\n        yield Static('Calmline')\nBare().run()"
_DRAWN_LAST = "Your first call"
"""What the monitor says of a record without calls, once the record is open."""

_FRAMES = 12

Cost = TypeVar("Cost", SteadyCost, SoakCost)


@dataclass(frozen=True, slots=True)
class StartCost:
    """Starts from nothing: `--help` beside bare Python and the command-line library, first paint beside bare Textual.

    `phone` is what a softphone waits for: `call status` where no Calmline runs.

    `help_limit_ms` is three bare Pythons plus what importing click takes; ratios are of medians. `first_paint` is the
    monitor with what the database says.
    """

    python: Timing
    click: Timing
    help: Timing
    help_limit_ms: float
    phone: Timing
    bare_textual: Timing | None
    first_paint: Timing | None
    first_paint_ratio: float | None


def prepare_record(folder: Path, card: Card) -> None:
    """A record in `folder` of somebody who has said yes and uses this candidate, so that the monitor opens."""
    locations = Locations.below(folder)
    locations.prepare()
    with Store.open(locations.database, SystemClock()) as store:
        store.set_setting("language", "en")
        store.record_consent(changed_answer(None, store.now(), text_in_use(), measure=True, region="KR"))
        result = grade_frames(card.id, [(one, [_surely(one.emotion)] * _FRAMES) for one in EXPRESSIONS], [1.0])
        store.save_calibration(
            CalibrationRecord.from_results(
                store.now(), "clip", LightState.READY, [result], chosen=card.id, card_sha256={card.id: card.sha256}
            )
        )


def _surely(emotion: Emotion) -> Probabilities:
    return Probabilities.from_sequence([float(one is emotion) for one in EMOTIONS])


def measure_steady_call(
    seen: Path,
    card: Card,
    models: Path,
    *,
    seconds: float,
    idle_seconds: float,
    settle_seconds: float = SETTLE_SECONDS,
    busy: bool = False,
) -> SteadyCost:
    """A call of `seconds` with the screens drawn, after `idle_seconds` without one.

    `seen`: a video, or an actor's folder, which is seen as by a webcam.
    `settle_seconds`: waited before either is measured. `busy`: every core has another program on it that never rests.

    Raises:
        TerminalRunError: the program failed.
    """
    with tempfile.TemporaryDirectory(prefix="calmline-bench-") as folder:
        prepare_record(Path(folder), card)
        plan = Plan(folder, _absolute(models), _absolute(seen), seconds, idle_seconds, settle_seconds=settle_seconds)
        with _busy_cores(busy):
            return _run_plan(plan, SteadyCost)


def measure_soak(actor: Path, card: Card, models: Path, *, calls: int, seconds: float, pause: float) -> SoakCost:
    """`calls` calls of `seconds` made-up seconds at file speed, `pause` seconds apart.

    Raises:
        TerminalRunError: the program failed.
        SourceError: the actor's folder lacks a frame.
    """
    with tempfile.TemporaryDirectory(prefix="calmline-bench-") as folder:
        record = Path(folder) / "record"
        prepare_record(record, card)
        return _run_plan(Plan(str(record), _absolute(models), _absolute(actor), seconds, 0, calls, pause), SoakCost)


def _absolute(path: Path) -> str:
    """The program that is measured runs in a folder of its own."""
    return str(path.absolute())


def _run_plan(plan: Plan, kind: type[Cost]) -> Cost:
    result = Path(plan.folder).with_name(Path(plan.folder).name + ".json")
    plan_file = Path(plan.folder) / "plan.json"
    plan_file.write_text(json.dumps(asdict(plan)), encoding="utf-8")
    command = [sys.executable, "-m", "app.bench.measured", str(plan_file), str(result)]
    longest = 60 + plan.seconds + plan.idle_seconds + plan.calls * 120
    try:
        run_in_terminal(command, environment={}, folder=ROOT, longest=longest)
        return decode_json(result.read_bytes(), kind)
    finally:
        result.unlink(missing_ok=True)


@contextmanager
def _busy_cores(busy: bool) -> Iterator[None]:
    spinning = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range((os.cpu_count() or 1) if busy else 0)
    ]
    try:
        yield
    finally:
        for program in spinning:
            program.kill()
            program.wait()


_NOT_RUNNING = 5
"""What `call` ends with where no Calmline runs (docs/softphone.md)."""

PLAIN_STARTS = 3
"""What ends by itself is started this often for each screen that is painted: it takes a twentieth of a second."""


def measure_starts(card: Card, *, runs: int, terminal: bool) -> StartCost:
    """Start everything `runs` times, in turn.

    `terminal`: whether there are pseudo-terminals; without them first paints are not measured.

    Raises:
        TerminalRunError: a screen was never drawn.
    """
    with tempfile.TemporaryDirectory(prefix="calmline-bench-") as folder:
        # What is measured has been compiled before, as after the first start; where that is kept is thrown away.
        environment = {"PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
        prepare_record(Path(folder), card)
        database = Locations.below(Path(folder)).database
        command = [sys.executable, "-m", "app", "--db", str(database), "--language", "en"]
        plain = {
            "python": [sys.executable, "-c", "pass"],
            "click": [sys.executable, "-c", "import click"],
            "help": [sys.executable, "-m", "app", "--help"],
            "phone": [*command, "call", "status"],
        }
        drawn = {"bare": [sys.executable, "-c", _BARE], "monitor": command} if terminal else {}
        taken: dict[str, list[float]] = {name: [] for name in (*plain, *drawn)}
        for _ in range(runs + 1):
            for name in [*plain] * PLAIN_STARTS:
                taken[name].append(_seconds_of(plain[name], environment))
            for name, one in drawn.items():
                until = _DRAWN_LAST if name == "monitor" else "Calmline"
                taken[name].append(run_in_terminal(one, environment=environment, folder=ROOT, until=until))
    warm = {name: seconds[1:] for name, seconds in taken.items()}  # the first runs compiled
    bare, painted = warm.get("bare", []), warm.get("monitor", [])
    python = statistics.median(warm["python"])
    return StartCost(
        python=timing_of(warm["python"]),
        click=timing_of(warm["click"]),
        help=timing_of(warm["help"]),
        phone=timing_of(warm["phone"]),
        help_limit_ms=round((2 * python + statistics.median(warm["click"])) * 1000, 1),
        bare_textual=timing_of(bare) if bare else None,
        first_paint=timing_of(painted) if painted else None,
        first_paint_ratio=ratio(painted, bare) if bare else None,
    )


def _seconds_of(command: Sequence[str], environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=ROOT,
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    taken = time.perf_counter() - began
    if done.returncode not in (0, _NOT_RUNNING):
        raise subprocess.CalledProcessError(done.returncode, command)
    return taken
