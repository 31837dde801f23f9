"""One run of `calmline bench`: everything that is measured, in one order, on one computer."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from app.bench.measured import SETTLE_SECONDS, SteadyCost
from app.bench.screens import measure_soak, measure_starts, measure_steady_call
from app.terminal.pseudo_terminal import terminals_are_there
from core.adapt.chosen import load_default
from core.bench.grading import THESIS_CANDIDATES, measure_grading, stand_in_for_ten
from core.bench.host import describe_host
from core.bench.record import measure_record
from core.bench.stages import CandidateCost, FrameCosts, measure_frames
from core.bench.thesis import compare_with_thesis, keras_is_there, made_up_heavy_candidate
from core.bench.webcam import JpegSource, measure_decoding
from core.candidates.card import Card
from core.candidates.registry import Candidate, read_registry
from core.sources.video import VideoSource
from core.system.resources import ASSETS_FOLDER

ACTOR = ASSETS_FOLDER / "actor" / "f_multi"
DECODING_SECONDS = 10.0
SOAK_CALL_SECONDS, SOAK_PAUSE_SECONDS = 360.0, 120.0
"""Sixty such calls make eight hours: six minutes each, two minutes apart."""


@dataclass(frozen=True, slots=True)
class BenchPlan:
    """How thorough a run is: frames, starts, seconds of calls and of waiting, and whether Keras is measured beside.

    `settle_seconds` are waited before a call is measured. `turns`: so often is the first call measured.
    """

    ticks: int = 60
    starts: int = 7
    call_seconds: float = 30.0
    idle_seconds: float = 20.0
    settle_seconds: float = SETTLE_SECONDS
    graded_expressions: int = 11
    keras: bool = True
    turns: int = 3
    clip: Path | None = None


QUICK = BenchPlan(ticks=10, starts=2, call_seconds=3.0, idle_seconds=2.0, graded_expressions=2, turns=1)
"""Enough to see that everything works; its figures are rough."""


def run_bench(
    plan: BenchPlan, candidates: Sequence[Candidate], models: Path, say: Callable[[str], object]
) -> dict[str, Any]:
    """Measure everything; returns plain data for JSON.

    Args:
        plan: how thorough.
        candidates: the shipped ones, at least one.
        models: the folder where they lie.
        say: is told what is measured next, by a short name.

    Raises:
        SourceError, NetworkError, StoreError, TerminalRunError: something cannot be run here.
    """
    report: dict[str, Any] = {"host": describe_host(), "plan": {**asdict(plan), "clip": str(plan.clip or ACTOR.name)}}
    keras = plan.keras and keras_is_there()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="calmline-bench-")))
        heavy: Candidate | None = None
        if keras and len(candidates) < THESIS_CANDIDATES:
            say("made-up InceptionV3")
            heavy = stack.enter_context(made_up_heavy_candidate())
        say("stages")
        everyone = [*candidates, *([heavy] if heavy else [])]
        costs = measure_frames(VideoSource(plan.clip) if plan.clip else JpegSource(ACTOR), everyone, plan.ticks)
        report["stages"] = _stages(costs)
        report["candidates"] = [asdict(cost) for cost in costs.candidates]
        report["made_up"] = heavy.card.id if heavy else None
        say("record")
        report["record"] = asdict(measure_record(folder))
        say("grading")
        report["grading"] = _grading(plan, candidates, heavy, costs)
        say("starts")
        light = lightest(candidates)
        report["starts"] = asdict(measure_starts(light.card, runs=plan.starts, terminal=terminals_are_there()))
        report["calls"], report["decoding"] = _calls(plan, candidates, models, heavy, costs.candidates, say)
        report["thesis"] = []
        if keras:
            slowest = _slowest(costs.candidates)
            for candidate in (light, next(one for one in everyone if one.card.id == slowest)):
                say(f"thesis {candidate.card.network}")
                report["thesis"].append(asdict(compare_with_thesis(costs.frames, candidate)))
    return report


def lightest(candidates: Sequence[Candidate]) -> Candidate:
    """The candidate with the smallest file: what most of the figures are measured with."""
    return min(candidates, key=lambda candidate: candidate.card.size_bytes)


def _slowest(costs: Sequence[CandidateCost]) -> str:
    """The id of the candidate that takes longest for one face, as measured just now."""
    return max(costs, key=lambda cost: cost.infer.median_ms).id


def run_soak(candidate: Candidate, models: Path, calls: int) -> dict[str, Any]:
    """`calls` calls of six minutes at file speed with the screens drawn; returns plain data for JSON.

    Raises:
        TerminalRunError: the program failed, or there is no pseudo-terminal.
    """
    soak = measure_soak(ACTOR, candidate.card, models, calls=calls, seconds=SOAK_CALL_SECONDS, pause=SOAK_PAUSE_SECONDS)
    return {"host": describe_host(), "soak": asdict(soak)}


def _stages(costs: FrameCosts) -> dict[str, Any]:
    return {name: asdict(getattr(costs, name)) for name in ("grab", "detect", "crop")}


def _grading(
    plan: BenchPlan, candidates: Sequence[Candidate], heavy: Candidate | None, costs: FrameCosts
) -> list[dict[str, Any]]:
    shipped = [candidate.load() for candidate in candidates]
    expressions = plan.graded_expressions
    return [
        asdict(measure_grading(shipped, costs.crops, expressions=expressions)),
        asdict(measure_grading(stand_in_for_ten(candidates, heavy), costs.crops, expressions=expressions)),
    ]


def _calls(
    plan: BenchPlan,
    candidates: Sequence[Candidate],
    models: Path,
    heavy: Candidate | None,
    costs: Sequence[CandidateCost],
    say: Callable[[str], object],
) -> tuple[list[dict[str, Any]], float | None]:
    """Steady calls: with the lightest candidate, the heaviest, who reads by default, and with the lightest on busy cores.

    With them what decoding every frame takes, which the first call is held against: measured by turns, since a computer may be a
    fifth faster five minutes later. None where a clip is seen, or no call was measured.
    """
    if not terminals_are_there():
        return [], None
    default = load_default(read_registry(models))
    places: Mapping[str, tuple[Card, Path]] = {
        **{one.card.id: (one.card, models) for one in candidates},
        **({default.network.card.id: (default.network.card, models)} if default else {}),
        **({heavy.card.id: (heavy.card, heavy.path.parents[1])} if heavy else {}),
    }
    light, heaviest = lightest(candidates).card.id, _slowest(costs)
    by_default = [(default.network.card.id, False)] if default else []
    calls: list[dict[str, Any]] = []
    decoding: float | None = None
    for name, busy in ((light, False), (heaviest, False), *by_default, (light, True)):
        say(f"call {name}" + (" on busy cores" if busy else ""))
        card, folder = places[name]
        measure = partial(
            measure_steady_call,
            plan.clip or ACTOR,
            card,
            folder,
            seconds=plan.call_seconds,
            idle_seconds=plan.idle_seconds,
            busy=busy,
        )
        if calls or plan.clip:
            found = measure()
        else:
            found, decoding = _beside_decoding(measure, plan)
        calls.append({"candidate": name, "busy_cores": busy, **asdict(found)})
    return calls, decoding


def _beside_decoding(measure: Callable[[], SteadyCost], plan: BenchPlan) -> tuple[SteadyCost, float]:
    """A call, and decoding without one, by turns: the median call, and the median of what decoding takes."""
    decoding, found = [_decoding(plan)], list[SteadyCost]()
    for _ in range(plan.turns):
        found.append(measure())
        decoding.append(_decoding(plan))
    return sorted(found, key=lambda cost: cost.call)[len(found) // 2], round(median(decoding), 4)


def _decoding(plan: BenchPlan) -> float:
    return measure_decoding(ACTOR, min(plan.call_seconds, DECODING_SECONDS))
