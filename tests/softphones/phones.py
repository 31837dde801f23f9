"""What the tests of a softphone's recipe share: free ports, a caller (sipp), and a Calmline that notes what it is told."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

LONGEST = 20.0
CALLER = "sipp"
MODULES = next((path.parent for path in Path("/usr/lib").rglob("baresip/modules/ctrl_tcp.so")), None)

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


def call(phone: int, caller: int, milliseconds: int, folder: Path) -> None:
    """One call from sipp at the port `caller` to the port `phone`; it hangs up after so long."""
    where = ("-i", "127.0.0.1", "-p", caller, "-s", "mina", "-timeout", "15", "-nostdin")
    command = ("sipp", "-sn", "uac", f"127.0.0.1:{phone}", *where, "-m", "1", "-d", milliseconds)
    subprocess.run([*map(str, command)], check=True, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


class Baresip:
    """A baresip that answers by itself, on ports of its own."""

    def __init__(self, folder: Path) -> None:
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

    @contextmanager
    def commands(self) -> Iterator[Callable[[str, str], None]]:
        """A connection over which the one that runs does something: a command and its parameters."""
        with socket.create_connection(("127.0.0.1", self.control)) as connection:

            def send(command: str, parameters: str = "") -> None:
                message = json.dumps({"command": command, "params": parameters})
                connection.sendall(f"{len(message)}:{message},".encode())

            yield send
