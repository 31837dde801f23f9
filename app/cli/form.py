"""How a command prints: `--format` with what it can do, and `--json` as its short form, everywhere alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from app.words.language import N_

_SHORT = "calmline.json"


def format_option(*forms: str, text: str = N_("How to print.")) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator: the command gets the parameter `form`, one of `forms`, the first of which is usual."""

    def given(ctx: click.Context, _option: click.Parameter, form: str) -> str:
        return "json" if ctx.meta.get(_SHORT) else form

    def short(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
        ctx.meta[_SHORT] = wanted

    long = click.option(
        "--format", "form", type=click.Choice(forms), default=forms[0], show_default=True, help=text, callback=given
    )
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
