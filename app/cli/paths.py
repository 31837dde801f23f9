"""`calmline record paths`: where things are."""

from __future__ import annotations

import json

import click

from app.cli.context import Setup
from app.cli.form import format_option


@click.command()
@format_option("text", "json")
@click.pass_obj
def paths(setup: Setup, form: str) -> None:
    """Where your record and the program's files are.

    Example: calmline record paths
    """
    from core.system.resources import ASSETS_FOLDER

    locations = setup.locations
    found = {
        "database": str(locations.database),
        "log": str(locations.log_file),
        "control": locations.control_address,
        "models": str(setup.models_folder),
        "networks": str(locations.networks),
        "assets": str(ASSETS_FOLDER),
    }
    if form == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for name, path in found.items():
        click.echo(f"{name:<10}{path}")
