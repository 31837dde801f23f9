"""Click's own words in the person's language: the frame of the help, and what it says of a command not understood."""

from __future__ import annotations

import click._textwrap as click_wrapping
import click.core
import click.decorators
import click.exceptions
import click.formatting
import click.parser
import click.termui
import click.types
from click import unstyle

from app.words.language import N_, _

MODULES = (
    click.core,
    click.decorators,
    click.exceptions,
    click.formatting,
    click.parser,
    click.termui,
    click.types,
)

WORDS = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Show this message and exit."),
    N_("default: {default}"),
    N_("Error: {message}"),
    N_("Try '{command} {option}' for help."),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Did you mean {possibility}?"),
    N_("(Did you mean one of: {possibilities}?)"),
    N_("Missing command."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("Got unexpected extra argument ({args})"),
    N_("Got unexpected extra arguments ({args})"),
    N_("Option {name!r} requires an argument."),
    N_("Option {name!r} does not take a value."),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("{value!r} is not {choice}."),
    N_("{value!r} is not one of {choices}."),
    N_("Choose from:\n\t{choices}"),
    N_("required"),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is not readable."),
    N_("{name} {filename!r} is not writable."),
    N_("file"),
    N_("directory"),
    N_("path"),
    N_("Repeat for confirmation"),
    N_("Error: The two entered values do not match."),
    N_("Error: invalid input"),
)
"""What our commands can have it say; a test compares them with click's own sources."""


def speak() -> None:
    """Have click look its words up where ours are, each time it says them, and break its lines where the screen ends.

    Click counts letters (8.5.1); one of Hangul takes two cells, and lines of them ran over the edge.
    """
    for measuring in (click_wrapping, click.formatting):
        measuring.term_len = _cells  # type: ignore[attr-defined]  # imported there by this name, and looked up by it
    for module in MODULES:
        for name, spoken in (("_", _), ("ngettext", _of_number)):
            if hasattr(module, name):
                setattr(module, name, spoken)


def _cells(text: str) -> int:
    if text.isascii():
        return len(unstyle(text))
    from rich.cells import cell_len  # not before: most of what is measured is ASCII, and `--help` is to be quick

    return cell_len(unstyle(text))


def _of_number(one: str, many: str, count: int) -> str:
    return _(one if count == 1 else many)
