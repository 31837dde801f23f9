"""Video files, pictures, zips, and how a source is named."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.sources.actor import DemoActor
from core.sources.camera import CameraSource
from core.sources.opening import open_source
from core.sources.pictures import PicturesSource, decode_picture, iter_pictures
from core.sources.source import SourceError, SourceProblem
from core.sources.video import VideoSource
from core.system.resources import ASSETS_FOLDER


def write_video(path: Path, rate: float = 10.0, count: int = 20) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (64, 48))
    for number in range(count):
        writer.write(np.full((48, 64, 3), number * 12, np.uint8))
    writer.release()
    return path


def write_animation(path: Path) -> Path:
    """Two pictures in one file, the first dark."""
    animation = cv2.Animation()
    animation.frames = [np.full((40, 60, 3), value, np.uint8) for value in (50, 200)]
    animation.durations = [100, 100]
    assert cv2.imwriteanimation(str(path), animation)
    return path


def write_picture(path: Path, value: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((40, 60, 3), value, np.uint8))
    return path


class TestVideo:
    def test_each_moment_shows_the_frame_that_the_files_own_rate_gives(self, tmp_path: Path) -> None:
        source = VideoSource(write_video(tmp_path / "clip.avi"))
        source.open()
        for seconds, number in ((0.0, 0), (0.05, 0), (0.1, 1), (1.0, 10)):
            frame = source.frame_at(seconds)
            assert frame is not None
            assert abs(float(frame.pixels.mean()) - number * 12) < 4
            assert frame.at == pytest.approx(number / 10)
        source.close()

    def test_it_ends_after_its_last_frame_and_plays_again_when_opened_again(self, tmp_path: Path) -> None:
        source = VideoSource(write_video(tmp_path / "clip.avi", count=5))
        for _ in range(2):
            source.open()
            assert source.frame_at(0.4) is not None
            assert not source.ended
            assert source.frame_at(0.6) is None
            assert source.ended
        source.close()
        source.close()

    def test_what_is_no_video_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "text.mp4").write_text("no video", encoding="utf-8")
        with pytest.raises(SourceError) as unreadable:
            VideoSource(tmp_path / "text.mp4").open()
        assert unreadable.value.trouble is SourceProblem.UNREADABLE
        with pytest.raises(SourceError) as missing:
            VideoSource(tmp_path / "none.mp4").open()
        assert missing.value.trouble is SourceProblem.MISSING


class TestPictures:
    @pytest.mark.parametrize(
        "suffix", [".png", ".jpg", ".jpeg", ".jpe", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".PNG"]
    )
    def test_every_kind_of_picture_is_read(self, tmp_path: Path, suffix: str) -> None:
        [picture] = iter_pictures(write_picture(tmp_path / f"face{suffix}"))
        assert picture.pixels is not None
        assert picture.pixels.shape == (40, 60, 3)
        assert abs(float(picture.pixels.mean()) - 100) < 3

    def test_a_folder_is_read_by_name_with_what_lies_below_it(self, tmp_path: Path) -> None:
        for name in ("b.png", "a/c.png", "a/b.jpg"):
            write_picture(tmp_path / name)
        (tmp_path / "notes.txt").write_text("no picture", encoding="utf-8")
        assert [picture.name for picture in iter_pictures(tmp_path)] == ["a/b.jpg", "a/c.png", "b.png"]

    def test_broken_pictures_are_named_with_the_reason(self, tmp_path: Path) -> None:
        write_picture(tmp_path / "good.png")
        (tmp_path / "broken.jpg").write_bytes((tmp_path / "good.png").read_bytes()[:40])
        (tmp_path / "empty.png").touch()
        read = {picture.name: picture for picture in iter_pictures(tmp_path)}
        assert read["good.png"].pixels is not None
        assert read["broken.jpg"].pixels is None
        assert read["broken.jpg"].problem
        assert "empty" in str(read["empty.png"].problem)

    @pytest.mark.parametrize(
        ("number", "shape", "corner"),
        [
            (2, (40, 60), ("top", "right")),
            (3, (40, 60), ("bottom", "right")),
            (4, (40, 60), ("bottom", "left")),
            (5, (60, 40), ("top", "left")),
            (6, (60, 40), ("top", "right")),
            (7, (60, 40), ("bottom", "right")),
            (8, (60, 40), ("bottom", "left")),
        ],
    )
    def test_an_avif_is_turned_and_mirrored_as_it_says(
        self, number: int, shape: tuple[int, int], corner: tuple[str, str]
    ) -> None:
        """Each has a white corner at the top left, and is turned as EXIF's orientation of this number is."""
        [picture] = iter_pictures(Path(__file__).parent / "turned" / f"exif{number}.avif")
        assert picture.pixels is not None
        height, width = picture.pixels.shape[:2]
        row, column = np.unravel_index(int(picture.pixels.sum(axis=2).argmax()), (height, width))
        seen = ("top" if row < height / 2 else "bottom", "left" if column < width / 2 else "right")
        assert ((height, width), seen) == (shape, corner)

    @pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
    @pytest.mark.parametrize(("number", "corner"), [(3, 200), (6, 200), (1, 50)])
    def test_a_picture_is_turned_as_its_exif_says(self, suffix: str, number: int, corner: int) -> None:
        pixels = np.full((40, 60, 3), 200, np.uint8)
        pixels[:20, :20] = 50
        exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0" + bytes((number, 0, 0, 0, 0, 0, 0, 0))
        told = [cv2.IMAGE_METADATA_EXIF]
        _, content = cv2.imencodeWithMetadata(suffix, pixels, told, [np.frombuffer(exif, np.uint8)])
        picture = decode_picture(f"one{suffix}", content.tobytes()).pixels
        assert picture is not None
        assert picture.shape == ((60, 40, 3) if number == 6 else (40, 60, 3))
        assert abs(int(picture[5, 5, 0]) - corner) < 12

    def test_grey_and_transparent_pictures_become_three_channels(self) -> None:
        for channels in (1, 4):
            shape = (20, 20) if channels == 1 else (20, 20, 4)
            _, content = cv2.imencode(".png", np.full(shape, 200, np.uint8))
            picture = decode_picture("one.png", content.tobytes())
            assert picture.pixels is not None
            assert picture.pixels.shape == (20, 20, 3)

    def test_a_zip_is_read_without_being_unpacked(self, tmp_path: Path) -> None:
        write_picture(tmp_path / "in" / "one.png")
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            archive.write(tmp_path / "in" / "one.png", "deep/one.png")
            archive.writestr("deep/two.png", b"broken")
        before = set(tmp_path.rglob("*"))
        read = list(iter_pictures(tmp_path / "all.zip"))
        assert [picture.name for picture in read] == ["deep/one.png", "deep/two.png"]
        assert [picture.pixels is None for picture in read] == [False, True]
        assert set(tmp_path.rglob("*")) == before

    def test_what_is_packed_locked_linked_to_nothing_or_of_another_kind_is_named(self, tmp_path: Path) -> None:
        content = cv2.imencode(".png", np.zeros((4, 4, 3), np.uint8))[1].tobytes()
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("inner.zip", b"PK")
        with zipfile.ZipFile(tmp_path / "locked.zip", "w") as archive:
            archive.writestr("one.png", content)
        locked = bytearray((tmp_path / "locked.zip").read_bytes())
        locked[6] = locked[locked.index(b"PK\1\2") + 8] = 1
        (tmp_path / "locked.zip").write_bytes(locked)
        (tmp_path / "faces.rar").write_bytes(b"Rar!")
        (tmp_path / "one.tga").write_bytes(content[8:])
        if os.name != "nt":
            (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
        named = {picture.name: str(picture.problem) for picture in iter_pictures(tmp_path)}
        gone = {} if os.name == "nt" else {"gone.jpg": "a link that leads nowhere"}
        assert named == gone | {
            "a/inner.zip": "it is packed; unpack it first",
            "faces.rar": "it is packed; unpack it first",
            "locked/one.png": "the zip is locked with a password",
            "one.tga": "TGA is not read; save it as JPEG or PNG",
        }

    @pytest.mark.parametrize("suffix", [".webp", ".png", ".gif", ".avif"])
    def test_of_an_animated_picture_the_first_is_read_and_that_is_said(self, tmp_path: Path, suffix: str) -> None:
        [moving] = iter_pictures(write_animation(tmp_path / f"moving{suffix}"))
        [still] = iter_pictures(write_picture(tmp_path / f"still{suffix}"))
        assert moving.pixels is not None
        assert abs(float(moving.pixels.mean()) - 50) < 8
        assert str(moving.problem) == "it is animated, and only its first picture was read"
        assert still.problem is None

    @pytest.mark.parametrize("suffix", [".webp", ".png"])
    def test_an_animated_picture_is_not_played_as_if_it_were_one(self, tmp_path: Path, suffix: str) -> None:
        moving = write_animation(tmp_path / f"moving{suffix}")
        with pytest.raises(SourceError) as refused:
            open_source(str(moving), ASSETS_FOLDER).open()
        assert refused.value.trouble is SourceProblem.ANIMATED
        write_picture(tmp_path / "still.png")
        among_others = PicturesSource(tmp_path)
        among_others.open()
        assert among_others.frame_at(0.2) is not None
        assert [picture.name for picture in among_others.skipped] == [moving.name]

    def test_a_picture_without_an_ending_is_read_and_a_video_is_named(self, tmp_path: Path) -> None:
        write_picture(tmp_path / "a.jpg").rename(tmp_path / "IMG_0001")
        (tmp_path / "clip.MP4").write_bytes(b"\0\0\0\x18ftypisom")
        (tmp_path / "notes").write_text("no picture", encoding="utf-8")
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            for name in ("IMG_0001", "clip.MP4", "notes"):
                archive.write(tmp_path / name, name)
        for place, count in ((tmp_path, 6), (tmp_path / "all.zip", 3)):
            read = {one.name.rsplit("/", 1)[-1]: one for one in iter_pictures(place)}
            assert (len(list(iter_pictures(place))), read["IMG_0001"].pixels is None) == (count, False)
            assert str(read["clip.MP4"].problem) == "it is a video, not a picture"
            assert "it is not a JPEG" in str(read["notes"].problem)
        [alone] = iter_pictures(tmp_path / "clip.MP4")
        assert str(alone.problem) == "it is a video, not a picture"

    def test_a_broken_zip_and_a_missing_path_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "all.zip").write_bytes(b"PK no zip")
        with pytest.raises(SourceError):
            list(iter_pictures(tmp_path / "all.zip"))
        with pytest.raises(SourceError):
            list(iter_pictures(tmp_path / "none"))

    def test_as_a_source_they_play_one_a_tick_and_skip_the_broken(self, tmp_path: Path) -> None:
        for number in range(3):
            write_picture(tmp_path / f"{number}.png", 50 * (number + 1))
        (tmp_path / "1b.png").write_bytes(b"broken")
        source = PicturesSource(tmp_path)
        source.open()
        means = []
        for tick in range(3):
            frame = source.frame_at(tick * 0.2)
            assert frame is not None
            means.append(round(float(frame.pixels.mean())))
        assert means == [50, 100, 150]
        assert source.frame_at(0.6) is None
        assert source.ended
        assert [picture.name for picture in source.skipped] == ["1b.png"]

    def test_a_folder_without_pictures_does_not_open(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError):
            PicturesSource(tmp_path).open()


class TestNames:
    def test_names_lead_to_their_sources(self, tmp_path: Path) -> None:
        (tmp_path / "frames").mkdir()
        assert isinstance(open_source("0", ASSETS_FOLDER), CameraSource)
        assert isinstance(open_source("actor", ASSETS_FOLDER), DemoActor)
        assert open_source("actor:f_white:dim", ASSETS_FOLDER).name == "demo actor (f_white)"
        assert isinstance(open_source(str(tmp_path / "frames"), ASSETS_FOLDER), PicturesSource)
        assert isinstance(open_source(str(write_video(tmp_path / "a.avi")), ASSETS_FOLDER), VideoSource)

    @pytest.mark.parametrize("name", ["actor:nobody", "actor:f_white:asleep", "no/such/file.mp4"])
    def test_a_name_of_nothing_is_refused(self, name: str) -> None:
        with pytest.raises(SourceError):
            open_source(name, ASSETS_FOLDER)
