"""`calmline record encrypt on|off|change`: the record locked with a passphrase. It is typed, never an argument."""

from __future__ import annotations

import os
import sys

import click

from app.cli.context import PASSPHRASE_VARIABLE, Setup, typed_passphrase
from app.cli.form import note
from app.words.language import _
from app.words.spoken import SentenceError

NEW_PASSPHRASE_VARIABLE = "CALMLINE_NEW_PASSPHRASE"  # noqa: S105 - a name, not a passphrase


@click.command()
@click.argument("action", type=click.Choice(["on", "off", "change"]))
@click.pass_obj
def encrypt(setup: Setup, action: str) -> None:
    """Lock your record on the disk with a passphrase, unlock it, or change the passphrase. Close Calmline first. You
    type the passphrase when you are asked; a script sets CALMLINE_PASSPHRASE (and CALMLINE_NEW_PASSPHRASE to change
    it).

    Example: calmline record encrypt on
    """
    from core.store.cipher import is_encrypted, require_cipher
    from core.store.encryption import convert
    from core.store.errors import StoreError, StoreErrorCode
    from core.system.clock import SystemClock
    from core.system.files import is_file

    path = setup.locations.database
    if not is_file(path):
        raise StoreError(StoreErrorCode.NOT_FOUND, str(path))
    require_cipher()
    locked = is_encrypted(path)
    if action == "on" and locked:
        raise SentenceError(
            _("Your record is encrypted already; “calmline record encrypt change” changes the passphrase.")
        )
    if action != "on" and not locked:
        raise SentenceError(_("Your record is not encrypted; “calmline record encrypt on” does that."))
    before = setup.passphrase()
    after = None if action == "off" else _new_passphrase(NEW_PASSPHRASE_VARIABLE if locked else PASSPHRASE_VARIABLE)
    note(_("Copying and comparing your record ..."))
    convert(path, SystemClock().wall(), before=before, after=after)
    click.echo(
        {
            "on": _("Your record is encrypted. Calmline asks for the passphrase when it starts."),
            "off": _("Your record is not encrypted any more."),
            "change": _("Your record has its new passphrase; the old one opens nothing."),
        }[action]
    )
    if action == "on":
        _name_what_stays_plain(setup)


def _new_passphrase(variable: str) -> str:
    """From the environment, or typed twice.

    Raises:
        SentenceError: too short, or nobody is there to type it.
    """
    from core.store.cipher import SHORTEST_PASSPHRASE, is_too_short

    given = os.environ.get(variable, "")
    if not given:
        if not sys.stdin.isatty():
            raise SentenceError(_("Nobody is here to type a passphrase: set {variable}.").format(variable=variable))
        note(_("Nobody can open your record without this passphrase, not even we. Keep it well."))
        given = typed_passphrase(_("New passphrase"), again=_("Once more"))
    if is_too_short(given):
        raise SentenceError(
            _("A passphrase needs {count} characters or more, spaces not counted.").format(count=SHORTEST_PASSPHRASE)
        )
    return given


def _name_what_stays_plain(setup: Setup) -> None:
    from core.store.opening import set_aside_files

    for left in set_aside_files(setup.locations.database):
        click.echo(_("Still plain, because it was set aside as damaged: {path}").format(path=left), err=True)
