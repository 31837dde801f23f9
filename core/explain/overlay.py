"""Saliency over a crop as a picture: only for files that a person hands over themselves."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from core.explain.saliency import Explanation, SaliencyMap
from core.method.emotion import EMOTIONS
from core.sources.source import Pixels
from core.system.errors import TranslatableError
from core.system.files import write_file

ZOOM = 4
STRENGTH = 0.45
_MARGIN = 16
_BAR = 14
_LEGEND = 150
_INK = (40, 40, 40)


class OverlayError(TranslatableError):
    """A picture cannot be written; the text names the file."""


def colour_saliency(saliency: SaliencyMap) -> Pixels:
    """Saliency (h, w) in 0..1 as BGR colours, cold to hot (OpenCV's inferno: readable without colour vision)."""
    return np.asarray(cv2.applyColorMap((saliency * 255).astype(np.uint8), cv2.COLORMAP_INFERNO), dtype=np.uint8)


def lay_over(crop: Pixels, saliency: SaliencyMap) -> Pixels:
    """The crop (100 x 100 x 3 uint8 BGR) with its saliency over it; where there is no saliency the crop shows through."""
    share = (STRENGTH * (0.35 + 0.65 * saliency))[..., None]
    return np.asarray(crop * (1 - share) + colour_saliency(saliency) * share, dtype=np.uint8)


def draw_explanation(crop: Pixels, explanation: Explanation) -> Pixels:
    """The crop, the overlay beside it, a legend of the colours, and the four probabilities below: BGR."""
    side = crop.shape[0] * ZOOM
    width = 3 * _MARGIN + 2 * side
    canvas = np.full((side + 2 * _MARGIN + _LEGEND, width, 3), 250, np.uint8)
    for number, picture in enumerate((crop, lay_over(crop, explanation.saliency))):
        left = _MARGIN + number * (side + _MARGIN)
        large = cv2.resize(picture, (side, side), interpolation=cv2.INTER_CUBIC)
        canvas[_MARGIN : _MARGIN + side, left : left + side] = large
    _draw_probabilities(canvas, explanation, side + 2 * _MARGIN)
    _draw_legend(canvas, explanation, side + 2 * _MARGIN, 2 * _MARGIN + side, side)
    return canvas


def write_png(picture: Pixels, path: Path) -> None:
    """Write a BGR picture that only its owner may open.

    Raises:
        OverlayError: the file cannot be written.
    """
    _, data = cv2.imencode(".png", picture)
    try:
        write_file(path, data.tobytes())
    except OSError as error:
        raise OverlayError("{path} cannot be written: {reason}", path=path, reason=error.strerror) from error


def _draw_probabilities(canvas: Pixels, explanation: Explanation, top: int) -> None:
    for number, emotion in enumerate(EMOTIONS):
        value = explanation.probabilities.of(emotion)
        base = top + number * 30 + 18
        _text(canvas, emotion.value, _MARGIN, base)
        cv2.rectangle(canvas, (110, base - _BAR), (110 + round(220 * value), base), (150, 110, 60), -1)
        _text(canvas, f"{value:.0%}", 340, base)


def _draw_legend(canvas: Pixels, explanation: Explanation, top: int, left: int, width: int) -> None:
    _text(canvas, f"{explanation.method.value}: {explanation.emotion.value}", left, top + 18)
    ramp = np.tile(np.linspace(0, 1, width, dtype=np.float32), (_BAR, 1))
    canvas[top + 34 : top + 34 + _BAR, left : left + width] = colour_saliency(ramp)
    _text(canvas, "little", left, top + 70)
    _text(canvas, "most", left + width - 48, top + 70)


def _text(canvas: Pixels, text: str, left: int, base: int) -> None:
    cv2.putText(canvas, text, (left, base), cv2.FONT_HERSHEY_SIMPLEX, 0.5, _INK, 1, cv2.LINE_AA)
