"""The monitor's side of the control channel."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Self

from core.control.channel import EXCHANGE_SECONDS, FAMILY, Line, hung_up_after, make_room, same_user
from core.control.protocol import (
    MAX_MESSAGE_BYTES,
    Command,
    ControlError,
    ControlErrorCode,
    Reply,
    parse_command,
    reply_bytes,
)

STOP_SECONDS = 1.0
"""How long stopping may take."""

_log = logging.getLogger(__name__)


class ControlServer:
    """Answers callers one after the other, on a thread of its own."""

    def __init__(self, address: str, authkey: bytes, handle: Callable[[Command], Reply]) -> None:
        """Nothing is opened before `start`.

        Args:
            address: a Unix socket's path, or a named pipe on Windows.
            authkey: what callers must know.
            handle: does what is asked; runs on the server's thread.
        """
        self._address, self._authkey, self._handle = address, authkey, handle
        self._stopping = threading.Event()
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to listen. A socket that a dead process left behind is replaced.

        Raises:
            ControlError: another process listens there, others may enter the folder, the path is too long, or the
                system does not let us.
        """
        make_room(Path(self._address))
        try:
            self._listener = Listener(self._address, family=FAMILY)
            if FAMILY == "AF_UNIX":
                Path(self._address).chmod(0o600)  # the folder has kept others out since before the socket was there
        except OSError as error:
            raise ControlError(ControlErrorCode.NOT_POSSIBLE, str(error)) from error
        self._stopping.clear()
        # A daemon: where the socket's file has been swept away nobody can wake the thread, and quitting must not wait.
        self._thread = threading.Thread(
            target=self._serve, args=(self._listener,), name="calmline-control", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Hang up and end the thread. May be called twice, and without `start`.

        Not from a thread that `handle` waits for: that wait would last until `STOP_SECONDS` are over.
        """
        self._stopping.set()
        if self._thread is not None:
            with contextlib.suppress(OSError):  # nobody listens any more: then there is nobody to wake
                Client(self._address, family=FAMILY).close()
            self._thread.join(STOP_SECONDS)
            self._thread = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self, listener: Listener) -> None:
        while not self._stopping.is_set():
            try:
                connection = listener.accept()
            except OSError as error:
                # A caller who hung up while connecting; the pause keeps a lasting fault from spinning.
                _log.warning("a caller of the control channel was lost: %s", error)
                self._stopping.wait(0.1)
                continue
            with connection:
                if not self._stopping.is_set():
                    self._exchange(connection)

    def _exchange(self, connection: Line) -> None:
        if not same_user(connection):
            return
        try:
            with hung_up_after(connection, EXCHANGE_SECONDS):
                deliver_challenge(connection, self._authkey)
                answer_challenge(connection, self._authkey)
                command = _receive(connection)
            # Doing it may take as long as it takes: a camera opens in seconds.
            message = self._answer(command)
            with hung_up_after(connection, EXCHANGE_SECONDS):
                connection.send_bytes(message)
        except (OSError, EOFError, AuthenticationError, AssertionError, ValueError) as error:
            # AssertionError and ValueError: what the standard library's challenge makes of a caller who talks nonsense
            _log.warning("a caller of the control channel was refused: %r", error)

    def _answer(self, command: Command | Reply) -> bytes:
        if isinstance(command, Reply):
            return reply_bytes(command)
        try:
            return reply_bytes(self._handle(command))
        except Exception:  # noqa: BLE001 - whatever the handler runs into, the channel goes on
            _log.exception("the control command %s failed", command.action.value)
            return reply_bytes(Reply(ok=False, code="failed"))


def _receive(connection: Line) -> Command | Reply:
    """The caller's command, or the reply to one that cannot be understood."""
    try:
        return parse_command(connection.recv_bytes(MAX_MESSAGE_BYTES))
    except OSError as error:
        if "bad message length" not in str(error):
            raise
        return Reply(ok=False, code="too_long")
    except ValueError as error:
        return Reply(ok=False, code="not_understood", facts={"detail": str(error)})
