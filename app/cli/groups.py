"""Groups of commands that are known by name and one line each, and imported only when one is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from app.words.language import _

Commands = Mapping[str, tuple[str, str]]
"""Where each command is ("module:name") and its line in the help; an empty line hides it (an old name)."""


class RenamedOption(click.Option):
    """An option that is still understood by its names of before, which no help shows."""

    def __init__(self, *args: Any, formerly: Sequence[str], **settings: Any) -> None:
        """`formerly`: its old names, dashes included."""
        super().__init__(*args, **settings)
        self._formerly = formerly

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Have the parser take the old names, too."""
        shown, self.opts = self.opts, [*self.opts, *self._formerly]
        super().add_to_parser(parser, ctx)
        self.opts = shown


def renamed_option(*names: str, formerly: Sequence[str], **settings: Any) -> Callable[[Callable[..., Any]], Any]:
    """As `click.option`, for a `RenamedOption`."""
    return click.option(*names, cls=RenamedOption, formerly=formerly, **settings)


class LazyGroup(click.Group):
    """A group whose commands are imported on use; those with an empty line are left out of its help."""

    def __init__(self, *args: Any, lazy: Commands, **settings: Any) -> None:
        """`lazy`: its commands, in the order of the help."""
        super().__init__(*args, **settings)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names that the help shows, in its order."""
        return [name for name, (_place, line) in self.lazy.items() if line]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, imported now."""
        if cmd_name not in self.lazy:
            return None
        module, _colon, name = self.lazy[cmd_name][0].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        translate(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names; where there is none, the error names those nearest to it."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:  # click knows no names but those of imported commands
            raise click.NoSuchCommand(error.command_name, possibilities=self.list_commands(ctx), ctx=ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, without importing any."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(line)) for name, (_place, line) in self.lazy.items() if line])


def lazy_group(lazy: Commands, **settings: Any) -> Callable[[Callable[..., Any]], LazyGroup]:
    """A decorator: the function becomes a group of the commands `lazy`."""
    return click.group(cls=LazyGroup, lazy=lazy, **settings)


def translate(command: click.Command) -> None:
    """Show a command's help, which is its docstring, and its options' texts, marked with N_, in the language in use."""
    _translate_help(command)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            _translate_help(parameter)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            translate(inner)


def _translate_help(texted: click.Command | click.Option) -> None:
    source = vars(texted).setdefault("help_as_written", texted.help)  # the language may change in one process
    if source:
        texted.help = _(unwrapped(source))


def unwrapped(text: str) -> str:
    """Each paragraph as one line."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
