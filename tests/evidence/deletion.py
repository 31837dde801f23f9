"""Does the heat tell the truth? `python -m tests.evidence.deletion DATA_FOLDER`.

A developer's command: it needs labelled sets that are not part of the program.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.cli.context import Setup
from app.cli.options import KNOWN_FOLDER


@click.command()
@click.argument("data", type=KNOWN_FOLDER)
@click.option("--set", "names", multiple=True, default=("rafdb", "korean"), help="Data set (several times).")
@click.option("--crops", type=click.IntRange(1), default=510, show_default=True, help="Validation crops in all.")
def deletion(data: Path, names: tuple[str, ...], crops: int) -> None:
    """By how much the read class's probability falls: hottest 20 % of a crop deleted, a random 20 % deleted."""
    from core.explain.saliency import Explainer
    from tests.evidence.crops import read_validation_crops
    from tests.evidence.faithfulness import measure_fidelity

    pictures = [crop for name in names for crop in read_validation_crops(data, name, -(-crops // len(names)))]
    click.echo("| candidate | crops | hottest 20 % | random 20 % |")
    click.echo("|---|---|---|---|")
    for network in Setup().networks():
        found = measure_fidelity(Explainer(network), network, pictures)
        click.echo(f"| {network.card.id} | {found.crops} | {found.hottest:.3f} | {found.random:.3f} |")


if __name__ == "__main__":
    sys.exit(deletion())
