"""Video files: every frame at its own time, and the picture that every player shows."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sources.container import Display, read_display
from core.sources.source import Frame, SourceError, SourceProblem
from core.sources.video import VideoSource
from tests.cases import CASES

VIDEOS = Path(__file__).parent / "videos"
"""64 x 48 pixels, ten frames a second, each a little brighter than the one before, with a white corner at the top left."""


def played(path: Path, step: float = 0.1) -> list[Frame | None]:
    """The frames at 0, `step`, 2 `step` and so on, until the file ends."""
    source, frames = VideoSource(path), list[Frame | None]()
    source.open()
    while True:
        frame = source.frame_at(len(frames) * step)
        if source.ended:
            source.close()
            return frames
        frames.append(frame)


def times(path: Path, step: float = 0.1) -> list[float | None]:
    return [None if frame is None else round(frame.at, 1) for frame in played(path, step)]


def first_frame(path: Path) -> Frame:
    return next(frame for frame in played(path) if frame is not None)


def white_corner(frame: Frame) -> tuple[str, str]:
    """Where the white corner is."""
    height, width = frame.pixels.shape[:2]
    row, column = np.unravel_index(int(frame.pixels.sum(axis=2, dtype=np.int64).argmax()), (height, width))
    return ("top" if row < height / 2 else "bottom", "left" if column < width / 2 else "right")


class TestTime:
    def test_a_phone_that_slows_down_in_poor_light_keeps_its_time(self) -> None:
        frames = times(CASES / "vfr_lowlight.mp4", 0.2)
        assert frames == [round(tick * 0.2, 1) for tick in range(99)], "the last frame is at 19.6 s"

    def test_four_seconds_of_480_frames_are_four_seconds(self) -> None:
        frames = times(CASES / "fps480.mp4", 0.2)
        assert frames == [round(tick * 0.2, 1) for tick in range(20)]

    def test_a_video_that_was_trimmed_without_encoding_it_anew_begins_where_it_was_cut(self, tmp_path: Path) -> None:
        """As QuickTime does it: the frames before stay in the file, and an edit list passes over them."""
        whole = bytearray((CASES / "vfr_lowlight.mp4").read_bytes())
        at = whole.index(b"elst") + 12  # behind its version and the number of its entries, which is one
        length, begins = struct.unpack_from(">Ii", whole, at)
        struct.pack_into(">Ii", whole, at, length - 5_000, begins + 5 * 15_360)  # ticks of the film and of the track
        (tmp_path / "trimmed.mp4").write_bytes(whole)
        trimmed = played(tmp_path / "trimmed.mp4", 0.2)
        assert trimmed[-1] is not None
        assert (round(trimmed[-1].at, 1), len(trimmed)) == (14.6, 74)
        original = played(CASES / "vfr_lowlight.mp4", 0.2)[25:]
        assert all(a and b and np.array_equal(a.pixels, b.pixels) for a, b in zip(trimmed, original, strict=True))

    def test_a_frame_every_two_seconds_stays_for_two_seconds(self) -> None:
        assert times(VIDEOS / "one_frame_in_two_seconds.mp4", 1.0) == [0, 0, 2, 2, 4, 4, 6, 6]

    def test_a_recording_of_a_browser_tells_neither_its_length_nor_a_rate_and_is_played_all_the_same(self) -> None:
        shown = times(VIDEOS / "recorded_in_a_browser.webm")
        assert shown == [0, 0.1, 0.2, 0.3] + [0.4] * 5 + [0.9] * 6 + [1.5] * 4 + [1.9] * 4

    @pytest.mark.parametrize("ending", ["mp4", "mkv"])
    def test_before_a_picture_that_begins_after_the_sound_there_is_a_gap(self, ending: str) -> None:
        shown = times(VIDEOS / f"picture_after_sound.{ending}")
        assert shown[:15] == [None] * 15
        assert shown[15:] == [round(1.5 + number / 10, 1) for number in range(20)]


class TestPicture:
    def test_a_front_camera_that_mirrors_by_its_matrix_shows_an_upright_face(self) -> None:
        path = CASES / "mirrored_by_display_matrix.mp4"
        assert read_display(path).matrix == (-1, 0, 0, 1)
        frame = first_frame(path)
        assert frame.pixels[:, 120:200].mean(axis=(1, 2)).argmin() < 120, "the hair is above"

    def test_a_picture_on_its_head_by_its_matrix_is_upright(self) -> None:
        assert white_corner(first_frame(VIDEOS / "upside_down_by_matrix.mp4")) == ("bottom", "left")

    def test_turned_and_mirrored_at_once_is_both_undone(self) -> None:
        frame = first_frame(VIDEOS / "turned_and_mirrored_by_matrix.mov")
        assert frame.pixels.shape == (64, 48, 3)
        assert white_corner(frame) == ("bottom", "right")

    def test_interlaced_pictures_are_shown_or_refused_and_never_played_as_what_lay_in_memory(self) -> None:
        try:
            frame = first_frame(VIDEOS / "interlaced.mpg")
        except SourceError as error:
            assert error.trouble is SourceProblem.NOT_CONVERTED
        else:  # an OpenCV that converts them again
            assert frame.pixels.std() > 20

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is Unicode")
    def test_a_file_whose_name_is_not_utf8_is_played_like_any_other(self, tmp_path: Path) -> None:
        named = tmp_path / os.fsdecode(b"\xb1\xe8.mp4")
        named.write_bytes((VIDEOS / "wide_pixels.mp4").read_bytes())
        assert np.array_equal(first_frame(named).pixels, first_frame(VIDEOS / "wide_pixels.mp4").pixels)

    def test_pixels_that_are_twice_as_wide_as_high_become_square(self) -> None:
        frame = first_frame(VIDEOS / "wide_pixels.mp4")
        assert frame.pixels.shape == (48, 128, 3)
        assert white_corner(frame) == ("top", "left")

    @given(st.sampled_from([(-1, 0, 0, 1), (1, 0, 0, -1), (0, 1, 1, 0), (0, -1, -1, 0)]))
    def test_a_mirrored_matrix_puts_every_pixel_where_it_says(self, matrix: tuple[float, float, float, float]) -> None:
        pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
        a, b, c, d = matrix
        found = {(round(a * x + c * y), round(b * x + d * y)): tuple(pixels[y, x]) for y in range(2) for x in range(3)}
        left, top = min(x for x, _ in found), min(y for _, y in found)
        shown = Display(matrix).applied(pixels)
        assert {(x + left, y + top): tuple(row) for y, line in enumerate(shown) for x, row in enumerate(line)} == found

    @given(st.binary(max_size=200))
    def test_what_is_no_film_says_nothing_about_itself(self, content: bytes) -> None:
        from tempfile import TemporaryDirectory

        with TemporaryDirectory() as folder:
            path = Path(folder) / "film.mp4"
            for head in (b"", b"\0\0\0\x08ftyp", b"\0\0\0\x60moov\0\0\0\x58trak\0\0\0\x10mdia"):
                path.write_bytes(head + content)
                assert not read_display(path).mirrored
