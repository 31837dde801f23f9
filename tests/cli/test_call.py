"""`calmline call`: what a phone appends is ignored, every answer has its code, and a refusal is a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli import phone
from app.cli.main import run
from app.tui.calls.control import _answer
from app.words.calls import reply_sentence
from app.words.errors import store_error_sentence
from app.words.language import use_language
from core.control.protocol import Action, Command, ControlError, ControlErrorCode, Reply
from core.store.errors import StoreError, StoreErrorCode
from tests.cli.shell import Shell

ROOT = Path(__file__).parents[2]
APPENDED = st.lists(st.sampled_from(["--help", "-h", "--", "-5", "--db", "end", "status"]) | st.text(), max_size=4)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Command]:
    """The commands that reach the running monitor, which does them all."""
    commands: list[Command] = []

    def send(_address: str, _key: bytes, command: Command) -> Reply:
        commands.append(command)
        return Reply(ok=True, code="started", facts={"state": "in_call"})

    monkeypatch.setattr("core.control.channel.read_authkey", lambda _key: b"")
    monkeypatch.setattr("core.control.client.send_command", send)
    return commands


@given(appended=APPENDED, action=st.sampled_from(list(Action)))
def test_what_a_phone_appends_changes_nothing_and_goes_nowhere(appended: list[str], action: Action) -> None:
    with pytest.MonkeyPatch.context() as patch:
        reached = asked.__wrapped__(patch)  # type: ignore[attr-defined]  # the fixture's own function
        assert phone.answer_phone(["call", action.value, *appended]) == 0
        assert run(["call", action.value, *appended]) == 0
        assert reached == [Command(action)] * 2


@pytest.mark.parametrize(
    "line", [["call", "--json", "start"], ["call", "start", "--json"], ["call", "start", "010", "--json"]]
)
@pytest.mark.parametrize("answer", [phone.answer_phone, run])
def test_json_may_stand_before_the_action_and_behind_it(
    answer: Any, line: list[str], asked: list[Command], capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(line) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "code": "started", "state": "in_call"}


@pytest.mark.parametrize(
    "line", [[], ["call"], ["call", "dance"], ["call", "--help"], ["--db"], ["--models", "x", "call", "end"], ["run"]]
)
def test_every_other_command_line_is_left_to_the_whole_program(line: list[str]) -> None:
    assert phone.answer_phone(line) is None


@pytest.mark.parametrize(
    ("code", "left_with"), [("no_call", 3), ("in_call", 4), ("no_consent", 1), ("record", 1), ("of_tomorrow", 1)]
)
def test_a_refusal_has_a_code_of_its_own(code: str, left_with: int, shell: Shell, monkeypatch: Any) -> None:
    monkeypatch.setattr("core.control.channel.read_authkey", lambda _key: b"")
    monkeypatch.setattr("core.control.client.send_command", lambda *_: Reply(ok=False, code=code))
    left, out, err = shell("call", "end")
    assert (left, out) == (left_with, "")
    assert err.strip()


@pytest.mark.parametrize("error", list(ControlErrorCode))
def test_where_nothing_answers_there_is_still_json(error: ControlErrorCode, shell: Shell, monkeypatch: Any) -> None:
    def fail(*_: object) -> None:
        raise ControlError(error, "x")

    monkeypatch.setattr("core.control.channel.read_authkey", fail)
    left, out, _err = shell("call", "status", "--json")
    assert json.loads(out) == {"ok": False, "code": error.value, "state": "unknown"}
    assert left == (5 if error is ControlErrorCode.NOT_RUNNING else 1)


def test_a_phone_is_answered_before_click_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['calmline', '--db', sys.argv[1], 'call', 'status', '010-1234-5678']\n"
        "from app.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    print(end.code, *sorted(sys.modules))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "calmline.db")]
    left, *modules = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert left == "5"
    assert {"click", "rich", "sqlite_utils", "core.store.store", "core.control.server"} & set(modules) == set()


async def refused(error: StoreError) -> Reply:
    """What a monitor answers whose record cannot take a call."""

    async def start_call() -> None:
        raise error

    return await _answer(cast("Any", SimpleNamespace(start_call=start_call)), Command(Action.START))


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("code", list(StoreErrorCode))
async def test_whatever_is_wrong_with_the_record_is_said_as_on_the_screen_and_never_as_a_code(
    code: StoreErrorCode, language: str
) -> None:
    use_language(language)
    error = StoreError(code, "/home/mina/calmline.db")
    assert reply_sentence(await refused(error)) == store_error_sentence(error)


def test_what_a_newer_monitor_finds_wrong_is_said_as_far_as_it_is_understood() -> None:
    newer = Reply(ok=False, code="record", facts={"reason": "moon_phase", "detail": "it is full"})
    assert reply_sentence(newer) == "The call cannot be recorded: it is full."
