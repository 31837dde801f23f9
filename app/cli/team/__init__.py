"""`calmline export merge`: many counsellors' exports merged into figures of groups, as CSV and as a page."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.context import Setup
from app.cli.options import PATH
from app.cli.targets import refuse_replacing, replace_option
from app.words.language import N_, _, ngettext
from app.words.spoken import SentenceError
from core.system.files import is_folder, own_path

if TYPE_CHECKING:
    from core.store.tables import Row
    from core.team.figures import Rejection, TeamReport

COLUMNS = {"weekday": int, "part_of_day": str, "people": int, "tense_calls": str, "schema_version": int}
"""`weekday` is 1 (Monday) to 7, empty for all, as `part_of_day`; `people` in tens, rounded down; `tense_calls` a third."""

_ENDINGS = (".csv", ".json", ".ndjson", ".xlsx", ".parquet")


@click.command()
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option(
    "--out",
    type=PATH,
    default=Path("team"),
    show_default=True,
    help=N_("Where to write, without an ending: .csv and .html are added (-: print the table)."),
)
@replace_option
@click.pass_obj
def team(setup: Setup, files: tuple[Path, ...], out: Path, overwrite: bool) -> None:
    """Merge the lists of calls that counsellors exported for you into a table (CSV) and a page (HTML) of when calls are
    tense: in thirds, for groups of ten people and more. They keep a reader of the page from reading off one person;
    you, who have the files, they do not. FILES are exports (CSV, Excel, JSON, NDJSON) or folders of them.

    Example: calmline export merge exports/ --out january
    """
    from core.team.figures import TooFewPeople, merge_exports

    given = list(_files_in(files))
    to_screen = str(out) == "-"
    targets = () if to_screen else _targets(out)
    refuse_replacing(targets, given, overwrite=overwrite)
    try:
        report, rejections = merge_exports(given)
    except TooFewPeople as error:
        _name(error.rejections)
        raise SentenceError(
            _("Fewer than ten people are in these files. Figures are only made of ten people and more.")
        ) from error
    _name(rejections)
    if to_screen:
        from core.store.tables import Format, write_rows

        write_rows(sys.stdout, Format.CSV, COLUMNS, _rows(report))
        return
    for path in _write(setup, report, *targets):
        click.echo(path)


def _files_in(given: Iterable[Path]) -> Iterator[Path]:
    """Files as they are named, and what lies in folders."""
    for path in given:
        try:
            inside = sorted(path.iterdir()) if is_folder(path) else [path]
        except OSError:  # it may not be looked into: named as left out, like a file
            inside = [path]
        yield from (one for one in inside if one == path or one.suffix.lower() in _ENDINGS)


def _targets(out: Path) -> tuple[Path, Path]:
    """The table's and the page's file.

    Raises:
        SentenceError: `out` names a folder and no file in it.
    """
    path = own_path(out)
    if path.name in ("", ".."):
        raise SentenceError(_("{path} is a folder: add a name for the table and the page.").format(path=out))
    return path.with_name(path.name + ".csv"), path.with_name(path.name + ".html")


def _name(rejections: Sequence[Rejection]) -> None:
    """Say on standard error what was left out. Names of files are others' texts: a terminal would obey their codes."""
    from app.cli.team.words import problem_text

    for rejection in rejections:
        name = "".join(character if character.isprintable() else "?" for character in str(rejection.path))
        click.echo(_("{path} is left out: {reason}.").format(path=name, reason=problem_text(rejection)), err=True)
    if rejections:
        count = len(rejections)
        click.echo(
            ngettext("{count} file is left out.", "{count} files are left out.", count).format(count=count), err=True
        )


def _rows(report: TeamReport) -> Iterator[Row]:
    """The same groups in every language: programs read them."""
    from core.store.export_rows import SCHEMA_VERSION

    for group in report.groups:
        yield {**asdict(group), "schema_version": SCHEMA_VERSION}


def _write(setup: Setup, report: TeamReport, table: Path, page: Path) -> Iterator[Path]:
    """Write both files, each in one piece or not at all."""
    from app.cli.team.page import render_page
    from core.store.tables import Format, replaced_file, write_table

    record = setup.locations.database
    with replaced_file(table, forbidden=record, replace=True) as fresh:
        write_table(fresh, Format.CSV, COLUMNS, _rows(report))
    yield table
    with replaced_file(page, forbidden=record, replace=True) as fresh:
        text = render_page(report, date.today())  # noqa: DTZ011 - the day on the maker's own wall
        fresh.write_text(text, encoding="utf-8", newline="")
    yield page
