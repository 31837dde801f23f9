"""`calmline demo`: the whole way with the demo actor."""

from __future__ import annotations

import click

from app.cli.setup import SentenceError, Setup
from app.language import N_, _

HELP = N_(
    "The whole way, from the first screen to two calls, with an actor in place of your camera. Nothing of it is kept.\n\n"
    "Example: calmline demo --auto"
)


@click.command(help=HELP)
@click.option("--auto", is_flag=True, help=N_("Press the keys by itself."))
@click.option("--fast", is_flag=True, help=N_("Do not wait: time passes as fast as the computer can."))
@click.option(
    "--actor", default="m_multi", show_default=True, help=N_("Which actor plays (a folder's name, or a path).")
)
@click.pass_obj
def demo(setup: Setup, auto: bool, fast: bool, actor: str) -> None:
    """Play the demo."""
    from app.tui.services import DemoOptions
    from core.resources import ASSETS_FOLDER
    from core.sources.opening import open_source
    from core.sources.source import SourceError

    try:
        open_source(f"actor:{actor}", ASSETS_FOLDER)
    except SourceError as error:
        from core.sources.actor import list_actors

        known = ", ".join(list_actors(ASSETS_FOLDER))
        raise SentenceError(
            _("No actor is called {name}. There are: {known}.").format(name=actor, known=known)
        ) from error
    code = setup.open_screens(DemoOptions(auto=auto, fast=fast, actor=actor))
    click.get_current_context().exit(code)
