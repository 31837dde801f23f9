"""The recipe for baresip, run as it stands: a real baresip is called by a real sipp, on this computer alone."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.control import Action, Command, Reply, make_authkey
from core.control.server import ControlServer
from core.store.locations import Locations, find_locations

ROOT = Path(__file__).parents[2]
MODULES = next((path.parent for path in Path("/usr/lib").rglob("baresip/modules/ctrl_tcp.so")), None)
RECIPE = ROOT / "docs" / "recipes" / "baresip.py"
LONGEST = 20.0
CALLER = "sipp"

pytestmark = pytest.mark.skipif(
    not (shutil.which("baresip") and shutil.which("sipp") and MODULES),
    reason="needs the Debian packages baresip-core and sip-tester",
)

CONFIG = """\
sip_listen 127.0.0.1:{sip}
audio_source aufile,{silence}
audio_player aufile,/dev/null
audio_alert aufile,/dev/null
module_path {modules}
module g711.so
module aufile.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""


def free_ports(kind: socket.SocketKind, count: int) -> list[int]:
    """Ports of this computer that nobody listens on."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket(socket.AF_INET, kind)) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def until(happened: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + LONGEST
    while not happened():
        assert time.monotonic() < end, f"never happened: {what}"
        time.sleep(0.02)


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts programs that are ended with the test."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*command: object, **settings: object) -> subprocess.Popen[bytes]:
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        running.append(subprocess.Popen([*map(str, command)], **{**quiet, **settings}))  # type: ignore[call-overload]
        return running[-1]

    yield start
    for one in running:
        one.terminate()
        one.wait(5)


class Phones:
    """A baresip that answers by itself, on ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sip, self.caller = free_ports(socket.SOCK_DGRAM, 2)
        [self.control] = free_ports(socket.SOCK_STREAM, 1)
        silence = folder / "silence.wav"
        with wave.open(str(silence), "wb") as written:
            written.setparams((1, 2, 8000, 0, "NONE", ""))
            written.writeframes(bytes(2 * 8000 * 30))
        config = CONFIG.format(sip=self.sip, control=self.control, modules=MODULES, silence=silence)
        (folder / "config").write_text(config)
        (folder / "accounts").write_text(f"<sip:mina@127.0.0.1:{self.sip}>;regint=0;answermode=auto\n")
        (folder / "contacts").write_text("")

    def accepted(self) -> bool:
        """Whether no connection to its control port waits: events before that go nowhere."""
        sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return [line[4] for line in sockets if line[1].endswith(f":{self.control:04X}") and line[3] == "0A"] == [
            "00000000:00000000"
        ]

    def call(self, milliseconds: int) -> None:
        """One call from sipp, which hangs up after so long."""
        where = ("-i", "127.0.0.1", "-p", self.caller, "-s", "mina", "-timeout", "15", "-nostdin")
        command = ("sipp", "-sn", "uac", f"127.0.0.1:{self.sip}", *where, "-m", "1", "-d", milliseconds)
        subprocess.run(
            [*map(str, command)], check=True, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )


@pytest.fixture
def locations(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Locations:
    monkeypatch.setenv("HOME", str(home := tmp_path_factory.mktemp("h")))
    for name in ("XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CALMLINE_DB", str(home / "calmline.db"))
    found = find_locations(None, {"CALMLINE_DB": str(home / "calmline.db")})
    found.prepare()
    return found


def test_a_call_that_baresip_answers_begins_and_ends_one_in_calmline(
    started: Callable[..., subprocess.Popen[bytes]], locations: Locations, tmp_path: Path
) -> None:
    asked: list[Action] = []

    def handle(command: Command) -> Reply:
        asked.append(command.action)
        return Reply(ok=True, code="started" if command.action is Action.START else "ended")

    phones = Phones(tmp_path)
    with ExitStack() as stack, ControlServer(locations.control_address, make_authkey(locations.control_key), handle):
        told = stack.enter_context((tmp_path / "told.txt").open("wb"))
        log = tmp_path / "baresip.txt"
        started("stdbuf", "-oL", "baresip", "-f", tmp_path, stdout=stack.enter_context(log.open("wb")))
        # Not by connecting to it: baresip serves one connection, and takes the end of an older one for that of the newest.
        until(lambda: "baresip is ready" in log.read_text(errors="replace"), "baresip is ready")
        recipe = started(sys.executable, RECIPE, f"127.0.0.1:{phones.control}", sys.executable, "-m", "app",
                         cwd=ROOT, stdout=told, stderr=told)  # fmt: skip
        until(lambda: "Listening" in (tmp_path / "told.txt").read_text(), "the recipe listens")
        for number in (1, 2):
            phones.call(400)
            until(lambda: len(asked) >= 2 * number, f"the end of call {number}")  # noqa: B023 - waited for at once
            assert recipe.poll() is None
    assert asked == [Action.START, Action.END] * 2
    said = (tmp_path / "told.txt").read_text()
    assert "A call has begun." in said
    assert CALLER not in said
