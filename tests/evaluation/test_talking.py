"""Talking faces: what is read in them, and the table that a reader of one's own must pass."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.cli.main import run
from core.adapt.blend import PAIR, Blend, Floats, untuned
from core.adapt.examples import Examples, join, read_examples
from core.adapt.fitting import fit_blend
from core.candidates.network import LiteRTNetwork
from core.candidates.registry import read_registry
from core.evaluation.talking import evaluate_utterance
from core.evaluation.utterances import Utterance, read_utterances
from core.face.checked import CheckedFaceFinder
from core.face.crop import mirrored
from core.face.haar import HaarFaceFinder
from core.method.emotion import EMOTIONS, EXPRESSIONS, Emotion, Outcome, Probabilities
from core.method.level import next_level
from core.monitoring.memory import ReadingMemory
from core.monitoring.pipeline import FaceTracker, Pipeline
from core.sources.actor import DemoActor, list_actors
from core.sources.source import Pixels
from core.sources.speech import Manner
from core.sources.video import VideoSource
from core.system.resources import ASSETS_FOLDER, MODELS_FOLDER
from tests.doubles import FakeNetwork
from tests.tiny_network import card_for, tiny_network, write_candidate

RATE = 5
SHARED = Path(os.environ.get("CALMLINE_SHARED", Path(__file__).parents[3] / "shared"))


@pytest.fixture(scope="module")
def pair() -> list[LiteRTNetwork]:
    registry = read_registry(MODELS_FOLDER)
    return [found.load() for name in PAIR if (found := registry.find(name)) is not None]


def crops_of(actor: DemoActor, begin: Callable[[], None], seconds: float, since: float = 1.0) -> list[Pixels]:
    tracker = FaceTracker(HaarFaceFinder())
    actor.open()
    actor.frame_at(0.0)
    begin()
    moments = [since + number / RATE for number in range(round(seconds * RATE))]
    return [crop for at in moments if (frame := actor.frame_at(at)) and (crop := tracker.crop(frame)) is not None]


def talk(name: str, manner: Manner, seed: int) -> list[Pixels]:
    actor = DemoActor(ASSETS_FOLDER / "actor" / name, seed=seed)
    return crops_of(actor, lambda: actor.perform_talk(manner), 6.0)


def outcomes_of(read: Callable[[Sequence[Pixels]], Floats], crops: Sequence[Pixels]) -> list[Outcome]:
    """As a call reads: over the last second, every second face in a mirror."""
    memory = ReadingMemory(1.0)
    seen = [mirrored(crop) if number % 2 else crop for number, crop in enumerate(crops)]
    rows = [Probabilities.from_sequence(row) for row in read(seen).tolist()]
    return [memory.mean_with(number / RATE, row).outcome() for number, row in enumerate(rows)]


RIGHT = {
    Manner.CALM: (Outcome.NEUTRAL, 0.92),
    Manner.SMILING: (Outcome.HAPPY, 0.8),
    Manner.FROWNING: (Outcome.STRESS, 0.8),
    Manner.ANGRY: (Outcome.STRESS, 0.8),
}


def complaints(name: str, read: Callable[[Sequence[Pixels]], Floats]) -> list[str]:
    """What is wrong with how a reader of one's own reads the actor's talking; nothing where it passes the table."""
    found = []
    for manner, (outcome, least) in RIGHT.items():
        outcomes = outcomes_of(read, talk(name, manner, seed=5))
        share = outcomes.count(outcome) / len(outcomes)
        found += [f"{manner}: {share:.0%} {outcome}"] if share < least else []
        if manner is Manner.CALM:
            strain, level = outcomes.count(Outcome.STRESS) / len(outcomes), 0
            for number in range(600 * RATE):
                level = next_level(level, outcomes[number % len(outcomes)])
            found += [f"calm: {strain:.0%} stress"] if strain > 0.02 else []
            found += [f"calm: level {level}"] if not -500 <= level <= 300 else []
    return found


def tuned_to(name: str, pair: Sequence[LiteRTNetwork]) -> Callable[[Sequence[Pixels]], Floats]:
    """The pair tuned to an actor's eleven expressions and to another clip of their calm talk."""
    actor = DemoActor(ASSETS_FOLDER / "actor" / name, seed=0)
    shown = {one.id: crops_of(actor, lambda one=one: actor.perform(one), 1.6) for one in EXPRESSIONS}  # type: ignore[misc]  # the loop's own
    shown["calm_text"] = talk(name, Manner.CALM, seed=0)
    blend = fit_blend([network.card for network in pair], [read_examples(network, shown) for network in pair])
    return lambda crops: read_by(blend, [read_examples(network, {"calm_text": crops}) for network in pair])


