"""Start and end calls in Calmline as baresip does: a bridge that you run yourself, beside both.

baresip tells of its calls on a port of this computer (module ctrl_tcp). Calmline opens no port and connects to none, so
this script listens there and runs the same command that you could type. Nothing of a caller is handed on.

    python3 baresip.py                                 with `calmline` on the path
    python3 baresip.py 127.0.0.1:4444 python3 -m app   another address, another way to start Calmline
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import BinaryIO

ADDRESS = "127.0.0.1:4444"


def events(stream: BinaryIO) -> Iterator[tuple[str, str]]:
    """The type of each event and the id of its call; each message is its length, a colon, JSON and a comma."""
    digits = b""
    while byte := stream.read(1):
        if byte != b":":
            digits += byte
            continue
        message = json.loads(stream.read(int(digits)))
        stream.read(1)
        digits = b""
        yield str(message.get("type")), str(message.get("id"))


def main(address: str, calmline: list[str]) -> None:
    """Run `call start` when the first call is answered, `call end` when the last one is over."""
    host, _colon, port = address.rpartition(":")
    answered: set[str] = set()
    try:
        connection = socket.create_connection((host, int(port)))
    except OSError as error:
        sys.exit(f"baresip does not listen at {address}: {error}. Start it first, with the module ctrl_tcp.")
    print(f"Listening to baresip at {address}.", flush=True)
    with connection, connection.makefile("rb") as stream:
        for event, call in events(stream):
            if event == "CALL_ESTABLISHED":
                answered.add(call)
                if len(answered) == 1:
                    subprocess.run([*calmline, "call", "start"], check=False)
            elif event == "CALL_CLOSED" and call in answered:  # a call that rang in vain was none
                answered.remove(call)
                if not answered:
                    subprocess.run([*calmline, "call", "end"], check=False)


if __name__ == "__main__":
    if len(sys.argv) < 3 and shutil.which("calmline") is None:
        sys.exit("There is no command calmline here. In a checkout: python3 baresip.py 127.0.0.1:4444 python3 -m app")
    main(sys.argv[1] if len(sys.argv) > 1 else ADDRESS, sys.argv[2:] or ["calmline"])
