"""`calmline networks list`: the shipped networks and what their cards say."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.context import Setup
from app.cli.form import format_option
from app.cli.options import FOLDER
from app.words.language import N_, _
from core.system.tables import markdown

if TYPE_CHECKING:
    from core.candidates.card import Card


@click.command()
@click.option("--licences", is_flag=True, help=N_("The terms of every set and weight that went into each."))
@click.option(
    "--model-cards",
    type=FOLDER,
    help=N_("Write a Hugging Face model card (README.md) for each into this folder."),
)
@format_option("table", "json")
@click.pass_obj
def candidates(setup: Setup, licences: bool, model_cards: Path | None, form: str) -> None:
    """The networks that come with Calmline: how they were made, how right they are on each data set, and their terms.

    Example: calmline networks list --format json
    """
    registry = setup.registry()
    cards = [candidate.card for candidate in (*registry.candidates, *registry.personal)]
    if model_cards is not None:
        _write_model_cards(cards, model_cards)
    elif form == "json":
        click.echo(json.dumps([asdict(card) for card in cards], indent=2, ensure_ascii=False))
    elif licences:
        click.echo(_licences_table(cards))
    else:
        _print_scores(cards)


def _print_scores(cards: list[Card]) -> None:
    sets = list(dict.fromkeys(name for card in cards for name in card.scores))
    rows = [
        (card.id, f"#{card.head}", f"{card.size_bytes / 1e6:.1f}", *(_share(card, name) for name in sets))
        for card in cards
    ]
    click.echo("\n".join(markdown(("network", "head", "MB", *(_headed(name, cards) for name in sets)), rows)))
    click.echo(
        "\n"
        + _("Share of pictures read rightly, measured on the network file; of each set, how many pictures these were.")
    )
    if any(card.test for card in cards):
        click.echo(
            _(
                "The number of a name is the thesis's test whose head and starting rate it has; it was trained otherwise."
            )
        )
    for terms in dict.fromkeys(card.terms for card in cards):
        click.echo(terms)


def _licences_table(cards: list[Card]) -> str:
    """One line for each thing that went into each network file, in Markdown."""
    from core.candidates.model_card import ingredients

    rows = [
        (card.id, card.sha256[:12], one.name, f"{one.pictures:,}" if one.pictures else "-", one.terms)
        for card in cards
        for one in ingredients(card)
    ]
    lines = markdown(("network", "sha256", "what went into it", "pictures", "terms"), rows)
    return "\n".join([*lines, "", *(f"{card.id}: {card.terms}" for card in cards)])


def _write_model_cards(cards: list[Card], folder: Path) -> None:
    from core.candidates.model_card import model_card
    from core.system.files import own_path, write_file

    for card in cards:
        place = own_path(folder / card.id / "README.md")
        place.parent.mkdir(parents=True, exist_ok=True)
        write_file(place, model_card(card))
    click.echo(_("Written to {folder}.").format(folder=folder))


def _headed(name: str, cards: list[Card]) -> str:
    """A set with how many pictures of it each figure stands on: one number, where it is the same for all networks."""
    counts = sorted({int(card.scores[name]["pictures"]) for card in cards if "pictures" in card.scores.get(name, {})})
    return f"{name} ({' or '.join(f'{count:,}' for count in counts)})" if counts else name


def _share(card: Card, data_set: str) -> str:
    accuracy = card.scores.get(data_set, {}).get("accuracy")
    return "-" if accuracy is None else f"{accuracy:.1%}"