def read_by(blend: Blend, read: Sequence[Examples]) -> Floats:
    """As a call reads: what the second network has read stands for two faces."""
    first, *others = read
    standing = [first, *(one.take(np.arange(len(one)) // 2 * 2) for one in others)]
    return blend.apply([one.probabilities for one in standing], [one.pooled for one in standing])


@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["f_easian", "m_white"])
def test_the_reader_tuned_to_an_actor_reads_calm_smiling_frowning_and_angry_talk(
    name: str, pair: list[LiteRTNetwork]
) -> None:
    assert complaints(name, tuned_to(name, pair)) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", list_actors(ASSETS_FOLDER))
def test_the_table_holds_for_every_actor(name: str, pair: list[LiteRTNetwork]) -> None:
    assert complaints(name, tuned_to(name, pair)) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_untuned_the_pair_reads_three_quarters_of_calm_talk_as_neutral_and_hardly_any_as_strain(
    pair: list[LiteRTNetwork],
) -> None:
    blend = untuned([network.card for network in pair])
    outcomes: list[Outcome] = []
    for name in list_actors(ASSETS_FOLDER):
        for seed in (0, 5):
            crops = talk(name, Manner.CALM, seed)
            outcomes += outcomes_of(
                lambda crops: read_by(blend, [read_examples(network, {"calm_text": crops}) for network in pair]), crops
            )
    assert outcomes.count(Outcome.NEUTRAL) >= 0.75 * len(outcomes)
    assert outcomes.count(Outcome.STRESS) <= 0.05 * len(outcomes)


@pytest.mark.thorough
@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "clips" / "talk_garden.mp4").is_file(), reason="the shared clips are not here")
@pytest.mark.parametrize(
    ("clip", "start", "end", "neutral", "stress"),
    [("talk_garden.mp4", 0.0, None, 0.9, 0.05), ("talk_office.mp4", 0.4, 6.0, 0.5, 0.2)],
)
def test_two_calm_talkers_are_read_untuned_as_the_evidence_says(
    pair: list[LiteRTNetwork], clip: str, start: float, end: float | None, neutral: float, stress: float
) -> None:
    utterance = Utterance(clip, SHARED / "clips" / clip, start, end, (Emotion.NEUTRAL,))
    *_, together = evaluate_utterance(utterance, pair)
    assert (together.reader, together.memory_s) == ("+".join(PAIR), 1.0)
    assert together.shares[Outcome.NEUTRAL] >= neutral
    assert together.shares[Outcome.STRESS] <= stress


