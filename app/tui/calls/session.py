"""What a start owes the record and the person: the session, the old removed, notices, the control channel."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from app.tui.calls.control import open_control
from app.version import __version__
from app.words.calls import control_error_sentence
from app.words.errors import notice_sentence
from core.control.protocol import ControlError
from core.store.settings import kept_days

if TYPE_CHECKING:
    from app.tui.shell import Shell
    from core.control.server import ControlServer


async def begin_session(app: Shell, *, notice_seconds: float) -> ControlServer | None:
    """Begin it behind the first screen; returns the control channel, None where it cannot be opened (that is said)."""
    store = app.services.store
    await asyncio.to_thread(store.begin_session, __version__)
    held = (await asyncio.to_thread(store.apply_retention, *kept_days(store))).notice
    for notice in (*app.services.notices, *store.notices, *([held] if held else [])):
        app.notify(notice_sentence(notice), timeout=notice_seconds)
    app.by_themselves.begin()
    try:
        return await asyncio.to_thread(open_control, app)
    except ControlError as error:
        app.notify(control_error_sentence(error), severity="warning", timeout=notice_seconds)
        return None
