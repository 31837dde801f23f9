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
