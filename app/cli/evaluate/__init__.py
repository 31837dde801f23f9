"""`calmline networks evaluate`: how well people are read, measured on pictures and videos of your own."""

from __future__ import annotations

from app.cli.groups import lazy_group
from app.words.language import N_

COMMANDS = {
    "people": ("app.cli.evaluate.people:people", N_("What tuning brings, from pictures of several takes.")),
    "talking": ("app.cli.evaluate.talking:talking", N_("What is read in people who talk, from videos.")),
}


@lazy_group(COMMANDS)
def evaluate() -> None:
    """How well people are read, measured on pictures and videos of your own."""
