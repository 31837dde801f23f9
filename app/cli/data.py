"""`calmline train data`: data sets made ready for training."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.context import Setup
from app.cli.options import KNOWN_PATH, candidates_option, cropped_option, data_option, out_option, seed_option
from app.cli.progress import progress
from app.cli.targets import refuse_replacing
from app.words.errors import error_text
from app.words.language import N_, _
from app.words.spoken import SentenceError


@click.group()
def data() -> None:
    """Make data sets ready for training your own networks."""


@data.command()
@click.argument("source", type=KNOWN_PATH)
@out_option("data")
@click.option("--name", help=N_("What the set is called (its layout, if you say nothing)."))
@click.option(
    "--layout",
    type=click.Choice(
        ["auto", "csv", "kdef", "cfd", "aihub", "keti", "agfd", "rafdb", "affectnet", "emonet", "folders"]
    ),
    default="auto",
    show_default=True,
    help=N_("Whose folders and file names these are."),
)
@click.option(
    "--labels",
    "mapping",
    help=N_(
        "How labels are mapped: thesis, aihub, interview, emonet, or a CSV with source_label and label "
        "(if you say nothing: thesis, for --layout emonet its own)."
    ),
)
@cropped_option
@click.option(
    "--split-by",
    type=click.Choice(["person", "picture"]),
    default="person",
    show_default=True,
    help=N_("Keep each person on one side, or draw picture by picture, as the thesis did: its figures flatter."),
)
@click.option(
    "--consent", default="", help=N_("Who agreed to what use of their pictures, and when: kept in the manifest.")
)
@click.option("--val", type=click.FloatRange(0, 0.9), default=0.2, show_default=True, help=N_("Share for validation."))
@seed_option
@click.option("--limit", type=click.IntRange(1), help=N_("Only so many pictures, to try things out."))
def prepare(
    source: Path,
    out: Path,
    name: str | None,
    layout: str,
    mapping: str | None,
    cropped: bool,
    split_by: str,
    consent: str,
    val: float,
    seed: int,
    limit: int | None,
) -> None:
    """Make a data set ready: find and cut the faces, map the labels, remove what is there twice, split by person.
    SOURCE is a folder, a zip, or a CSV with file, label, subject, split. Writes NAME.csv, NAME.zip and a manifest.

    Example: calmline train data prepare KDEF/ --layout kdef --out data
    """
    from core.datasets.labelled import DataSetError
    from core.datasets.preparing import PrepareSettings
    from core.datasets.preparing import prepare as prepare_set
    from core.face.haar import HaarFaceFinder

    called = name or (source.stem if layout in ("auto", "csv") else layout)
    mapping = mapping or ("emonet" if layout == "emonet" else "thesis")
    settings = PrepareSettings(called, layout, mapping, cropped, val, seed, limit, split_by, consent)
    if not called.isidentifier():
        raise SentenceError(_("A set's name is made of letters, digits and _; give another with --name."))
    refuse_replacing(
        [out / f"{called}{ending}" for ending in (".csv", ".zip")], [source, source.parent / f"{source.stem}.zip"]
    )
    finder = None if cropped else HaarFaceFinder()
    try:
        with progress() as counted:
            manifest = prepare_set(
                source, out, settings, finder, counted, lambda warning: click.echo(error_text(warning), err=True)
            )
    except (DataSetError, OSError) as error:
        raise SentenceError(_("The set cannot be made: {detail}.").format(detail=error_text(error))) from error
    click.echo(manifest.to_markdown())
    click.echo(_("Written to {folder}: {name}.csv, {name}.zip, {name}.manifest.md.").format(folder=out, name=called))


@data.command()
@click.argument("name", metavar="SET")
@data_option
@out_option("review.html", N_("The page."))
@candidates_option
@click.option(
    "--limit", type=click.IntRange(1), default=500, show_default=True, help=N_("Show only so many, the most doubted.")
)
@click.option("--remove", "listed", type=KNOWN_PATH, help=N_("Take out what this list names."))
@click.pass_obj
def review(
    setup: Setup, name: str, data: Path, out: Path, candidate: tuple[str, ...], limit: int, listed: Path | None
) -> None:
    """Look through a set for pictures that are unnecessary or ambiguous. Writes a page of your own (nothing of it
    leaves this computer) with every picture, those first whose label the networks doubt most; you mark what shall go
    and save the list. With --remove LIST these go, and the manifest keeps which and why.

    Example: calmline train data review kdef --data data --out review.html
    """
    from core.datasets.labelled import DataSetError
    from core.evaluation.reviewing import remove_listed, review_page

    try:
        if listed is not None:
            count = remove_listed(data, name, listed)
            click.echo(
                _("{count} pictures went out of {name}; the manifest says which and why.").format(
                    count=count, name=name
                )
            )
            return
        chosen = [one for one in setup.registry().candidates if not candidate or one.card.id in candidate]
        if not chosen:
            raise SentenceError(_("There is no such network; “calmline networks list” lists them."))
        refuse_replacing([out], [data / f"{name}.csv", data / f"{name}.zip"])
        count = review_page(data, name, [one.load_runner() for one in chosen], out, limit)
    except (DataSetError, OSError) as error:
        raise SentenceError(_("The set cannot be reviewed: {detail}.").format(detail=error_text(error))) from error
    click.echo(
        _("{count} pictures are on {page}; open it, mark, save the list, then add --remove LIST.").format(
            count=count, page=out
        )
    )
