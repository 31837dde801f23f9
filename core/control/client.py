"""The caller's side of the control channel."""

from __future__ import annotations

from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, answer_challenge, deliver_challenge

from core.control.channel import FAMILY, hung_up_after
from core.control.protocol import (
    MAX_MESSAGE_BYTES,
    Command,
    ControlError,
    ControlErrorCode,
    Reply,
    command_bytes,
    parse_reply,
)


def send_command(address: str, authkey: bytes, command: Command, timeout: float = 5.0) -> Reply:
    """Ask the running monitor for something.

    Args:
        address: as the server's.
        authkey: as the server's.
        command: what to do.
        timeout: seconds to wait for the answer.

    Raises:
        ControlError: nobody listens, the key is wrong, no answer in time, or one that makes no sense.
    """
    try:
        connection = Client(address, family=FAMILY)
    except OSError as error:
        raise ControlError(ControlErrorCode.NOT_RUNNING, str(error)) from error
    with connection, hung_up_after(connection, timeout) as in_time:
        try:
            answer_challenge(connection, authkey)
            deliver_challenge(connection, authkey)
            connection.send_bytes(command_bytes(command))
            return parse_reply(connection.recv_bytes(MAX_MESSAGE_BYTES))
        except AuthenticationError as error:
            raise ControlError(ControlErrorCode.REFUSED, str(error)) from error
        except (OSError, EOFError) as error:
            code = ControlErrorCode.TIMED_OUT if in_time.is_set() else ControlErrorCode.BAD_REPLY
            raise ControlError(code, str(error)) from error
        except (ValueError, AssertionError) as error:
            raise ControlError(ControlErrorCode.BAD_REPLY, str(error)) from error
