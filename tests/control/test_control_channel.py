from __future__ import annotations

import json
import logging
import multiprocessing.connection as mpc
import os
import pickle
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import AuthenticationError
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.control.channel import make_authkey, read_authkey
from core.control.client import send_command
from core.control.protocol import (
    MAX_MESSAGE_BYTES,
    Action,
    Command,
    ControlError,
    ControlErrorCode,
    Reply,
    command_bytes,
    parse_command,
    parse_reply,
    reply_bytes,
)
from core.control.server import ControlServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")

KEY = b"k" * 64


@pytest.fixture
def folder() -> Iterator[Path]:
    """A private folder with a short path: a Unix socket's path may not be long."""
    path = Path(tempfile.mkdtemp(prefix="calm-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def address(folder: Path) -> str:
    return str(folder / "control.sock")


class Monitor:
    """Answers every command with what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Action] = []

    def handle(self, command: Command) -> Reply:
        self.asked.append(command.action)
        return Reply(ok=True, code="done", facts={"action": command.action.value, "call": 7})


@pytest.fixture
def monitor(address: str) -> Iterator[Monitor]:
    monitor = Monitor()
    with ControlServer(address, KEY, monitor.handle):
        yield monitor


def raw_exchange(address: str, message: bytes) -> dict[str, object]:
    """What the server answers to any bytes from a caller who knows the key."""
    with mpc.Client(address, family="AF_UNIX", authkey=KEY) as connection:
        connection.send_bytes(message)
        answer = json.loads(connection.recv_bytes())
        assert isinstance(answer, dict)
        return answer


def error_of(act: Callable[[], object]) -> ControlErrorCode:
    with pytest.raises(ControlError) as caught:
        act()
    return caught.value.code


class TestExchange:
    @pytest.mark.parametrize("action", list(Action))
    def test_every_command_reaches_the_monitor_and_its_answer_comes_back(
        self, monitor: Monitor, address: str, action: Action
    ) -> None:
        reply = send_command(address, KEY, Command(action))
        assert reply == Reply(ok=True, code="done", facts={"action": action.value, "call": 7})
        assert monitor.asked == [action]

    def test_callers_are_answered_one_after_the_other(self, monitor: Monitor, address: str) -> None:
        replies: list[bool] = []
        callers = [
            threading.Thread(target=lambda: replies.append(send_command(address, KEY, Command(Action.STATUS)).ok))
            for _ in range(10)
        ]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        assert replies == [True] * 10

    def test_another_process_can_ask(self, monitor: Monitor, address: str) -> None:
        program = (
            "import sys; from core.control.client import send_command; from core.control.protocol import *\n"
            f"print(send_command(sys.argv[1], {KEY!r}, Command(Action.START)).facts['call'])"
        )
        answer = subprocess.run([sys.executable, "-c", program, address], capture_output=True, text=True, check=True)
        assert answer.stdout.strip() == "7"

    def test_a_monitor_that_fails_is_told_and_goes_on(self, address: str, caplog: pytest.LogCaptureFixture) -> None:
        def fail(command: Command) -> Reply:
            raise RuntimeError("no camera")

        with caplog.at_level(logging.ERROR), ControlServer(address, KEY, fail):
            for _ in range(2):
                assert send_command(address, KEY, Command(Action.START)) == Reply(ok=False, code="failed")
        assert "no camera" in caplog.text

    def test_an_answer_that_is_no_json_is_a_failure_not_a_crash(
        self, address: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        with ControlServer(address, KEY, lambda _: Reply(ok=True, code="done", facts={"when": object()})):
            assert send_command(address, KEY, Command(Action.START)).code == "failed"

    def test_a_slow_monitor_is_waited_for_as_long_as_the_caller_wants(self, address: str) -> None:
        go = threading.Event()

        def wait(command: Command) -> Reply:
            go.wait(10)
            return Reply(ok=True, code="done")

        with ControlServer(address, KEY, wait):
            assert (
                error_of(lambda: send_command(address, KEY, Command(Action.START), timeout=0.2))
                is ControlErrorCode.TIMED_OUT
            )
            go.set()
            assert send_command(address, KEY, Command(Action.START)).ok


class TestNonsense:
    def test_a_message_that_is_too_long_is_answered(self, monitor: Monitor, address: str) -> None:
        assert raw_exchange(address, b"x" * (MAX_MESSAGE_BYTES + 1))["code"] == "too_long"
        assert send_command(address, KEY, Command(Action.STATUS)).ok

    @pytest.mark.parametrize(
        "message",
        [
            b"",
            b"\xff\xfe",
            b"null",
            b"[]",
            b"{}",
            b'{"action": 1}',
            b'{"action": "dance"}',
            b'{"action": "start", "code": "rm"}',
            b'{"action": ["start"]}',
            b"[" * MAX_MESSAGE_BYTES,
            pickle.dumps({"action": "start"}),
        ],
    )
    def test_a_message_that_is_no_command_is_answered(self, monitor: Monitor, address: str, message: bytes) -> None:
        assert raw_exchange(address, message)["code"] == "not_understood"
        assert monitor.asked == []

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
    @given(message=st.binary(max_size=200))
    def test_any_bytes_are_answered(self, monitor: Monitor, address: str, message: bytes) -> None:
        assert raw_exchange(address, message)["code"] == "not_understood"

    @given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
    def test_parsing_raises_nothing_but_value_errors(self, message: bytes) -> None:
        for parse in (parse_command, parse_reply):
            with pytest.raises(ValueError, match=r".+"):
                parse(message)

    @given(
        st.sampled_from(list(Action)), st.booleans(), st.text(max_size=20), st.dictionaries(st.text(), st.integers())
    )
    def test_what_is_said_is_what_is_understood(
        self, action: Action, ok: bool, code: str, facts: dict[str, int]
    ) -> None:
        assert parse_command(command_bytes(Command(action))) == Command(action)
        assert parse_reply(reply_bytes(Reply(ok, code, facts))) == Reply(ok, code, facts)

    def test_facts_that_are_too_long_are_left_out(self) -> None:
        message = reply_bytes(Reply(ok=True, code="done", facts={"text": "x" * MAX_MESSAGE_BYTES}))
        assert parse_reply(message) == Reply(ok=True, code="done")

    def test_callers_who_hang_up_or_say_nothing_hold_nobody_up(self, monitor: Monitor, address: str) -> None:
        for speech in (None, b"", b"\x00", b"\x00\x00\x00\x10", b"\xff\xff\xff\xff" + b"x" * 50):
            with socket.socket(socket.AF_UNIX) as caller:
                caller.connect(address)
                if speech is not None:
                    caller.sendall(speech)
        silent = socket.socket(socket.AF_UNIX)
        silent.connect(address)
        assert send_command(address, KEY, Command(Action.STATUS)).ok
        silent.close()


class TestStrangers:
    def test_a_caller_without_the_key_is_refused(self, monitor: Monitor, address: str) -> None:
        assert error_of(lambda: send_command(address, b"guess", Command(Action.START))) is ControlErrorCode.REFUSED
        with pytest.raises((AuthenticationError, EOFError)), mpc.Client(address, "AF_UNIX", authkey=b"guess"):
            pass
        assert monitor.asked == []

    def test_the_socket_and_the_key_are_for_their_owner_only(
        self, monitor: Monitor, address: str, folder: Path
    ) -> None:
        make_authkey(folder / "control.key")
        for path in (Path(address), folder / "control.key"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_folder_that_others_may_enter_is_refused(self, address: str, folder: Path) -> None:
        folder.chmod(0o755)
        server = ControlServer(address, KEY, Monitor().handle)
        assert error_of(server.start) is ControlErrorCode.UNSAFE_FOLDER
        assert not Path(address).exists()

    @pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="becoming another user needs root on Linux")
    def test_another_user_is_refused_even_with_the_key_and_the_folder_open(
        self, monitor: Monitor, address: str, folder: Path
    ) -> None:
        folder.chmod(0o777)
        Path(address).chmod(0o777)
        program = (
            "import sys; from core.control.client import send_command; from core.control.protocol import *\n"
            f"try: print(send_command(sys.argv[1], {KEY!r}, Command(Action.START)))\n"
            "except ControlError as error: print(error.code)"
        )
        # The child cannot read the checkout as nobody: it becomes nobody after its imports.
        become = program.replace("\ntry:", "\nimport os; os.setuid(65534)\ntry:")
        answer = subprocess.run([sys.executable, "-c", become, address], capture_output=True, text=True, check=True)
        assert answer.stdout.strip() == ControlErrorCode.BAD_REPLY
        assert monitor.asked == []

    def test_every_key_is_new(self, folder: Path) -> None:
        path = folder / "control.key"
        first = make_authkey(path)
        assert read_authkey(path) == first
        assert make_authkey(path) != first

    def test_without_a_key_nothing_is_running(self, folder: Path) -> None:
        assert error_of(lambda: read_authkey(folder / "control.key")) is ControlErrorCode.NOT_RUNNING

    @pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="giving files away needs root")
    def test_another_users_key_is_not_taken(self, folder: Path) -> None:
        path = folder / "control.key"
        make_authkey(path)
        os.chown(path, 65534, 65534)
        assert error_of(lambda: read_authkey(path)) is ControlErrorCode.REFUSED


class TestStartAndStop:
    def test_nobody_listens_before_the_start_and_after_the_stop(self, address: str) -> None:
        server = ControlServer(address, KEY, Monitor().handle)
        assert error_of(lambda: send_command(address, KEY, Command(Action.STATUS))) is ControlErrorCode.NOT_RUNNING
        server.start()
        assert send_command(address, KEY, Command(Action.STATUS)).ok
        server.stop()
        server.stop()
        assert error_of(lambda: send_command(address, KEY, Command(Action.STATUS))) is ControlErrorCode.NOT_RUNNING
        assert not Path(address).exists()

    @pytest.mark.parametrize("silent_caller", [False, True])
    def test_stopping_takes_less_than_a_second_and_leaves_no_thread(self, address: str, silent_caller: bool) -> None:
        server = ControlServer(address, KEY, Monitor().handle)
        server.start()
        with socket.socket(socket.AF_UNIX) as caller:
            if silent_caller:
                caller.connect(address)
            began = time.monotonic()
            server.stop()
            assert time.monotonic() - began < 1.2
        assert not any(thread.name == "calmline-control" for thread in threading.enumerate())

    def test_it_can_be_started_again(self, address: str) -> None:
        server = ControlServer(address, KEY, Monitor().handle)
        for _ in range(2):
            with server:
                assert send_command(address, KEY, Command(Action.STATUS)).ok

    def test_a_dead_process_leaves_a_socket_that_is_replaced(self, address: str) -> None:
        program = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])"
        subprocess.run([sys.executable, "-c", program, address], check=True)
        assert Path(address).is_socket()
        with ControlServer(address, KEY, Monitor().handle):
            assert send_command(address, KEY, Command(Action.STATUS)).ok

    def test_a_living_one_is_not_replaced(self, monitor: Monitor, address: str) -> None:
        second = ControlServer(address, KEY, Monitor().handle)
        assert error_of(second.start) is ControlErrorCode.IN_USE
        assert send_command(address, KEY, Command(Action.STATUS)).ok

    def test_a_file_in_the_way_is_left_alone(self, address: str) -> None:
        Path(address).write_text("precious")
        server = ControlServer(address, KEY, Monitor().handle)
        assert error_of(server.start) is ControlErrorCode.NOT_POSSIBLE
        assert Path(address).read_text() == "precious"

    def test_a_path_that_is_too_long_is_said_so(self, folder: Path) -> None:
        server = ControlServer(str(folder / ("x" * 110)), KEY, Monitor().handle)
        assert error_of(server.start) is ControlErrorCode.ADDRESS_TOO_LONG

    def test_a_missing_folder_is_said_so(self, folder: Path) -> None:
        server = ControlServer(str(folder / "nowhere" / "a.sock"), KEY, Monitor().handle)
        assert error_of(server.start) is ControlErrorCode.NOT_POSSIBLE

    def test_no_network_port_is_opened(self, monitor: Monitor, address: str) -> None:
        assert send_command(address, KEY, Command(Action.STATUS)).ok
        families = families_of_sockets()
        assert socket.AF_UNIX in families
        assert families.isdisjoint({socket.AF_INET, socket.AF_INET6})


def families_of_sockets() -> set[int]:
    """The families of all sockets that this process holds."""
    families = set()
    for name in Path("/dev/fd").iterdir():
        try:
            with socket.socket(fileno=os.dup(int(name.name))) as found:
                families.add(int(found.family))
        except OSError:
            continue
    return families
