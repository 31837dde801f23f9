from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

_RUN = """
import sys
from pathlib import Path
import keras
import numpy as np
from core.training import architectures
from core.method.experiments import find_experiment
from core.training.epochs import predict_logits
from core.training.run import train
from core.training.settings import RunSettings
from tests.training.made_up import drawn_set
from tests.training.tiny_keras import tiny_backbone

class Killed(Exception): pass
def killed(report): raise Killed

architectures._backbone = tiny_backbone
settings = RunSettings(epochs=2, steps=2, batch_size=4, workers=0, small_size=64, small_epochs=1)
sets = [drawn_set(16)], [drawn_set(8, split="val", seed=3)]
folder, experiment = Path(sys.argv[1]), find_experiment(5, "mobilenetv2")
whole = train(experiment, settings, *sets, folder / "whole")
try:
    train(experiment, settings, *sets, folder / "broken", on_epoch=killed)
except Killed:
    pass
gone_on = train(experiment, settings, *sets, folder / "broken")
pictures = sets[1][0].pictures
difference = np.abs(predict_logits(whole, pictures) - predict_logits(gone_on, pictures)).max()
assert keras.backend.backend() == sys.argv[2]
assert difference < 1e-4, difference
print("difference", difference)
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_a_run_trains_and_goes_on_under_every_backend_of_keras(backend: str, tmp_path: Path) -> None:
    for package in ("keras", backend):
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    environment = {**os.environ, "KERAS_BACKEND": backend}
    arguments = [sys.executable, "-c", _RUN, str(tmp_path), backend]
    done = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
