from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# A busy machine must not fail a test of what is right; how fast it is, tests/benchmarks tells.
settings.register_profile("core", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("core")


@pytest.fixture(autouse=True)
def _no_thread_is_left_running() -> Iterator[None]:
    """Whatever a test starts in the background has ended when the test has."""
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("calmline")] == []
