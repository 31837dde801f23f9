from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from core.adapt.blend import PAIR
from core.calibration.grader import CLOSE_SECONDS, CalibrationGrader, _shares
from core.calibration.machine import Slot
from core.candidates.network import LiteRTNetwork, Network, NetworkError
from core.candidates.registry import read_registry
from core.candidates.runner import LiteRTRunner
from core.method.emotion import EMOTIONS, Emotion, Probabilities, expression_by_id
from core.method.grading import CandidateResult, Grade, grade_expression
from core.sources.source import Pixels
from core.system.resources import LANDMARKS_FOLDER
from tests.doubles import FakeNetwork, grey_crop, sure_of
from tests.tiny_network import card_for, tiny_network

SMILE, CRYING = Slot("smile", 2, 1), Slot("crying", 2, 1)


def by_brightness(crop: Pixels) -> Probabilities:
    """Brighter crops are happier, down to stress."""
    happy = float(crop.mean()) / 255
    return Probabilities.from_sequence([happy, 0.0, 1 - happy, 0.0])


def by_darkness(crop: Pixels) -> Probabilities:
    """The other way round."""
    return by_brightness(255 - crop)


def fails(crop: Pixels) -> Probabilities:
    raise NetworkError("it answered with nonsense")


class Gate:
    """A network that waits until it is let through."""

    def __init__(self) -> None:
        self.entered, self.opened = threading.Event(), threading.Event()

    def __call__(self, crop: Pixels) -> Probabilities:
        self.entered.set()
        assert self.opened.wait(30)
        return sure_of(Emotion.HAPPY)


