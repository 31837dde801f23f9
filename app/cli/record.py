"""`calmline record`: your own database: where it is, how long it keeps what, removing, locking."""

from __future__ import annotations

from app.cli.groups import lazy_group
from app.words.language import N_

COMMANDS = {
    "paths": ("app.cli.paths:paths", N_("Where your record and the program's files are.")),
    "retention": ("app.cli.retention:retention", N_("For how many days calls are kept.")),
    "erase": ("app.cli.erase:erase", N_("Remove a call, some days or everything, for good.")),
    "backup": ("app.cli.backup:backup", N_("Copy the whole record to a file, to move it or to keep it.")),
    "restore": ("app.cli.backup:restore", N_("Make your record out of such a file.")),
    "encrypt": ("app.cli.encrypt:encrypt", N_("Lock your record with a passphrase, or unlock it.")),
}


@lazy_group(COMMANDS)
def record() -> None:
    """Your record: where it is, for how long it keeps what, and how it is removed or locked."""
