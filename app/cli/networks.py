"""`calmline networks`: the networks that come with Calmline, and what they read in pictures."""

from __future__ import annotations

from app.cli.groups import lazy_group
from app.words.language import N_

COMMANDS = {
    "add": ("app.cli.add:add", N_("Bring a network of your own along.")),
    "list": ("app.cli.candidates:candidates", N_("The networks, how right they are, and their terms.")),
    "classify": ("app.cli.classify:classify", N_("What the networks read in pictures.")),
    "grade": ("app.cli.grade:grade", N_("Which network reads a person best, from pictures.")),
    "evaluate": ("app.cli.evaluate:evaluate", N_("How well people are read, on pictures and videos.")),
    "explain": ("app.cli.explain:explain", N_("Where a network looked, drawn over your own pictures.")),
}


@lazy_group(COMMANDS)
def networks() -> None:
    """The networks that come with Calmline, and what they read in pictures."""
