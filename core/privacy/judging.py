"""From what was seen to what holds: each promise with its evidence."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.privacy.events import Event, Kind
from core.privacy.search import Searched

PURPOSES = ("light", "calibration", "call")
"""What frames may be looked at for."""

_DEVICES = (
    "/dev/null",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts/",
    "/dev/ttys",
    "/proc/",
    "pipe:",
    "nul",
    "conout$",
    "conin$",
)
"""No files: the terminal, nothing, pipes, and what the kernel tells of the process itself."""

_NAME_SERVICES = ("/var/run/nscd/", "/run/nscd/", "/run/systemd/userdb/", "/var/lib/sss/pipes/")
"""Local services that the system's library asks for the name of a user."""

_PASSING_FILES = ("-wal", "-shm", "-journal", ".sock", ".part")
"""Files that are removed or renamed in the course of things: SQLite's log, whose content has gone into the database,
the control channel's socket, an export before it has its name."""


class Promise(StrEnum):
    """What is promised."""

    WATCHED = "watched"
    FILES = "files"
    PICTURES = "pictures"
    NETWORK = "network"
    PROGRAMS = "programs"
    CAMERA = "camera"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a watched run left: events by watcher ("hook", "strace"), and what its files and its record hold.

    `failures`: steps that did not end well. `columns`: as `Store.columns` gives them; empty where there is no record.
    `log`: the only file that may lie outside of `data`; None: there is none.
    """

    seen: dict[str, Sequence[Event]]
    data: Path
    sockets: tuple[str, ...]
    searched: Searched
    columns: Sequence[tuple[str, str, str, int]]
    failures: tuple[str, ...] = ()
    log: Path | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise: whether it holds, the numbers for its sentence, and the names that prove or break it."""

    promise: Promise
    holds: bool
    numbers: dict[str, int | str]
    names: tuple[str, ...] = ()


def judge(evidence: Evidence) -> list[Finding]:
    """Every promise with its evidence, in a fixed order."""
    return [
        _watched(evidence),
        _files(evidence),
        _pictures(evidence),
        _network(evidence),
        _programs(evidence),
        _camera(evidence),
        _record(evidence),
    ]


def written_files(evidence: Evidence) -> list[str]:
    """Every file that was opened for writing or given a name, with links followed, devices left out."""
    paths = {os.path.realpath(path) for path in _subjects(evidence, Kind.WRITE) if not _is_device(path)}
    return sorted(paths)


def _subjects(evidence: Evidence, *kinds: Kind) -> Iterable[str]:
    return (event.subject for events in evidence.seen.values() for event in events if event.kind in kinds)


def _is_device(path: str) -> bool:
    return path.lower().startswith(_DEVICES)


