"""The recipe for Linphone, run as it stands: a real console phone is called by a real baresip, on this computer alone."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.control.protocol import Action
from tests.softphones.phones import MODULES, Baresip, free_ports, until

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "docs" / "recipes" / "linphone.py"

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(
        not (shutil.which("linphonecsh") and shutil.which("baresip") and MODULES),
        reason="needs the Debian packages linphone-cli and baresip-core",
    ),
]

CONFIG = """\
[sip]
sip_port={sip}
sip_tcp_port=0
sip_tls_port=0
use_ipv6=0
bind_address=127.0.0.1
contact=sip:mina@127.0.0.1
"""


def linphone(*words: object) -> str:
    return subprocess.run(["linphonecsh", *map(str, words)], capture_output=True, text=True, check=False).stdout


@pytest.fixture
def phone(asked: list[Action], tmp_path: Path) -> Iterator[int]:
    """A Linphone that answers by itself; its port."""
    [port] = free_ports(socket.SOCK_DGRAM, 1)
    (Path(os.environ["HOME"]) / ".local" / "share" / "linphone").mkdir(parents=True)  # without it no call is answered
    (tmp_path / "linphonerc").write_text(CONFIG.format(sip=port))
    linphone("init", "-c", tmp_path / "linphonerc", "-a")
    until(lambda: "No active call" in linphone("generic", "calls"), "Linphone is ready")
    yield port
    linphone("exit")


def test_a_call_that_linphone_answers_begins_and_ends_one_and_a_hold_is_no_end(
    phone: int, started: Callable[..., subprocess.Popen[bytes]], asked: list[Action], tmp_path: Path
) -> None:
    caller, log = Baresip(tmp_path), tmp_path / "baresip.txt"
    with log.open("wb") as noted, (tmp_path / "told.txt").open("wb") as told:
        started("stdbuf", "-oL", "baresip", "-f", tmp_path, stdout=noted)
        until(lambda: "baresip is ready" in log.read_text(errors="replace"), "baresip is ready")
        recipe = started(sys.executable, RECIPE, sys.executable, "-m", "app", cwd=ROOT, stdout=told, stderr=told)
        with caller.commands() as command:
            for number in (1, 2):
                command("dial", f"sip:mina@127.0.0.1:{phone}")
                until(lambda: len(asked) == 2 * number - 1, f"call {number}")  # noqa: B023 - waited for at once
                linphone("generic", "pause")
                until(lambda: "| Paused " in linphone("generic", "calls"), "the hold")
                time.sleep(2.5)
                assert len(asked) == 2 * number - 1
                command("hangup", "")
                until(lambda: len(asked) == 2 * number, f"the end of call {number}")  # noqa: B023
        linphone("exit")
        until(lambda: recipe.poll() is not None, "the end of the recipe with its phone")
    assert asked == [Action.START, Action.END] * 2
    said = (tmp_path / "told.txt").read_text()
    assert "A call has begun." in said
    assert "Start it first: linphonecsh init" in said
    assert "127.0.0.1" not in said
