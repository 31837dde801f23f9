"""Networks that a person brought along are graded in the demo's wizard, and one wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.tui.autoplay import play
from app.tui.services import DemoOptions, Services, load_reading_tools
from app.tui.start import make_app, source_maker
from core.evaluation.detector_crops import actor_faces
from core.face.haar import HaarFaceFinder
from core.method.emotion import EMOTIONS
from core.shipping.adding import add, card_of, open_file, signature_of
from core.store.locations import Locations
from core.store.store import Store
from core.system.clock import ManualClock
from tests.shipping.test_adding import SEVEN, onnx_file, seven_class_file
from tests.tiny_network import card_for, tiny_network, write_candidate

keras = pytest.importorskip("keras", reason="needs the extra `train`")
pytest.importorskip("tensorflow", reason="needs the extra `train`")

ACTOR = "f_white"
OF_SEVEN = {"happy": 3, "neutral": 6, "stress": 0, "surprise": 5}


def learnt_by_heart() -> Any:
    """A seven-class Keras model that has seen this actor's expressions, and nothing else."""
    faces = actor_faces(HaarFaceFinder())
    own = [number for number, subject in enumerate(faces.subjects) if subject == ACTOR]
    wanted = np.eye(7)[[OF_SEVEN[EMOTIONS[int(faces.single[number])]] for number in own]]
    keras.utils.set_random_seed(1)
    layers = [keras.layers.AveragePooling2D(5), keras.layers.Flatten(), keras.layers.Dense(7, activation="softmax")]
    model = keras.Sequential([keras.Input((100, 100, 3)), *layers])
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="categorical_crossentropy", metrics=["accuracy"])
    pictures = faces.pictures[own].astype(np.float32) / 127.5 - 1.0
    model.fit(np.repeat(pictures, 8, axis=0), np.repeat(wanted, 8, axis=0), epochs=40, verbose=0)
    return model


@pytest.mark.timeout(600)
async def test_networks_brought_along_are_graded_in_the_demo_and_the_best_of_them_wins(tmp_path: Path) -> None:
    shipped, own = tmp_path / "models", tmp_path / "networks"
    write_candidate(shipped, card_for(tiny_network(), "tiny-1"), tiny_network())
    learnt_by_heart().save(tmp_path / "by-heart.keras")
    brought = {
        tmp_path / "by-heart.keras": (-1.0, 1.0),
        onnx_file(tmp_path / "torch.onnx"): (0.0, 255.0),
        seven_class_file(tmp_path / "seven.tflite"): (0.0, 1.0),
    }
    for file, pixel_range in brought.items():
        network = open_file(file)
        signature = signature_of(network, SEVEN, "rgb", pixel_range, None)
        add(network, card_of(network, signature, file.stem, "", "faces made by a computer", "free"), own)
    locations = Locations.below(tmp_path / "record")
    locations.prepare()
    clock = ManualClock()
    with Store.open(locations.database, clock) as store:
        services = Services(
            locations=locations,
            store=store,
            clock=clock,
            make_source=source_maker(store, f"actor:{ACTOR}"),
            load_tools=lambda: load_reading_tools(shipped, own),
            fixed_source=True,
            demo=DemoOptions(auto=True, fast=True),
        )
        app = make_app(services)
        async with app.run_test(size=(80, 24)) as pilot:
            await play(pilot)
        calibration = store.latest_calibration()
        assert calibration is not None
        scores = {one.candidate_id: one.score for one in calibration.scores}
        assert {"tiny-1", "by-heart", "torch", "seven"} <= scores.keys()
        assert calibration.chosen == "by-heart"
        assert scores["by-heart"] > max(score for name, score in scores.items() if name != "by-heart")
        assert {call.start.candidate_id for call in store.calls()} == {"by-heart"}
