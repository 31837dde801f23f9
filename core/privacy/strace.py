"""What strace wrote down of a run (Linux): every file and connection, also those of native code that Python cannot see."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.privacy.events import Event, Kind

CALLS = (
    "open,openat,openat2,creat,truncate,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mknod,mknodat,"
    "mkdir,mkdirat,unlink,unlinkat,execve,execveat,connect,bind,sendto,sendmsg,sendmmsg"
)
"""The system calls that are written down."""

_REACHING = ("connect", "bind", "sendto", "sendmsg", "sendmmsg")
"""Calls that count even where they failed: a refused connection was tried."""

_WRITING = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND")
_LINE = re.compile(r"^(?P<pid>\d+)\s+(?P<rest>.*)$")
_BEGUN = re.compile(r"^(?P<begin>\w+\(.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^<\.\.\. (?P<name>\w+) resumed>(?P<end>.*)$")
_CALL = re.compile(r"^(?P<name>\w+)\((?P<arguments>.*)\)\s+= (?P<result>-?\d+)(?:<(?P<path>.*)>)?(?:\s.*)?$")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FOLDER = re.compile(r"^(?:AT_FDCWD|\d+)<(?P<folder>[^>]*)>")
_FAMILY = re.compile(r"sa_family=(?P<family>\w+)")


def strace_command(target: Path) -> list[str] | None:
    """What to put before a command so that strace writes what it does to `target`; None where there is no strace."""
    found = shutil.which("strace") if sys.platform == "linux" else None
    if found is None:
        return None
    return [
        found,
        "--follow-forks",
        "--seccomp-bpf",
        "-y",
        "-qq",
        "-s",
        "4096",
        "-e",
        f"trace={CALLS}",
        "-o",
        str(target),
    ]


def parse(lines: Iterable[str]) -> Iterator[Event]:
    """The events of strace's lines. Calls that failed did nothing and are left out, but for connections that were tried."""
    begun: dict[str, str] = {}
    for line in lines:
        split = _LINE.match(line.rstrip("\n"))
        if split is None:
            continue
        pid, rest = split["pid"], split["rest"]
        if unfinished := _BEGUN.match(rest):
            begun[pid] = unfinished["begin"]
            continue
        if resumed := _RESUMED.match(rest):
            rest = begun.pop(pid, f"{resumed['name']}(") + resumed["end"]
        call = _CALL.match(rest)
        if call is not None and (call["name"] in _REACHING or not call["result"].startswith("-")):
            yield from _events(call["name"], call["arguments"], call["path"])


def _events(name: str, arguments: str, opened: str | None) -> Iterator[Event]:
    if name in ("open", "openat", "openat2", "creat"):
        path = opened or _paths(arguments)[0]
        if path.startswith("/dev/video"):
            yield Event(Kind.CAMERA, path)
        if name == "creat" or any(flag in _after_strings(arguments) for flag in _WRITING):
            yield Event(Kind.WRITE, path)
    elif name in _REACHING:
        family = _FAMILY.search(arguments)
        if family is not None:
            yield Event(Kind.CONNECT, f"{family['family']} {_address(arguments)}")
    elif name.startswith("execve"):
        yield Event(Kind.PROGRAM, _paths(arguments)[0])
    elif name.startswith("unlink"):
        yield Event(Kind.REMOVE, _paths(arguments)[0])
    elif name.startswith("rename"):
        yield Event(Kind.REMOVE, _paths(arguments)[0])
        yield Event(Kind.WRITE, _paths(arguments)[-1])
    elif name.startswith("mkdir"):
        yield Event(Kind.FOLDER, _paths(arguments)[0])
    else:
        yield Event(Kind.WRITE, _paths(arguments)[-1])


def _after_strings(arguments: str) -> str:
    return _STRING.sub("", arguments)


def _paths(arguments: str) -> list[str]:
    """The paths of a call, absolute: strace names the folder of a relative one."""
    found = []
    rest = arguments
    for match in _STRING.finditer(arguments):
        before = rest[: match.start()].rsplit('"', 1)[-1].lstrip(", ")
        folder = _FOLDER.match(before)
        name = _unquoted(match[1])
        found.append(name if name.startswith("/") or folder is None else f"{folder['folder']}/{name}")
    return found or [""]


def _address(arguments: str) -> str:
    """A Unix socket's path, or the rest of the address as strace shows it."""
    path = re.search(r'sun_path=(@?)"((?:[^"\\]|\\.)*)"', arguments)
    if path is not None:
        return path[1] + _unquoted(path[2])
    inside = re.search(r"\{(sa_family=[^}]*)\}?", arguments)
    return inside[1] if inside is not None else arguments


def _unquoted(text: str) -> str:
    """Strace writes bytes as C does: octal, or a letter after a backslash."""
    raw = re.sub(r"\\([0-7]{1,3})", lambda match: chr(int(match[1], 8)), text)
    return re.sub(r"\\(.)", r"\1", raw).encode("latin-1", "replace").decode("utf-8", "replace")
