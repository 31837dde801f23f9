"""`python3 -m tests.reference`: makes docs/commands.md again from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from app.cli.groups import translate
from app.cli.main import cli
from app.words.language import SOURCE_LANGUAGE, use_language

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"

HEAD = """\
# Commands

`calmline` (in a checkout: `python3 -m app`) without a command opens the screens. This page is made by
`python3 -m tests.reference` from what the commands say of themselves.
"""


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that the help shows, with the names that lead to it, each group before what is in it."""
    context = click.Context(group, info_name=" ".join(("calmline", *path)))
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if command.hidden:
            continue
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def help_of(command: click.Command, path: tuple[str, ...]) -> str:
    """A command's help, 80 wide."""
    context = click.Context(
        command,
        info_name=" ".join(("calmline", *path)),
        max_content_width=80,
        terminal_width=80,
        help_option_names=cli.context_settings["help_option_names"],  # every command inherits them
    )
    return command.get_help(context)


def reference() -> str:
    """The whole page."""
    use_language(SOURCE_LANGUAGE)
    translate(cli)
    parts = [HEAD, f"```\n{help_of(cli, ())}\n```\n"]
    for path, command in commands(cli):
        title = "#" * min(len(path) + 1, 4) + " " + " ".join(path)
        parts.append(f"{title}\n\n```\n{help_of(command, path)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
