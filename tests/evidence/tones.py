"""The second paper's comparison on our data: `python -m tests.evidence.tones DATA_FOLDER --models FOLDER`.

A developer's command: it needs labelled sets that are not part of the program.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.cli.options import KNOWN_FOLDER, PATH


@click.command()
@click.argument("data", type=KNOWN_FOLDER)
@click.option(
    "--models",
    type=KNOWN_FOLDER,
    multiple=True,
    required=True,
    help="Folder of candidates (several times).",
)
@click.option("--candidate", "wanted", multiple=True, help="Only this one (several times).")
@click.option("--limit", type=click.IntRange(1), help="Only so many pictures of each set, to try it out.")
@click.option(
    "--cache",
    type=PATH,
    default=Path("report/predictions"),
    show_default=True,
    help="Where probabilities are kept, as train evaluate keeps them.",
)
def tones(data: Path, models: tuple[Path, ...], wanted: tuple[str, ...], limit: int | None, cache: Path) -> None:
    """The share of validation pictures whose tone, positive, neutral or negative, is read rightly, by set."""
    from core.candidates.registry import read_registry
    from core.datasets.labelled import read_set
    from core.evaluation.predictions import kept_predictions
    from core.evaluation.results import find_sets
    from tests.evidence.valence import valence_accuracy

    sets = [read_set(data, name, "val", limit=limit) for name in find_sets(data)]
    candidates = [one for folder in models for one in read_registry(folder).candidates]
    click.echo("| three classes | " + " | ".join(labelled.name for labelled in sets) + " |")
    click.echo("|---" * (len(sets) + 1) + "|")
    for candidate in candidates:
        if wanted and candidate.card.id not in wanted:
            continue
        predictions = [kept_predictions(candidate, labelled.pictures, cache) for labelled in sets]
        shares = [valence_accuracy(one, labelled) for one, labelled in zip(predictions, sets, strict=True)]
        click.echo(f"| {candidate.card.id} | " + " | ".join(f"{share:.2%}" for share in shares) + " |")


if __name__ == "__main__":
    sys.exit(tones())
