"""The program itself, on a clip, telling what it costs. Run by `app.bench.screens` in a terminal of its own.

`python -m app.bench.measured PLAN RESULT`: both are JSON files, of `Plan` and of `SteadyCost` or `SoakCost`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any, ClassVar, cast

from textual.pilot import Pilot

from app.terminal.stderr_guard import native_output_in_log
from app.tui import app as app_module
from app.tui.app import CalmlineApp
from app.tui.calls.calling import CallTicked
from app.tui.services import Services, load_reading_tools
from app.tui.start import make_screen
from core.bench.figures import Timing, timing_of
from core.bench.process import Footprint, footprint
from core.bench.webcam import JpegSource, Webcam
from core.sources.camera import CameraSource
from core.sources.source import Frame, FrameSource, SourceProblem
from core.sources.video import VideoSource
from core.store.locations import Locations
from core.store.store import Store
from core.system.clock import Clock, ManualClock, SystemClock
from core.system.json_records import decode_json
from core.system.memory import share_memory_between_threads

SETTLE_SECONDS = 3.0
"""What begins or ends is given this long before it is measured."""

CALL_ENDS_WITHIN = 600.0
LEVEL_COMES_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What the child is to do: where its record is, what it looks at, for how long (real seconds), how many calls.

    `seen`: a video, or an actor's folder, which is seen as by a webcam. With `calls` 0 one steady call is measured; else
    so many calls of `seconds` made-up seconds are played at file speed, `pause` apart.
    """

    folder: str
    models: str
    seen: str
    seconds: float
    idle_seconds: float
    calls: int = 0
    pause: float = 0.0
    settle_seconds: float = SETTLE_SECONDS


@dataclass(frozen=True, slots=True)
class SteadyCost:
    """A steady call and the time before it: processor seconds per second, memory, latency, ticks.

    `drawing` is the part of `call` that the screens' thread took; `frame_to_level` runs from before the frame is
    decoded until the screens' thread has the level; `ticks_missed` of `ticks` had no frame because the loop came late.
    """

    idle: float
    call: float
    drawing: float
    resident_mb: float | None
    frame_to_level: Timing
    ticks: int
    ticks_missed: int


@dataclass(frozen=True, slots=True)
class SoakCost:
    """What the process held after the first call and after the last, and what lay in the record's folder then.

    `growth` is resident memory at the end over that after the first call, less one; None where it is not to be had.
    """

    calls: int
    readings: int
    simulated_hours: float
    first: Footprint
    last: Footprint
    growth: float | None
    threads_left: list[str]
    files: list[str]


class WatchedSource:
    """A source that remembers when each frame was asked for; one that ends begins anew unless `turn` is given."""

    is_camera = False
    trouble: SourceProblem | None = None

    def __init__(self, source: FrameSource, *, turn: threading.Event | None) -> None:
        """`turn`: wait for it before each frame (at file speed the screens must keep up)."""
        self._source, self._loops, self._turn = source, turn is None, turn
        self._began = 0.0
        self.asked: list[float] = []
        """When frames were asked for (`time.perf_counter`)."""

    @property
    def name(self) -> str:
        """What the source is called."""
        return self._source.name

    @property
    def ended(self) -> bool:
        """Whether it has been played to its end."""
        return self._source.ended and not self._loops

    def open(self) -> None:
        """Open the source that is measured."""
        self._began, self.asked = 0.0, []
        self._source.open()

    def frame_at(self, seconds: float) -> Frame | None:
        """The frame of this moment, from the beginning again after the end."""
        if self._turn is not None and self.asked:
            self._turn.wait(SETTLE_SECONDS)
            self._turn.clear()
        self.asked.append(time.perf_counter())
        frame = self._source.frame_at(seconds - self._began)
        if frame is None and self._loops:
            self._began = seconds
            self._source.open()
            frame = self._source.frame_at(0.0)
        return frame

    def close(self) -> None:
        """Close the source; it may be opened again."""
        self._source.close()


class MeasuredApp(CalmlineApp):
    """The program, noting when a level has come to its screens."""

    CSS_PATH: ClassVar[list[str | PurePath]] = [Path(app_module.__file__).with_name("app.tcss")]

    def __init__(self, services: Services) -> None:
        """Nothing has come yet."""
        super().__init__(services, make_screen)
        self.source: WatchedSource | None = None
        self.turn: threading.Event | None = None
        self.latencies: list[float] = []
        self.levels = 0

    def on_call_ticked(self, message: CallTicked) -> None:  # noqa: ARG002 - Textual calls the base's handler as well
        """A level has come: how long after its frame was asked for?"""
        self.levels += 1
        if self.turn is None and self.source is not None and self.source.asked:
            self.latencies.append(time.perf_counter() - self.source.asked[-1])
        if self.turn is not None:
            self.turn.set()


