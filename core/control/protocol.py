"""What goes over the control channel: one command in, one reply out, both short JSON. Nothing is ever unpickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MAX_MESSAGE_BYTES = 4096
"""Commands and replies are short; anything longer is refused unread."""


class Action(StrEnum):
    """What a caller may ask for."""

    START = "start"
    END = "end"
    RESET = "reset"
    PAUSE = "pause"
    RESUME = "resume"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Command:
    """One request to the running monitor."""

    action: Action


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer: whether it was done, a code for the caller's sentence, and facts (plain JSON values)."""

    ok: bool
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class ControlErrorCode(StrEnum):
    """Why there is no channel, or no answer."""

    NOT_RUNNING = "not_running"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    BAD_REPLY = "bad_reply"
    IN_USE = "in_use"
    UNSAFE_FOLDER = "unsafe_folder"
    ADDRESS_TOO_LONG = "address_too_long"
    NOT_POSSIBLE = "not_possible"


class ControlError(Exception):
    """The channel cannot be opened or gave no answer; `code` says why, `detail` names the path or the fault."""

    def __init__(self, code: ControlErrorCode, detail: str = "") -> None:
        """Keeps both for the app's sentence."""
        super().__init__(f"{code.value}: {detail}" if detail else code.value)
        self.code = code
        self.detail = detail


def command_bytes(command: Command) -> bytes:
    """The message of a command."""
    return json.dumps({"action": command.action.value}).encode()


def parse_command(message: bytes) -> Command:
    """The command of a message.

    Raises:
        ValueError: it is none.
    """
    data = _json_object(message)
    action = data.get("action")
    if set(data) != {"action"} or not isinstance(action, str) or action not in list(Action):
        raise ValueError("a command is an object with one 'action' that is known")
    return Command(Action(action))


def parse_reply(message: bytes) -> Reply:
    """The reply of a message.

    Raises:
        ValueError: it is none.
    """
    data = _json_object(message)
    ok, code, facts = data.get("ok"), data.get("code"), data.get("facts")
    if isinstance(ok, bool) and isinstance(code, str) and isinstance(facts, dict):
        return Reply(ok, code, facts)
    raise ValueError("a reply needs 'ok', 'code' and 'facts'")


def reply_bytes(reply: Reply) -> bytes:
    """The message of a reply; facts that are too long for one are left out.

    Raises:
        TypeError: a fact is no plain JSON value.
    """
    message = json.dumps({"ok": reply.ok, "code": reply.code, "facts": dict(reply.facts)}).encode()
    if len(message) > MAX_MESSAGE_BYTES:
        return json.dumps({"ok": reply.ok, "code": reply.code, "facts": {}}).encode()
    return message


def _json_object(message: bytes) -> dict[str, Any]:
    """By the standard library: a softphone waits, and the import of what decodes every other record takes half as long as the answer."""
    try:
        data = json.loads(message.decode())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if isinstance(data, dict):
        return data
    raise ValueError("no JSON object")
