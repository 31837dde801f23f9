"""The running monitor's side of `calmline call`: what a softphone or a script asks is done as if by a key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from app.tui.calls.calling import CallError
from core.control.channel import make_authkey
from core.control.protocol import Action, Command, Reply
from core.control.server import ControlServer
from core.store.errors import StoreError

if TYPE_CHECKING:
    from app.tui.shell import Shell


def open_control(app: Shell) -> ControlServer:
    """Listen for commands of this user, answering with the app's own thread.

    Raises:
        ControlError: the channel cannot be opened.
    """
    locations = app.services.locations

    def handle(command: Command) -> Reply:
        answer: Callable[[], Any] = partial(_answer, app, command)
        reply: Reply = app.call_from_thread(answer)
        return reply

    server = ControlServer(locations.control_address, make_authkey(locations.control_key), handle)
    server.start()
    return server


async def _answer(app: Shell, command: Command) -> Reply:
    try:
        match command.action:
            case Action.START:
                await app.start_call()
                return Reply(ok=True, code="started", facts=_facts(app))
            case Action.END:
                record = await app.end_call()
                if record is None:
                    return Reply(ok=False, code="no_call")
                return Reply(ok=True, code="ended", facts=_facts(app))
            case Action.RESET:
                if app.calling.running is None:
                    return Reply(ok=False, code="no_call")
                app.calling.reset()
                return Reply(ok=True, code="reset", facts=_facts(app))
            case Action.PAUSE | Action.RESUME:
                if app.calling.running is None:
                    return Reply(ok=False, code="no_call")
                await app.pause_call(paused=command.action is Action.PAUSE)
                code = "paused" if command.action is Action.PAUSE else "resumed"
                return Reply(ok=True, code=code, facts=_facts(app))
            case Action.STATUS:
                return Reply(ok=True, code=_state(app), facts=_facts(app))
    except (CallError, StoreError) as error:
        return refused(error)


def refused(error: CallError | StoreError) -> Reply:
    """Why a call could not be started or ended, as it is told."""
    if isinstance(error, CallError):
        return Reply(ok=False, code=error.code, facts={"detail": error.detail})
    return Reply(ok=False, code="record", facts={"reason": error.code.value, "detail": error.detail})


def _facts(app: Shell) -> dict[str, Any]:
    """Whether a call runs and since when (local), and nothing else: the person alone sees levels, words and numbers."""
    calling = app.calling
    facts: dict[str, Any] = {"state": _state(app)}
    if calling.running is not None and calling.record is not None:
        facts["since"] = calling.record.started_local.isoformat(timespec="seconds")
    return facts


def _state(app: Shell) -> str:
    """One of "idle", "in_call" and "paused", as the protocol says it."""
    return "idle" if app.calling.running is None else app.calling.running.phase.value
