"""The wizard while nobody presses a key: it costs next to nothing, whether an expression is thought about or the verdict."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.privacy.test_leaving import Terminal

STANDING_SHARE, STANDING_BYTES, STANDING_SECONDS = 0.02, 300e6, 20.0
SET_UP_SECONDS = 600.0


@pytest.fixture
def wizard(tmp_path: Path) -> Iterator[Terminal]:
    """The demo, before its first expression."""
    terminal = Terminal(tmp_path, "demo")
    way = (
        ("Welcome", "\r"),
        ("Measure me", "m"),
        ("[x]", "\r"),
        ("light check", "\r"),
        ("go on anyway", "g"),
        ("Space begins", ""),
    )
    try:
        for shown, keys in way:
            terminal.wait_for(shown)
            terminal.output = b""
            terminal.type(keys.encode())
        yield terminal
    finally:
        terminal.close()


def cost_of_standing(terminal: Terminal) -> tuple[float, float]:
    """The share of a core that the program takes while nobody presses a key, and the bytes that it holds."""
    process = Path(f"/proc/{terminal.program_id()}")

    def seconds_used() -> float:
        fields = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stand(seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            terminal.read()

    stand(15.0)  # what was begun by the last key comes to its end
    began, used = time.monotonic(), seconds_used()
    stand(STANDING_SECONDS)
    share = (seconds_used() - used) / (time.monotonic() - began)
    held = re.search(r"^Rss:\s+(\d+) kB", (process / "smaps_rollup").read_text(encoding="utf-8"), re.MULTILINE)
    assert held is not None
    return share, int(held[1]) * 1024


def do_all(terminal: Terminal) -> None:
    """Every expression and every text, as the screen asks for them, up to the verdict."""
    answers = {"Space begins": b" ", "keep it?": b"\r"}
    until = time.monotonic() + SET_UP_SECONDS
    while "use it" not in terminal.output.decode(errors="replace"):
        assert time.monotonic() < until, terminal.output[-600:]
        terminal.read()
        for asked, key in answers.items():
            if asked.encode() in terminal.output:
                terminal.output = b""
                terminal.type(key)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="only here a program can be asked what it holds")
def test_the_wizard_standing_still_takes_under_two_per_cent_of_a_core_and_300_mb(wizard: Terminal) -> None:
    waiting = cost_of_standing(wizard)
    wizard.type(b" ")
    wizard.wait_for("keep it?")
    kept = cost_of_standing(wizard)
    do_all(wizard)
    verdict = cost_of_standing(wizard)
    for share, held in (waiting, kept, verdict):
        assert share < STANDING_SHARE
        assert held < STANDING_BYTES
