"""`calmline record retention`: for how long calls and their curves stay, as on the settings screen."""

from __future__ import annotations

import json

import click

from app.cli.context import Setup
from app.cli.form import format_option
from app.words.language import N_, _, ngettext

LONGEST_DAYS = 36_500


@click.command()
@click.option("--curves", type=click.IntRange(1, LONGEST_DAYS), metavar="DAYS", help=N_("Curves and notes."))
@click.option(
    "--summaries", type=click.IntRange(1, LONGEST_DAYS), metavar="DAYS", help=N_("Calls and their summaries.")
)
@format_option("text", "json")
@click.pass_obj
def retention(setup: Setup, curves: int | None, summaries: int | None, form: str) -> None:
    """Show or change for how many days your calls are kept. What is older is removed for good whenever Calmline starts.

    Example: calmline record retention --curves 30 --summaries 365
    """
    from core.store.settings import CALL_DAYS_SETTING, SAMPLE_DAYS_SETTING, kept_days

    wanted = {SAMPLE_DAYS_SETTING: curves, CALL_DAYS_SETTING: summaries}
    changes = {key: days for key, days in wanted.items() if days is not None}
    with setup.shared_store() if changes else setup.read_store() as store:
        for key, days in changes.items():
            store.set_setting(key, str(days))
        kept = kept_days(store)
    if form == "json":
        click.echo(json.dumps({"curves_days": kept[0], "summaries_days": kept[1]}))
        return
    for name, days in zip((_("keep curves for"), _("keep summaries for")), kept, strict=True):
        click.echo(f"{name}: " + ngettext("{days} day", "{days} days", days).format(days=days))
