"""How many threads a network reads with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.candidates.network import Network
from core.candidates.registry import Candidate, read_registry
from core.candidates.threads import ENOUGH_SECONDS, choose_threads, load_with_chosen_threads
from core.method.emotion import Emotion, Probabilities
from core.sources.source import Pixels
from tests.doubles import FakeNetwork, sure_of
from tests.tiny_network import card_for, tiny_network, write_candidate


class Watch:
    """Time that passes only while a network reads."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Computer:
    """Networks that take as long as the test says for each number of threads; the first reading takes longer."""

    def __init__(self, seconds: dict[int, float]) -> None:
        self.watch, self.loaded, self._seconds = Watch(), list[int](), seconds

    def load(self, threads: int) -> Network:
        self.loaded.append(threads)
        first = iter([10.0])

        def read(crop: Pixels) -> Probabilities:
            self.watch.seconds += self._seconds[threads] + next(first, 0.0)
            return sure_of(Emotion.HAPPY)

        return FakeNetwork("one", read)


@pytest.mark.parametrize(
    ("seconds", "cores", "chosen", "loaded"),
    [
        ({1: ENOUGH_SECONDS - 0.001}, 8, 1, [1]),
        ({1: 0.08, 2: 0.045}, 8, 2, [1, 2]),
        ({1: 0.3, 2: 0.2, 4: 0.12}, 4, 4, [1, 2, 4]),
        ({1: 0.3, 2: 0.2, 4: 0.25}, 4, 2, [1, 2, 4]),
        ({1: 0.3}, 1, 1, [1]),
        ({1: 0.2, 2: 0.2}, 3, 1, [1, 2]),
    ],
)
def test_the_fewest_threads_that_read_a_face_in_time_are_taken_else_the_fastest_number(
    seconds: dict[int, float], cores: int, chosen: int, loaded: list[int]
) -> None:
    computer = Computer(seconds)
    assert choose_threads(computer.load, cores, computer.watch) == chosen
    assert computer.loaded == loaded


class Remembered(dict[str, str]):
    """A record that counts how often something was written into it."""

    written = 0

    def setting(self, key: str, default: str) -> str:
        return self.get(key, default)

    def set_setting(self, key: str, value: str) -> None:
        self.written += 1
        self[key] = value


@pytest.fixture
def candidate(tmp_path: Path) -> Candidate:
    content = tiny_network()
    write_candidate(tmp_path, card_for(content), content)
    [only] = read_registry(tmp_path).candidates
    return only


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The numbers of threads that networks were loaded with."""
    seen: list[int] = []
    real = Candidate.load

    def load(self: Candidate, threads: int = 1) -> Network:
        seen.append(threads)
        return real(self, threads)

    monkeypatch.setattr(Candidate, "load", load)
    yield seen


def test_the_number_is_measured_once_and_then_remembered(candidate: Candidate, loads: Sequence[int]) -> None:
    memory = Remembered()
    load_with_chosen_threads(candidate, memory, cores=4)
    measured = len(loads)
    assert (measured, memory.written) == (2, 1)  # a tiny network is fast enough with one thread
    network = load_with_chosen_threads(candidate, memory, cores=4)
    assert (len(loads), memory.written) == (measured + 1, 1)
    assert network.card.id == candidate.card.id


def test_another_computer_or_another_network_is_measured_anew(candidate: Candidate) -> None:
    memory = Remembered()
    for cores in (1, 2, 8):
        load_with_chosen_threads(candidate, memory, cores=cores)
    assert memory.written == 3


@pytest.mark.parametrize("nonsense", ["0", "-1", "many", "99", "1.5", ""])
def test_nonsense_in_the_record_is_measured_anew(candidate: Candidate, nonsense: str) -> None:
    memory = Remembered()
    load_with_chosen_threads(candidate, memory, cores=2)
    [key] = memory
    memory[key] = nonsense
    load_with_chosen_threads(candidate, memory, cores=2)
    assert memory[key] == "1"
