"""A user whom the system does not know and who has no HOME, as in containers."""

from __future__ import annotations

import os

import pytest

from app.cli.main import run
from app.cli.phone import answer_phone

pwd = pytest.importorskip("pwd", reason="Windows always knows the home folder")


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_user: int) -> None:
        raise KeyError

    for name in [name for name in os.environ if name == "HOME" or name.startswith(("XDG_", "CALMLINE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(pwd, "getpwuid", unknown)


@pytest.mark.usefixtures("homeless")
@pytest.mark.parametrize("command", [["record", "paths"], ["export", "--mine"], ["call", "status"]], ids=" ".join)
def test_without_a_home_folder_every_command_says_what_to_set(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command) == 1
    assert capsys.readouterr().err == (
        "Your home folder is not known, as in some containers. Set the variable HOME to a folder of yours.\n"
    )


@pytest.mark.usefixtures("homeless")
def test_a_softphones_command_is_left_to_whoever_can_say_that() -> None:
    assert answer_phone(["call", "status"]) is None
