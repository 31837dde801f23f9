from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.datasets.labelled import DataSetError
from core.evaluation.detector_crops import clip_faces
from core.face.haar import HaarFaceFinder

ROWS = "frame,time,expression,strength\n0,0.0,smile,1.0\n"


def _video(path: Path) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (160, 120))
    for _ in range(5):
        writer.write(np.full((120, 160, 3), 90, np.uint8))
    writer.release()


@pytest.mark.parametrize(
    "rows",
    [
        b"frame,time\n0,0.0\n",
        b"frame,time,expression,strength\n0,soon,smile,1.0\n",
        b"frame,time,expression,strength\n0,0.0,smile\n",
        b"frame,time,expression,strength\n0,0.0,\xff\xfe,1.0\n",
    ],
)
def test_a_table_of_frames_that_is_none_is_named(tmp_path: Path, rows: bytes) -> None:
    _video(tmp_path / "a.mp4")
    (tmp_path / "a.labels.csv").write_bytes(rows)
    with pytest.raises(DataSetError, match=r"a\.labels\.csv is no table of frames"):
        clip_faces(HaarFaceFinder(), tmp_path)


@pytest.mark.parametrize("content", [None, b"no video"])
def test_a_video_that_is_missing_or_broken_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "a.mp4").write_bytes(content)
    (tmp_path / "a.labels.csv").write_text(ROWS, encoding="utf-8")
    with pytest.raises(DataSetError, match=r"the video a\.mp4 beside a\.labels\.csv cannot be read"):
        clip_faces(HaarFaceFinder(), tmp_path)


def test_a_folder_without_labelled_videos_or_without_a_face_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="holds no video with labels"):
        clip_faces(HaarFaceFinder(), tmp_path)
    _video(tmp_path / "a.mp4")
    (tmp_path / "a.labels.csv").write_text(ROWS, encoding="utf-8")
    with pytest.raises(DataSetError, match="no face was found in any frame"):
        clip_faces(HaarFaceFinder(), tmp_path)
