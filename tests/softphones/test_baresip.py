"""The recipe for baresip, run as it stands: a real baresip is called by a real sipp, on this computer alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.control.protocol import Action
from tests.softphones.phones import CALLER, MODULES, Baresip, call, until

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "docs" / "recipes" / "baresip.py"

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(
        not (shutil.which("baresip") and shutil.which("sipp") and MODULES),
        reason="needs the Debian packages baresip-core and sip-tester",
    ),
]


def test_a_call_that_baresip_answers_begins_and_ends_one_in_calmline(
    started: Callable[..., subprocess.Popen[bytes]], asked: list[Action], tmp_path: Path
) -> None:
    phones = Baresip(tmp_path)
    with ExitStack() as stack:
        told = stack.enter_context((tmp_path / "told.txt").open("wb"))
        log = tmp_path / "baresip.txt"
        started("stdbuf", "-oL", "baresip", "-f", tmp_path, stdout=stack.enter_context(log.open("wb")))
        # Not by connecting to it: baresip serves one connection, and takes the end of an older one for that of the newest.
        until(lambda: "baresip is ready" in log.read_text(errors="replace"), "baresip is ready")
        recipe = started(sys.executable, RECIPE, f"127.0.0.1:{phones.control}", sys.executable, "-m", "app",
                         cwd=ROOT, stdout=told, stderr=told)  # fmt: skip
        until(lambda: "Listening" in (tmp_path / "told.txt").read_text(), "the recipe listens")
        for number in (1, 2):
            call(phones.sip, phones.caller, 400, tmp_path)
            until(lambda: len(asked) >= 2 * number, f"the end of call {number}")  # noqa: B023 - waited for at once
            assert recipe.poll() is None
    assert asked == [Action.START, Action.END] * 2
    said = (tmp_path / "told.txt").read_text()
    assert "A call has begun." in said
    assert CALLER not in said
