"""Files as they come from a bad disk or a bad person: hypothesis strategies that begin with a good file."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

HOSTILE = (
    b"\x00",
    b"\x1b[2J\x1b]0;owned\x07",
    b"\x9b31m",
    b"\xff\xfe\xfd",
    b"\xed\xa0\x80",  # half of a character
    "\u202egpj.exe".encode(),
    b"\xef\xbb\xbf",
    b"../../../../etc/passwd",
    b"C:\\windows\\win.ini",
    b"=cmd|' /C calc'!A0",
    b"[/]",
    b"[bold]",
    b"{}{0.__class__}",
    b"%s%n",
    b"9" * 5000,
    b"-1",
    b"1e999",
    b"NaN",
    b"null",
    b"true",
    b"[" * 3000,
    b'{"a":' * 1500,
    b'"',
    b"\r",
    b"\n\n",
    b",,,,,,",
    b"a" * 300,
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\x00\x00\x00",
)


@st.composite
def damaged(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of `seeds` with up to four kinds of damage, or bytes that never were such a file."""
    if draw(st.integers(0, 19)) == 0:
        return draw(st.binary(max_size=200))
    content = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        _damage(draw, content)
    return bytes(content)


def _damage(draw: st.DrawFn, content: bytearray) -> None:
    # Most of what readers look at stands at the beginning or at the end.
    size = len(content)
    near = min(size, 120)
    place = draw(st.one_of(st.integers(0, size), st.integers(0, near), st.integers(size - near, size)))
    kind = draw(st.sampled_from(("flip", "flip", "byte", "token", "token", "cut", "drop", "double", "swap")))
    length = draw(st.integers(1, 64))
    if kind == "token":
        content[place:place] = draw(st.sampled_from(HOSTILE))
    elif kind == "cut":
        del content[place:]
    elif kind == "drop":
        del content[place : place + length]
    elif kind == "double":
        content[place:place] = content[place : place + length] * draw(st.integers(1, 5))
    elif place < size:
        if kind == "flip":
            content[place] ^= 1 << draw(st.integers(0, 7))
        elif kind == "byte":
            content[place] = draw(st.integers(0, 255))
        else:
            other = draw(st.integers(0, size - 1))
            content[place], content[other] = content[other], content[place]
