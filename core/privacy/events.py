"""What was seen of a run: one event a line, as JSON, from the watched process to whoever watches it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a watched process did. `subject` in brackets."""

    WRITE = "write"
    """Opened a file for writing, or made a name for one (the path)."""
    FOLDER = "folder"
    """Made a folder (the path)."""
    REMOVE = "remove"
    """Removed or renamed a file (the path)."""
    CONNECT = "connect"
    """Connected, listened or sent (family and address: "AF_UNIX /run/x.sock")."""
    LOOK_UP = "look_up"
    """Asked for the address of a machine (its name)."""
    PROGRAM = "program"
    """Started another program (its path)."""
    CAMERA = "camera"
    """Opened a camera (its number or path)."""
    WATCH_BEGIN = "watch_begin"
    """From now on frames may be looked at (the purpose)."""
    WATCH_END = "watch_end"
    """No longer ("")."""
    FRAMES_OPEN = "frames_open"
    """Opened a frame source (its name)."""
    FRAMES_CLOSE = "frames_close"
    """Closed it (its name)."""
    CROP = "crop"
    """Cut a face out of a frame (some of its bytes as hexadecimal digits, apart by spaces)."""


PIECE_BYTES = 4096
"""What a pipe of Linux takes in one piece, whoever else writes into it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a watched process did."""

    kind: Kind
    subject: str


def to_line(event: Event) -> bytes:
    """The event as a line; long subjects are cut, so that a line goes through a pipe in one piece."""
    subject = event.subject[:PIECE_BYTES]
    while len(line := json.dumps([event.kind.value, subject]).encode("ascii") + b"\n") > PIECE_BYTES:
        subject = subject[: len(subject) * 3 // 4]  # letters that are not ASCII take six bytes and more
    return line


def from_line(line: bytes) -> Event | None:
    """The event of a line; None for any other line."""
    try:
        kind, subject = json.loads(line)
        return Event(Kind(kind), str(subject))
    except (ValueError, TypeError):
        return None
