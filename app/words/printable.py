r"""What may reach a terminal. Text from outside (file names, cards, cells, notes) is shown; it cannot speak to it.

Control characters, escape codes, letters that turn the direction of writing around and halves of characters are
written out as `\x1b` and the like. This holds for all that the command line prints, because its two streams are
wrapped while it runs; the screens show strings through `app.tui.widgets.plain` and notices.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO, cast

_SPEAKS_TO_THE_TERMINAL = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line end; 0x9b begins an escape code by itself
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # turn the direction around: "gpj.exe" would read "exe.jpg"
    "\u2028\u2029"  # lines that are none
    "\ud800-\udfff"  # bytes of a file name that are no UTF-8
    "]"
)
_FIRST_BYTE, _LAST_BYTE = 0xDC80, 0xDCFF
"""Python's stand-ins for the bytes 0x80 to 0xff of a name that is no UTF-8."""


def printable(text: str) -> str:
    """`text` with everything that is not for reading written out; tabs and line ends stay."""
    return _SPEAKS_TO_THE_TERMINAL.sub(_written_out, text)


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    if _FIRST_BYTE <= code <= _LAST_BYTE:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


class OutputError(Exception):
    """What was printed cannot be written: the disk behind it is full, or it is closed. The text says why."""


class PrintableStream(io.TextIOBase):
    """A text stream that hands on what is printable, in letters that its terminal knows.

    It has no `buffer`: whoever wants to write bytes past it (click on Windows) finds no way.
    """

    def __init__(self, stream: TextIO) -> None:
        """Writes to `stream`, which stays open."""
        super().__init__()
        self.stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]  # the base class has a plain attribute
        """The encoding of the stream underneath."""
        return getattr(self.stream, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """How the stream underneath handles errors."""
        return getattr(self.stream, "errors", None)

    def write(self, text: str) -> int:
        """Write `text`; returns its length.

        Raises:
            OutputError: it cannot be written.
        """
        shown = printable(text)
        with _output_errors():
            try:
                self.stream.write(shown)
            except UnicodeEncodeError:
                self.stream.write(shown.encode(self.encoding, "backslashreplace").decode(self.encoding))
        return len(text)

    def flush(self) -> None:
        """As the stream's own.

        Raises:
            OutputError: what was written before cannot be.
        """
        with _output_errors():
            self.stream.flush()

    def writable(self) -> bool:
        """True: it is there to be written to."""
        return True

    def isatty(self) -> bool:
        """As the stream's own."""
        return self.stream.isatty()

    def fileno(self) -> int:
        """As the stream's own."""
        return self.stream.fileno()


@contextmanager
def _output_errors() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error.strerror) from error


@contextmanager
def printable_output() -> Iterator[None]:
    """For the length of the block, standard output and standard error are printable streams."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast("TextIO", PrintableStream(stream)) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def own_codes_allowed(stream: TextIO) -> TextIO:
    """The stream below a printable one, for what sends codes of its own (a progress bar) and no text from outside."""
    return stream.stream if isinstance(stream, PrintableStream) else stream
