"""The commands that read faces: classify, grade, and run without screens, on tiny real networks and the actor's frames."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from core.method.emotion import EMOTIONS, EXPRESSIONS, Emotion
from core.store.records import CallState
from core.store.store import Store
from core.system.clock import SystemClock
from core.system.resources import ASSETS_FOLDER
from tests.cases import CASES
from tests.cli.shell import Shell, write_colour
from tests.sources.test_files import write_animation


class TestClassify:
    def test_every_picture_is_read_by_every_network(self, shell: Shell, tmp_path: Path) -> None:
        for emotion in EMOTIONS:
            write_colour(tmp_path / "faces" / f"{emotion.value}.png", emotion)
        code, out, _ = shell("classify", "--crops", tmp_path / "faces")
        rows = list(csv.DictReader(io.StringIO(out)))
        assert code == 0
        probabilities = ["happy", "neutral", "stress", "surprise"]
        assert list(rows[0]) == ["file", "candidate", *probabilities, "emotion", "face_found", "gap"]
        assert len(rows) == 8
        assert all(row["file"] == f"{row['emotion']}.png" and row["face_found"] == "true" for row in rows)
        assert all(abs(sum(float(row[e.value]) for e in EMOTIONS) - 1) < 1e-3 for row in rows)

    @pytest.mark.parametrize(("name", "why"), [("sideways_no_exif.jpg", "turned_away"), ("tiny_face.jpg", "too_far")])
    def test_a_face_that_no_network_can_read_gets_a_reason_and_no_emotion(
        self, shell: Shell, name: str, why: str
    ) -> None:
        code, out, _ = shell("classify", "--format", "json", CASES / name)
        assert code == 0
        assert [(row["face_found"], row["gap"], row["emotion"]) for row in json.loads(out)] == [(False, why, None)] * 2

    def test_a_folder_without_a_readable_picture_is_an_error_that_names_what_is_there(
        self, shell: Shell, tmp_path: Path
    ) -> None:
        (tmp_path / "phone").mkdir()
        (tmp_path / "phone" / "IMG.HEIC").write_bytes((CASES / "heic_jfif_folder" / "IMG_0001.HEIC").read_bytes())
        code, out, err = shell("classify", "--format", "json", tmp_path / "phone")
        assert (code, json.loads(out)) == (1, [])
        assert "IMG.HEIC: HEIC is not read; save it as JPEG or PNG" in err
        (tmp_path / "empty").mkdir()
        assert shell("classify", tmp_path / "empty")[0] == 1
        code, out, _ = shell("classify", CASES / "heic_jfif_folder")
        assert (code, out.count("me.jfif")) == (0, 2)

    def test_a_path_that_is_not_there_is_said_before_anything_is_printed_and_is_no_camera(
        self, shell: Shell, tmp_path: Path
    ) -> None:
        there = write_colour(tmp_path / "a.png", Emotion.HAPPY)
        code, out, err = shell("classify", "--crops", there, tmp_path / "none")
        assert (code, out) == (1, "")
        assert err.strip() == f"{tmp_path / 'none'} is not there. Check the path."

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no text")
    def test_a_name_that_is_no_text_is_written_as_one(self, shell: Shell, tmp_path: Path) -> None:
        for raw in (b"\xb1\xe8.png", b"\xff.png"):
            place = tmp_path / "faces" / os.fsdecode(raw)
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(write_colour(tmp_path / "a.png", Emotion.HAPPY).read_bytes())
        _, out, _ = shell("classify", "--crops", "--candidate", "tiny-1", "--format", "json", tmp_path / "faces")
        assert [row["file"] for row in json.loads(out)] == ["김.png", "\\xff.png"]
        _, out, _ = shell("classify", "--crops", "--candidate", "tiny-1", "--format", "json", place)
        assert [row["file"] for row in json.loads(out)] == ["\\xff.png"]

    def test_json_of_one_network_and_a_zip(self, shell: Shell, tmp_path: Path) -> None:
        picture = write_colour(tmp_path / "smile.png", Emotion.HAPPY)
        with zipfile.ZipFile(tmp_path / "faces.zip", "w") as archive:
            archive.write(picture, "deep/smile.png")
        code, out, _ = shell("classify", "--crops", "--format", "json", "--candidate", "tiny-2", tmp_path / "faces.zip")
        [row] = json.loads(out)
        assert code == 0
        assert (row["file"], row["candidate"], row["emotion"]) == ("deep/smile.png", "tiny-2", "happy")

    def test_a_picture_without_a_face_says_so_and_a_real_face_is_found(self, shell: Shell, tmp_path: Path) -> None:
        empty = write_colour(tmp_path / "wall.png", Emotion.NEUTRAL)
        face = ASSETS_FOLDER / "actor" / "f_white" / "neutral.jpg"
        _, out, _ = shell("classify", "--candidate", "tiny-1", empty, face)
        rows = list(csv.DictReader(io.StringIO(out)))
        assert [row["face_found"] for row in rows] == ["false", "true"]
        assert rows[0]["emotion"] == rows[0]["happy"] == ""

    def test_a_broken_picture_is_named_and_the_rest_goes_on(self, shell: Shell, tmp_path: Path) -> None:
        write_colour(tmp_path / "faces" / "good.png", Emotion.HAPPY)
        (tmp_path / "faces" / "bad.jpg").write_bytes(b"this is no picture")
        code, out, err = shell("classify", "--crops", tmp_path / "faces")
        assert code == 0
        assert out.count("good.png") == 2
        assert "bad.jpg" in err
        assert "bad.jpg" not in out

    def test_videos_and_animations_in_a_folder_are_named_by_every_command_that_reads_pictures(
        self, shell: Shell, tmp_path: Path
    ) -> None:
        folder = tmp_path / "person" / "smile"
        write_colour(folder / "good.png", Emotion.HAPPY)
        write_animation(folder / "moving.webp")
        (folder / "clip.mov").write_bytes(b"\0\0\0\x14ftypqt  ")
        for command in (
            ("classify", "--crops"),
            ("grade", "--crops"),
            ("explain", "--cropped", "--out", tmp_path / "out"),
        ):
            code, _, err = shell(*command, tmp_path / "person")
            assert code == 0, err
            assert "smile/clip.mov: it is a video, not a picture" in err
            assert "smile/moving.webp: it is animated, and only its first picture was read" in err
        assert "1 picture could not be read." in shell("classify", "--crops", tmp_path / "person")[2]

    def test_what_is_not_there_is_one_sentence(self, shell: Shell, tmp_path: Path) -> None:
        code, _, err = shell("classify", tmp_path / "nothing.png")
        assert (code, len(err.splitlines())) == (1, 1)
        assert "nothing.png" in err
        code, _, err = shell("classify", "--candidate", "tiny-9", tmp_path)
        assert code == 1
        assert "There are: tiny-1, tiny-2" in err


class TestGrade:
    def folder(self, path: Path, count: int = 12) -> Path:
        for expression in EXPRESSIONS:
            for number in range(count):
                write_colour(path / expression.id / f"{number:02d}.png", expression.emotion)
        return path

    def test_a_folder_of_right_pictures_gets_all_points(self, shell: Shell, tmp_path: Path) -> None:
        code, out, _ = shell("grade", "--crops", "--format", "json", self.folder(tmp_path / "person"))
        graded = json.loads(out)
        assert code == 0
        assert graded["chosen"] in ("tiny-1", "tiny-2")
        assert [one["score"] for one in graded["candidates"]] == [110, 110]
        smile = graded["candidates"][0]["expressions"]["smile"]
        assert (smile["grade"], smile["frames"], smile["right_over_0.9"], smile["taken_for"]) == ("S", 12, 1.0, "happy")

    def test_a_folder_of_several_people_gives_a_table_of_people_and_networks(
        self, shell: Shell, tmp_path: Path
    ) -> None:
        for person in ("ann", "bo"):
            self.folder(tmp_path / "people" / person, count=1)
        write_colour(tmp_path / "people" / "bo" / "smile" / "00.png", Emotion.STRESS)
        code, out, _ = shell("grade", "--cropped", "--format", "json", tmp_path / "people")
        graded = json.loads(out)["people"]
        assert code == 0
        assert {name: one["candidates"][0]["score"] for name, one in graded.items()} == {"ann": 110, "bo": 80}
        _, out, _ = shell("grade", "--cropped", tmp_path / "people")
        rows = [line.split(" | ") for line in out.splitlines() if line.startswith("| ")]
        assert rows[0] == ["| person", "tiny-1", "tiny-2", "best", "worst", "of |"]
        assert [row[0] for row in rows[1:]] == ["| ann", "| bo"]
        assert "**110**" in rows[1]

    def test_missing_expressions_lower_the_best_possible_score(self, shell: Shell, tmp_path: Path) -> None:
        for number in range(10):
            write_colour(tmp_path / "person" / "smile" / f"{number}.png", Emotion.HAPPY)
            write_colour(tmp_path / "person" / "frown" / f"{number}.png", Emotion.HAPPY)
        _, out, _ = shell("grade", "--crops", "--format", "json", tmp_path / "person")
        best = json.loads(out)["candidates"][0]
        assert (best["score"], best["best_possible"]) == (10 - 20, 20)

    def test_one_picture_gives_a_grade_with_its_number_unless_more_are_asked_for(
        self, shell: Shell, tmp_path: Path
    ) -> None:
        person = self.folder(tmp_path / "person", count=1)
        _, out, _ = shell("grade", "--crops", "--format", "json", person)
        best = json.loads(out)["candidates"][0]
        assert best["score"] == 110
        assert {one["frames"] for one in best["expressions"].values()} == {1}
        _, out, _ = shell("grade", "--crops", "--min-frames", 2, person)
        assert "fewer than 2 pictures" in out

    def test_a_csv_with_a_zip_of_the_same_name_does_as_well(self, shell: Shell, tmp_path: Path) -> None:
        picture = write_colour(tmp_path / "happy.png", Emotion.HAPPY)
        with zipfile.ZipFile(tmp_path / "person.zip", "w") as archive:
            for number in range(10):
                archive.write(picture, f"{number}.png")
        rows = "".join(f"{number}.png,laugh\n" for number in range(11))
        (tmp_path / "person.csv").write_text("file,expression\n" + rows, encoding="utf-8")
        code, out, err = shell("grade", "--crops", "--format", "json", tmp_path / "person.csv")
        assert code == 0
        assert json.loads(out)["candidates"][0]["expressions"]["laugh"]["frames"] == 10
        assert "10.png" in err

    @pytest.mark.parametrize(
        ("make", "said"),
        [
            (lambda path: path.mkdir(), "named after an expression"),
            (lambda path: path.write_text("picture,word\n", encoding="utf-8"), "needs the columns"),
            (lambda path: path.write_text("file,expression\na.png,grin\n", encoding="utf-8"), "grin is no expression"),
            (lambda path: None, "is not there"),
        ],
    )
    def test_what_cannot_be_graded_is_one_sentence(
        self, shell: Shell, tmp_path: Path, make: Callable[[Path], object], said: str
    ) -> None:
        make(tmp_path / "person")
        code, _, err = shell("grade", tmp_path / "person")
        assert code == 1
        assert said in err


class TestRunHeadless:
    def test_a_clip_is_printed_and_stored_reading_by_reading(self, shell: Shell, tmp_path: Path) -> None:
        code, out, err = shell("run", "--headless", "--source", "actor:f_white", "--seconds", 4, "--calls", 2)
        lines = [json.loads(line) for line in out.splitlines()]
        assert code == 0
        assert err.splitlines() == [f"Call {number}   00:04   too little seen" for number in (1, 2)]
        assert set(lines[0]) == {"call", "t_ms", "emotion", "level", "face", "tension", "gap"}
        assert {line["tension"] for line in lines} == {None}
        assert {line["call"] for line in lines} == {1, 2}
        with Store.open(shell.database, SystemClock(), read_only=True) as store:
            calls = store.calls()
            stored = [sample for call in calls for sample in store.samples(call.id)]
        assert [call.state for call in calls] == [CallState.ENDED] * 2
        assert [(line["t_ms"], round(line["level"] * 1000)) for line in lines] == [(s.t_ms, s.level) for s in stored]

    def test_what_is_said_of_a_call_is_its_tension(self, shell: Shell, tmp_path: Path) -> None:
        code, out, err = shell("run", "--headless", "--source", "actor:f_white", "--seconds", 45)
        tensions = [line["tension"] for line in map(json.loads, out.splitlines()) if line["tension"] is not None]
        assert code == 0
        assert tensions
        assert all(0 <= tension <= 1 for tension in tensions)
        assert f"tensest minute {max(tensions):.0%}" in err

    def test_pictures_are_read_one_a_tick(self, shell: Shell, tmp_path: Path) -> None:
        frame = cv2.imread(str(ASSETS_FOLDER / "actor" / "f_white" / "neutral.jpg"))
        assert frame is not None
        (tmp_path / "frames").mkdir()
        for number in range(5):
            cv2.imwrite(str(tmp_path / "frames" / f"{number}.png"), frame)
        (tmp_path / "frames" / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic")
        code, out, err = shell("run", "--headless", "--source", tmp_path / "frames")
        assert "phone.heic: HEIC is not read" in err
        assert code == 0
        assert [json.loads(line)["face"] for line in out.splitlines()] == [True] * 5

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ((), "needs a --source"),
            (("--source", "nowhere.mp4"), "nowhere.mp4"),
            (("--source", "actor"), "--seconds"),
            (("--source", "actor:nobody"), "nobody"),
        ],
    )
    def test_what_cannot_be_watched_is_one_sentence(self, shell: Shell, arguments: tuple[str, ...], said: str) -> None:
        code, out, err = shell("run", "--headless", *arguments)
        assert (code, out) == (1, "")
        assert said in err

    def test_a_camera_is_not_opened_without_consent(self, shell: Shell) -> None:
        code, _, err = shell("run", "--headless", "--source", "0", "--seconds", "1")
        assert code == 1
        assert "consent" in err
