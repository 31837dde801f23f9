"""`calmline call`: what the keys of a running monitor do, for a softphone or a script."""

from __future__ import annotations

import click

from app.cli.context import Setup
from app.cli.phone import ACTIONS, JSON, ask
from app.words.language import N_


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option(JSON, "as_json", is_flag=True, help=N_("Print the answer as JSON, also where nothing runs."))
@click.argument("action", type=click.Choice(ACTIONS))
@click.argument("appended", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def call(ctx: click.Context, action: str, appended: tuple[str, ...], as_json: bool) -> None:
    """Start, end, reset, pause or resume the call of a running Calmline, or ask whether one runs; for a softphone or a
    script. It is told no level and no emotion, and no network is used. What a phone appends, a number or a name, is
    ignored and kept nowhere.

    Exit codes: 0 done, 1 refused, 3 no call is running, 4 a call is running already, 5 Calmline is not running.

    Example: calmline call start
    """
    setup: Setup = ctx.obj
    ctx.exit(ask(setup.locations, action, as_json=as_json or JSON in appended))
