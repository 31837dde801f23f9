"""A running call in a process of its own, to be killed: `calmline run --headless` itself, on the actor, in real time.

The processes are forked from one that has imported everything already (multiprocessing's fork server), so that a kill
costs what the call costs and not what starting Python costs.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

# Imported in the fork server, once: see PRELOADED.
import app.cli.main
import app.cli.monitor
import core.candidates.network
import core.candidates.registry
import core.monitoring.headless
import core.sources.actor
import core.store.store  # noqa: F401

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, ForkServerProcess

PRELOADED = "tests.store.killed_call"


@dataclass(frozen=True, slots=True)
class Reported:
    """A sample that was given to the record: when (monotonic, the same clock for all processes), and what."""

    at: float
    t_ms: int
    level: int


@dataclass(frozen=True, slots=True)
class Killed:
    """When the process was killed, and what it had reported until then."""

    at: float
    reported: tuple[Reported, ...]


class _TimedLines(io.TextIOBase):
    """Sends every line on at once, with the moment at which it came."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def write(self, text: str) -> int:
        os.write(self._descriptor, f"{time.monotonic()} {text}".encode())
        return len(text)


def fork_server() -> ForkServerContext:
    """Where processes come from that have everything imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    return context


def run_call(database: str, descriptor: int) -> None:
    """In the child: the command, with its lines going out one by one."""
    sys.stdout = cast("TextIO", _TimedLines(descriptor))
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - as long as the process lives
    app.cli.main.run(["--db", database, "run", "--headless", "--realtime", "--source", "actor", "--seconds", "60"])


def kill_a_call(context: ForkServerContext, database: Path, *, after: float, from_first_sample: bool) -> Killed:
    """Start a call on `database` and SIGKILL it `after` seconds, counted from its start or from its first sample."""
    reading, writing = os.pipe()
    process: ForkServerProcess = context.Process(target=run_call, args=(str(database), _Descriptor(writing)))
    process.start()
    os.close(writing)
    with os.fdopen(reading, "rb") as reports:
        first = reports.readline() if from_first_sample else b""
        time.sleep(after)  # the moment of the kill is what is tested
        killed = time.monotonic()
        process.kill()
        lines = [line for line in (first + reports.read()).splitlines(keepends=True) if line.endswith(b"\n")]
    process.join()
    return Killed(killed, tuple(_read(line) for line in lines))


def _read(line: bytes) -> Reported:
    at, _space, said = line.partition(b" ")
    sample = json.loads(said)
    return Reported(float(at), sample["t_ms"], round(sample["level"] * 1000))


class _Descriptor:
    """A file descriptor on its way to another process."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[object, ...]:
        from multiprocessing.reduction import DupFd

        return _Descriptor._arrived, (DupFd(self.number),)

    @staticmethod
    def _arrived(duplicate: object) -> int:
        return duplicate.detach()  # type: ignore[attr-defined,no-any-return]  # multiprocessing's own helper
