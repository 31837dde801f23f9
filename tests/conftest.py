"""What holds for every test: one time zone, one language, no colours forced by the terminal that runs them."""

from __future__ import annotations

import gc
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from app.words.language import SOURCE_LANGUAGE, use_language

with suppress(ImportError):  # before TensorFlow (tests of training), whose own SQLite would stand in its place
    import sqlcipher3  # noqa: F401
# A busy machine must not fail a test of what is right; how fast it is, tests/benchmarks tells.
settings.register_profile("calmline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calmline")


@pytest.fixture(autouse=True)
def _same_everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The time zone, the language and the terminal of whoever runs the tests change nothing."""
    for name in (
        "NO_COLOR",
        "FORCE_COLOR",
        "CALMLINE_DB",
        "CALMLINE_LANGUAGE",
        "COLUMNS",
        "LINES",
        "LC_ALL",
        "LC_MESSAGES",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    if os.name == "posix":
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()
    use_language(SOURCE_LANGUAGE)
    yield
    use_language(SOURCE_LANGUAGE)
    if os.name == "posix":
        monkeypatch.undo()
        time.tzset()


@pytest.fixture(autouse=True, scope="session")
def _temporary_files_go_with_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where the folders of a test are too long for a socket, the program takes one of those: it goes when all tests end."""
    tmp_path_factory.getbasetemp()  # stays where pytest keeps its own
    short = "/tmp" if os.name == "posix" else None
    with tempfile.TemporaryDirectory(prefix="calm-", dir=short) as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o711)  # tests of strangers go through it
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """An unpacked source distribution (PKG-INFO tells it) holds only the networks that travel with the program."""
    if (Path(__file__).parents[1] / "PKG-INFO").is_file():
        for item in items:
            if item.get_closest_marker("all_networks"):
                item.add_marker(pytest.mark.skip(reason="a source distribution holds four of the ten networks"))


def pytest_collection_finish() -> None:
    """What was imported for all tests is no garbage: screens, which look for it at the end of each call, pass over it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_thread_is_left_running() -> Iterator[None]:
    """Whatever a test starts in the background has ended when the test has."""
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("calmline")] == []
