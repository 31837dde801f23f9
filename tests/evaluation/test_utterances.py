"""Lists of talking faces, and folders of videos that are named as those of RAVDESS and CREMA-D are."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.evaluation.utterances import UtteranceError, read_utterances
from core.method.emotion import Emotion


def test_a_list_names_files_beside_it_their_stretch_and_what_is_right(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(
        "file,start_s,end_s,label\na.mp4,0.4,6.0,neutral\nb/c.mp4,,,happy|neutral\n", encoding="utf-8"
    )
    first, second = read_utterances(tmp_path / "list.csv")
    assert (first.path, first.start, first.end, first.emotions) == (tmp_path / "a.mp4", 0.4, 6.0, (Emotion.NEUTRAL,))
    assert (second.file, second.start, second.end) == ("b/c.mp4", 0.0, None)
    assert second.emotions == (Emotion.HAPPY, Emotion.NEUTRAL)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("a.mp4,x,6,neutral", "line 2: a time is no number"),
        ("a.mp4,7,6,neutral", "line 2: it ends before it begins"),
        ("a.mp4,-1,6,neutral", "line 2: it ends before it begins"),
        ("a.mp4,nan,6,neutral", "line 2: it ends before it begins"),
        ("a.mp4,0,6,calm", "line 2: 'calm' is no class"),
        ("a.mp4,0,6,", "line 2: '' is no class"),
    ],
)
def test_a_row_that_is_wrong_is_named(tmp_path: Path, row: str, sentence: str) -> None:
    (tmp_path / "list.csv").write_text(f"file,start_s,end_s,label\n{row}\n", encoding="utf-8")
    with pytest.raises(UtteranceError, match=sentence):
        read_utterances(tmp_path / "list.csv")


def test_a_list_without_its_columns_and_a_folder_without_such_videos_are_refused(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("file,label\na.mp4,neutral\n", encoding="utf-8")
    (tmp_path / "holiday.mp4").touch()
    with pytest.raises(UtteranceError, match="needs the columns"):
        read_utterances(tmp_path / "list.csv")
    with pytest.raises(UtteranceError, match="RAVDESS or CREMA-D"):
        read_utterances(tmp_path)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Actor_01/01-01-01-01-01-01-01.mp4", "neutral"),
        ("Actor_01/01-01-02-01-01-01-01.mp4", "neutral"),
        ("Actor_01/02-01-03-02-01-01-01.mp4", "happy"),
        ("Actor_01/01-01-04-01-01-01-01.mp4", "stress"),
        ("Actor_01/01-01-05-01-01-01-01.mp4", "stress"),
        ("Actor_01/01-01-06-01-01-01-01.mp4", "surprise"),
        ("Actor_01/01-01-07-01-01-01-01.mp4", "stress"),
        ("Actor_01/01-01-08-01-01-01-01.mp4", "surprise"),
        ("VideoFlash/1001_DFA_ANG_XX.flv", "stress"),
        ("VideoFlash/1001_IEO_DIS_HI.flv", "stress"),
        ("VideoFlash/1001_IEO_FEA_LO.flv", "surprise"),
        ("VideoFlash/1001_IEO_HAP_MD.flv", "happy"),
        ("VideoFlash/1001_TIE_NEU_XX.flv", "neutral"),
        ("VideoFlash/1001_TIE_SAD_XX.flv", "stress"),
    ],
)
def test_ravdess_and_crema_d_say_by_a_file_s_name_what_is_acted(tmp_path: Path, name: str, label: str) -> None:
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).touch()
    [found] = read_utterances(tmp_path)
    assert (found.file, found.emotions, found.end) == (name, (Emotion(label),), None)


@pytest.mark.parametrize("name", ["03-01-01-01-01-01-01.mp4", "01-02-01-01-01-01-01.mp4", "01-01-09-01-01-01-01.mp4"])
def test_what_is_only_heard_or_sung_or_unknown_is_left_out(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    (tmp_path / "1001_TIE_NEU_XX.flv").touch()
    assert [one.file for one in read_utterances(tmp_path)] == ["1001_TIE_NEU_XX.flv"]
