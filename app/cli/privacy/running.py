"""Runs steps in watched processes and gathers the evidence. Nothing of the person's own record is opened."""

from __future__ import annotations

import os
import shutil
import signal
import site
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.terminal.pseudo_terminal import open_terminal, terminals_are_there
from core.privacy.events import Event, Kind, from_line
from core.privacy.judging import Evidence
from core.privacy.search import search
from core.privacy.strace import parse, strace_command
from core.store import Store, StoreError
from core.store.locations import Locations
from core.system.clock import SystemClock

STEP_SECONDS = 900.0
"""A step that takes longer has failed."""

_ROOT = Path(__file__).resolve().parents[3]
COMMAND_LINE = "app.cli.privacy.watched:command_line"
_STARTS_THE_STEP = 1
"""The first program that strace sees is the watched one itself."""


@dataclass(frozen=True, slots=True)
class Step:
    """One watched process: what it is called, its entry point and arguments, and whether it gets a terminal."""

    name: str
    entry: str
    arguments: tuple[str, ...]
    terminal: bool = False


def demo_steps(data: Path, language: str) -> list[Step]:
    """The whole demo flow: the wizard and two calls in a terminal, then both kinds of export from its record."""
    database = str(data / "calmline.db")
    demo = ("--language", language, "demo", "--auto", "--fast", "--keep", str(data))
    first = (
        Step("demo", "app.cli.privacy.watched:demo_without_terminal", (str(data), language))
        if not terminals_are_there()
        else Step("demo", COMMAND_LINE, demo, terminal=True)
    )
    exports = [
        Step(f"export {kind}", COMMAND_LINE, ("--db", database, "export", "--mine", f"--{kind}", "--out", str(target)))
        for kind, target in (("calls", data / "calls.csv"), ("samples", data / "samples.csv"))
    ]
    return [first, *exports]


@contextmanager
def watched(steps_in: Sequence[Step] | None, language: str = "en", *, use_strace: bool = True) -> Iterator[Evidence]:
    """Run steps in a folder of their own and give the evidence; the folder is gone after the block.

    Args:
        steps_in: what to run; None: the demo flow. "{data}" in an argument becomes the data folder.
        language: "en" or "ko".
        use_strace: whether strace watches, too, where it is installed.
    """
    with tempfile.TemporaryDirectory(prefix="calmline-privacy-") as name:
        folder = Path(os.path.realpath(name))
        data = folder / "data"
        for inner in ("data", "home", "temporary", "work", "traces"):
            (folder / inner).mkdir(mode=0o700)
        seen: dict[str, list[Event]] = {"hook": []}
        failures: list[str] = []
        for number, step in enumerate(demo_steps(data, language) if steps_in is None else steps_in):
            trace = folder / "traces" / f"{number}.strace"
            before = strace_command(trace) if use_strace else None
            code, events = _run(step, folder, before or [])
            seen["hook"] += events
            if before is not None:
                seen.setdefault("strace", []).extend(_traced(trace))
            if code != 0:
                failures.append(f"{step.name}: {code}")
        yield _evidence(folder, data, seen, tuple(failures))


def _traced(trace: Path) -> list[Event]:
    if not trace.is_file():
        return []
    with trace.open(encoding="utf-8", errors="replace") as lines:
        events = list(parse(lines))
    programs = [place for place, event in enumerate(events) if event.kind is Kind.PROGRAM]
    return [event for place, event in enumerate(events) if place not in programs[:_STARTS_THE_STEP]]


def _evidence(folder: Path, data: Path, seen: dict[str, list[Event]], failures: tuple[str, ...]) -> Evidence:
    strips = [
        bytes.fromhex(strip) for event in seen["hook"] if event.kind is Kind.CROP for strip in event.subject.split()
    ]
    written = [path for path in folder.rglob("*") if path.is_file() and folder / "traces" not in path.parents]
    outside = {Path(e.subject) for events in seen.values() for e in events if e.kind is Kind.WRITE}
    others = [path for path in outside if not path.is_relative_to(folder) and path.is_file()]
    return Evidence(
        seen=dict(seen),
        data=data,
        sockets=(Locations.below(data).control_address,),
        searched=search(sorted([*written, *others]), strips),
        columns=_columns(data / "calmline.db"),
        failures=failures,
        log=_log_of_steps(folder),
    )


