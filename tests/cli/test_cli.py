"""The command line, run in process on tiny real networks, the demo actor's frames and a real record."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.cli.doctor import _language
from app.cli.main import run
from core.clock import ManualClock, SystemClock
from core.emotion import EMOTIONS, EXPRESSIONS, Emotion, Outcome
from core.monitoring import Sample
from core.resources import ASSETS_FOLDER
from core.store import Store
from core.store.records import CallStart, CallState, ShareLevel
from tests.core.tiny_network import card_for, tiny_network, write_candidate
from tests.tui.stage import consent_of

COLOURS = {
    Emotion.HAPPY: (0, 0, 255),
    Emotion.NEUTRAL: (0, 255, 0),
    Emotion.STRESS: (255, 0, 0),
    Emotion.SURPRISE: (10, 10, 10),
}


@dataclass
class Shell:
    """Runs commands with their own record and two tiny networks."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    @property
    def database(self) -> Path:
        return self.folder / "data" / "calmline.db"

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        self.capture.readouterr()
        code = run(["--db", str(self.database), "--models", str(self.folder / "models"), *map(str, arguments)])
        out, err = self.capture.readouterr()
        assert "Traceback" not in out + err
        return code, out, err


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    for name in ("tiny-1", "tiny-2"):
        content = tiny_network()
        write_candidate(tmp_path / "models", card_for(content, name), content)
    return Shell(tmp_path, capsys)


def write_colour(path: Path, emotion: Emotion) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((64, 64, 3), COLOURS[emotion], np.uint8))
    return path


def record(shell: Shell, *, share: ShareLevel = ShareLevel.NOTHING, region: str = "KR", calls: int = 1) -> None:
    """A record with an answer and some calls of three seconds."""
    clock = ManualClock(datetime(2026, 1, 5, 9, 0, tzinfo=UTC))
    with Store.open(shell.database, clock) as store:
        store.record_consent(consent_of(store, share=share, region=region))
        for _ in range(calls):
            call = store.begin_call(CallStart("tiny-1"))
            store.add_samples(call.id, [Sample(200 * n, Outcome.STRESS, 20 * (n + 1)) for n in range(15)])
            clock.advance(3)
            store.end_call(call.id)
            clock.advance(3600)


class TestClassify:
    def test_every_picture_is_read_by_every_network(self, shell: Shell, tmp_path: Path) -> None:
        for emotion in EMOTIONS:
            write_colour(tmp_path / "faces" / f"{emotion.value}.png", emotion)
        code, out, _ = shell("classify", "--crops", tmp_path / "faces")
        rows = list(csv.DictReader(io.StringIO(out)))
        assert code == 0
        assert list(rows[0]) == ["file", "candidate", "happy", "neutral", "stress", "surprise", "emotion", "face_found"]
        assert len(rows) == 8
        assert all(row["file"] == f"{row['emotion']}.png" and row["face_found"] == "true" for row in rows)
        assert all(abs(sum(float(row[e.value]) for e in EMOTIONS) - 1) < 1e-3 for row in rows)

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
        assert (code, err) == (0, "")
        assert set(lines[0]) == {"call", "t_ms", "emotion", "level", "face"}
        assert {line["call"] for line in lines} == {1, 2}
        with Store.open(shell.database, SystemClock(), read_only=True) as store:
            calls = store.calls()
            stored = [sample for call in calls for sample in store.samples(call.id)]
        assert [call.state for call in calls] == [CallState.ENDED] * 2
        assert [(line["t_ms"], round(line["level"] * 1000)) for line in lines] == [(s.t_ms, s.level) for s in stored]

    def test_pictures_are_read_one_a_tick(self, shell: Shell, tmp_path: Path) -> None:
        frame = cv2.imread(str(ASSETS_FOLDER / "actor" / "f_white" / "neutral.jpg"))
        assert frame is not None
        (tmp_path / "frames").mkdir()
        for number in range(5):
            cv2.imwrite(str(tmp_path / "frames" / f"{number}.png"), frame)
        code, out, _ = shell("run", "--headless", "--source", tmp_path / "frames")
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


