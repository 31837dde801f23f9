"""Giving free memory back to the system."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from core.system import memory


class Library:
    """glibc, as far as we call it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[int, ...]]] = []

    def malloc_trim(self, keep: int) -> int:
        self.calls.append(("malloc_trim", (keep,)))
        return 1

    def mallopt(self, name: int, value: int) -> int:
        self.calls.append(("mallopt", (name, value)))
        return 1


def test_on_glibc_threads_share_memory_and_free_memory_is_handed_back(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr(memory, "sys", SimpleNamespace(platform="linux"))
    monkeypatch.setattr("core.system.memory.ctypes.CDLL", lambda name: library)
    assert memory.share_memory_between_threads()
    assert memory.give_free_memory_back()
    assert library.calls == [("mallopt", (-8, 2)), ("malloc_trim", (0,))]


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_elsewhere_nothing_is_done(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "sys", SimpleNamespace(platform=platform))
    assert not memory.share_memory_between_threads()
    assert not memory.give_free_memory_back()


def test_a_linux_with_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "sys", SimpleNamespace(platform="linux"))
    monkeypatch.setattr("core.system.memory.ctypes.CDLL", lambda name: object())
    assert not memory.share_memory_between_threads()
    assert not memory.give_free_memory_back()


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux")
def test_the_real_library_may_be_asked_at_any_time() -> None:
    memory.give_free_memory_back()
    memory.give_free_memory_back()
