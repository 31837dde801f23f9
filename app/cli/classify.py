"""`calmline networks classify`: pictures in, four probabilities of every network out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.context import Setup
from app.cli.form import format_option, is_quiet
from app.cli.options import PATH, candidates_option, cropped_option
from app.words.language import _, ngettext
from app.words.printable import own_codes_allowed
from app.words.spoken import SentenceError

if TYPE_CHECKING:
    from core.candidates.classify import Classified
    from core.sources.entries import Entry
    from core.store.tables import Row

COLUMNS = ("file", "candidate", "happy", "neutral", "stress", "surprise", "emotion", "face_found", "gap")


@click.command()
@click.argument("path", nargs=-1, required=True, type=PATH)
@candidates_option
@cropped_option
@format_option("csv", "json")
@click.pass_obj
def classify(setup: Setup, path: tuple[Path, ...], candidate: tuple[str, ...], cropped: bool, form: str) -> None:
    """What the networks read in pictures: files, folders or zips of JPEG, PNG, WebP, BMP, TIFF, GIF or AVIF. One line a
    picture and network, on standard output; - is a picture from standard input. Nothing of the pictures is kept.

    Example: calmline networks classify holiday/ --format json
    """
    from core.candidates.classify import classify_pictures
    from core.face.checked import CheckedFaceFinder
    from core.sources.pictures import NamedPicture, picture_entries, read_picture
    from core.store.tables import Format, write_rows

    entries = [  # before the header: a path may be wrong
        entry for place in path for entry in (picture_entries(place) if str(place) != "-" else [_standard_input()])
    ]
    networks = setup.networks(candidate)
    finder = None if cropped else CheckedFaceFinder()
    broken: list[NamedPicture] = []

    def rows() -> Iterator[Row]:
        for batch in classify_pictures(map(read_picture, entries), networks, finder, broken.append):
            yield from map(_row, batch.lines)
            progress.update(batch.pictures)

    with click.progressbar(
        length=len(entries),
        file=own_codes_allowed(sys.stderr),
        label=_("reading"),
        hidden=is_quiet() or not sys.stderr.isatty(),
    ) as progress:
        write_rows(sys.stdout, Format(form), COLUMNS, rows())
    if broken:
        from app.words.errors import error_text

    for picture in broken:
        click.echo(f"{picture.name}: {error_text(picture.problem)}", err=True)
    unread = sum(picture.pixels is None for picture in broken)
    if unread:
        click.echo(
            ngettext("{count} picture could not be read.", "{count} pictures could not be read.", unread).format(
                count=unread
            ),
            err=True,
        )
    if unread == len(entries):
        raise SentenceError(_("There was no picture there that can be read."))


def _standard_input() -> Entry:
    """One picture from standard input."""
    from core.sources.entries import MAX_ENTRY_BYTES, Entry

    return Entry("standard input", lambda: sys.stdin.buffer.read(MAX_ENTRY_BYTES + 1))


def _row(line: Classified) -> Row:
    read = line.probabilities
    values = [None] * 4 if read is None else [round(value, 6) for value in read.as_tuple()]
    emotion = None if read is None else read.best.value
    return dict(zip(COLUMNS, (line.file, line.candidate_id, *values, emotion, line.face_found, line.gap), strict=True))
