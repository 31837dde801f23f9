"""Reads captured crops with every candidate in the background, while the person goes on making faces.

Crops live only in this object's queue: each is read by all networks and dropped. Nothing of them is kept but numbers.
"""

from __future__ import annotations

import queue
import statistics
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.calibration import Slot
from core.candidates.network import Network, NetworkError
from core.emotion import EMOTIONS, Emotion, Probabilities, expression_by_id
from core.grading import MIN_FRAMES, CandidateResult, grade_expression
from core.sources.source import Pixels

_BATCH = 8
"""Crops read at once: small enough that live feedback stays live."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """How the candidates read a slot so far: mean probabilities and how many of them favour each emotion."""

    mean: Probabilities
    votes: dict[Emotion, int]

    @property
    def favourite(self) -> Emotion:
        """The emotion with the highest mean probability."""
        return self.mean.best


class CalibrationGrader:
    """Grades calibration frames on one background thread. Call `close` when done."""

    def __init__(self, networks: Sequence[Network]) -> None:
        """Reads every crop with each of `networks`, which from now on belong to this object's thread."""
        self._networks = {network.card.id: network for network in networks}
        self._queue: queue.Queue[tuple[Slot, Pixels] | None] = queue.Queue()
        self._lock = threading.Lock()
        self._read: dict[str, dict[Slot, list[Probabilities]]] = {name: {} for name in self._networks}
        self._milliseconds: dict[str, list[float]] = {name: [] for name in self._networks}
        self._failures: dict[str, str] = {}
        self._thread = threading.Thread(target=self._work, name="calmline-grader")
        self._thread.start()

    @property
    def failures(self) -> dict[str, str]:
        """Candidates whose network failed while reading, with the reason; they are left out of the results."""
        with self._lock:
            return dict(self._failures)

    @property
    def candidate_count(self) -> int:
        """How many candidates are still grading."""
        with self._lock:
            return len(self._networks) - len(self._failures)

    def submit(self, slot: Slot, crop: Pixels) -> None:
        """Queue one crop (100 x 100 x 3 uint8 BGR); the caller must not change it afterwards."""
        self._queue.put((slot, crop))

    def wait(self) -> None:
        """Return when every submitted crop has been read."""
        self._queue.join()

    @property
    def pending(self) -> int:
        """Crops not yet read."""
        return self._queue.unfinished_tasks

    def feedback(self, slot: Slot) -> Feedback | None:
        """How this slot reads so far; None before the first crop."""
        with self._lock:
            means = [_mean(read[slot]) for read in self._read.values() if read.get(slot)]
        if not means:
            return None
        votes = {emotion: sum(mean.best is emotion for mean in means) for emotion in EMOTIONS}
        return Feedback(_mean(means), votes)

    def results(self, slots: Iterable[Slot], min_frames: int = MIN_FRAMES) -> list[CandidateResult]:
        """Grade these slots for every candidate; one slot per expression."""
        wanted = list(slots)
        with self._lock:
            return [
                CandidateResult(
                    name,
                    {
                        grade.expression.id: grade
                        for slot in wanted
                        if (
                            grade := grade_expression(
                                expression_by_id(slot.expression_id), read.get(slot, []), min_frames
                            )
                        )
                    },
                    statistics.median(self._milliseconds[name]) if self._milliseconds[name] else 0.0,
                )
                for name, read in self._read.items()
                if name not in self._failures
            ]

    def close(self) -> None:
        """Stop the thread; crops that wait are dropped. May be called twice."""
        if self._thread.is_alive():
            self._drop_waiting()
            self._queue.put(None)
            self._thread.join(timeout=2.0)

    def _drop_waiting(self) -> None:
        while True:
            try:
                self._queue.get_nowait()
            except queue.Empty:
                return
            self._queue.task_done()

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            stop = False
            while len(batch) < _BATCH and not self._queue.empty():
                item = self._queue.get()
                if item is None:
                    stop = True
                    self._queue.task_done()
                    break
                batch.append(item)
            self._read_batch(batch)
            for _ in batch:
                self._queue.task_done()
            if stop:
                return
        self._queue.task_done()

    def _read_batch(self, batch: Sequence[tuple[Slot, Pixels]]) -> None:
        crops = [crop for _, crop in batch]
        for name, network in self._networks.items():
            if name in self._failures:
                continue
            began = time.perf_counter()
            try:
                answers = network.read(crops)
            except NetworkError as error:
                with self._lock:
                    self._failures[name] = str(error)
                continue
            with self._lock:
                self._milliseconds[name].append((time.perf_counter() - began) * 1000 / len(crops))
                for (slot, _), probabilities in zip(batch, answers, strict=True):
                    self._read[name].setdefault(slot, []).append(probabilities)


def _mean(frames: Sequence[Probabilities]) -> Probabilities:
    columns = zip(*(frame.as_tuple() for frame in frames), strict=True)
    return Probabilities.from_sequence([statistics.fmean(column) for column in columns])
