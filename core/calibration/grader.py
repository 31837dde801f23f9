"""Reads captured crops with every candidate in the background, while the person goes on making faces.

Crops live only in this object's queue: each is read by all networks and dropped. Nothing of them is kept but numbers.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from core.adapt.blend import blended_ids
from core.adapt.examples import Examples
from core.calibration.lane import Captured, Lane
from core.calibration.machine import Slot
from core.calibration.reader import CandidateReader
from core.candidates.card import Card
from core.candidates.network import Network
from core.explain.attribution import Attribution
from core.method.emotion import EMOTIONS, Emotion, Probabilities, expression_by_id
from core.method.grading import MIN_FRAMES, CandidateResult, Grade, grade_expression, grade_frames
from core.sources.source import Pixels
from core.system.memory import give_free_memory_back

_MOST_LANES = 4
"""More threads than this would take the computer from the person who uses it."""

CLOSE_SECONDS = 2.0
"""How long `close` waits for the network that is reading just now; the program must end within this."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """How the candidates read a slot: mean probabilities, how many of them favour each emotion, and how many grade it so."""

    mean: Probabilities
    votes: dict[Emotion, int]
    grades: dict[Grade, int]

    @property
    def favourite(self) -> Emotion:
        """The emotion with the highest mean probability."""
        return self.mean.best


class CalibrationGrader:
    """Grades calibration frames in the background, on as many threads as there are cores. Call `close` when done."""

    def __init__(self, networks: Sequence[Network], threads: int | None = None) -> None:
        """Reads every crop with each of `networks`, which from now on belong to this object's threads.

        `threads`: how many; one per core, and no more than networks, where it is None.
        """
        offered = sorted(network.card.id for network in networks if not network.card.is_personal)
        learnt_from = {*blended_ids(offered), *(network.card.id for network in networks if network.card.is_personal)}
        self._readers = {
            one.card.id: CandidateReader(one, keeps_features=one.card.id in learnt_from) for one in networks
        }
        self._lock = threading.Lock()
        self._closing = threading.Event()
        sizes = {network.card.id: network.card.size_bytes for network in networks}
        shares = _shares(sizes, threads or min(os.cpu_count() or 1, _MOST_LANES))
        self._lanes = [Lane(partial(self._read_batch, share), partial(self._rest, share)) for share in shares]

    @property
    def failures(self) -> dict[str, str]:
        """Candidates whose network failed while reading, with the reason; they are left out of the results."""
        with self._lock:
            return {name: one.failure for name, one in self._readers.items() if one.failure is not None}

    @property
    def cards(self) -> dict[str, Card]:
        """The cards of what has not failed, by id, personal networks included."""
        with self._lock:
            return {name: reader.card for name, reader in self._working().items()}

    @property
    def milliseconds(self) -> dict[str, float]:
        """What a face costs each of them."""
        with self._lock:
            return {name: reader.milliseconds_per_face for name, reader in self._working().items()}

    def submit(self, slot: Slot, crop: Pixels) -> None:
        """Queue one crop (100 x 100 x 3 uint8 BGR); the caller must not change it afterwards."""
        with self._lock:
            if not self._closing.is_set():
                for lane in self._lanes:
                    lane.put((slot, crop))

    def rest(self) -> None:
        """Let the networks go of their memory once all is read: no crop is to come for now. The next one takes it again."""
        with self._lock:
            if not self._closing.is_set():
                for lane in self._lanes:
                    lane.rest()

    def wait(self) -> None:
        """Return when every submitted crop has been read, or dropped by `close`."""
        for lane in self._lanes:
            lane.wait()

    @property
    def pending(self) -> int:
        """Crops not yet read by every network."""
        return max(lane.pending for lane in self._lanes)

    def feedback(self, slot: Slot) -> Feedback | None:
        """How this slot reads by the candidates that have not failed; None before all of its crops have been read."""
        if self.pending:
            return None
        with self._lock:
            read = [reader.probabilities(slot) for reader in self._offered().values()]
            means = [_mean(frames) for frames in read if frames]
        if not means:
            return None
        votes = {emotion: sum(mean.best is emotion for mean in means) for emotion in EMOTIONS}
        graded = [grade_expression(expression_by_id(slot.expression_id), frames) for frames in read if slot.graded]
        letters = [one.grade for one in graded if one is not None and one.grade is not None]
        return Feedback(_mean(means), votes, {grade: letters.count(grade) for grade in Grade if grade in letters})

    def results(self, slots: Iterable[Slot], min_frames: int = MIN_FRAMES) -> list[CandidateResult]:
        """Grade these slots for every candidate that reads as it comes; one slot per expression."""
        wanted = list(slots)
        with self._lock:
            return [
                grade_frames(
                    name,
                    [(expression_by_id(slot.expression_id), reader.probabilities(slot)) for slot in wanted],
                    [reader.milliseconds_per_face],
                    min_frames,
                )
                for name, reader in self._offered().items()
            ]

    def examples(self, slots: Sequence[Slot]) -> dict[str, Examples]:
        """These slots as examples for adaptation, by the id of each candidate that tells its features."""
        with self._lock:
            found = {name: reader.examples(slots) for name, reader in self._working().items()}
        return {name: examples for name, examples in found.items() if examples is not None}

    def attributions(
        self, slots: Sequence[Slot], results: Iterable[CandidateResult]
    ) -> dict[str, dict[str, Attribution]]:
        """By candidate and expression: where the network looked for what it took the expression for."""
        with self._lock:
            working = self._working()
            return {
                result.candidate_id: {
                    slot.expression_id: attribution
                    for slot in slots
                    if (graded := result.grades.get(slot.expression_id)) is not None
                    and (attribution := working[result.candidate_id].attribution(slot, graded.taken_for)) is not None
                }
                for result in results
                if result.candidate_id in working
            }

    def _working(self) -> dict[str, CandidateReader]:
        """The readers that have not failed."""
        return {name: reader for name, reader in self._readers.items() if reader.failure is None}

    def _offered(self) -> dict[str, CandidateReader]:
        """Those of them that read as they come."""
        return {name: reader for name, reader in self._working().items() if not reader.card.is_personal}

    def close(self) -> None:
        """Stop the threads; crops that wait are dropped, and so are crops submitted later. May be called twice."""
        with self._lock:
            first = not self._closing.is_set()
            self._closing.set()
        if first:  # a second caller could drop the order that ends a thread
            for lane in self._lanes:
                lane.end()
        latest = time.monotonic() + CLOSE_SECONDS
        for lane in self._lanes:
            lane.join(max(0.0, latest - time.monotonic()))

    def _read_batch(self, names: Sequence[str], captured: Sequence[Captured]) -> None:
        slots, crops = [slot for slot, _ in captured], [crop for _, crop in captured]
        for name in names:
            if self._closing.is_set():
                return
            reader = self._readers[name]
            if reader.failure is None:
                self._read_with(reader, slots, crops)

    def _rest(self, names: Sequence[str]) -> None:
        for name in names:
            self._readers[name].rest()
        give_free_memory_back()

    def _read_with(self, reader: CandidateReader, slots: Sequence[Slot], crops: Sequence[Pixels]) -> None:
        try:
            numbers = reader.read(slots, crops)
        except Exception as error:  # noqa: BLE001 - whatever a candidate fails with, the others must go on reading
            with self._lock:
                reader.failure = str(error) or type(error).__name__
            return
        with self._lock:
            reader.keep(numbers)


def _shares(sizes: Mapping[str, int], threads: int) -> list[list[str]]:
    """The networks' names for each thread: dealt out by the size of their files, there and back, largest first."""
    lanes = max(1, min(threads, len(sizes)))
    shares: list[list[str]] = [[] for _ in range(lanes)]
    for number, name in enumerate(sorted(sizes, key=lambda name: -sizes[name])):
        there, place = divmod(number, lanes)
        shares[place if there % 2 == 0 else lanes - 1 - place].append(name)
    return shares


def _mean(frames: Sequence[Probabilities]) -> Probabilities:
    columns = zip(*(frame.as_tuple() for frame in frames), strict=True)
    return Probabilities.from_sequence([statistics.fmean(column) for column in columns])
