"""Where the shipped networks and assets lie: beside the packages in a checkout, inside `core` in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_CORE = Path(__file__).resolve().parent.parent
_BUNDLED = _CORE / "bundled"
_ROOT = _BUNDLED if _BUNDLED.is_dir() else _CORE.parent

MODELS_FOLDER = _ROOT / "models"
"""One folder per candidate: card.json and network.tflite."""

ASSETS_FOLDER = _ROOT / "assets"
"""The demo actor, the face cascade, the guide drawings and the credits."""

LANDMARKS_FOLDER = ASSETS_FOLDER / "landmarks"
"""The landmark networks with their card: a candidate that may be used for any purpose, and reads nobody untuned."""

NETWORK_PACKAGES = {
    "calmline-inceptionv3": ("inceptionv3-1", "inceptionv3-5", "inceptionv3-10"),
    "calmline-xception": ("xception-1", "xception-5", "xception-7"),
}
"""The networks that do not come with the program itself but lie down beside its own: a wheel holds at most 100 MB."""