Make = Callable[..., CalibrationGrader]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes graders and closes them."""
    graders: list[CalibrationGrader] = []

    def make_one(*networks: Network, threads: int | None = None) -> CalibrationGrader:
        graders.append(CalibrationGrader(networks, threads))
        return graders[-1]

    yield make_one
    for grader in graders:
        grader.close()


def _crops(values: range | list[int]) -> list[Pixels]:
    return [grey_crop(value) for value in values]


def _by_id(results: list[CandidateResult]) -> dict[str, CandidateResult]:
    return {result.candidate_id: result for result in results}


def test_the_results_are_those_of_grading_the_same_frames_directly(make: Make) -> None:
    grader = make(FakeNetwork("light", by_brightness), FakeNetwork("dark", by_darkness))
    frames = {SMILE: _crops(range(20, 250, 9)), CRYING: _crops(range(0, 120, 5))}
    for slot, crops in frames.items():
        for crop in crops:
            grader.submit(slot, crop)
    grader.wait()
    results = _by_id(grader.results([SMILE, CRYING]))
    for name, answer in (("light", by_brightness), ("dark", by_darkness)):
        assert dict(results[name].grades) == {
            slot.expression_id: grade_expression(expression_by_id(slot.expression_id), [answer(c) for c in crops])
            for slot, crops in frames.items()
        }
        assert results[name].milliseconds_per_face >= 0
    assert grader.pending == 0


def test_only_the_asked_slots_are_graded_so_takes_and_attempts_do_not_mix(make: Make) -> None:
    grader = make(FakeNetwork("light", by_brightness))
    for slot, value in ((Slot("smile", 1, 1), 0), (SMILE, 0), (Slot("smile", 1, 2), 0), (Slot("smile", 2, 2), 255)):
        for _ in range(12):
            grader.submit(slot, grey_crop(value))
    grader.wait()
    [first], [redone] = grader.results([SMILE]), grader.results([Slot("smile", 2, 2)])
    assert first.grades["smile"].grade is Grade.D
    assert redone.grades["smile"].grade is Grade.S
    assert redone.grades["smile"].frames == 12


def test_a_slot_without_crops_is_no_expression_and_one_with_few_has_no_grade(make: Make) -> None:
    grader = make(FakeNetwork("light", by_brightness))
    for _ in range(9):
        grader.submit(SMILE, grey_crop(255))
    grader.wait()
    [result] = grader.results([SMILE, CRYING])
    assert list(result.grades) == ["smile"]
    assert (result.grades["smile"].grade, result.best_possible) == (None, 0)
    [anyway] = grader.results([SMILE], min_frames=1)
    assert anyway.grades["smile"].grade is Grade.S


def test_feedback_is_the_mean_and_the_vote_of_all_candidates(make: Make) -> None:
    grader = make(*(FakeNetwork(name, by_brightness) for name in "ab"), FakeNetwork("c", by_darkness))
    assert grader.feedback(SMILE) is None
    for value in (204, 255):
        grader.submit(SMILE, grey_crop(value))
    grader.wait()
    feedback = grader.feedback(SMILE)
    assert feedback is not None
    assert feedback.votes == {**dict.fromkeys(EMOTIONS, 0), Emotion.HAPPY: 2, Emotion.STRESS: 1}
    assert feedback.mean.happy == pytest.approx((0.9 + 0.9 + 0.1) / 3)
    assert feedback.favourite is Emotion.HAPPY


def raises_value_error(crop: Pixels) -> Probabilities:
    raise ValueError("something that nobody thought of")


def raises_without_words(crop: Pixels) -> Probabilities:
    raise RuntimeError


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (fails, "it answered with nonsense"),
        (raises_value_error, "something that nobody thought of"),
        (raises_without_words, "RuntimeError"),
    ],
)
def test_a_candidate_that_fails_is_left_out_with_its_reason_and_the_rest_goes_on(
    make: Make, broken: Callable[[Pixels], Probabilities], reason: str
) -> None:
    calls = 0

    def breaks_later(crop: Pixels) -> Probabilities:
        nonlocal calls
        calls += 1
        return broken(crop) if calls > 3 else sure_of(Emotion.SURPRISE)

    grader = make(FakeNetwork("broken", breaks_later), FakeNetwork("light", by_brightness))
    for _ in range(12):
        grader.submit(SMILE, grey_crop(255))
        grader.wait()
    assert grader.failures == {"broken": reason}
    assert len(grader.cards) == 1
    assert [result.candidate_id for result in grader.results([SMILE])] == ["light"]
    feedback = grader.feedback(SMILE)
    assert feedback is not None
    assert sum(feedback.votes.values()) == 1
    assert calls == 4


def test_a_candidate_that_answers_fewer_faces_than_asked_is_left_out(make: Make) -> None:
    class Short(FakeNetwork):
        def read(self, crops: Sequence[Pixels]) -> list[Probabilities]:
            return super().read(crops)[1:]

    grader = make(Short("short", by_brightness), FakeNetwork("light", by_brightness))
    grader.submit(SMILE, grey_crop(255))
    grader.wait()
    assert list(grader.failures) == ["short"]
    assert len(grader.cards) == 1


def test_a_personal_network_has_no_say_before_it_is_tuned(make: Make) -> None:
    [landmarks] = read_registry(LANDMARKS_FOLDER).personal
    grader = make(landmarks.load(), FakeNetwork("light", by_brightness))
    for _ in range(2):
        grader.submit(SMILE, grey_crop(200))
    grader.wait()
    assert [result.candidate_id for result in grader.results([SMILE])] == ["light"]
    feedback = grader.feedback(SMILE)
    assert feedback is not None
    assert sum(feedback.votes.values()) == 1
    assert list(grader.attributions([SMILE], grader.results([SMILE]))) == ["light"]
    assert set(grader.cards) == set(grader.milliseconds) == {"landmarks", "light"}
    assert grader.examples([SMILE])["landmarks"].pooled.shape == (2, 52)


def test_crops_that_queue_up_are_read_in_batches_and_none_is_lost(make: Make) -> None:
    gate = Gate()
    network = FakeNetwork("slow", gate)
    grader = make(network)
    for _ in range(30):
        grader.submit(SMILE, grey_crop())
    assert gate.entered.wait(10)
    gate.opened.set()
    grader.wait()
    assert sum(network.batches) == 30
    assert max(network.batches) == 8


def test_no_crop_outlives_its_reading(make: Make) -> None:
    grader = make(FakeNetwork("light", by_brightness), FakeNetwork("broken", fails))
    crops = _crops(range(40))
    watched = [weakref.ref(crop) for crop in crops]
    for crop in crops:
        grader.submit(SMILE, crop)
    del crop, crops
    grader.wait()
    gc.collect()
    assert [ref() for ref in watched] == [None] * 40
    [result] = grader.results([SMILE])
    assert result.grades["smile"].frames == 40


def test_closing_drops_what_waits_within_two_seconds_and_lets_go_of_it(make: Make) -> None:
    gate = Gate()
    second = FakeNetwork("second", by_brightness)
    grader = make(FakeNetwork("slow", gate), second, threads=1)
    crops = [np.zeros((100, 100, 3), np.uint8) for _ in range(200)]
    watched = [weakref.ref(crop) for crop in crops]
    for crop in crops:
        grader.submit(SMILE, crop)
    del crop, crops
    assert gate.entered.wait(10)
    closer = threading.Thread(target=grader.close)
    began = time.monotonic()
    closer.start()
    while grader.pending > 9:  # what waited is dropped while the slow network still reads
        assert time.monotonic() - began < 10
    gate.opened.set()
    closer.join(10)
    assert time.monotonic() - began < CLOSE_SECONDS
    grader.wait()
    gc.collect()
    assert [ref() for ref in watched] == [None] * 200
    assert second.batches == []


def test_a_closed_grader_takes_no_more_crops_and_can_be_closed_and_waited_for_again(make: Make) -> None:
    grader = make(FakeNetwork("light", by_brightness))
    for _ in range(10):
        grader.submit(SMILE, grey_crop(255))
    grader.wait()
    grader.close()
    grader.close()
    grader.submit(SMILE, grey_crop(255))
    grader.wait()
    assert grader.pending == 0
    [result] = grader.results([SMILE])
    assert (result.score, result.grades["smile"].frames) == (10, 10)


def test_after_closing_no_thread_is_left(make: Make) -> None:
    grader = make(FakeNetwork("light", by_brightness))
    assert any(thread.name == "calmline-grader" for thread in threading.enumerate())
    grader.close()
    assert not any(thread.name == "calmline-grader" for thread in threading.enumerate())


def test_without_candidates_crops_are_dropped_and_there_is_no_result(make: Make) -> None:
    grader = make()
    grader.submit(SMILE, grey_crop())
    grader.wait()
    assert (grader.results([SMILE]), grader.feedback(SMILE), grader.cards) == ([], None, {})


def test_a_slow_network_holds_up_only_those_that_share_its_thread(make: Make) -> None:
    gate = Gate()
    fast = FakeNetwork("fast", by_brightness)
    grader = make(FakeNetwork("slow", gate), fast, threads=2)
    for _ in range(20):
        grader.submit(SMILE, grey_crop(255))
    assert gate.entered.wait(10)
    while sum(fast.batches) < 20:
        threading.Event().wait(0.001)
    assert grader.pending == 20
    gate.opened.set()
    grader.wait()
    assert {result.candidate_id for result in grader.results([SMILE])} == {"slow", "fast"}


@pytest.mark.parametrize(("networks", "threads", "expected"), [(10, 2, 2), (3, 4, 3), (1, 2, 1), (0, 2, 1), (9, 4, 4)])
def test_networks_are_dealt_out_to_as_many_threads_as_are_of_use(
    make: Make, networks: int, threads: int, expected: int
) -> None:
    grader = make(*(FakeNetwork(f"n-{number}", by_brightness) for number in range(networks)), threads=threads)
    running = [thread for thread in threading.enumerate() if thread.name == "calmline-grader"]
    assert len(running) == expected
    for _ in range(10):
        grader.submit(SMILE, grey_crop(255))
    grader.wait()
    results = grader.results([SMILE])
    assert len(results) == networks
    assert all(result.grades["smile"].frames == 10 for result in results)


def test_large_and_small_networks_are_shared_out_evenly() -> None:
    sizes = {
        f"{kind}-{number}": size for kind, size in (("small", 2_000_000), ("large", 24_000_000)) for number in range(4)
    }
    shares = _shares(sizes, 2)
    assert sorted(name for share in shares for name in share) == sorted(sizes)
    assert [sum(name.startswith("large") for name in share) for share in shares] == [2, 2]


def test_a_network_that_rests_holds_no_memory_and_reads_the_same_when_it_wakes(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.calibration.lane.REST_SECONDS", 0.05)
    content = tiny_network(grid=4, outputs=2)
    card = card_for(content, outputs=("probabilities", "feature_map"))
    network = LiteRTNetwork(card, content, reread=lambda: content)
    grader = make(network)

    def read(attempt: int) -> list[CandidateResult]:
        for value in range(0, 240, 10):
            grader.submit(Slot("smile", 2, attempt), grey_crop(value))
        grader.wait()
        return grader.results([Slot("smile", 2, attempt)])

    first, runner = read(1), network._runner
    assert isinstance(runner, LiteRTRunner)
    until = time.monotonic() + 20
    while runner._interpreter is not None:
        assert time.monotonic() < until, "it never rests"
        threading.Event().wait(0.01)
    assert not isinstance(vars(network._runner)["_content"], bytes), "nor the file's bytes"
    again = read(2)
    assert [result.grades for result in again] == [result.grades for result in first]
    assert runner._interpreter is not None


def test_networks_let_go_of_their_memory_at_once_where_nothing_more_is_to_come(make: Make) -> None:
    content = tiny_network(grid=4, outputs=2)
    network = LiteRTNetwork(card_for(content, outputs=("probabilities", "feature_map")), content)
    grader = make(network)
    for value in range(0, 240, 10):
        grader.submit(Slot("smile", 2, 1), grey_crop(value))
    grader.rest()
    grader.wait()
    runner = network._runner
    assert isinstance(runner, LiteRTRunner)
    assert runner._interpreter is None
    [result] = grader.results([Slot("smile", 2, 1)])
    assert result.grades["smile"].frames == 24, "but not before all was read"


def test_features_are_kept_of_the_networks_that_are_read_together_and_of_no_others(make: Make) -> None:
    content = tiny_network(grid=4, outputs=2)
    ids = (*PAIR, "inceptionv3-1")
    grader = make(
        *(LiteRTNetwork(card_for(content, name, outputs=("probabilities", "feature_map")), content) for name in ids)
    )
    grader.submit(SMILE, grey_crop(200))
    grader.wait()
    widths = {name: examples.pooled.shape[1] for name, examples in grader.examples([SMILE]).items()}
    assert widths == {PAIR[0]: 3, PAIR[1]: 3, "inceptionv3-1": 0}


def test_a_grader_that_is_closed_holds_no_network_s_memory_at_once(make: Make) -> None:
    content = tiny_network(grid=4, outputs=2)
    card = card_for(content, outputs=("probabilities", "feature_map"))
    network = LiteRTNetwork(card, content, reread=lambda: content)
    grader = make(network)
    grader.submit(SMILE, grey_crop(200))
    grader.wait()
    runner = network._runner
    assert isinstance(runner, LiteRTRunner)
    assert runner._interpreter is not None
    grader.close()
    assert runner._interpreter is None
    assert len(grader.results([SMILE])) == 1


def test_the_result_of_a_take_is_told_once_all_of_it_has_been_read_with_the_grades(make: Make) -> None:
    gate = Gate()
    grader = make(FakeNetwork("waits", gate))
    for crop in _crops(range(0, 240, 10)):
        grader.submit(SMILE, crop)
    assert gate.entered.wait(20)
    assert grader.feedback(SMILE) is None
    gate.opened.set()
    grader.wait()
    feedback = grader.feedback(SMILE)
    assert feedback is not None
    assert feedback.grades == {Grade.S: 1}