@pytest.mark.thorough
@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "clips" / "talk_garden.mp4").is_file(), reason="the shared clips are not here")
@pytest.mark.parametrize("row", ["talk_garden.mp4,,,neutral", "talk_office.mp4,0.4,6.0,neutral"])
def test_tuned_to_their_first_half_two_calm_talkers_are_calm_in_the_second(
    row: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text(f"file,start_s,end_s,label\n{SHARED / 'clips'}/{row}\n", encoding="utf-8")
    chosen = [word for name in PAIR for word in ("--candidate", name)]
    assert run(["networks", "evaluate", "talking", str(listed), "--fit-first-half", "--format", "json", *chosen]) == 0
    [tuned] = [one for one in json.loads(capsys.readouterr().out) if one["fitted"] and one["memory_s"] == 1.0]
    assert tuned["neutral"] >= 0.8
    assert tuned["stress"] <= 0.08
    assert -0.5 <= tuned["level_10_min"] <= 0.3


def test_a_reader_that_always_says_neutral_fails_the_table() -> None:
    row = np.array([0.01, 0.97, 0.01, 0.01])
    wrong = complaints("f_easian", lambda crops: np.tile(row, (len(crops), 1)))
    assert len(wrong) == 3, "all but calm talk"


# -- the command ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Four seconds of the actor's calm talk as a video, in a list; and two tiny networks."""
    actor = DemoActor(ASSETS_FOLDER / "actor" / "m_multi", seed=2)
    actor.open()
    actor.frame_at(0.0)
    actor.perform_talk(Manner.CALM)
    writer = cv2.VideoWriter(str(tmp_path / "talk.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (640, 480))
    for number in range(40):
        frame = actor.frame_at(number / 10)
        assert frame is not None
        writer.write(frame.pixels)
    writer.release()
    (tmp_path / "list.csv").write_text("file,start_s,end_s,label\ntalk.avi,0.5,3.5,neutral\n", encoding="utf-8")
    for number, bias in enumerate(((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 9.0, 0.0)), start=1):
        content = tiny_network(outputs=2, bias=bias)
        card = card_for(content, f"tiny-{number}", outputs=("probabilities", "feature_map"))
        write_candidate(tmp_path / "models", card, content)
    return tmp_path / "list.csv"


FIELDS = ["file", "reader", "memory_s", "fitted", *(outcome.value for outcome in Outcome), "level_10_min"]


def rows_of(clip: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    models = str(clip.parent / "models")
    assert (
        run(["--only-models", models, "networks", "evaluate", "talking", str(clip), "--format", "json", *arguments])
        == 0
    )
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def test_every_reader_is_judged_with_and_without_memory(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = rows_of(clip, capsys)
    assert [(row["reader"], row["memory_s"]) for row in rows] == [
        (reader, memory) for reader in ("tiny-1", "tiny-2", "tiny-1+tiny-2") for memory in (0.0, 1.0)
    ]
    assert all(list(row) == FIELDS for row in rows)
    for row in rows:
        assert not row["fitted"]
        assert sum(row[outcome.value] for outcome in Outcome) == pytest.approx(1, abs=1e-3)
    strained = next(row for row in rows if row["reader"] == "tiny-2")
    assert strained["stress"] == 1.0
    assert strained["level_10_min"] == pytest.approx(600 * 5 * 0.02), "it climbs by a fiftieth with every reading"


def test_what_is_evaluated_is_read_as_a_call_reads_it(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each face as it is and every second one in a mirror: the very crops that a call's pipeline gives its network."""
    utterance = Utterance("talk.avi", clip.parent / "talk.avi", 0.5, 3.5, (Emotion.NEUTRAL,))
    batches: list[list[Pixels]] = []

    def keep(network: LiteRTNetwork, crops: Mapping[str, Sequence[Pixels]]) -> Examples:
        batches.append(list(crops["calm_text"]))
        return read_examples(network, crops)

    monkeypatch.setattr("core.evaluation.talking.read_examples", keep)
    [first, _second] = read_registry(clip.parent / "models").candidates
    list(evaluate_utterance(utterance, [first.load()]))
    seen: list[Pixels] = []

    def look(crop: Pixels) -> Probabilities:
        seen.append(crop)
        return Probabilities(0.1, 0.7, 0.1, 0.1)

    source = VideoSource(utterance.path)
    pipeline = Pipeline(FaceTracker(CheckedFaceFinder()), FakeNetwork("one", look), memory_seconds=1.0)
    source.open()
    for number in range(15):
        pipeline.read(source.frame_at(0.5 + number / RATE))
    source.close()
    as_they_are, in_mirror = batches
    assert (len(as_they_are), len(seen), len(in_mirror)) == (30, 15, 7)
    np.testing.assert_array_equal(as_they_are[::4], seen[::2])
    np.testing.assert_array_equal(in_mirror, seen[1::2])


def test_what_learnt_from_the_first_half_is_judged_on_the_second(
    clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = rows_of(clip, capsys, "--fit-first-half")
    assert {row["reader"]: row["fitted"] for row in rows} == {
        "tiny-1": False,
        "tiny-2": False,
        "tiny-1+tiny-2": False,
        "tuned": True,
    }


def test_the_second_half_is_not_learnt_from(tmp_path: Path, clip: Path) -> None:
    """Black frames instead of the second half: nothing of it can be seen, so that all is gaps, and the fit stays."""
    networks = [candidate.load() for candidate in read_registry(clip.parent / "models").candidates]
    actor = DemoActor(ASSETS_FOLDER / "actor" / "m_multi")
    shown = {one.id: crops_of(actor, lambda one=one: actor.perform(one), 0.6) for one in EXPRESSIONS}  # type: ignore[misc]  # the loop's own
    expressions: Mapping[str, Examples] = {network.card.id: read_examples(network, shown) for network in networks}
    [utterance] = read_utterances(clip)
    read = cv2.VideoCapture(str(utterance.path))
    writer = cv2.VideoWriter(str(tmp_path / "half.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (640, 480))
    for number in range(40):
        _got, pixels = read.read()
        writer.write(pixels if number < 20 else np.zeros_like(pixels))
    writer.release()
    clip.write_text("file,start_s,end_s,label\nhalf.avi,0.5,3.5,neutral\n", encoding="utf-8")
    [utterance] = read_utterances(clip)
    for result in evaluate_utterance(utterance, networks, expressions):
        assert result.shares[Outcome.GAP] == 1.0
        assert result.level_10_min == 0.0


def test_a_video_without_a_face_is_all_gaps(tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    writer = cv2.VideoWriter(str(tmp_path / "talk.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (640, 480))
    for _ in range(40):
        writer.write(np.full((480, 640, 3), 90, np.uint8))
    writer.release()
    assert {row["gap"] for row in rows_of(clip, capsys)} == {1.0}


def test_a_missing_video_and_an_unknown_actor_are_one_sentence(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models = str(clip.parent / "models")
    assert (
        run(["--only-models", models, "networks", "evaluate", "talking", str(clip), "--fit-first-half", "--actor", "x"])
        == 1
    )
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    (clip.parent / "talk.avi").unlink()
    assert run(["--only-models", models, "networks", "evaluate", "talking", str(clip)]) == 1
    err = capsys.readouterr().err
    assert "talk.avi" in err
    assert len(err.strip().splitlines()) == 1


def test_the_table_shows_the_shares(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--only-models", str(clip.parent / "models"), "networks", "evaluate", "talking", str(clip)]) == 0
    out = capsys.readouterr().out
    assert "talk.avi" in out
    assert "tiny-1+tiny-2" in out
    assert "+60.00" in out


def test_labels_of_speech_that_may_be_two_things_join_with_expressions(pair: list[LiteRTNetwork]) -> None:
    crop = np.full((100, 100, 3), 120, np.uint8)
    spoken = read_examples(pair[0], {"kind_text": [crop]})
    shown = read_examples(pair[0], {"smile": [crop]})
    both = join([shown, spoken])
    assert both.groups.tolist() == [0, -2]
    assert both.candidate_labels[1].tolist() == [emotion in (Emotion.HAPPY, Emotion.NEUTRAL) for emotion in EMOTIONS]
