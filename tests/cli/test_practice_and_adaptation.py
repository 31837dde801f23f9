"""`coach`, `explain` and `grade --adapt` on the command line, on tiny networks that tell their features."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.cli.main import run
from core.method.emotion import EXPRESSIONS, Emotion
from core.store.store import Store
from core.system.clock import SystemClock
from tests.cases import CASES
from tests.tiny_network import card_for, tiny_network, write_candidate
from tests.tui.stage import MISREADING
from tests.tui.test_verdict import with_own_model

COLOURS = {
    Emotion.HAPPY: (0, 0, 200),
    Emotion.NEUTRAL: (0, 200, 0),
    Emotion.STRESS: (200, 0, 0),
    Emotion.SURPRISE: (10, 10, 10),
}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    content = tiny_network(weights=MISREADING, grid=4, outputs=2)
    write_candidate(tmp_path / "models", card_for(content, outputs=("probabilities", "feature_map")), content)
    return tmp_path / "models"


@pytest.fixture
def person(tmp_path: Path) -> Path:
    """Eleven expressions in colours, six pictures each, no two alike."""
    for expression in EXPRESSIONS:
        for number in range(6):
            picture = np.full((40, 40, 3), COLOURS[expression.emotion], np.uint8) + np.uint8(number)
            path = tmp_path / "person" / expression.id / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            assert cv2.imwrite(str(path), picture)
    return tmp_path / "person"


class Line:
    """Runs one command; knows its exit code and both outputs."""

    def __init__(self, models: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.models, self.capture = models, capture

    @property
    def database(self) -> Path:
        return self.models.parent / "data" / "calmline.db"

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        self.capture.readouterr()
        code = run(["--db", str(self.database), "--only-models", str(self.models), *map(str, arguments)])
        out, err = self.capture.readouterr()
        assert "Traceback" not in out + err
        return code, out, err


@pytest.fixture
def line(models: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    return Line(models, capsys)


def test_grade_adapt_grades_the_reader_that_is_tuned_to_the_person_beside_the_networks(
    line: Line, person: Path
) -> None:
    code, out, _ = line("grade", "--crops", "--adapt", "--folds", 3, "--min-frames", 1, person)
    assert code == 0
    assert "tuned  110 / 110  <- reads this person best" in out
    _, out, _ = line("grade", "--crops", "--adapt", "--min-frames", 1, "--format", "json", person)
    found = json.loads(out)
    tuned, shipped = found["candidates"]
    assert (found["chosen"], tuned["candidate"], shipped["candidate"]) == ("tuned", "tuned", "tiny-1")
    assert tuned["score"] > shipped["score"]
    assert shipped["expressions"]["expressionless"]["grade"] in ("B", "C", "D")
    assert tuned["milliseconds_per_face"] == shipped["milliseconds_per_face"]


def test_what_cannot_be_tuned_is_one_sentence(line: Line, tmp_path: Path) -> None:
    (tmp_path / "empty" / "smile").mkdir(parents=True)
    code, _, err = line("grade", "--adapt", tmp_path / "empty")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "at least two pictures" in err


def test_coach_reads_the_actor_without_screens_with_the_persons_own_model(line: Line) -> None:
    line.database.parent.mkdir()
    with Store.open(line.database, SystemClock()) as store:
        with_own_model(MISREADING)(store)
        before = store.latest_calibration()
    code, out, _ = line("coach", "--source", "actor:f_white", "--seconds", 6, "--json")
    assert code == 0
    lines = [json.loads(one) for one in out.splitlines()]
    assert len(lines) == 31
    assert lines[-1]["looked"]["ahead"] > 0.9
    assert lines[-1]["summary"] == 1
    with Store.open(line.database, SystemClock(), read_only=True) as store:
        assert store.latest_calibration() == before
        assert store.calls() == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["coach", "--source", "0", "--json", "--seconds", "1"], "practise on the screen"),
        (["coach", "--source", "actor", "--json"], "no end of its own"),
        (["coach", "--json"], "Say what to look at"),
        (["coach", "--source", "actor", "--mark", "3"], "belong to a file"),
        (["coach", "--source", "actor", "--questions", "nowhere.txt"], "question list cannot be used"),
        (["coach", "--source", "actor", "--candidate", "nobody"], "There is no network called nobody"),
        (["coach", "--source", "actor"], "terminal"),
        (["explain", "nowhere.png", "--out", "drawn"], "nowhere.png"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    line: Line, arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = line(*arguments)
    assert code == 1
    assert said in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(("grid", "how"), [(4, "own last map)"), (1, "piece by piece, since its map is too coarse)")])
def test_explaining_says_how_it_was_found_where_a_network_looked(
    tmp_path: Path, person: Path, capsys: pytest.CaptureFixture[str], grid: int, how: str
) -> None:
    content = tiny_network(grid=grid, outputs=2)
    write_candidate(tmp_path / "models", card_for(content, outputs=("probabilities", "feature_map")), content)
    line = Line(tmp_path / "models", capsys)
    code, told, _errors = line("explain", person / "smile" / "0.png", "--crops", "--out", tmp_path / "drawn")
    assert code == 0
    assert told.strip().endswith(how)


class TestPastTheEnd:
    def test_marks_and_questions_after_the_end_of_a_video_are_said(self, line: Line, tmp_path: Path) -> None:
        (tmp_path / "questions.txt").write_text("Who are you?\nWhy here?\nWhat next?\n", encoding="utf-8")
        clip = CASES / "fps480.mp4"
        asked = ("coach", "--source", clip, "--json", "--questions", tmp_path / "questions.txt")
        code, _out, err = line(*asked, "--mark", 2, "--mark", 90)
        assert code == 0
        assert "The video ended at 00:03, before these marks (in seconds): 90." in err
        assert "Not reached: What next?" in err
        assert "Why here?" not in err

    def test_where_all_were_reached_nothing_is_said(self, line: Line) -> None:
        clip = CASES / "fps480.mp4"
        assert "ended" not in line("coach", "--source", clip, "--json", "--mark", 3)[2]