class TestExport:
    def test_nothing_is_exported_without_an_answer_or_when_nothing_is_shared(self, shell: Shell) -> None:
        code, out, err = shell("export")
        assert (code, out) == (1, "")
        assert "no record" in err
        record(shell)
        code, out, err = shell("export")
        assert (code, out) == (1, "")
        assert "You share nothing" in err

    def test_the_own_copy_begins_with_the_thesis_columns(self, shell: Shell) -> None:
        record(shell)
        code, out, _ = shell("export", "--mine", "--samples")
        rows = out.splitlines()
        assert code == 0
        assert rows[0].split(",")[:3] == ["Time", "Emotion", "Level"]
        assert len(rows) == 16

    def test_summaries_reach_a_file_and_the_log(self, shell: Shell, tmp_path: Path) -> None:
        record(shell, share=ShareLevel.SUMMARIES, calls=2)
        code, out, err = shell("export", "--format", "ndjson", "--out", tmp_path / "shared.ndjson")
        assert (code, out) == (0, "")
        assert "2 lines written" in err
        assert len((tmp_path / "shared.ndjson").read_text(encoding="utf-8").splitlines()) == 2
        with Store.open(shell.database, SystemClock(), read_only=True) as store:
            [logged] = store.exports()
        assert (logged.rows, logged.mine) == (2, False)

    def test_a_preview_shows_the_same_and_logs_nothing(self, shell: Shell) -> None:
        record(shell, share=ShareLevel.SUMMARIES)
        _, shown, _ = shell("export", "--preview")
        _, written, _ = shell("export")
        assert shown == written
        with Store.open(shell.database, SystemClock(), read_only=True) as store:
            assert len(store.exports()) == 1

    def test_days_limit_the_range_and_the_last_day_is_in_it(self, shell: Shell) -> None:
        record(shell, calls=3)
        assert shell("export", "--mine", "--since", "2026-01-06")[0] == 1
        assert shell("export", "--mine", "--until", "2026-01-04")[0] == 1
        code, out, _ = shell("export", "--mine", "--since", "2026-01-05", "--until", "2026-01-05")
        assert (code, len(out.splitlines())) == (0, 4)

    def test_in_the_eu_nothing_leaves_and_the_reason_is_the_law(self, shell: Shell) -> None:
        record(shell, share=ShareLevel.SUMMARIES, region="DE")
        code, _, err = shell("export")
        assert code == 1
        assert "the law" in err

    def test_a_target_that_cannot_be_written_is_one_sentence(self, shell: Shell, tmp_path: Path) -> None:
        record(shell)
        code, _, err = shell("export", "--mine", "--out", tmp_path / "no" / "such" / "folder.csv")
        assert code == 1
        assert "its folder is not there" in err


class TestConsent:
    def test_an_answer_is_recorded_with_its_text_and_shown(self, shell: Shell) -> None:
        assert "no record" in shell("consent", "show")[2]
        code, _, _ = shell("consent", "set", "--measure", "--share", "curves", "--emotions", "--region", "KR")
        assert code == 0
        _, out, _ = shell("consent", "show")
        assert "my supervisor may get: curves" in out
        assert "emotion words in curves: yes" in out

    def test_what_is_not_named_stays_and_withdrawing_takes_the_sharing_along(self, shell: Shell) -> None:
        shell("consent", "set", "--measure", "--share", "summaries", "--region", "KR")
        shell("consent", "set", "--share", "curves")
        shell("consent", "set", "--no-measure")
        with Store.open(shell.database, SystemClock(), read_only=True) as store:
            answers = [(answer.measure, answer.share) for answer in store.consents()]
        assert answers == [(True, ShareLevel.SUMMARIES), (True, ShareLevel.CURVES), (False, ShareLevel.NOTHING)]

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--share", "curves"), "add --measure"),
            (("--measure", "--region", "FR", "--share", "summaries"), "the law"),
            (("--measure", "--region", "KR", "--emotions"), "add --share curves"),
            (("--region", "Korea"), "two letters"),
        ],
    )
    def test_answers_that_do_not_go_together_are_refused_with_the_reason(
        self, shell: Shell, arguments: tuple[str, ...], said: str
    ) -> None:
        code, _, err = shell("consent", "set", *arguments)
        assert code == 1
        assert said in err


