"""What networks said of pictures, kept for an evaluation or taught to another network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.candidates.card import Signature
from core.candidates.registry import read_registry
from core.candidates.runner import LiteRTRunner
from core.evaluation.predictions import kept_predictions, milliseconds_a_picture
from core.explain.file_graph import GraphError
from core.method.emotion import EMOTIONS
from core.training.distillation import Teacher, kept_soft_labels, read_teacher, soft_labels
from tests.tiny_network import card_for, tiny_network, write_candidate
from tests.training.made_up import drawn_set


def test_what_a_network_said_is_asked_once_and_another_network_or_picture_anew(tmp_path: Path) -> None:
    content, pictures = tiny_network(), drawn_set(4).pictures
    other = tiny_network(bias=(1.0, 0.0, 0.0, 0.0))
    for number, one in enumerate((content, other)):
        write_candidate(tmp_path / "models", card_for(one, f"tiny-{number}"), one)
    first_one, second_one = read_registry(tmp_path / "models").candidates
    first = kept_predictions(first_one, pictures, tmp_path)
    kept = list(tmp_path.glob("*.npy"))
    assert len(kept) == 1
    np.save(kept[0], first + 1)
    np.testing.assert_array_equal(kept_predictions(first_one, pictures, tmp_path), first + 1)
    np.testing.assert_array_equal(
        kept_predictions(first_one, pictures[::-1], tmp_path),
        LiteRTRunner(content).predict(pictures[::-1]).probabilities,
    )
    np.testing.assert_array_equal(
        kept_predictions(second_one, pictures, tmp_path), LiteRTRunner(other).predict(pictures).probabilities
    )
    assert len(milliseconds_a_picture([first_one, second_one], pictures)) == 2


def test_soft_labels_are_kept_for_one_teacher_and_asked_anew_of_another(tmp_path: Path) -> None:
    taught, one, other = drawn_set(4), Teacher(tiny_network()), Teacher(tiny_network(bias=(1.0, 0.0, 0.0, 0.0)))
    np.testing.assert_array_equal(kept_soft_labels([one], taught, tmp_path), soft_labels([one], taught))
    assert len(list(tmp_path.glob("soft-labels.*.npy"))) == 1
    np.testing.assert_array_equal(kept_soft_labels([one], taught, tmp_path), soft_labels([one], taught))
    assert len(list(tmp_path.glob("soft-labels.*.npy"))) == 1
    np.testing.assert_array_equal(kept_soft_labels([other], taught, tmp_path), soft_labels([other], taught))
    np.testing.assert_array_equal(kept_soft_labels([one, other], taught, tmp_path), soft_labels([one, other], taught))


def test_a_teacher_whose_card_names_its_outputs_in_another_order_teaches_by_their_names(tmp_path: Path) -> None:
    content, pictures = tiny_network(bias=(1.0, 0.0, 0.0, 0.0)), drawn_set(4).pictures
    labels = ("stress", "happy", "surprise", "neutral")
    folder = write_candidate(tmp_path, card_for(content, labels=labels), content)
    teacher = read_teacher(folder)
    assert teacher == read_teacher(folder / "network.tflite")
    predictions = LiteRTRunner(content).predict(pictures).probabilities
    for number, emotion in enumerate(EMOTIONS):
        np.testing.assert_allclose(teacher.says(pictures)[:, number], predictions[:, labels.index(emotion.value)])
    usual = Teacher(content)
    assert teacher.sha256 != usual.sha256
    assert not np.array_equal(
        kept_soft_labels([usual], drawn_set(4), tmp_path), kept_soft_labels([teacher], drawn_set(4), tmp_path)
    )


def test_a_teacher_says_what_its_card_makes_of_it_and_another_temperature_is_another_teacher(tmp_path: Path) -> None:
    content, pictures = tiny_network(), drawn_set(4).pictures
    write_candidate(tmp_path, card_for(content, temperature=0.7), content)
    teacher = read_teacher(tmp_path / "tiny-1")
    expected = LiteRTRunner(content, Signature(temperature=0.7)).predict(pictures).probabilities
    np.testing.assert_array_equal(teacher.says(pictures), expected)
    assert not np.allclose(expected, Teacher(content).says(pictures))
    assert len({teacher.sha256, Teacher(content).sha256, Teacher(content, Signature(temperature=0.6)).sha256}) == 3


@pytest.mark.parametrize("pixel_range", [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])
def test_evaluation_and_teachers_feed_a_network_as_its_card_says(
    tmp_path: Path, pixel_range: tuple[float, float]
) -> None:
    """Colour order and pixel range are the card's: a BGR network is asked in BGR, wherever it is asked."""
    content, pictures = tiny_network(), np.zeros((3, 100, 100, 3), np.uint8)
    pictures[0, ..., 0], pictures[1, ..., 1], pictures[2, ..., 2] = 255, 255, 255  # red, green, blue
    folder = write_candidate(tmp_path, card_for(content, colour_order="BGR", pixel_range=pixel_range), content)
    [candidate] = read_registry(tmp_path).candidates
    expected = np.array([one.as_tuple() for one in candidate.load().read([p[..., ::-1] for p in pictures])])
    np.testing.assert_array_equal(kept_predictions(candidate, pictures, tmp_path / "kept"), expected)
    np.testing.assert_array_equal(read_teacher(folder).says(pictures), expected)
    as_rgb = LiteRTRunner(content, Signature(pixel_range=pixel_range)).predict(pictures).probabilities
    np.testing.assert_allclose(expected, as_rgb[::-1])
    assert np.abs(expected - as_rgb).max() > 0.1


def test_a_file_without_a_card_teaches_in_our_order_and_what_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "alone.tflite").write_bytes(tiny_network())
    assert read_teacher(tmp_path / "alone.tflite") == Teacher(tiny_network())
    (tmp_path / "no.tflite").write_bytes(b"no network")
    with pytest.raises(GraphError):
        read_teacher(tmp_path / "no.tflite")
