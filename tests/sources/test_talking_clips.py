"""The clips of talking actors that `python3 -m tests.talking` makes."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from core.sources.speech import Manner
from core.sources.video import VideoSource
from core.system.resources import ASSETS_FOLDER
from tests.talking import FRAMES_PER_SECOND, talking_frames, write_clips

ACTOR = ASSETS_FOLDER / "actor" / "f_white"


def test_the_list_names_every_clip_with_what_is_right_in_it_and_the_clips_play(tmp_path: Path) -> None:
    listed = write_clips([ACTOR], tmp_path, seed=7, seconds=1.0)
    with listed.open(encoding="utf-8", newline="") as file:
        rows = [(row["file"], row["start_s"], row["end_s"], row["label"]) for row in csv.DictReader(file)]
    assert rows == [
        ("f_white_calm.mp4", "0", "1.0", "neutral"),
        ("f_white_smiling.mp4", "0", "1.0", "happy"),
        ("f_white_frowning.mp4", "0", "1.0", "stress"),
        ("f_white_angry.mp4", "0", "1.0", "stress"),
    ]
    video = VideoSource(tmp_path / rows[1][0])
    video.open()
    frame = video.frame_at(0.9)
    video.close()
    assert frame is not None
    made = list(talking_frames(ACTOR, Manner.SMILING, seconds=1.0))
    assert np.abs(frame.pixels.astype(int) - made[13].astype(int)).mean() < 6


def test_the_same_seed_makes_the_same_files_and_another_seed_another_take(tmp_path: Path) -> None:
    for folder, seed in (("one", 7), ("same", 7), ("other", 8)):
        write_clips([ACTOR], tmp_path / folder, seed=seed, seconds=0.4)
    for manner in Manner:
        name = f"f_white_{manner.name.lower()}.mp4"
        one, same, other = ((tmp_path / folder / name).read_bytes() for folder in ("one", "same", "other"))
        assert one == same
        assert one != other


def test_frames_come_at_the_rate_asked_for() -> None:
    assert len(list(talking_frames(ACTOR, Manner.CALM, seconds=2.0))) == 2 * FRAMES_PER_SECOND
    assert len(list(talking_frames(ACTOR, Manner.CALM, seconds=2.0, rate=5))) == 10
