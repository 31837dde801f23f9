"""Variables by which Textual writes down what is typed and shown: whoever sets them would get notes and levels."""

from __future__ import annotations

from collections.abc import MutableMapping

_HARMLESS = {
    "TEXTUAL_ANIMATIONS",
    "TEXTUAL_COLOR_SYSTEM",
    "TEXTUAL_FPS",
    "TEXTUAL_DISABLE_KITTY_KEY",
    "TEXTUAL_SMOOTH_SCROLL",
    "TEXTUAL_DIM_FACTOR",
}
"""They change how things look and move, and nothing else."""


def drop_recording_variables(environment: MutableMapping[str, str]) -> None:
    """Remove every variable of Textual but those that only change how it looks; to be called before it is imported."""
    for name in [one for one in environment if one.startswith("TEXTUAL") and one not in _HARMLESS]:
        del environment[name]
