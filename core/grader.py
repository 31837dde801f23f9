"""Reads captured crops with every candidate in the background, while the person goes on making faces.

Crops live only in this object's queue: each is read by all networks and dropped. Nothing of them is kept but numbers.
"""

from __future__ import annotations

import queue
import statistics
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.adapt.examples import Examples
from core.calibration import Slot
from core.candidate_reader import CandidateReader
from core.candidates.network import Network
from core.emotion import EMOTIONS, Emotion, Probabilities, expression_by_id
from core.explain.looking import Look
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
        self._readers = {network.card.id: CandidateReader(network) for network in networks}
        self._queue: queue.Queue[tuple[Slot, Pixels] | None] = queue.Queue()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="calmline-grader", daemon=True)
        self._thread.start()

    @property
    def failures(self) -> dict[str, str]:
        """Candidates whose network failed while reading, with the reason; they are left out of the results."""
        with self._lock:
            return {name: one.failure for name, one in self._readers.items() if one.failure is not None}

    @property
    def candidate_count(self) -> int:
        """How many candidates are still grading."""
        with self._lock:
            return len(self._working())

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
            read = [reader.probabilities(slot) for reader in self._working().values()]
            means = [_mean(frames) for frames in read if frames]
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
                                expression_by_id(slot.expression_id), reader.probabilities(slot), min_frames
                            )
                        )
                    },
                    reader.milliseconds_per_face,
                )
                for name, reader in self._working().items()
            ]

    def examples(self, slots: Sequence[Slot]) -> dict[str, Examples]:
        """These slots as examples for adaptation, by the id of each candidate that tells its features."""
        with self._lock:
            found = {name: reader.examples(slots) for name, reader in self._working().items()}
        return {name: examples for name, examples in found.items() if examples is not None}

    def looks(self, slots: Sequence[Slot], results: Iterable[CandidateResult]) -> dict[str, dict[str, Look]]:
        """By candidate and expression: where the network looked for what it took the expression for."""
        with self._lock:
            working = self._working()
            return {
                result.candidate_id: {
                    slot.expression_id: look
                    for slot in slots
                    if (graded := result.grades.get(slot.expression_id)) is not None
                    and (look := working[result.candidate_id].look(slot, graded.taken_for)) is not None
                }
                for result in results
                if result.candidate_id in working
            }

    def _working(self) -> dict[str, CandidateReader]:
        """The readers that have not failed."""
        return {name: reader for name, reader in self._readers.items() if reader.failure is None}

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
        for reader in self._readers.values():
            if self._closing.is_set():
                return
            if reader.failure is None:
                self._read_with(reader, slots, crops)

    def _read_with(self, reader: CandidateReader, slots: Sequence[Slot], crops: Sequence[Pixels]) -> None:
        try:
            numbers = reader.read(slots, crops)
        except Exception as error:  # noqa: BLE001 - whatever a candidate fails with, the others must go on reading
            with self._lock:
                reader.failure = str(error) or type(error).__name__
            return
        with self._lock:
            reader.keep(numbers)


def _mean(frames: Sequence[Probabilities]) -> Probabilities:
    columns = zip(*(frame.as_tuple() for frame in frames), strict=True)
    return Probabilities.from_sequence([statistics.fmean(column) for column in columns])
