"""Who keeps each promise on this computer: the system, a watch that notes, or our word alone. One line each."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES
from itertools import chain
from pathlib import Path

import click
from rich.cells import cell_len

from app.cli.context import Setup
from app.cli.privacy.confining import NOTE, reach_of
from app.terminal.stderr_guard import MAX_LOG_BYTES, native_output_in_log
from app.words.errors import store_error_sentence
from app.words.language import N_, _
from core.privacy import probes
from core.privacy.confinement import Confinement, Reach, confine
from core.privacy.crash_files import memory_is_ours, no_core_file
from core.privacy.folder import strange_files
from core.store.contents import names_beside
from core.store.errors import StoreError, StoreErrorCode
from core.store.locations import LOG_FILE, Locations
from core.system.files import FileError, read_plain_file

NAMES_SHOWN = 12
"""More names than this are counted."""

_NAME_CELLS, _KEPT_BY_CELLS = 12, 10
_NATIVE = ("numpy", "cv2", "ai_edge_litert.interpreter", "sqlite3")
"""What is imported before native code is listed: all that a call needs."""


class KeptBy(StrEnum):
    """Who sees to it that a promise is kept."""

    ENFORCED = N_("enforced")
    WATCHED = N_("watched")
    PROMISED = N_("promised")
    CHECKED = N_("checked")


_HOW = {
    KeptBy.ENFORCED: N_("the system refuses anything else: tried"),
    KeptBy.WATCHED: N_("Python code is watched, native code is not"),
    KeptBy.PROMISED: N_("nothing enforces it here"),
}

_PROMISES = {
    N_("reads"): N_("none of your own files but the record, the log and a --source that you name"),
    N_("writes"): N_("only in its own folders, and to devices"),
    N_("connections"): N_("no connection to another computer"),
    N_("programs"): N_("starts no other program and leaves no process behind"),
    N_("sockets"): N_("no connection to other programs here but a sound server, to ask about the microphone"),
    N_("crash"): N_("writes none of its memory to disk"),
    N_("memory"): N_("no other program of yours can read it"),
    N_("camera"): N_(
        "open only for the light check, the expressions, reading aloud, calls and practice; its own light shows it"
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A promise or a check: its name, who keeps it, a sentence, whether it holds, and names that stand below it."""

    name: str
    kept_by: KeptBy
    text: str
    good: bool = True
    below: Sequence[str] = ()


def print_privacy(setup: Setup, form: str) -> bool:
    """Confine this process as the screens are, try what must not work, look at the record; whether all of it holds."""
    lines = list(_lines(setup))
    if form == "json":
        click.echo(
            json.dumps([{**asdict(line), "below": [*line.below]} for line in lines], indent=2, ensure_ascii=False)
        )
    else:
        for text in chain.from_iterable(map(shown, lines)):
            click.echo(text)
    holds = all(line.good for line in lines)
    if not holds:
        click.echo(_("Something is not as it should be. Please report this."), err=form == "json")
    return holds


def _lines(setup: Setup) -> Iterator[Line]:
    locations = setup.locations
    noted = notes_in(locations.log_file)
    reach = reach_of(locations, setup.model_folders)
    heard: list[str] = []  # what is tried now is no news for the log
    held = confine(reach, heard.append) if setup.is_program else Confinement()
    yield from promises(held, reach)
    yield _checked(N_("log"), N_("nothing unexpected was noted"), noted)
    yield _checked(
        N_("files"), N_("names, sizes, links and attributes in our folders are as expected"), strange_in(locations)
    )
    yield _record(setup)
    yield _native_code(locations)


def promises(held: Confinement, reach: Reach) -> Iterator[Line]:
    """What the program promises about the computer, who sees to it here, and whether trying showed that it holds."""
    read = _apart_from((*reach.reading, *reach.writing), (Path.home(), Path("/"), Path("/var/tmp")))  # noqa: S108
    written = _apart_from(reach.writing, (Path.home(), Path.cwd(), *map(Path, ("/tmp", "/dev/shm"))))  # noqa: S108
    files = KeptBy.ENFORCED if held.files else KeptBy.WATCHED
    calls = KeptBy.ENFORCED if held.calls else KeptBy.WATCHED
    kept: tuple[tuple[str, KeptBy, Callable[[], bool] | None], ...] = (
        ("reads", KeptBy.ENFORCED if held.files else KeptBy.PROMISED, lambda: probes.reading_is_refused(read)),
        ("writes", files, lambda: probes.writing_is_refused(written)),
        ("connections", calls, probes.network_is_refused),
        ("programs", calls, probes.programs_are_refused),
        ("sockets", KeptBy.WATCHED, None),
        ("crash", KeptBy.PROMISED if sys.platform == "win32" else KeptBy.ENFORCED, no_core_file),
        ("memory", KeptBy.ENFORCED if sys.platform == "linux" else KeptBy.PROMISED, memory_is_ours),
        ("camera", KeptBy.WATCHED, None),
    )
    for name, kept_by, tried in kept:
        good = kept_by is not KeptBy.ENFORCED or tried is None or tried()
        how = _(_HOW[kept_by]) if good else _("the system was asked to refuse anything else and did not")
        below = [*map(str, reach.writing)] if name == "writes" else []
        yield Line(_(name), kept_by, f"{_(_PROMISES[name])} ({how})", good, below)


