"""How a command prints: `--format` with what it can do, and `--json` as its short form, everywhere alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from app.words.language import N_

_SHORT = "calmline.json"


def format_option(
    *forms: str, text: str = N_("How to print."), by_file_name: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator: the command gets the parameter `form`, one of `forms`, the first of which is usual.

    `by_file_name`: without the option it is None, and the name of the file that is written says which.
    """

    def given(ctx: click.Context, _option: click.Parameter, form: str | None) -> str | None:
        return "json" if ctx.meta.get(_SHORT) else form

    def short(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
        ctx.meta[_SHORT] = wanted

    usual: dict[str, Any] = {"metavar": "FORM"} if by_file_name else {"default": forms[0], "show_default": True}
    long = click.option("--format", "form", type=click.Choice(forms), help=text, callback=given, **usual)
    # Eager, so that it is known when `given` is called.
    alias = click.option(
        "--json", is_flag=True, is_eager=True, expose_value=False, help=N_("The same as --format json."), callback=short
    )
    return lambda function: long(alias(function))


def note(text: str) -> None:
    """Say on standard error what was done; with --quiet nothing. What was left out or is wrong is always said."""
    if not is_quiet():
        click.echo(text, err=True)


def is_quiet() -> bool:
    """Whether --quiet was given."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.find_root().params.get("quiet"))