def _inside(path: str, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _watched(evidence: Evidence) -> Finding:
    """A run in which nothing was seen proves nothing."""
    counts: dict[str, int | str] = {name: len(events) for name, events in evidence.seen.items()}
    good = not evidence.failures and all(counts.values()) and "hook" in counts
    return Finding(Promise.WATCHED, good, counts, evidence.failures)


def _files(evidence: Evidence) -> Finding:
    written = written_files(evidence)
    folders = {path for path in _subjects(evidence, Kind.FOLDER) if not _is_device(path)}
    log = None if evidence.log is None else Path(os.path.realpath(evidence.log))
    outside = [path for path in written if not _inside(path, evidence.data) and Path(path) != log]
    on_the_way = () if log is None else log.parents
    outside += [
        path
        for path in sorted(folders)
        if not _inside(path, evidence.data) and Path(os.path.realpath(path)) not in on_the_way
    ]
    inside = tuple(Path(path).name for path in written if path not in outside)
    return Finding(
        Promise.FILES,
        bool(written) and not outside,
        {"count": len(written), "outside": len(outside)},
        tuple(outside) or tuple(dict.fromkeys(inside)),
    )


def _pictures(evidence: Evidence) -> Finding:
    searched = evidence.searched
    gone = [path for path in written_files(evidence) if not os.path.lexists(path) and not path.endswith(_PASSING_FILES)]
    problems = [f"{found.path}: {found.what}" for found in searched.found]
    problems += [f"{path}: removed before it could be looked at" for path in gone] + list(searched.unread)
    crops = sum(1 for event in evidence.seen.get("hook", ()) if event.kind is Kind.CROP)
    numbers: dict[str, int | str] = {
        "files": searched.files,
        "kilobytes": round(searched.size / 1024),
        "crops": crops,
        "strips": searched.strips,
    }
    return Finding(
        Promise.PICTURES, not problems and searched.files > 0 and searched.strips > 0, numbers, tuple(problems)
    )


def _network(evidence: Evidence) -> Finding:
    connections = list(_subjects(evidence, Kind.CONNECT))
    reaching = [one for one in connections if not _is_local(one, evidence.sockets)]
    asked = list(_subjects(evidence, Kind.LOOK_UP))
    return Finding(
        Promise.NETWORK,
        not reaching and not asked,
        {"local": len(connections) - len(reaching), "reaching": len(reaching) + len(asked)},
        tuple(dict.fromkeys([*reaching, *asked])),
    )


def _is_local(connection: str, sockets: tuple[str, ...]) -> bool:
    family, _space, address = connection.partition(" ")
    if family == "AF_UNIX":
        return address in sockets or address == "" or address.startswith(_NAME_SERVICES)
    # Windows has no pairs of sockets, so Python makes one for its event loop out of two ends on this machine.
    return sys.platform == "win32" and family == "AF_INET" and address.startswith("('127.0.0.1',")


def _programs(evidence: Evidence) -> Finding:
    """Of the programs that strace saw, the first one of each step is the watched one itself."""
    started = list(_subjects(evidence, Kind.PROGRAM))
    return Finding(Promise.PROGRAMS, not started, {"count": len(started)}, tuple(dict.fromkeys(started)))


def _camera(evidence: Evidence) -> Finding:
    """Cameras opened, and frame sources open outside of what they may be open for: before it began or after its end."""
    cameras = [event for events in evidence.seen.values() for event in events if event.kind is Kind.CAMERA]
    purpose = ""
    spans = dict.fromkeys(PURPOSES, 0)
    outside = [f"{event.subject}" for event in cameras]
    still_open: Counter[str] = Counter()  # two sources may have one name
    opened = 0
    for event in evidence.seen.get("hook", ()):
        if event.kind in (Kind.WATCH_BEGIN, Kind.WATCH_END):
            outside += sorted(+still_open)
        if event.kind is Kind.WATCH_BEGIN:
            purpose = event.subject
            spans[purpose] = spans.get(purpose, 0) + 1
        elif event.kind is Kind.WATCH_END:
            purpose = ""
        elif event.kind is Kind.FRAMES_OPEN:
            opened += 1
            still_open[event.subject] += 1
            outside += [] if purpose in PURPOSES else [event.subject]
        elif event.kind is Kind.FRAMES_CLOSE:
            still_open[event.subject] -= 1
    left = sorted(+still_open)
    holds = not outside and not left and set(spans) == set(PURPOSES) and opened > 0
    numbers: dict[str, int | str] = {
        "cameras": len(cameras),
        "opened": opened,
        "open": sum((+still_open).values()),
        **spans,
    }
    return Finding(Promise.CAMERA, holds, numbers, tuple(dict.fromkeys([*outside, *left])))


def _record(evidence: Evidence) -> Finding:
    kinds = {"INTEGER", "TEXT", "REAL"}
    bad = [f"{table}.{name}: {kind}" for table, name, kind, _ in evidence.columns if kind not in kinds]
    bad += [f"{table}.{name}: {blobs} blobs" for table, name, _, blobs in evidence.columns if blobs]
    tables = len({table for table, *_ in evidence.columns})
    return Finding(
        Promise.RECORD,
        bool(evidence.columns) and not bad,
        {"tables": tables, "columns": len(evidence.columns)},
        tuple(bad),
    )
