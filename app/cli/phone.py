"""The quick way of `calmline call`: a softphone waits for it, so it is answered before click is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.store.locations import Locations

ACTIONS = ("start", "end", "reset", "pause", "resume", "status")
JSON = "--json"
BROKEN_OFF = 130

_CODES = {"no_call": 3, "in_call": 4, "not_running": 5}
"""Exit codes that a script can tell apart; every other refusal is 1, as everywhere."""


def answer_phone(arguments: Sequence[str]) -> int | None:
    """Do what `[--db FILE] [--language en|ko] call [--json] ACTION …` asks; None for every other command line.

    What stands behind the action is what phones append (numbers, names): it is not looked at, except for --json.

    Returns:
        The exit code: 0 done, 1 refused or failed, 3 no call is running, 4 one is running already, 5 Calmline is not
        running, 130 broken off; None where this is for click to understand.
    """
    left = list(arguments)
    options = {"--db": "", "--language": ""}
    while left and (name := left[0].partition("=")[0]) in options:
        _name, equals, value = left.pop(0).partition("=")
        if not equals and not left:
            return None
        options[name] = value if equals else left.pop(0)
    if not left or left.pop(0) != "call":
        return None
    json_first = bool(left) and left[0] == JSON
    action, appended = left[json_first : json_first + 1], left[json_first + 1 :]
    if action == [] or action[0] not in ACTIONS:
        return None
    return _answer(action[0], json_first or JSON in appended, options["--db"], options["--language"])


def _answer(action: str, as_json: bool, database: str, language: str) -> int | None:
    from app.terminal.surroundings import discard_output, open_missing_streams
    from app.words.language import language_for, language_names, use_language
    from app.words.printable import OutputError, printable_output
    from core.store.errors import StoreError
    from core.store.locations import find_locations

    if language and language not in language_names():
        return None
    use_language(language or language_for([]))
    open_missing_streams()
    try:
        with printable_output():
            code = ask(find_locations(Path(database) if database else None, os.environ), action, as_json=as_json)
            sys.stdout.flush()
            return code
    except StoreError:
        return None  # said like that of every other command
    except KeyboardInterrupt:
        return BROKEN_OFF
    except (OSError, OutputError):  # nobody reads the answer, or the disk behind it is full
        discard_output()
        return 1


def ask(locations: Locations, action: str, *, as_json: bool) -> int:
    """Send one command to the running monitor and print what it said; returns the exit code of `answer_phone`."""
    from app.words.calls import control_error_sentence, reply_sentence
    from core.control.channel import read_authkey
    from core.control.client import send_command
    from core.control.protocol import Action, Command, ControlError, Reply

    said = ""
    try:
        reply = send_command(locations.control_address, read_authkey(locations.control_key), Command(Action(action)))
    except ControlError as error:
        reply, said = Reply(ok=False, code=error.code.value, facts={"state": "unknown"}), control_error_sentence(error)
    if as_json:
        import json

        print(json.dumps({"ok": reply.ok, "code": reply.code, **reply.facts}, ensure_ascii=False))
    else:
        print(said or reply_sentence(reply), file=sys.stdout if reply.ok else sys.stderr)
    return 0 if reply.ok else _CODES.get(reply.code, 1)