class TestErase:
    def test_a_call_some_days_and_everything_can_be_erased(self, shell: Shell) -> None:
        record(shell, calls=3)
        assert shell("erase", "--call", 1, "--yes")[0] == 0
        assert "2 calls are erased" in shell("erase", "--since", "2026-01-05", "--until", "2026-01-05", "--yes")[1]
        assert shell("erase", "--everything", "--yes")[0] == 0
        with Store.open(shell.database, SystemClock(), read_only=True) as store:
            assert (store.calls(), store.consents()) == ([], [])

    def test_what_to_erase_must_be_said_and_a_missing_call_is_named(self, shell: Shell) -> None:
        record(shell)
        assert "Say what to erase" in shell("erase", "--yes")[2]
        assert "both --since and --until" in shell("erase", "--since", "2026-01-01", "--yes")[2]
        code, _, err = shell("erase", "--call", 77, "--yes")
        assert code == 1
        assert "77" in err


class TestTheRest:
    def test_doctor_has_a_line_for_everything_and_names_a_broken_candidate(self, shell: Shell) -> None:
        network = shell.folder / "models" / "tiny-2" / "network.tflite"
        network.write_bytes(network.read_bytes()[:-1] + b"x")
        code, out, _ = shell("doctor")
        assert code == 1
        assert all(name in out for name in ("terminal", "language", "camera", "networks", "record"))
        assert "!!  network    tiny-2" in out
        assert "1: tiny-1" in out

    @pytest.mark.parametrize(
        ("encoding", "said"),
        [
            ("utf-8", None),
            ("utf-16", None),
            ("cp949", "or lines, bars and curves will not show"),
            ("euc_kr", "or lines, bars and curves will not show"),
            ("ascii", "or Hangul will not show"),
            ("cp1252", "or Hangul will not show"),
        ],
    )
    def test_the_doctor_says_what_an_encoding_cannot_show(
        self, encoding: str, said: str | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
        found = _language()
        assert found.good is (said is None)
        assert (said or "") in found.text

    def test_what_the_interpreter_prints_by_itself_is_not_among_the_findings(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "app", "--db", str(tmp_path / "calmline.db"), "doctor"]
        places = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "PATH": os.environ["PATH"]}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=places)
        assert done.stderr == ""
        assert "networks" in done.stdout

    def test_paths_name_the_record_in_use(self, shell: Shell) -> None:
        assert str(shell.database) in shell("paths")[1]

    def test_candidates_are_listed_with_their_scores(self, shell: Shell) -> None:
        code, out, _ = shell("candidates")
        assert code == 0
        assert "| tiny-1 | #1 |" in out
        assert "50.0%" in out
        assert [card["id"] for card in json.loads(shell("candidates", "--format", "json")[1])] == ["tiny-1", "tiny-2"]

    def test_the_demo_reports_how_the_actor_is_read(self, shell: Shell) -> None:
        code, out, _ = shell("demo", "--report", "--actor", "f_white")
        assert code == 0
        assert len([line for line in out.splitlines() if line.startswith("|")]) == 2 + 11 + 1

    def test_call_without_a_monitor_says_so(self, shell: Shell) -> None:
        for action in ("start", "end", "reset", "status"):
            code, out, err = shell("call", action)
            assert (code, out) == (1, "")
            assert "No monitor is running" in err

    def test_screens_without_a_terminal_say_so(self, shell: Shell) -> None:
        code, _, err = shell()
        assert code == 1
        assert "need a terminal" in err
        code, _, err = shell("demo", "--actor", "nobody")
        assert code == 1
        assert "f_white" in err

    def test_nonsense_is_answered_with_usage(self, shell: Shell) -> None:
        code, _, err = shell("dance")
        assert code == 2
        assert "No such command" in err

    @pytest.mark.parametrize("language", ["en", "ko"])
    @pytest.mark.parametrize(
        "command",
        [
            "demo",
            "run",
            "call",
            "export",
            "team",
            "keep",
            "erase",
            "encrypt",
            "classify",
            "grade",
            "explain",
            "coach",
            "candidates",
            "doctor",
            "paths",
        ],
    )
    def test_every_command_explains_itself_with_an_example(self, shell: Shell, command: str, language: str) -> None:
        shell.capture.readouterr()
        assert run(["--language", language, command, "--help"]) == 0
        out = shell.capture.readouterr().out
        assert ("Example:" if language == "en" else "예:") in out
        assert f"calmline {command}" in out
