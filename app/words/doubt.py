"""What is said between calls of how well the reader knows the person."""

from __future__ import annotations

from app.words.language import N_, _
from core.monitoring.drift import Doubt

_SENTENCES = {
    Doubt.UNTAUGHT: N_(
        "Talking may be taken for something else: the reader has not learnt\nhow you speak. To teach it, run the set-up again from Settings (s)."
    ),
    Doubt.ASKS: N_(
        "Talking may be taken for something else: the reader has not learnt how\n"
        "you speak. Shall it learn that now? u goes through the set-up once more."
    ),
    Doubt.UNSURE: N_(
        "Your last calls were read less surely. New glasses, a beard, another light?\n"
        "u does the set-up again; until you choose anew all stays as it is."
    ),
}


def doubt_text(doubt: Doubt | None) -> str:
    """Two lines; nothing without a doubt."""
    return "" if doubt is None else _(_SENTENCES[doubt])
