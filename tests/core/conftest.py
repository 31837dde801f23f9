from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _no_thread_is_left_running() -> Iterator[None]:
    """Whatever a test starts in the background has ended when the test has."""
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("calmline")] == []
