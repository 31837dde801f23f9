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
from core.candidates.network import Network
from core.emotion import EMOTIONS, Emotion, Probabilities, expression_by_id
from core.grading import MIN_FRAMES, CandidateResult, grade_expression
from core.sources.source import Pixels

_BATCH = 8
"""Crops read at once: small enough that live feedback stays live."""

CLOSE_SECONDS = 2.0
"""How long `close` waits for the network that is reading just now; the program must end within this."""


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
        self._closing = threading.Event()
        self._read: dict[str, dict[Slot, list[Probabilities]]] = {name: {} for name in self._networks}
        self._milliseconds: dict[str, list[float]] = {name: [] for name in self._networks}
        self._failures: dict[str, str] = {}
        self._thread = threading.Thread(target=self._work, name="calmline-grader", daemon=True)
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
        with self._lock:
            if not self._closing.is_set():
                self._queue.put((slot, crop))

    def wait(self) -> None:
        """Return when every submitted crop has been read, or dropped by `close`."""
        self._queue.join()

    @property
    def pending(self) -> int:
        """Crops not yet read."""
        return self._queue.unfinished_tasks

    def feedback(self, slot: Slot) -> Feedback | None:
        """How this slot reads so far by the candidates that have not failed; None before the first crop."""
        with self._lock:
            means = [
                _mean(read[slot]) for name, read in self._read.items() if read.get(slot) and name not in self._failures
            ]
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
        """Stop the thread; crops that wait are dropped, and so are crops submitted later. May be called twice."""
        with self._lock:
            first = not self._closing.is_set()
            self._closing.set()
        if first:  # a second caller could drop the None that ends the thread
            self._drop_waiting()
            self._queue.put(None)
        self._thread.join(timeout=CLOSE_SECONDS)

    def _drop_waiting(self) -> None:
        while True:
            try:
                self._queue.get_nowait()
            except queue.Empty:
                return
            self._queue.task_done()

    def _work(self) -> None:
        while self._read_waiting():
            pass

    def _read_waiting(self) -> bool:
        """Read what waits, one batch at most; False when the thread shall end.

        A call of its own for each batch, so that no crop lives on in a local variable while the thread waits.
        """
        batch = [self._queue.get()]
        while batch[-1] is not None and len(batch) < _BATCH:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        captured = [item for item in batch if item is not None]
        if captured:
            self._read_batch([slot for slot, _ in captured], [crop for _, crop in captured])
        for _ in batch:
            self._queue.task_done()
        return len(captured) == len(batch)

    def _read_batch(self, slots: Sequence[Slot], crops: Sequence[Pixels]) -> None:
        for name, network in self._networks.items():
            if self._closing.is_set():
                return
            if name not in self._failures:
                self._read_with(name, network, slots, crops)

    def _read_with(self, name: str, network: Network, slots: Sequence[Slot], crops: Sequence[Pixels]) -> None:
        began = time.perf_counter()
        try:
            read = list(zip(slots, network.read(crops), strict=True))
        except Exception as error:  # noqa: BLE001 - whatever a candidate fails with, the others must go on reading
            with self._lock:
                self._failures[name] = str(error) or type(error).__name__
            return
        with self._lock:
            self._milliseconds[name].append((time.perf_counter() - began) * 1000 / len(crops))
            for slot, probabilities in read:
                self._read[name].setdefault(slot, []).append(probabilities)


def _mean(frames: Sequence[Probabilities]) -> Probabilities:
    columns = zip(*(frame.as_tuple() for frame in frames), strict=True)
    return Probabilities.from_sequence([statistics.fmean(column) for column in columns])
