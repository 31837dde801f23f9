"""`calmline record backup|restore`: the whole record in one file, and back."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.context import Setup
from app.cli.form import note
from app.cli.options import FILE
from app.cli.targets import refuse_replacing, replace_option
from app.words.language import _, ngettext
from app.words.spoken import SentenceError

_FILE = FILE


@click.command()
@click.argument("file", type=_FILE)
@replace_option
@click.pass_obj
def backup(setup: Setup, file: Path, overwrite: bool) -> None:
    """Copy your whole record to FILE, also while Calmline runs; an encrypted one stays encrypted. FILE is as personal
    as the record.

    Example: calmline record backup calmline-backup.db
    """
    from core.store.backup import back_up
    from core.system.files import own_path

    target, database = own_path(file), setup.locations.database
    refuse_replacing([target], [database], overwrite=overwrite)
    back_up(database, target, setup.passphrase())
    note(_("Your whole record is in {path}. Keep it where only you can read it.").format(path=target))


@click.command()
@click.argument("file", type=_FILE)
@click.pass_obj
def restore(setup: Setup, file: Path) -> None:
    """Make your record out of FILE: a backup, or the copy that “calmline export --mine --everything” wrote. A record
    that holds anything is never replaced. Close Calmline first.

    Example: calmline record restore calmline-backup.db
    """
    from core.store.backup import restore as restore_record
    from core.system.clock import SystemClock
    from core.system.files import is_file, own_path

    source, locations = own_path(file), setup.locations
    if not is_file(source):
        raise SentenceError(_("{detail} cannot be read.").format(detail=source))
    locations.prepare()
    restore_record(source, locations.database, SystemClock().wall(), setup.passphrase(source))
    with setup.own_store() as store:
        count = len(store.calls())
    done = ngettext(
        "Your record is back, with {count} call: {path}", "Your record is back, with {count} calls: {path}", count
    )
    note(done.format(count=count, path=locations.database))
