"""A candidate's folder, written so that whoever reads it finds the old one or the new one."""

from __future__ import annotations

from pathlib import Path

from core.candidates.card import CARD_FILE, NETWORK_FILE, Card
from core.system.files import fresh_file, write_file


def write_card(place: Path, card: Card) -> None:
    """Write the card of the candidate in `place`: whole, or not at all."""
    write_file(place / CARD_FILE, card.to_json())


def write_candidate_folder(place: Path, card: Card, content: bytes, file: str = NETWORK_FILE) -> None:
    """Write network file and card into `place`, which need not exist.

    Both lie there in full before either takes the place of what was: broken off before that, the old ones stay, and the
    moment in which the one is new and the other is not is as short as a renaming.
    """
    place.mkdir(parents=True, exist_ok=True)
    with fresh_file(place / CARD_FILE) as described, fresh_file(place / file) as network:
        described.write_text(card.to_json(), encoding="utf-8")
        network.write_bytes(content)
