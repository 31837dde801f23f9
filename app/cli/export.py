"""`calmline export`: what consent allows, or the counsellor's own copy."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from app.cli.context import Setup
from app.cli.dates import DAY
from app.cli.form import format_option, note
from app.cli.groups import lazy_group
from app.cli.options import FILE
from app.cli.progress import progress
from app.cli.targets import replace_option
from app.words.language import N_, _, ngettext
from app.words.spoken import SentenceError


@lazy_group(
    {"merge": ("app.cli.team:team", N_("Merge many counsellors' exports into figures of groups."))},
    invoke_without_command=True,
)
@format_option(
    *("csv", "json", "ndjson", "xlsx", "parquet", "html"),
    text=N_("csv, json, ndjson, xlsx, parquet, html (else by the file's name)."),
    by_file_name=True,
)
@click.option("--calls", "kind", flag_value="calls", default=True, help=N_("One line a call (this is usual)."))
@click.option("--samples", "kind", flag_value="samples", help=N_("One line a reading."))
@click.option(
    "--everything",
    "kind",
    flag_value="everything",
    help=N_("With --mine: every row, for “record restore”."),
)
@click.option("--since", type=DAY, metavar="DATE", help=N_("From this day on."))
@click.option("--until", type=DAY, metavar="DATE", help=N_("Up to and with this day."))
@click.option("--out", type=FILE, help=N_("Write to this file (else, or with -: print)."))
@replace_option
@click.option("--mine", is_flag=True, help=N_("Your own list, with everything in it, whatever you share."))
@click.option("--preview", "only_preview", is_flag=True, help=N_("Only show what would be written."))
@click.pass_context
def export(
    ctx: click.Context,
    form: str | None,
    kind: str,
    since: date | None,
    until: date | None,
    out: Path | None,
    overwrite: bool,
    mine: bool,
    only_preview: bool,
) -> None:
    """Write what you share with your supervisor, or with --mine what is yours. What you do not share is never written.
    Every export is listed in your history.

    Example: calmline export --samples --since 2026-01-01 --out shared.csv
    """
    if ctx.invoked_subcommand is not None:
        return
    setup: Setup = ctx.obj
    from app.words.sentences import curve_sentence
    from core.store.export import ExportRequest, export_to_file, export_to_stream, plan_export, system_user
    from core.store.records import ExportKind
    from core.store.tables import FORMATS, FileFormat, Format, format_named, write_rows
    from core.system.files import own_path

    target = None if out is None or str(out) == "-" else own_path(out)
    if kind == "everything":
        _write_everything(setup, target, overwrite=overwrite, whole=mine and not (since or until or form))
        return
    if form == "html" or (form is None and target is not None and target.suffix.lower() == ".html"):
        _write_page(setup, target, since, until, overwrite=overwrite, for_supervisor=not (mine or only_preview))
        return
    request = ExportRequest(ExportKind(kind), since, until, mine)
    named = next((one for one in FORMATS if one.value == form), None) or (format_named(target) if target else None)
    written = named or Format.CSV
    if target is None or only_preview:
        if isinstance(written, FileFormat):
            raise SentenceError(_("{form} is written to a file only: name one with --out.").format(form=written.value))
        with setup.read_store() if only_preview else setup.shared_store() as store:
            if only_preview:
                plan = plan_export(store, request)
                write_rows(sys.stdout, written, plan.columns, plan.rows())
                if request.kind is ExportKind.SAMPLES and not mine:
                    click.echo(curve_sentence(), err=True)
            else:
                export_to_stream(store, request, written, sys.stdout, system_user())
        return
    with setup.shared_store() as store, progress() as told:
        record = export_to_file(store, request, written, target, system_user(), replace=overwrite, progress=told)
    done = ngettext("{rows} line written to {path}.", "{rows} lines written to {path}.", record.rows)
    note(done.format(rows=record.rows, path=record.target) + " " + _("Your history lists it."))


def _write_page(
    setup: Setup, target: Path | None, since: date | None, until: date | None, *, overwrite: bool, for_supervisor: bool
) -> None:
    from app.cli.team.counsellor import render_counsellor
    from core.store.export import export_page, plan_page, system_user

    if target is None or not for_supervisor:
        raise SentenceError(
            _("A page (html) is for your supervisor and goes to a file: name one with --out, without --mine.")
        )
    with setup.shared_store() as store:
        page = plan_page(store, since, until)
        text = render_counsellor(page, store.now().astimezone().date())
        record = export_page(store, page, text, target, system_user(), replace=overwrite)
    done = ngettext("{rows} call is on the page {path}.", "{rows} calls are on the page {path}.", record.rows)
    note(done.format(rows=record.rows, path=record.target) + " " + _("Your history lists it."))


def _write_everything(setup: Setup, target: Path | None, *, overwrite: bool, whole: bool) -> None:
    from core.store.export import export_everything, system_user

    if not whole or target is None:
        raise SentenceError(
            _(
                "--everything is your own copy of all there is: say --mine and --out FILE with it, and no days or format."
            )
        )
    with setup.shared_store() as store:
        record = export_everything(store, target, system_user(), replace=overwrite)
    done = ngettext("{rows} line written to {path}.", "{rows} lines written to {path}.", record.rows)
    note(done.format(rows=record.rows, path=record.target) + " " + _("Your history lists it."))
