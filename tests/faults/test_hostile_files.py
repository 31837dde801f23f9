"""Files that are made to harm: a sentence, an exit code, nothing written, nothing lost."""

from __future__ import annotations

import csv
import io
import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.cli.coach import coach
from app.cli.context import Setup
from app.words.printable import printable
from core.candidates.card import CardError, load_card
from core.candidates.classify import iter_expression_pictures
from core.coach.questions import QuestionListError, read_questions
from core.sources.pictures import decode_picture, iter_pictures
from core.sources.source import SourceError
from core.sources.video import VideoSource
from core.store.store import Store
from core.store.tables import TargetError, TargetProblem, spreadsheet_safe
from core.system.clock import SystemClock
from tests.cli.shell import Shell
from tests.sources.test_files import write_video

ROOT = Path(__file__).parents[2]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="pipes and bytes in names are POSIX")
ESCAPE = "\x1b[2J\x1b]0;owned\x07\u202e"


def picture(suffix: str = ".png") -> bytes:
    pixels = np.random.default_rng(3).integers(0, 255, (30, 40, 3), np.uint8)
    return cv2.imencode(suffix, pixels)[1].tobytes()


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes whose header promises a wall of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


class TestTerminal:
    @pytest.mark.parametrize("text", [ESCAPE, "a\x9b31mb", "\r\x00\x7f", "\u2028", "\udcff"])
    def test_nothing_that_speaks_to_it_is_left(self, text: str) -> None:
        assert printable(text).isprintable()

    def test_words_stay_as_they_are(self) -> None:
        words = "안녕하세요, “Calmline”\n\t– ▸ é 😀"
        assert printable(words) == words

    @posix_only
    def test_names_of_files_reach_it_written_out(self, shell: Shell, tmp_path: Path) -> None:
        folder = tmp_path / "faces"
        folder.mkdir()
        (folder / "a\x1b[31m.png").write_bytes(picture())
        (folder / os.fsdecode(b"b\xff.jpg")).write_bytes(b"broken")
        code, out, err = shell("classify", "--crops", folder)
        assert code == 0
        assert r"a\x1b[31m.png" in out
        assert r"b\xff.jpg" in err
        assert "\x1b" not in out + err

    @posix_only
    def test_a_path_in_an_error_is_written_out(self, shell: Shell, tmp_path: Path) -> None:
        code, _, err = shell("classify", tmp_path / f"no{ESCAPE}.png")
        assert (code, len(err.splitlines())) == (1, 1)
        assert "\x1b" not in err

    def test_a_card_with_codes_in_its_terms_is_left_out(self, shell: Shell, tmp_path: Path) -> None:
        place = tmp_path / "models" / "tiny-1" / "card.json"
        card = json.loads(place.read_text(encoding="utf-8"))
        for change in ({"terms": ESCAPE}, {"recipe": ESCAPE}, {"scores": {ESCAPE: {"accuracy": 1.0}}}):
            place.write_text(json.dumps({**card, **change}), encoding="utf-8")
            with pytest.raises(CardError, match="cannot be shown"):
                load_card(place)

    def test_a_score_without_accuracy_is_a_dash(self, shell: Shell, tmp_path: Path) -> None:
        place = tmp_path / "models" / "tiny-1" / "card.json"
        card = json.loads(place.read_text(encoding="utf-8"))
        place.write_text(json.dumps({**card, "scores": {"rafdb": {"loss": 1.0}}}), encoding="utf-8")
        code, out, _ = shell("candidates")
        assert code == 0
        assert "| tiny-1 |" in out


class TestTables:
    @pytest.mark.parametrize(
        "begin", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠a", "\u200b=1", "\xa0=1", "\ufeff=1"]
    )
    def test_a_cell_that_begins_a_formula_is_marked_as_text(self, begin: str) -> None:
        assert str(spreadsheet_safe(begin)).startswith("'")

    @posix_only
    def test_a_file_named_like_a_formula_is_text_in_the_output(self, shell: Shell, tmp_path: Path) -> None:
        folder = tmp_path / "faces"
        folder.mkdir()
        (folder / "=cmd|' C calc'!A0.png").write_bytes(picture())
        _, out, _ = shell("classify", "--crops", folder)
        [row] = csv.DictReader(io.StringIO(out))
        assert row["file"].startswith("'=cmd")