def _log_of_steps(folder: Path) -> Path:
    """Where a step's log lies that has no data folder of its own: another process is asked, with a step's environment."""
    asked = "from core.store.locations import find_locations; print(find_locations(None, {}).log_file)"
    answer = subprocess.run(
        [sys.executable, "-B", "-c", asked],
        cwd=folder / "work",
        env=_environment(folder),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return Path(answer.stdout.strip())


def _columns(database: Path) -> list[tuple[str, str, str, int]]:
    try:
        with Store.open(database, SystemClock(), read_only=True) as store:
            return store.columns()
    except StoreError:
        return []


def _run(step: Step, folder: Path, before: list[str]) -> tuple[int, list[Event]]:
    """Run one step to its end; its exit code and its events."""
    if sys.platform == "win32":  # descriptors are not handed on there; nothing of a step is on standard output
        return _collect(_started(step, folder, before, 1, stdout=subprocess.PIPE), None, None)
    reading, writing = os.pipe()
    master, slave = open_terminal() if step.terminal else (None, None)
    process = _started(step, folder, before, writing, stdin=slave, stdout=slave)
    os.close(writing)
    if slave is not None:
        os.close(slave)
    with os.fdopen(reading, "rb") as reports:
        return _collect(process, reports, master)


def _started(
    step: Step, folder: Path, before: list[str], descriptor: int, stdin: int | None = None, stdout: int | None = None
) -> subprocess.Popen[bytes]:
    arguments = [one.replace("{data}", str(folder / "data")) for one in step.arguments]
    own = [sys.executable, "-B", "-m", "app.cli.privacy.watched", str(descriptor), step.entry, *arguments]
    return subprocess.Popen(
        [*before, *own],
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=subprocess.DEVNULL if stdout is None else stdout,
        stderr=subprocess.DEVNULL if stdin is None else stdin,
        cwd=folder / "work",
        env=_environment(folder),
        pass_fds=() if sys.platform == "win32" else (descriptor,),
        start_new_session=True,  # so that it can be ended with whatever it has started, strace's child as well
    )


def _environment(folder: Path) -> dict[str, str]:
    """A home and a temporary folder of its own, so that whatever is written anywhere else is written on purpose."""
    kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV", "PATHEXT", "LANG")
    home, temporary = str(folder / "home"), str(folder / "temporary")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        **dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"), home),
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), temporary),
        "XDG_RUNTIME_DIR": temporary,
        "TERM": "xterm-256color",
        "PYTHONUTF8": "1",
        "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
        "PYTHONUSERBASE": site.getuserbase(),
    }


def _collect(process: subprocess.Popen[bytes], reports: BinaryIO | None, master: int | None) -> tuple[int, list[Event]]:
    """Read events to the end of the process, and let its terminal run off. Broken off, it leaves no process behind."""
    drain = None if master is None else threading.Thread(target=_drain, args=(master,), daemon=True)
    if drain is not None:
        drain.start()
    late = threading.Timer(STEP_SECONDS, _kill, [process])
    late.daemon = True
    late.start()
    try:
        stream = reports if reports is not None else process.stdout
        assert stream is not None
        events = [event for line in stream if (event := from_line(line)) is not None]
        return process.wait(), events
    finally:
        late.cancel()
        if process.poll() is None:
            _kill(process)
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
        if drain is not None and master is not None:
            drain.join(5)
            os.close(master)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError):  # it has ended at this very moment
        os.killpg(process.pid, signal.SIGKILL)


def _drain(master: int) -> None:
    try:
        while os.read(master, 65536):
            pass
    except OSError:  # the other end is closed
        return


def strace_there() -> bool:
    """Whether strace watches here."""
    return sys.platform == "linux" and shutil.which("strace") is not None
