"""The thesis's own way from a frame to its emotion (method.md 2), to measure ours against; and made-up candidates.

Weights are random: how long a network takes does not depend on what it has learnt.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.candidates.card import CARD_FILE, NETWORK_FILE, Card, DataSetUse
from core.candidates.registry import Candidate
from core.face.crop import CROP_SIZE
from core.face.haar import HaarFaceFinder
from core.method.experiments import Experiment, find_experiment
from core.shipping.conversion import Converted, convert
from core.shipping.export import write_candidate
from core.sources.source import Pixels
from core.training.architectures import build_network


class ThesisWay:
    """A full search of every frame by Haar's cascade, then Keras's `predict` on the one face."""

    def __init__(self, experiment: Experiment) -> None:
        """Builds the network and lets it predict once, which Keras needs for its set-up."""
        self._model: Any = build_network(experiment)
        self._finder = HaarFaceFinder()
        self._model.predict(np.zeros((1, CROP_SIZE, CROP_SIZE, 3), np.float32), verbose=0)

    def read(self, pixels: Pixels) -> NDArray[np.float32] | None:
        """The four outputs for the first face of a frame (BGR), None without a face; the code of the thesis."""
        boxes = self._finder.reference_faces(pixels)
        if not boxes:
            return None
        x, y, width, height = boxes[0].x, boxes[0].y, boxes[0].width, boxes[0].height
        crop = cv2.resize(pixels[y : y + height, x : x + width], (CROP_SIZE, CROP_SIZE)).astype(np.float32) / 255
        answer: NDArray[np.float32] = self._model.predict(crop[None], verbose=0)[0]
        return answer


def make_up_candidate(folder: Path, experiment: Experiment) -> Candidate:
    """A candidate of this architecture with random weights in `folder`, converted as shipped ones are (int8 weights)."""
    content = convert(build_network(experiment), half=False)
    use = DataSetUse("none", 1, "free")
    converted = Converted(content, "int8", {"none": {"accuracy": 0.25}})
    card: Card = write_candidate(folder, experiment, converted, [use], "random weights, for timing", converted.scores)
    named = replace(card, id=f"{card.id}-made-up", sha256=hashlib.sha256(content).hexdigest())
    (folder / card.id / CARD_FILE).write_text(named.to_json(), encoding="utf-8")
    (folder / card.id).rename(folder / named.id)
    return Candidate(named, folder / named.id / NETWORK_FILE)


if __name__ == "__main__":
    make_up_candidate(Path(sys.argv[1]), find_experiment(5, "inceptionv3"))