def main(plan_file: Path, result_file: Path) -> int:
    """Do what the plan says and write what it came to."""
    share_memory_between_threads()  # as `app.tui.start` does
    plan = decode_json(plan_file.read_bytes(), Plan)
    locations = Locations.below(Path(plan.folder))
    locations.prepare()
    manual = ManualClock() if plan.calls else None
    clock: Clock = manual or SystemClock()
    results: list[SteadyCost | SoakCost] = []
    with native_output_in_log(locations.log_file), Store.open(locations.database, clock) as store:
        app = _make_app(plan, locations, store, clock)

        async def play(pilot: Pilot[Any]) -> None:
            measured = cast("MeasuredApp", pilot.app)
            await asyncio.sleep(plan.settle_seconds)
            results.append(
                await (_soak(measured, plan, manual) if manual is not None else _steady_call(measured, plan))
            )
            measured.exit(0)

        code = app.run(auto_pilot=play)
    if results:
        result_file.write_text(json.dumps(asdict(results[0])), encoding="utf-8")
    return code or app.return_code or 0


def _make_app(plan: Plan, locations: Locations, store: Store, clock: Clock) -> MeasuredApp:
    turn = threading.Event() if plan.calls else None

    def source() -> WatchedSource:
        app.source = WatchedSource(_source(plan), turn=turn)
        return app.source

    app = MeasuredApp(
        Services(
            locations=locations,
            store=store,
            clock=clock,
            make_source=source,
            load_tools=lambda: load_reading_tools(Path(plan.models)),
            fixed_source=True,
        )
    )
    app.turn = turn
    return app


def _source(plan: Plan) -> FrameSource:
    seen = Path(plan.seen)
    if plan.calls:
        return JpegSource(seen, seconds=plan.seconds)
    return CameraSource(0, lambda *_: Webcam(seen), backends=(0,)) if seen.is_dir() else VideoSource(seen)


async def _steady_call(app: MeasuredApp, plan: Plan) -> SteadyCost:
    idle, _ = await _processor_share(plan.idle_seconds)
    await app.start_call()
    await asyncio.sleep(plan.settle_seconds)
    source = app.source
    assert source is not None
    app.latencies.clear()
    call, drawing = await _processor_share(plan.seconds)
    await _until(lambda: bool(app.latencies), LEVEL_COMES_WITHIN)  # a short call on busy cores may have had none yet
    resident = footprint().resident_bytes
    latencies = list(app.latencies)
    record = await app.end_call()
    assert record is not None
    ticks = len(app.services.store.samples(record.id))
    return SteadyCost(
        idle=idle,
        call=call,
        drawing=drawing,
        resident_mb=None if resident is None else round(resident / 1e6, 1),
        frame_to_level=timing_of(latencies),
        ticks=ticks,
        ticks_missed=max(0, ticks - len(source.asked)),
    )


async def _processor_share(seconds: float) -> tuple[float, float]:
    """Processor seconds per second of the whole process and of this thread, over `seconds`."""
    began, process, thread = time.perf_counter(), time.process_time(), time.thread_time()
    await asyncio.sleep(seconds)
    wall = time.perf_counter() - began
    return round((time.process_time() - process) / wall, 4), round((time.thread_time() - thread) / wall, 4)


async def _soak(app: MeasuredApp, plan: Plan, clock: ManualClock) -> SoakCost:
    first = last = footprint()
    threads_before: set[str] = set()
    readings = 0
    for number in range(plan.calls):
        before = app.levels
        await app.start_call()
        await _until(lambda: app.calling.running is None, CALL_ENDS_WITHIN)
        await asyncio.sleep(0.2)
        readings += app.levels - before
        clock.advance(plan.pause)
        last = footprint()
        if number == 0:
            first, threads_before = last, _thread_names()
    return SoakCost(
        calls=plan.calls,
        readings=readings,
        simulated_hours=round(clock.monotonic() / 3600, 2),
        first=first,
        last=last,
        growth=_growth(first, last),
        threads_left=sorted(_thread_names() - threads_before),
        files=_files_below(Path(plan.folder)),
    )


def _growth(first: Footprint, last: Footprint) -> float | None:
    if first.resident_bytes is None or last.resident_bytes is None:
        return None
    return round(last.resident_bytes / first.resident_bytes - 1, 4)


def _files_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def _thread_names() -> set[str]:
    """The threads but those of asyncio's own pool, which is filled up as it is needed and has a fixed size."""
    return {thread.name for thread in threading.enumerate() if not thread.name.startswith("asyncio_")}


async def _until(happened: Callable[[], bool], longest: float) -> None:
    latest = time.monotonic() + longest
    while not happened():
        if time.monotonic() > latest:
            raise TimeoutError(f"what was waited for did not happen within {longest:g} seconds")
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
