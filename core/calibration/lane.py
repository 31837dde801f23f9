"""A thread on which captured crops are read by some of the networks, and which lets go of them where none comes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from enum import Enum, auto

from core.calibration.machine import Slot
from core.sources.source import Pixels

_BATCH = 8
"""Crops read at once: small enough that live feedback stays live."""

REST_SECONDS = 5.0
"""A lane without crops for so long lets go of its networks' memory: whoever reads the advice needs none of it."""

Captured = tuple[Slot, Pixels]


class _Order(Enum):
    """What a lane is told between crops."""

    REST = auto()
    END = auto()


class Lane:
    """One thread with some of the networks: every crop passes through every lane."""

    def __init__(self, read: Callable[[Sequence[Captured]], None], rest: Callable[[], None]) -> None:
        """On the lane's thread `read` is called with what waits, one batch at most, and `rest` when nothing comes any more."""
        self._read, self._rest, self._resting = read, rest, False
        self._queue: queue.Queue[Captured | _Order] = queue.Queue()
        self._thread = threading.Thread(target=self._work, name="calmline-grader", daemon=True)
        self._thread.start()

    @property
    def pending(self) -> int:
        """Crops that this lane has not read yet."""
        return self._queue.unfinished_tasks

    def put(self, captured: Captured) -> None:
        """Queue one crop (100 x 100 x 3 uint8 BGR) to be read."""
        self._queue.put(captured)

    def wait(self) -> None:
        """Return when all is read or dropped."""
        self._queue.join()

    def rest(self) -> None:
        """Have `rest` called once what waits is read: nothing more is to come for now."""
        self._queue.put(_Order.REST)

    def end(self) -> None:
        """Drop what waits and let the thread end."""
        while True:
            try:
                self._queue.get_nowait()
            except queue.Empty:
                break
            self._queue.task_done()
        self._queue.put(_Order.END)

    def join(self, seconds: float) -> None:
        """Wait for the thread, no longer than `seconds`."""
        self._thread.join(timeout=seconds)

    def _work(self) -> None:
        while self._read_waiting():
            pass
        self._rest()  # whoever still holds the grader holds numbers, not half a gigabyte of networks

    def _read_waiting(self) -> bool:
        """Read what waits, one batch at most; False when the thread shall end.

        A call of its own for each batch, so that no crop lives on in a local variable while the thread waits.
        """
        try:
            batch = [self._queue.get(timeout=None if self._resting else REST_SECONDS)]
        except queue.Empty:
            self.rest()
            return True
        while not isinstance(batch[-1], _Order) and len(batch) < _BATCH:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        captured = [item for item in batch if not isinstance(item, _Order)]
        if captured:
            self._read(captured)
        self._resting = batch[-1] is _Order.REST
        if self._resting:
            self._rest()
        for _ in batch:
            self._queue.task_done()
        return batch[-1] is not _Order.END