def _apart_from(allowed: Sequence[Path], places: Sequence[Path]) -> list[Path]:
    """The places that are there and lie in none of the allowed folders."""
    real = [Path(os.path.realpath(folder)) for folder in allowed]
    return [one for one in places if one.is_dir() and not any(one.resolve().is_relative_to(folder) for folder in real)]


def _checked(name: str, text: str, found: Sequence[str]) -> Line:
    return Line(_(name), KeptBy.CHECKED, _("not as expected:") if found else _(text), not found, found)


def notes_in(log: Path) -> list[str]:
    """What the watch has noted in the log, each thing once; nothing where there is no log."""
    try:
        content = read_plain_file(log, 2 * MAX_LOG_BYTES).decode(errors="replace")
    except FileError:
        return []
    return sorted({line.removeprefix(NOTE) for line in content.splitlines() if line.startswith(NOTE)})


def strange_in(locations: Locations) -> list[str]:
    """What lies in our folders and should not."""
    own = locations.data in locations.own_folders
    folders: dict[str, int | None] = {locations.networks.name: None}
    folders |= {"exports": None, "log": None, "run": None} if own else {}
    log = {re.escape(LOG_FILE): 2 * MAX_LOG_BYTES}
    runtime = {r"control-[0-9a-f]{12}\.(sock|key)": 4096, "temporary": None}
    return [
        *strange_files(locations.data, names_beside(locations.database) | folders | log, others=not own),
        *strange_files(locations.log, log | runtime),
        *strange_files(locations.runtime, log | runtime),
    ]


def _record(setup: Setup) -> Line:
    """The schema of the record and the form of every text in it."""
    if not setup.locations.database.exists():
        return _checked(N_("record"), N_("there is none yet"), ())
    try:
        with setup.read_store() as store:
            found = store.strange_contents()
    except StoreError as error:
        unread = error.code in (StoreErrorCode.ENCRYPTED, StoreErrorCode.OLDER_SCHEMA)  # nothing wrong with it
        return Line(_("record"), KeptBy.CHECKED, store_error_sentence(error), unread)
    return _checked(N_("record"), N_("every table is ours, and every text has the form that it should have"), found)


def _native_code(locations: Locations) -> Line:
    """The packages whose native code is in this process once a call could begin, and which could reach out."""
    with native_output_in_log(locations.log_file):
        for name in _NATIVE:
            import_module(name)
    files = native_files()
    packages = Counter(map(package_of, files))
    text = ", ".join(f"{name} {count}" for name, count in sorted(packages.items()))
    reaching = ", ".join(sorted({package_of(path) for path in files if looks_up_addresses(path)}))
    could = _("could look up another computer: {names}").format(names=reaching)
    return Line(_("native code"), KeptBy.CHECKED, text, not any("mediapipe" in name for name in packages), [could])


def native_files() -> set[Path]:
    """The files of native code in this process: Python's extension modules, on Linux all libraries."""
    modules = [str(getattr(module, "__file__", None)) for module in list(sys.modules.values())]
    found = {Path(name) for name in modules if name.endswith(tuple(EXTENSION_SUFFIXES))}
    if sys.platform == "linux":
        mapped = (line.split(maxsplit=5) for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines())
        found |= {Path(parts[5]) for parts in mapped if len(parts) == 6 and ".so" in parts[5]}
    return found


def looks_up_addresses(path: Path) -> bool:
    """Whether a file of native code holds the name by which every system looks up the address of another computer."""
    return path.is_file() and b"getaddrinfo" in path.read_bytes()


def package_of(path: Path) -> str:
    """The package that brought a file of native code; "Python" for its own, and a word for what the system brings."""
    for folder, name in zip(path.parts, path.parts[1:], strict=False):
        if folder in ("site-packages", "dist-packages"):
            return name
    return "Python" if "lib-dynload" in path.parts else _("the system")


def shown(line: Line) -> Iterator[str]:
    """The line as `doctor` prints it, with its names below."""
    kept_by = _(line.kept_by.value)
    name = line.name + " " * max(1, _NAME_CELLS - cell_len(line.name))
    yield f"{'ok' if line.good else '!!'}  {name}{kept_by}{' ' * max(1, _KEPT_BY_CELLS - cell_len(kept_by))}{line.text}"
    indent = " " * (4 + _NAME_CELLS + _KEPT_BY_CELLS)
    yield from (indent + one for one in line.below[:NAMES_SHOWN])
    if len(line.below) > NAMES_SHOWN:
        yield indent + _("and {count} more").format(count=len(line.below) - NAMES_SHOWN)
