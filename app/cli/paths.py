"""`calmline record paths`: where things are."""

from __future__ import annotations

import click

from app.cli.context import Setup
from app.words.language import N_


@click.command(help=N_("Where your record and the program's files are.\n\nExample: calmline record paths"))
@click.pass_obj
def paths(setup: Setup) -> None:
    """One line each: a name and a path."""
    from core.system.resources import ASSETS_FOLDER

    locations = setup.locations
    for name, path in (
        ("database", locations.database),
        ("log", locations.log_file),
        ("control", locations.control_address),
        ("models", setup.models_folder),
        ("assets", ASSETS_FOLDER),
    ):
        click.echo(f"{name:<10}{path}")
