from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import pytest

from core.control.channel import make_authkey
from core.control.protocol import Action, Command, Reply
from core.control.server import ControlServer
from core.store.locations import find_locations


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


@pytest.fixture
def asked(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Action]]:
    """What the softphone asks of a Calmline that runs."""
    monkeypatch.setenv("HOME", str(home := tmp_path_factory.mktemp("h")))
    for name in ("XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CALMLINE_DB", str(home / "calmline.db"))
    locations = find_locations(None, {"CALMLINE_DB": str(home / "calmline.db")})
    locations.prepare()
    actions: list[Action] = []

    def handle(command: Command) -> Reply:
        actions.append(command.action)
        return Reply(ok=True, code="started" if command.action is Action.START else "ended")

    with ControlServer(locations.control_address, make_authkey(locations.control_key), handle):
        yield actions
