"""`calmline record erase`: what is removed is gone from the file, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from app.cli.context import Setup
from app.cli.dates import DAY
from app.words.language import N_, _, ngettext
from app.words.spoken import SentenceError

if TYPE_CHECKING:
    from core.store.records import CallRecord

_LONGEST_ID_BITS = 63
"""What SQLite's numbers hold; no call has a longer one."""


@click.command()
@click.option("--call", "call_id", type=int, metavar="ID", help=N_("One call, by the id of “calmline export --mine”."))
@click.option("--since", type=DAY, metavar="DATE", help=N_("From this day on."))
@click.option("--until", type=DAY, metavar="DATE", help=N_("Up to and with this day."))
@click.option("--everything", is_flag=True, help=N_("All calls, calibrations and consents."))
@click.option("--yes", is_flag=True, help=N_("Do not ask."))
@click.pass_obj
def erase(
    setup: Setup, call_id: int | None, since: date | None, until: date | None, everything: bool, yes: bool
) -> None:
    """Remove a call, the calls of some days, or everything, for good. Close Calmline first. What is removed is
    overwritten in your record's files and in their freed blocks; what backups, snapshots of the disk or the spare cells
    of a flash drive still hold, no program can reach. There only “calmline record encrypt on”, or an encrypted disk,
    helps.

    Example: calmline record erase --since 2026-01-01 --until 2026-01-31
    """
    from core.store.errors import StoreError, StoreErrorCode
    from core.system.files import is_file

    by_days = since is not None or until is not None
    if (call_id is not None) + by_days + everything != 1:
        raise SentenceError(_("Say what to erase: --call, or --since and --until, or --everything."))
    if by_days and (since is None or until is None):
        raise SentenceError(_("A range needs both --since and --until."))
    if call_id is not None and call_id.bit_length() > _LONGEST_ID_BITS:
        raise StoreError(StoreErrorCode.UNKNOWN_CALL, str(call_id))
    if not is_file(setup.locations.database):
        raise StoreError(StoreErrorCode.NOT_FOUND, str(setup.locations.database))
    from core.store.export import ExportRefused, Refusal
    from core.store.opening import set_aside_files

    with setup.own_store(to_erase=everything) as store:
        found = [store.call(call_id)] if call_id is not None else [] if everything else store.calls(since, until)
        if by_days and not found:
            raise ExportRefused(Refusal.NOTHING_IN_RANGE)
        if not yes:
            click.confirm(_question(found, everything=everything), abort=True, err=True)
        if everything:
            store.erase_all()
            click.echo(_("Everything is erased."))
            if setup.locations.networks.is_dir():
                added = _(
                    "Networks that you added are not part of your record: they stay in {folder} until you remove it."
                )
                click.echo(added.format(folder=setup.locations.networks), err=True)
        elif call_id is not None:
            store.erase_call(call_id)
            click.echo(_("The call is erased."))
        else:
            assert since is not None
            assert until is not None
            count = store.erase_range(since, until)
            click.echo(ngettext("{count} call is erased.", "{count} calls are erased.", count).format(count=count))
        for path in set_aside_files(store.path):
            click.echo(
                _("{path} was set aside as damaged and may still hold it; --everything removes that, too.").format(
                    path=path
                ),
                err=True,
            )


def _question(calls: Sequence[CallRecord], *, everything: bool) -> str:
    """What would be gone, named so that nobody erases another call than they mean."""
    from app.words.sentences import call_name

    if everything:
        return _("Erase every call, every calibration and your consent for good? Nothing can bring them back.")
    if len(calls) == 1:
        return _("Erase the call of {call} for good? Nothing can bring it back.").format(call=call_name(calls[0]))
    return _(
        "Erase {count} calls for good, from the one of {first} to the one of {last}? Nothing can bring them back."
    ).format(count=len(calls), first=call_name(calls[0]), last=call_name(calls[-1]))
