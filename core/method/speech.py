"""What the wizard asks a person to say after the eleven expressions, so that talking is not taken for strain."""

from __future__ import annotations

from dataclasses import dataclass

from core.method.emotion import Emotion


@dataclass(frozen=True, slots=True)
class Passage:
    """A text to read aloud, or free speech: for how many seconds, and what may rightly be read meanwhile."""

    id: str
    emotions: tuple[Emotion, ...]
    seconds: float


CALM_TEXT = Passage("calm_text", (Emotion.NEUTRAL,), 15.0)
"""The text that is learnt from: calm and factual."""

PASSAGES = (
    CALM_TEXT,
    Passage("kind_text", (Emotion.HAPPY, Emotion.NEUTRAL), 15.0),
    Passage("free_speech", (Emotion.HAPPY, Emotion.NEUTRAL), 10.0),
)
"""In the order in which they are asked for; all but the first tell how well speech is read."""