class TestPictures:
    def test_another_kind_of_picture_is_not_decoded(self) -> None:
        _, sun_raster = cv2.imencode(".ras", np.zeros((30, 40, 3), np.uint8))
        assert "not a JPEG, PNG, WebP" in str(decode_picture("one.jpg", sun_raster.tobytes()).problem)

    @pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory is Linux's")
    def test_bombs_are_refused_within_little_memory(self, tmp_path: Path) -> None:
        """Half a gigabyte more than the program itself has: each of these would take far more."""
        bombs = tmp_path / "bombs"
        bombs.mkdir()
        (bombs / "png.png").write_bytes(png_that_claims(30_000, 30_000))
        (bombs / "more.png").write_bytes(png_that_claims(2**31 - 1, 2**31 - 1))
        jpeg = bytearray(picture(".jpg"))
        place = jpeg.index(b"\xff\xc0")
        jpeg[place + 5 : place + 9] = struct.pack(">HH", 65_000, 65_000)
        (bombs / "jpeg.jpg").write_bytes(jpeg)
        with zipfile.ZipFile(tmp_path / "zip.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(200):
                archive.writestr(
                    f"{number}.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 60_000_000 if number == 0 else b"\0" * 2_000_000
                )
        program = (
            "import cv2, numpy, resource, sys; from pathlib import Path\n"
            "from core.sources.pictures import decode_picture, iter_pictures\n"
            "decode_picture('warm', Path(sys.argv[1], 'jpeg.jpg').read_bytes()[:50])\n"
            "pages = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
            "resource.setrlimit(resource.RLIMIT_AS, (pages + 2**29, pages + 2**29))\n"
            "for place in sys.argv[1:]:\n"
            "    for one in iter_pictures(Path(place)): print(one.name, one.pixels is None, one.problem)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, bombs, tmp_path / "zip.zip"],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        )
        lines = done.stdout.splitlines()
        assert len(lines) == 203
        assert all(" True " in line for line in lines)
        assert sum("damaged" in line for line in lines) == 3
        assert sum("too tightly" in line for line in lines) == 200

    def test_names_in_a_zip_lead_nowhere(self, tmp_path: Path) -> None:
        inside = tmp_path / "inside"
        inside.mkdir()
        with zipfile.ZipFile(inside / "all.zip", "w") as archive:
            for name in ("../../escaped.png", "/absolute.png", "C:\\windows\\a.png", f"{ESCAPE}.png"):
                archive.writestr(name, picture())
        before = sorted(tmp_path.rglob("*"))
        assert sum(one.pixels is not None for one in iter_pictures(inside / "all.zip")) == 4
        assert sorted(tmp_path.rglob("*")) == before

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_two_members_of_one_name_are_two_pictures(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            for _twice in range(2):
                archive.writestr("a.png", picture())
        assert [one.pixels is not None for one in iter_pictures(tmp_path / "all.zip")] == [True, True]

    def test_damaged_members_of_every_kind_of_zip_are_named(self, tmp_path: Path) -> None:
        for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            path = tmp_path / f"{method}.zip"
            with zipfile.ZipFile(path, "w", method) as archive:
                archive.writestr("one.png", picture())
            content = bytearray(path.read_bytes())
            content[60:90] = b"\xff" * 30
            path.write_bytes(content)
            [read] = iter_pictures(path)
            assert read.pixels is None
            assert "cannot be read from the zip" in str(read.problem)


class TestLists:
    @pytest.mark.parametrize(
        "file", ["../secret.png", "/etc/secret.png", "", "a" * 400, "a\0b.png", "deep/../../secret.png"]
    )
    def test_a_list_leads_to_nothing_but_what_lies_beside_it(self, tmp_path: Path, file: str) -> None:
        inside = tmp_path / "inside"
        inside.mkdir()
        for place in (tmp_path / "secret.png", inside / "own.png"):
            place.write_bytes(picture())
        (inside / "person.csv").write_text(f'file,expression\n"{file}",smile\nown.png,smile\n', encoding="utf-8")
        first, second = iter_expression_pictures(inside / "person.csv")
        assert first.picture.pixels is None
        assert second.picture.pixels is not None


@posix_only
class TestPipes:
    """A pipe in the place of a file would be waited on for ever."""

    @pytest.mark.parametrize(
        ("name", "read", "error"),
        [
            ("card.json", load_card, CardError),
            ("questions.txt", read_questions, QuestionListError),
            ("face.png", lambda path: list(iter_pictures(path)), SourceError),
            ("faces.zip", lambda path: list(iter_pictures(path)), SourceError),
            ("clip.mp4", lambda path: VideoSource(path).open(), SourceError),
        ],
    )
    def test_nobody_waits_on_one(
        self, tmp_path: Path, name: str, read: Callable[[Path], object], error: type[Exception]
    ) -> None:
        os.mkfifo(tmp_path / name)
        with pytest.raises(error):
            read(tmp_path / name)


class TestClips:
    def test_a_clip_that_is_a_list_of_other_files_opens_none_of_them(self, tmp_path: Path) -> None:
        write_video(tmp_path / "other.avi")
        for name, text in (
            ("concat.mp4", "ffconcat version 1.0\nfile other.avi\n"),
            ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nother.avi\n#EXT-X-ENDLIST\n"),
        ):
            (tmp_path / name).write_text(text, encoding="utf-8")
            with pytest.raises(SourceError):
                VideoSource(tmp_path / name).open()


class TestTargets:
    @pytest.mark.parametrize("target", ["a" * 300 + ".csv", "~nobody-of-this-name/x.csv", "."])
    def test_an_impossible_target_is_one_sentence(self, shell: Shell, tmp_path: Path, target: str) -> None:
        from tests.cli.shell import record

        record(shell)
        code, _, err = shell("export", "--mine", "--out", tmp_path / target if target[0] != "~" else target)
        assert code in (1, 2)
        assert "inside Calmline" not in err
        assert err.strip()

    def test_a_report_never_takes_the_place_of_the_record(self, shell: Shell, tmp_path: Path) -> None:
        from tests.cli.shell import record

        record(shell)
        before = shell.database.read_bytes()
        clip = write_video(tmp_path / "clip.avi")
        from click.testing import CliRunner

        setup = Setup(database=shell.database, models=tmp_path / "models")
        done = CliRunner().invoke(
            coach, ["--source", str(clip), "--replace", "--report", str(shell.database)], obj=setup
        )
        assert isinstance(done.exception, TargetError)
        assert done.exception.problem is TargetProblem.IS_RECORD
        assert shell.database.read_bytes() == before

    def test_a_letter_named_as_the_record_is_left_alone(self, shell: Shell, tmp_path: Path) -> None:
        letter = tmp_path / "letter.txt"
        letter.write_text("Dear mother,\n" * 200, encoding="utf-8")
        before, rights = letter.read_bytes(), letter.stat().st_mode & 0o777
        from app.cli.main import run

        for command in (["consent", "set", "--measure"], ["run", "--headless", "--source", "actor", "--seconds", "1"]):
            assert run(["--db", str(letter), *command]) == 1
            assert "another program's" in shell.capture.readouterr().err
        assert letter.read_bytes() == before
        assert letter.stat().st_mode & 0o777 == rights
        assert sorted(path.name for path in tmp_path.glob("letter*")) == ["letter.txt"]

    def test_settings_that_make_no_sense_are_as_if_they_were_not_set(self, shell: Shell, tmp_path: Path) -> None:
        from core.method.level import THESIS_TABLE
        from core.store.settings import ReadingSettings, kept_days, reading_settings

        with Store.open(shell.database, SystemClock()) as store:
            for value in ("9" * 40, "-1", "", "many", "٣" * 9):
                for key in ("sample_days", "call_days", "level_profile", "unsure_below", "memory_seconds"):
                    store.set_setting(key, value)
                assert kept_days(store) == (90, 365)
                assert reading_settings(store) == ReadingSettings(THESIS_TABLE, 1.0, 0.5)
