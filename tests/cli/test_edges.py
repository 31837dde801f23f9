"""The command line at its edges: far days, files in their own way, a broken installation, a record of long ago."""

from __future__ import annotations

import io
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from app.cli.context import Setup
from app.words.printable import PrintableStream
from app.words.spoken import SentenceError
from core.method.emotion import Emotion
from tests.cli.shell import Shell, record, write_colour
from tests.team.made_up import some_calls, write_calls
from tests.tiny_network import card_for, tiny_network, write_candidate

ROOT = Path(__file__).parents[2]
OLD_RECORD = Path(__file__).parents[1] / "store" / "record_0_1_0.sql"


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    content = tiny_network(grid=4, outputs=2)
    card = card_for(content, "tiny-1", outputs=("probabilities", "feature_map"))
    write_candidate(tmp_path / "models", card, content)
    return Shell(tmp_path, capsys)


class Terminal(io.StringIO):
    """Keeps what is written, and is a terminal."""

    def isatty(self) -> bool:
        return True


WITHOUT_OPENCV = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "cv2":
            raise ImportError("libGL.so.1 is missing")

sys.meta_path.insert(0, Missing())
from app.cli.main import run
sys.exit(run(["classify", "x.png"]))
"""
"""An installation in which OpenCV finds a library of the system missing."""


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "--mine", "--until", "9999-12-31"),
        ("export", "--mine", "--since", "0001-01-01"),
        ("erase", "--yes", "--since", "1969-01-01", "--until", "2026-01-01"),
        ("consent", "release", "--since", "2026-01-01", "--until", "9999-12-31"),
    ],
)
def test_a_day_of_which_no_call_can_be_is_not_understood(shell: Shell, arguments: tuple[str, ...]) -> None:
    record(shell)
    code, _, err = shell(*arguments)
    assert code == 2
    assert "1971" in err
    assert "inside Calmline" not in err


def test_a_number_that_no_call_can_have_names_no_call(shell: Shell) -> None:
    record(shell)
    code, _, err = shell("erase", "--yes", "--call", 10**30)
    assert (code, err) == (1, f"There is no call {10**30} in your record.\n")


def test_a_bar_is_drawn_on_a_terminal_and_begins_anew_where_less_is_done_than_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from app.cli.progress import progress

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", PrintableStream(terminal))
    with progress("reading") as counted:
        for done in (1, 4, 2, 4):
            counted(done, 4)
    drawn = terminal.getvalue()
    assert drawn.count("4/4") == 2
    assert drawn.startswith("\r")
    assert "reading" in drawn


def test_no_bar_goes_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.cli.progress import progress

    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress() as counted:
        counted(3, 3)
    assert stream.getvalue() == ""


def test_a_size_in_raised_digits_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.cli.train_options import request_of

    monkeypatch.setitem(sys.modules, "core.training.session", SimpleNamespace(Request=dict))
    with pytest.raises(SentenceError, match="--size-schedule is SIZE:EPOCHS"):
        request_of({"size_schedule": "64:²"})


def test_where_opencv_cannot_be_loaded_the_reason_is_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_OPENCV],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"XDG_STATE_HOME": str(tmp_path / "state")},
    )
    assert done.returncode == 1
    assert "libGL.so.1 is missing" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_record_of_long_ago_opens_where_there_is_no_camera(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.database.parent.mkdir(mode=0o700)
    with sqlite3.connect(shell.database) as connection:
        connection.executescript(OLD_RECORD.read_text(encoding="utf-8"))
    connection.close()
    monkeypatch.setattr("core.sources.devices.camera_present", lambda: False)
    assert not Setup(database=shell.database).needs_actor()


def test_a_file_that_is_only_called_like_an_actor_has_an_end_of_its_own(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_colour(tmp_path / "actors" / "1.png", Emotion.HAPPY)
    code, out, err = shell("run", "--headless", "--source", "actors")
    assert (code, "too little seen" in err) == (0, True)
    assert len(out.splitlines()) == 1


class TestWhatIsReadIsNeverReplaced:
    def test_by_the_report_of_a_practice(self, shell: Shell, tmp_path: Path) -> None:
        video = tmp_path / "answers.avi"
        writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"MJPG"), 5.0, (64, 64))
        for _ in range(5):
            writer.write(np.zeros((64, 64, 3), np.uint8))
        writer.release()
        before = video.read_bytes()
        code, _, err = shell("coach", "--source", video, "--report", video)
        assert code == 1
        assert "is what you want to be read" in err
        assert video.read_bytes() == before

    def test_by_a_data_set_made_of_it(self, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        write_colour(tmp_path / "smile.png", Emotion.HAPPY)
        Path("faces.csv").write_text("file,label\nsmile.png,happy\n", encoding="utf-8")
        code, _, err = shell("data", "prepare", "faces.csv", "--as-cut", "--out", ".")
        assert code == 1
        assert "faces.csv is what you want to be read" in err
        assert Path("faces.csv").read_text(encoding="utf-8") == "file,label\nsmile.png,happy\n"

    def test_by_the_figures_of_a_team(self, shell: Shell, tmp_path: Path) -> None:
        for number in range(10):
            write_calls(tmp_path / f"{number}.csv", number, some_calls(number, 20))
        before = (tmp_path / "0.csv").read_bytes()
        code, _, err = shell("team", *(tmp_path / f"{number}.csv" for number in range(10)), "--out", tmp_path / "0")
        assert code == 1
        assert "0.csv is what you want to be read" in err
        assert (tmp_path / "0.csv").read_bytes() == before

    def test_by_a_drawing_of_another_picture(
        self, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        first, second = (write_colour(tmp_path / name, Emotion.HAPPY) for name in ("me.png", "me-1.png"))
        before = first.read_bytes(), second.read_bytes()
        code, _, err = shell("explain", "me.png", "--crops", "--out", ".")
        assert code == 0, err
        assert (first.read_bytes(), second.read_bytes()) == before
        assert (tmp_path / "me-2.png").is_file()


@pytest.mark.parametrize("out", [".", "..", "/"])
def test_figures_of_a_team_need_the_name_of_a_file(
    shell: Shell, tmp_path: Path, out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(10):
        write_calls(tmp_path / f"{number}.csv", number, some_calls(number, 20))
    code, _, err = shell("team", tmp_path, "--out", out)
    assert code == 1
    assert err == f"{out} is a folder: add a name for the table and the page.\n"


def test_one_call_and_one_picture_are_counted_as_one(shell: Shell, tmp_path: Path) -> None:
    record(shell)
    assert "  1 call in " in shell("doctor")[1]
    write_colour(tmp_path / "faces" / "smile" / "1.png", Emotion.HAPPY)
    assert "1 picture left out: no face was found." in shell("grade", tmp_path / "faces")[2]


def test_a_report_about_a_network_that_is_not_there_is_refused_beside_one_that_is(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.evaluation import report

    monkeypatch.setattr(report, "write_report", lambda *_, **__: pytest.fail("a report was written"))
    code, _, err = shell("train", "evaluate", "--candidate", "tiny-1", "--candidate", "tiny-l")
    assert code == 1
    assert "There is no network called tiny-l. There are: tiny-1" in err


def test_a_folder_of_pictures_is_practised_to_its_end(shell: Shell, tmp_path: Path) -> None:
    write_colour(tmp_path / "answers" / "1.png", Emotion.HAPPY)
    code, out, err = shell("coach", "--source", tmp_path / "answers", "--json")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 2


def test_what_is_wrong_with_a_data_set_is_said_in_korean(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    prepare = ("data", "prepare", tmp_path / "photos", "--layout", "csv", "--out", tmp_path)
    code, _, err = shell("--language", "ko", *prepare)
    assert code == 1
    assert "file, label, subject, split 열이 있는 CSV가 없어요" in err
