"""How many threads a network reads with: measured once on this computer, then remembered.

A network of 100 x 100 pixels gains little from more threads, and each more costs all day. So one thread it is, unless a
face takes so long that the call's clock (method.md 7, five readings a second) would feel it.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Protocol

import numpy as np

from core.candidates.network import LiteRTNetwork, Network
from core.candidates.registry import Candidate
from core.method.level import READINGS_PER_SECOND
from core.sources.source import Pixels

ENOUGH_SECONDS = 0.25 / READINGS_PER_SECOND
"""A face that is read within a quarter of a tick needs no second thread."""

_WARM_UP, _READS = 1, 5


class Memory(Protocol):
    """The part of the record that remembers what was measured."""

    def setting(self, key: str, default: str) -> str:
        """A value, or `default`."""
        ...

    def set_setting(self, key: str, value: str) -> None:
        """Remember a value under a key."""
        ...


def choose_threads(load: Callable[[int], Network], cores: int, now: Callable[[], float] = time.perf_counter) -> int:
    """The fewest threads (1, 2, 4, ... up to `cores`) that read a face in `ENOUGH_SECONDS`, else the fastest number.

    `load` gives the network for a number of threads; `now` is replaced in tests.

    Raises:
        NetworkError: the network cannot be run.
    """
    taken: dict[int, float] = {}
    threads = 1
    while threads <= max(1, cores):
        taken[threads] = _median_read(load(threads), now)
        if taken[threads] <= ENOUGH_SECONDS:
            return threads
        threads *= 2
    return min(taken, key=lambda count: taken[count])


def load_with_chosen_threads(candidate: Candidate, memory: Memory, cores: int | None = None) -> LiteRTNetwork:
    """The candidate's network with the number of threads that suits this computer, measured where it is not known yet.

    Raises:
        NetworkError: see `Candidate.load`.
        StoreError: `memory` is a record that cannot be read or written.
    """
    count = cores or os.cpu_count() or 1
    key = f"threads of {candidate.card.sha256[:16]} on {count}"
    known = memory.setting(key, "")
    if not known.isdecimal() or not 1 <= int(known) <= count:
        known = str(choose_threads(candidate.load, count))
        memory.set_setting(key, known)
    return candidate.load(int(known))


def _median_read(network: Network, now: Callable[[], float]) -> float:
    """Seconds that one face takes; which face makes no difference to a convolutional network."""
    face: Pixels = np.full((network.card.input_size, network.card.input_size, 3), 128, np.uint8)
    taken = []
    for number in range(_WARM_UP + _READS):
        began = now()
        network.read([face])
        if number >= _WARM_UP:
            taken.append(now() - began)
    return statistics.median(taken)
