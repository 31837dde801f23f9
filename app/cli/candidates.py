"""`calmline networks list`: the shipped networks and what their cards say."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from app.cli.context import Setup
from app.cli.form import format_option
from app.words.language import N_, _

if TYPE_CHECKING:
    from core.candidates.card import Card

HELP = N_(
    "The networks that come with Calmline: how they were made, how right they are on each data set, and their terms.\n\n"
    "Example: calmline networks list --format json"
)


@click.command(help=HELP)
@format_option("table", "json")
@click.pass_obj
def candidates(setup: Setup, form: str) -> None:
    """Print what the cards say."""
    registry = setup.registry()
    cards = [candidate.card for candidate in (*registry.candidates, *registry.personal)]
    if form == "json":
        click.echo(json.dumps([asdict(card) for card in cards], indent=2, ensure_ascii=False))
        return
    sets = list(dict.fromkeys(name for card in cards for name in card.scores))
    click.echo(f"| network | head | MB | {' | '.join(_headed(name, cards) for name in sets)} |")
    click.echo("|---" * (3 + len(sets)) + "|")
    for card in cards:
        shares = [_share(card, name) for name in sets]
        click.echo(f"| {card.id} | #{card.head} | {card.size_bytes / 1e6:.1f} | {' | '.join(shares)} |")
    click.echo(
        "\n"
        + _("Share of pictures read rightly, measured on the network file; of each set, how many pictures these were.")
    )
    for terms in dict.fromkeys(card.terms for card in cards):
        click.echo(terms)


def _headed(name: str, cards: list[Card]) -> str:
    """A set with how many pictures of it each figure stands on: one number, where it is the same for all networks."""
    counts = sorted({int(card.scores[name]["pictures"]) for card in cards if "pictures" in card.scores.get(name, {})})
    return f"{name} ({' or '.join(f'{count:,}' for count in counts)})" if counts else name


def _share(card: Card, data_set: str) -> str:
    accuracy = card.scores.get(data_set, {}).get("accuracy")
    return "-" if accuracy is None else f"{accuracy:.1%}"
