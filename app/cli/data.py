"""`calmline train data`: data sets made ready for training."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.groups import cropped_option
from app.cli.progress import progress
from app.cli.targets import refuse_replacing
from app.words.language import N_, _
from app.words.spoken import SentenceError

HELP = N_("Make data sets ready for training your own networks.")
PREPARE_HELP = N_(
    "Make a data set ready: find and cut the faces, map the labels, remove what is there twice, split by person. "
    "SOURCE is a folder, a zip, or a CSV with file, label, subject, split. Writes NAME.csv, NAME.zip and a manifest.\n\n"
    "Example: calmline train data prepare KDEF/ --layout kdef --out data"
)


@click.group(help=HELP)
def data() -> None:
    """Hold the commands that make data sets ready."""


@data.command(help=PREPARE_HELP)
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--out", type=click.Path(path_type=Path), default=Path("data"), show_default=True, help=N_("Write here."))
@click.option("--name", help=N_("What the set is called (its layout, if you say nothing)."))
@click.option(
    "--layout",
    type=click.Choice(["auto", "csv", "kdef", "cfd", "aihub", "keti", "agfd", "rafdb", "affectnet", "folders"]),
    default="auto",
    show_default=True,
    help=N_("Whose folders and file names these are."),
)
@click.option(
    "--labels",
    "mapping",
    default="thesis",
    show_default=True,
    help=N_("How labels are mapped: thesis, aihub, interview, or a CSV with source_label and label."),
)
@cropped_option
@click.option(
    "--split-by",
    type=click.Choice(["person", "picture"]),
    default="person",
    show_default=True,
    help=N_("Keep each person on one side, or draw picture by picture, as the thesis did: its figures flatter."),
)
@click.option("--val", type=click.FloatRange(0, 0.9), default=0.2, show_default=True, help=N_("Share for validation."))
@click.option("--seed", type=int, default=1, show_default=True, help=N_("What is drawn is drawn by this number."))
@click.option("--limit", type=click.IntRange(1), help=N_("Only so many pictures, to try things out."))
def prepare(
    source: Path,
    out: Path,
    name: str | None,
    layout: str,
    mapping: str,
    cropped: bool,
    split_by: str,
    val: float,
    seed: int,
    limit: int | None,
) -> None:
    """Prepare one data set and print its manifest."""
    from core.datasets.labelled import DataSetError
    from core.datasets.preparing import PrepareSettings
    from core.datasets.preparing import prepare as prepare_set
    from core.face.haar import HaarFaceFinder

    called = name or (source.stem if layout in ("auto", "csv") else layout)
    settings = PrepareSettings(called, layout, mapping, cropped, val, seed, limit, split_by)
    if not called.isidentifier():
        raise SentenceError(_("A set's name is made of letters, digits and _; give another with --name."))
    refuse_replacing(
        [out / f"{called}{ending}" for ending in (".csv", ".zip")], [source, source.parent / f"{source.stem}.zip"]
    )
    finder = None if cropped else HaarFaceFinder()
    try:
        with progress() as counted:
            manifest = prepare_set(source, out, settings, finder, counted, lambda text: click.echo(text, err=True))
    except (DataSetError, OSError) as error:
        raise SentenceError(_("The set cannot be made: {detail}.").format(detail=error)) from error
    click.echo(manifest.to_markdown())
    click.echo(_("Written to {folder}: {name}.csv, {name}.zip, {name}.manifest.md.").format(folder=out, name=called))
