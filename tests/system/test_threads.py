"""What the libraries are told before they are imported."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted otherwise elsewhere")
def test_numpy_keeps_no_threads_of_its_own_that_would_spin_beside_ours() -> None:
    counting = "import core, numpy, os; print(len(os.listdir('/proc/self/task')))"
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", counting], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
