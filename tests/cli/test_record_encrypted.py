"""The record behind a passphrase, from the command line."""

from __future__ import annotations

import sys

import click
import pytest

from tests.cli.shell import Shell, record
from tests.cli.test_record import calls_of


class TestEncryption:
    @pytest.fixture(autouse=True)
    def _cipher(self) -> None:
        pytest.importorskip("sqlcipher3")

    @pytest.fixture
    def typed(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What the person types next; nothing is taken from anywhere else."""
        answers: list[str] = []

        def prompt(text: str, *, hide_input: bool, err: bool, confirmation_prompt: object = False) -> str:
            assert hide_input
            assert err
            return answers.pop(0)

        monkeypatch.setattr(click, "prompt", prompt)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        return answers

    def test_a_script_locks_changes_and_unlocks_with_the_environment_alone(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record(shell)
        monkeypatch.setenv("CALMLINE_PASSPHRASE", "first of all")
        assert shell("encrypt", "on")[0] == 0
        assert "encrypted" in shell("doctor")[1]
        monkeypatch.setenv("CALMLINE_NEW_PASSPHRASE", "second to none")
        assert shell("encrypt", "change")[0] == 0
        assert "does not open" in shell("export", "--mine")[2]
        monkeypatch.setenv("CALMLINE_PASSPHRASE", "second to none")
        assert shell("export", "--mine")[0] == 0
        assert shell("encrypt", "off")[0] == 0
        assert len(calls_of(shell)) == 1

    def test_a_person_types_it_once_a_command_and_may_mistype_it(self, shell: Shell, typed: list[str]) -> None:
        record(shell)
        typed += ["moonlight over the bay"]
        code, _, err = shell("encrypt", "on")
        assert code == 0
        assert "not even we" in err
        typed += ["moonlight", "moonlight over the bay"]
        code, out, err = shell("export", "--mine")
        assert (code, len(out.splitlines())) == (0, 2)
        assert "That does not open your record." in err
        typed += ["a", "b", "c", "never asked"]
        assert shell("export", "--mine")[0] == 1
        assert typed == ["never asked"]

    def test_where_nobody_can_type_it_is_one_sentence(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        record(shell)
        code, _, err = shell("encrypt", "on")
        assert code == 1
        assert "set CALMLINE_PASSPHRASE" in err
        monkeypatch.setenv("CALMLINE_PASSPHRASE", "moonlight over the bay")
        shell("encrypt", "on")
        monkeypatch.delenv("CALMLINE_PASSPHRASE")
        for command in (("export", "--mine"), ("consent", "show"), ("erase", "--everything", "--yes"), ("keep",)):
            code, out, err = shell(*command)
            assert (code, out) == (1, "")
            assert "locked with a passphrase" in err
        assert "encrypted, in" in shell("doctor")[1]
        assert shell("paths")[0] == 0

    @pytest.mark.parametrize(
        ("arguments", "passphrase", "said"),
        [
            (("on",), "short", "8 characters"),
            (("off",), "", "is not encrypted"),
            (("change",), "", "is not encrypted"),
        ],
    )
    def test_what_cannot_be_done_is_one_sentence(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], passphrase: str, said: str
    ) -> None:
        assert "no record" in shell("encrypt", *arguments)[2]
        record(shell)
        monkeypatch.setenv("CALMLINE_PASSPHRASE", passphrase)
        code, _, err = shell("encrypt", *arguments)
        assert code == 1
        assert said in err

    def test_without_the_extra_it_says_what_to_install(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        record(shell)
        monkeypatch.setitem(sys.modules, "sqlcipher3", None)
        code, _, err = shell("encrypt", "on")
        assert (code, len(err.splitlines())) == (1, 1)
        assert f"{sys.executable} -m pip install sqlcipher3" in err

    def test_a_passphrase_is_never_an_argument(self) -> None:
        from app.cli.encrypt import encrypt

        assert [parameter.name for parameter in encrypt.params] == ["action"]
