"""The seam for frames: a source is asked for its frame at a moment of the clock and answers with the newest one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from core.method.emotion import Expression
from core.sources.speech import Manner

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Pixels: TypeAlias = "NDArray[np.uint8]"
"""One picture: height x width x 3, uint8, BGR (OpenCV's order)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture and when it was taken, in seconds since the source was opened."""

    pixels: Pixels
    at: float


class SourceProblem(StrEnum):
    """Why a source gives no usable picture; the app turns each into a sentence in the person's language."""

    NOT_FOUND = "not_found"
    MISSING = "missing"
    BUSY = "busy"
    NO_PERMISSION = "no_permission"
    DENIED = "denied"
    """macOS: the terminal may not use the camera."""

    SHUT = "shut"
    """macOS: not there, or not allowed for the terminal; it does not say which."""

    BLACK = "black"
    FROZEN = "frozen"
    LOST = "lost"
    UNREADABLE = "unreadable"
    NOT_CONVERTED = "not_converted"
    """OpenCV (since 4.13) gives interlaced pictures out unwritten, without a word."""

    ANIMATED = "animated"
    """A picture file with several in it, of which one would be played."""


class SourceError(Exception):
    """A source cannot be opened or has gone away. `trouble` says why; `detail` names the path or the camera."""

    def __init__(self, trouble: SourceProblem, detail: str) -> None:
        """Keeps both parts for the app's sentence."""
        super().__init__(f"{trouble.value}: {detail}")
        self.trouble = trouble
        self.detail = detail


@runtime_checkable
class FrameSource(Protocol):
    """One source of frames. Opened and closed any number of times; used by one thread at a time."""

    @property
    def name(self) -> str:
        """What to call it on the screen: "camera 0", a file name, "demo actor"."""
        ...

    @property
    def is_camera(self) -> bool:
        """Whether a real camera is behind it, so that the screen must say "camera on"."""
        ...

    @property
    def ended(self) -> bool:
        """Whether a file has played to its end. Never true for a camera or the actor."""
        ...

    @property
    def trouble(self) -> SourceProblem | None:
        """What is wrong at the moment (a camera that went away and is being tried again), or None."""
        ...

    def open(self) -> None:
        """Begin. Raises SourceError when that cannot be done, or when `close` ends it from another thread."""
        ...

    def frame_at(self, seconds: float) -> Frame | None:
        """The newest frame at `seconds` since `open`; None when there is none (yet, any more, or just now).

        A file answers with the frame that its own frame rate shows at that moment, so a caller who steps
        `seconds` by hand plays it as fast as it can be decoded. A camera ignores `seconds`.
        """
        ...

    def close(self) -> None:
        """Let go of everything. May be called twice, and from another thread while `open` still waits."""
        ...


@runtime_checkable
class Performer(Protocol):
    """A source that can do what the wizard asks: the demo actor."""

    def perform(self, expression: Expression | None) -> None:
        """Move towards `expression` and hold it; None goes back to a resting face."""
        ...

    def perform_talk(self, manner: Manner) -> None:
        """Talk with this face until told otherwise."""
        ...

    def perform_call(self, call_number: int) -> None:
        """Play the scripted call with this number (from 1), from its beginning."""
        ...
