from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.method.experiments import EXPERIMENTS, PAPER_BASELINE, ExperimentError, find_experiment
from core.training import distillation
from core.training.augmentation import MIXED_SETS, WIDE
from core.training.distillation import Teacher, soft_targets_of, vote_shares
from core.training.sampling import MIXTURE, MixtureSampler
from core.training.settings import RunError, read_experiment, was_normalised
from tests.training.made_up import drawn_set, run_description


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (json.dumps(run_description(settings={"normalised": True})), True),
        (json.dumps(run_description()), False),
        ("{}", False),
        ("no JSON", False),
    ],
)
def test_whether_a_run_was_normalised_is_read_from_its_description(text: str, expected: bool, tmp_path: Path) -> None:
    assert not was_normalised(tmp_path)
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    assert was_normalised(tmp_path) is expected


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "holds no training run: there is no run.json"),
        (b"no JSON", "run.json cannot be read"),
        (b"\xff\xfe", "run.json cannot be read"),
        (b"[]", "run.json cannot be read: Expected `object`"),
        (b"{}", "it lacks experiment, settings, data, data_hash, weights"),
        (json.dumps(run_description(settings=[], data_hash=None)).encode(), "it lacks settings, data_hash"),
        (json.dumps(run_description(experiment={"test": 99})).encode(), "describes no experiment of ours"),
        (json.dumps(run_description(experiment={"test": 99, "network": "x"})).encode(), "tests are 1 to 13"),
    ],
)
def test_what_is_wrong_with_a_runs_description_is_said(content: bytes | None, complaint: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(RunError, match=complaint):
        read_experiment(tmp_path)


def test_votes_become_shares_of_the_four_classes() -> None:
    shares = vote_shares(
        [
            "ferplus:neutral=6;anger=3;sadness=1",
            "ferplus:happiness=5;contempt=4;unknown=1",
            "ferplus:contempt=7;NF=3",
            "happy",
            "lfw:happy",
            "",
        ]
    )
    assert shares.dtype == np.float32
    np.testing.assert_allclose(shares[0], [0, 0.6, 0.4, 0], atol=1e-6)  # happy, neutral, stress, surprise
    np.testing.assert_allclose(shares[1], [1, 0, 0, 0])
    assert not shares[2:].any()


def test_a_student_is_taught_by_teachers_by_votes_or_by_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = ("ferplus:neutral=5;anger=5", "happy", "happy", "happy")
    labelled = replace(drawn_set(4), source_labels=labels)
    monkeypatch.setattr(distillation.Teacher, "says", lambda _teacher, pictures: np.full((len(pictures), 4), 0.25))
    by_votes = soft_targets_of(labelled, [], tmp_path, votes=True)
    np.testing.assert_allclose(by_votes[0], [0, 0.5, 0.5, 0])
    assert not by_votes[1:].any()  # nobody says anything of these
    np.testing.assert_allclose(soft_targets_of(labelled, [Teacher(b"a teacher")], tmp_path), 0.25)
    by_both = soft_targets_of(labelled, [Teacher(b"a teacher")], tmp_path, votes=True)
    np.testing.assert_allclose(by_both[0], [0.125, 0.375, 0.375, 0.125])
    np.testing.assert_allclose(by_both[1:], 0.25)
    assert not soft_targets_of(labelled, [], tmp_path).any()


def test_a_share_says_how_much_a_set_is_drawn() -> None:
    sets = [drawn_set(8, name="rafdb"), drawn_set(8, name="mine", seed=2)]
    drawn, _pictures = MixtureSampler(sets, {**MIXTURE, "mine": 1.2}).draw(4000, 1, 0)
    assert np.mean(drawn == 1) == pytest.approx(0.75, abs=0.03)


def test_the_papers_comparison_is_found_but_is_not_of_the_grid() -> None:
    found = find_experiment(13, "vgg16")
    assert found is PAPER_BASELINE
    assert found.id == "vgg16"
    assert found not in EXPERIMENTS
    assert len(EXPERIMENTS) == 30
    with pytest.raises(ExperimentError, match="test 13 has: vgg16, vgg16-densenet"):
        find_experiment(13, "xception")


def test_wide_augmentation_turns_and_moves_more_and_is_else_as_mixed() -> None:
    assert (WIDE.rotation_degrees, WIDE.shift) == (18.0, 0.10)
    assert replace(WIDE, rotation_degrees=15.0, shift=0.09) == MIXED_SETS
