"""What `calmline bench` measures with, on made-up or tiny things; nothing here depends on how fast the computer is."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bench.figures import ratio, timed, timing_of
from core.bench.grading import measure_grading, stand_in_for_ten
from core.bench.host import describe_host
from core.bench.process import footprint
from core.bench.record import measure_record
from core.bench.stages import measure_frames
from core.bench.webcam import FRAMES_PER_SECOND, JpegSource, Webcam, measure_decoding
from core.calibration.grader import CalibrationGrader
from core.calibration.machine import GRADED_TAKE, Slot
from core.candidates.registry import Candidate, read_registry
from core.method.emotion import Emotion
from core.sources.pictures import PicturesSource
from core.sources.source import SourceError, SourceProblem
from core.system.resources import ASSETS_FOLDER
from tests.doubles import FakeNetwork, grey_crop, sure_of
from tests.tiny_network import card_for, tiny_network, write_candidate

ACTOR = ASSETS_FOLDER / "actor" / "f_multi"


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60))
def test_a_median_lies_between_its_bounds_and_all_runs_are_counted(seconds: list[float]) -> None:
    timing = timing_of(seconds)
    assert min(seconds) * 1000 - 1e-3 <= timing.low_ms <= timing.median_ms <= timing.high_ms
    assert timing.high_ms <= max(seconds) * 1000 + 1e-3
    assert timing.runs == len(seconds)


def test_nothing_measured_is_no_timing() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        timing_of([])


def test_a_ratio_is_one_of_medians() -> None:
    assert ratio([10.0, 1.0, 30.0], [2.0, 2.0, 99.0]) == 5.0
    assert ratio([1.0], [0.0]) == 0.0


def test_what_is_timed_is_done_once_and_gives_its_result() -> None:
    taken: list[float] = []
    assert timed(lambda: "done", taken) == "done"
    assert len(taken) == 1


def test_the_actor_is_seen_as_by_a_webcam_and_begins_anew() -> None:
    source = JpegSource(ACTOR)
    source.open()
    shown = cv2.imread(str(ACTOR / "talk_a.jpg"))
    frame = source.frame_at(0.0)
    assert frame is not None
    assert shown is not None
    np.testing.assert_array_equal(frame.pixels, shown)
    for at, same in ((0.1, True), (0.3, False), (4 * (3.0 + 0.4 + 1.5 + 0.4), True)):
        pixels = source.frame_at(at + 0.01)
        assert pixels is not None
        assert np.array_equal(pixels.pixels, shown) is same
    assert not source.ended


def test_a_made_up_call_ends_after_its_seconds() -> None:
    source = JpegSource(ACTOR, seconds=1.0)
    source.open()
    assert source.frame_at(0.9) is not None
    assert source.frame_at(1.0) is None
    assert source.ended


def test_a_webcam_waits_for_each_frame_and_passes_over_those_that_nobody_took() -> None:
    webcam = Webcam(ACTOR)
    began = time.monotonic()
    for _ in range(6):
        assert webcam.grab()
    assert time.monotonic() - began >= 5 / FRAMES_PER_SECOND
    time.sleep(0.2)
    again = time.monotonic()
    webcam.grab()
    assert time.monotonic() - again < 2 / FRAMES_PER_SECOND, "it does not catch up"
    got, pixels = webcam.read()
    assert got
    assert pixels is not None
    assert pixels.shape == (480, 640, 3)


def test_decoding_every_frame_takes_a_share_of_a_core_that_is_no_less_than_that_of_a_frame_in_a_row() -> None:
    source, taken = JpegSource(ACTOR), list[float]()
    for number in range(30):
        began = time.thread_time()
        source.decoded(number / FRAMES_PER_SECOND)
        taken.append(time.thread_time() - began)
    share = measure_decoding(ACTOR, 1.0)
    assert 0.5 * min(taken) * FRAMES_PER_SECOND < share < 1


def test_a_folder_without_the_actors_frames_is_no_webcam(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        Webcam(tmp_path)
    assert raised.value.trouble is SourceProblem.UNREADABLE


@pytest.fixture
def candidates(tmp_path: Path) -> tuple[Candidate, ...]:
    """Two tiny candidates."""
    for name in ("tiny-1", "tiny-2"):
        content = tiny_network()
        write_candidate(tmp_path / "models", card_for(content, name), content)
    return read_registry(tmp_path / "models").candidates


def test_every_stage_and_every_candidate_meets_every_frame(candidates: tuple[Candidate, ...]) -> None:
    costs = measure_frames(JpegSource(ACTOR), candidates, 8)
    assert len(costs.frames) == len(costs.crops) == 8
    assert costs.crops[0].shape == (100, 100, 3)
    assert {timing.runs for timing in (costs.grab, costs.detect, costs.crop)} == {8}
    assert [cost.id for cost in costs.candidates] == ["tiny-1", "tiny-2"]
    for cost in costs.candidates:
        assert (cost.infer.runs, cost.frame_to_emotion.runs) == (8, 8)
        assert cost.frame_to_emotion.median_ms >= cost.infer.low_ms
        assert cost.load_ms > 0


def test_a_source_without_a_face_cannot_be_measured(candidates: tuple[Candidate, ...], tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((480, 640, 3), 90, np.uint8))
    with pytest.raises(SourceError, match="shows no face"):
        measure_frames(PicturesSource(tmp_path / "grey.png"), candidates, 5)


def test_ten_are_made_of_few_under_different_names(candidates: tuple[Candidate, ...]) -> None:
    alone = stand_in_for_ten(candidates)
    assert len({network.card.id for network in alone}) == len(alone) == 10
    assert sum(network.card.id.startswith("tiny-1") for network in alone) == 5
    with_heavy = stand_in_for_ten(candidates[:1], heavy=candidates[1])
    assert [network.card.id.startswith("tiny-2") for network in with_heavy] == [False] + [True] * 9


def test_the_ten_do_all_that_candidates_do_in_the_wizard(tmp_path: Path) -> None:
    content = tiny_network(outputs=2)
    write_candidate(tmp_path, card_for(content, "tiny-1", outputs=("probabilities", "feature_map")), content)
    grader = CalibrationGrader(stand_in_for_ten(read_registry(tmp_path).candidates))
    slot = Slot("smile", GRADED_TAKE, 1)
    for _ in range(10):
        grader.submit(slot, grey_crop())
    grader.wait()
    assert len(grader.examples([slot])) == 10
    assert all(looks for looks in grader.attributions([slot], grader.results([slot])).values())
    grader.close()


def test_grading_is_measured_on_all_faces_and_at_the_wizards_own_pace() -> None:
    waits: list[float] = []
    networks = [FakeNetwork(name, lambda crop: sure_of(Emotion.HAPPY)) for name in "ab"]
    cost = measure_grading(networks, [grey_crop(), grey_crop(9)], expressions=11, sleep=waits.append)
    assert (cost.candidates, cost.faces) == (2, 330)
    fitted = 11 * 10 + 3 * 60
    assert [sum(network.batches) for network in networks] == [330 + fitted + 60] * 2
    assert sum(waits) == pytest.approx(3.0 + 1.5 + 3.0)
    assert 0 < cost.verdict_after_last_s < 1
    assert not [thread for thread in threading.enumerate() if thread.name == "calmline-grader"]


def test_an_hour_in_the_record_is_as_large_as_its_rows(tmp_path: Path) -> None:
    cost = measure_record(tmp_path)
    assert 3600 * 5 * 8 < cost.bytes_per_hour < 3600 * 5 * 40
    assert cost.store.runs > 10


def test_a_process_tells_what_it_holds() -> None:
    before = footprint()
    assert before.python_threads == threading.active_count()
    assert before.resident_bytes is None or before.resident_bytes > 5_000_000
    with ExitStack() as files:
        for _ in range(7):
            files.enter_context(Path(__file__).open(encoding="utf-8"))
        after = footprint()
    if before.handles is not None and after.handles is not None:
        assert after.handles >= before.handles + 7


def test_the_host_is_described_without_naming_the_person_or_the_computer() -> None:
    import getpass
    import platform

    host = describe_host()
    assert {"measured_at", "system", "processor", "cores", "busy_before", "python", "packages", "commit"} == set(host)
    assert host["packages"]["textual"]
    told = " ".join(str(value) for value in host.values()).split()
    assert platform.node() not in told
    assert getpass.getuser() not in told
