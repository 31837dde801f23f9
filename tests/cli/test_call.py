"""`calmline call` where the running monitor refuses: the caller gets a sentence, whatever it was."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner

from app.cli.call import call
from app.tui.calls.control import _answer
from app.words.language import use_language
from app.words.spoken import SentenceError
from core.control import Action, Command, Reply
from core.store.errors import StoreError, StoreErrorCode


async def refused(error: StoreError) -> Reply:
    """What a monitor answers whose record cannot take a call."""

    async def start_call() -> None:
        raise error

    return await _answer(cast("Any", SimpleNamespace(start_call=start_call)), Command(Action.START))


def said_of(reply: Reply, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("core.control.read_authkey", lambda _key: b"")
    monkeypatch.setattr("core.control.send_command", lambda *_: reply)
    setup = SimpleNamespace(locations=SimpleNamespace(control_address="", control_key=""))
    result = CliRunner().invoke(call, ["start"], obj=setup, standalone_mode=False)
    assert isinstance(result.exception, SentenceError)
    return str(result.exception)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("code", list(StoreErrorCode))
async def test_whatever_is_wrong_with_the_record_is_said_as_on_the_screen_and_never_as_a_code(
    code: StoreErrorCode, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.words.sentences import store_error_sentence

    use_language(language)
    error = StoreError(code, "/home/mina/calmline.db")
    said = said_of(await refused(error), monkeypatch)
    assert said == store_error_sentence(error)


def test_what_a_newer_monitor_finds_wrong_is_said_as_far_as_it_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    use_language("en")
    newer = Reply(ok=False, code="record", facts={"reason": "moon_phase", "detail": "it is full"})
    assert said_of(newer, monkeypatch) == "The call cannot be recorded: it is full."
