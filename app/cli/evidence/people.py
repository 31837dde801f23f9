"""A table of what adaptation brings to people: `python -m app.cli.evidence.people DATA_FOLDER`.

A developer's command: it needs labelled sets (`file,label,subject,split` CSV + zip) that are not part of the program.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.cli.context import Setup


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--set", "names", multiple=True, default=("korean", "lfw", "ckplus"), help="Data set (several times).")
@click.option("--min-pictures", type=click.IntRange(4), default=12, show_default=True)
@click.option("--each", is_flag=True, help="Also one line for each person.")
def people(data: Path, names: tuple[str, ...], min_pictures: int, each: bool) -> None:
    """Accuracy by person: first candidate, best of all shipped, adapted (validation people only)."""
    from core.adapt.labelled import read_labelled_people
    from core.evaluation.people import evaluate_people, read_people, summarise_people

    networks = Setup().networks()
    cards = {network.card.id: network.card for network in networks}
    click.echo(
        "| set | people | first | best of shipped | adapted | without the gate | gain / lose | beyond noise | worst | mean gain |"
    )
    click.echo("|---|---|---|---|---|---|---|---|---|---|")
    for name in names:
        labelled = read_labelled_people(data, name, min_pictures)
        if not labelled.crops:
            click.echo(f"{name}: nobody has {min_pictures} pictures", err=True)
            continue
        examples = {
            network.card.id: read_people(network, labelled.crops, labelled.allowed, labelled.offered)
            for network in networks
        }
        found = evaluate_people(cards, examples, labelled.subjects, min_pictures=min_pictures)
        total = summarise_people(found)
        click.echo(
            f"| {name} | {total.people} | {total.first:.1%} | {total.chosen:.1%} | {total.adapted:.1%} | "
            f"{total.ungated:.1%} | {total.gained} / {total.lost} | {total.lost_more_than_noise} | {total.worst:+.1%} | "
            f"{total.adapted - total.chosen:+.2%} |"
        )
        for one in found if each else ():
            click.echo(
                f"| {one.subject} | {one.pictures} | {one.first:.1%} | {one.chosen:.1%} | {one.adapted:.1%} | "
                f"{one.ungated:.1%} | {one.offered:.0%} of folds | | {one.gain:+.1%} |"
            )


if __name__ == "__main__":
    sys.exit(people())
