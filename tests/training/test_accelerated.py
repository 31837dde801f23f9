"""Training on an accelerator, in a process where Keras runs on JAX (which computes on a processor as well)."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("jax", "keras")), reason="needs the extras `train` and `accelerated`"
)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("file", ["kernels.py", "loop.py"])
def test_what_keras_on_jax_has_to_hold_holds(file: str) -> None:
    checks = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/training/on_jax/{file}"]
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run(checks, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
    assert "skipped" not in done.stdout
