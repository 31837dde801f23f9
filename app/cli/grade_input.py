"""What the commands that grade a person's pictures say of what they were given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from app.words.errors import error_text
from app.words.language import N_, ngettext
from app.words.sentences import gap_reason

if TYPE_CHECKING:
    from core.method.emotion import GapReason
    from core.sources.pictures import NamedPicture

INPUT_SENTENCES = {
    "not_found": N_("{detail} is not there."),
    "no_expression": N_("{detail} has no folder that is named after an expression (such as smile or frown)."),
    "bad_csv": N_("This list cannot be graded: {detail}."),
    "unknown_expression": N_("{detail} is no expression that Calmline knows."),
    "unreadable": N_("{detail} cannot be read."),
}


def say_left_out(broken: Sequence[NamedPicture], without_face: Mapping[GapReason, int]) -> None:
    """Name the pictures that were not graded, on standard error."""
    for picture in broken:
        click.echo(f"{picture.name}: {error_text(picture.problem)}", err=True)
    for why, count in without_face.items():
        said = ngettext("{count} picture left out: {reason}.", "{count} pictures left out: {reason}.", count)
        click.echo(said.format(count=count, reason=gap_reason(why)), err=True)
