"""The ten commands, what their help shows, and the names of before that still work."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from app.cli.click_words import speak
from app.cli.main import COMMANDS, cli
from app.words.language import language_names, use_language

TEN = ["demo", "run", "call", "consent", "export", "record", "networks", "coach", "train", "doctor"]
OLD_NAMES = {
    "team": ["export", "merge"],
    "keep": ["record", "retention"],
    "erase": ["record", "erase"],
    "encrypt": ["record", "encrypt"],
    "paths": ["record", "paths"],
    "classify": ["networks", "classify"],
    "grade": ["networks", "grade"],
    "explain": ["networks", "explain"],
    "candidates": ["networks", "list"],
    "data": ["train", "data"],
}


def command_at(path: list[str]) -> click.Command:
    found: click.Command = cli
    for name in path:
        assert isinstance(found, click.Group)
        inner = found.get_command(click.Context(found), name)
        assert inner is not None, path
        found = inner
    return found


def test_the_help_shows_the_ten_commands_and_no_other() -> None:
    assert cli.list_commands(click.Context(cli)) == TEN


@pytest.mark.parametrize("old", sorted(OLD_NAMES))
def test_a_name_of_before_is_the_same_command_and_hidden(old: str) -> None:
    assert COMMANDS[old][1] == ""
    assert command_at([old]) is command_at(OLD_NAMES[old])


def every_command(command: click.Command = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from every_command(inner, (*path, name))


@pytest.mark.parametrize("language", language_names())
def test_no_line_of_any_help_is_wider_than_the_window(language: str) -> None:
    use_language(language)
    speak()
    for path in every_command():
        shown = CliRunner().invoke(cli, [*path, "--help"], terminal_width=80, prog_name="calmline").output
        wide = [line for line in shown.splitlines() if cell_len(line) > 80]
        assert not wide, (path, wide)


@pytest.mark.parametrize("language", language_names())
@pytest.mark.parametrize("path", [[], ["record"], ["networks"], ["export"], ["train"], ["doctor"]], ids="-".join)
def test_help_fits_80x24(path: list[str], language: str) -> None:
    use_language(language)
    speak()
    shown = CliRunner().invoke(cli, [*path, "--help"], terminal_width=80, prog_name="calmline").output
    lines = shown.rstrip("\n").splitlines()
    assert len(lines) <= 24, shown
    assert all(cell_len(line) <= 80 for line in lines)
