from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from app.cli.coach import coach
from app.cli.coach_report import render_report
from app.cli.context import Setup
from app.words.practice import about_question, looked_row, looked_sentence
from core.coach.questions import QuestionListError, read_questions
from core.coach.session import Session, find_runs, most_negative, valence_shares
from core.coach.valence import Moment, Valence, valences_of
from core.method.emotion import Outcome, Probabilities
from core.method.gaze import Direction, Gaze
from core.method.level import READINGS_PER_SECOND
from core.system.resources import ASSETS_FOLDER


def moments(text: str, every: float = 0.2) -> list[Moment]:
    """h n s u are emotions, ? is unsure, - is a gap."""
    outcomes = dict(zip("hnsu?-", Outcome, strict=True))
    read = Probabilities(0.1, 0.1, 0.7, 0.1)
    return [Moment(number * every, outcomes[one], None if one == "-" else read) for number, one in enumerate(text)]


def test_surprise_is_negative_unless_a_happy_face_follows_within_a_second() -> None:
    assert valences_of(moments("uuu")) == [Valence.NEGATIVE] * 3
    assert valences_of(moments("unnh"))[0] is None
    assert valences_of(moments("unnnnnh"))[0] is Valence.NEGATIVE


@given(st.text("hnsu?-", max_size=60))
def test_shares_sum_to_one_or_are_all_zero(text: str) -> None:
    total = sum(valence_shares(moments(text)).values())
    assert total == pytest.approx(1) or total == 0


@given(st.text("hnsu?-", max_size=60))
def test_runs_follow_each_other_and_neighbours_differ_or_lie_apart(text: str) -> None:
    runs = find_runs(moments(text))
    for before, after in pairwise(runs):
        end = before.since + before.seconds
        assert after.since > end
        assert after.valence is not before.valence or after.since - end > 1.0


def test_a_short_gap_does_not_break_a_run_and_a_long_one_does() -> None:
    assert len(find_runs(moments("sss--sss"))) == 1
    assert len(find_runs(moments("sss-------sss"))) == 2


def test_after_twenty_tense_seconds_it_is_time_to_say_so() -> None:
    session = Session()
    for moment in moments("s" * 100):
        session.add(moment)
        assert session.current_run is not None
        assert not session.current_run.is_long_tension
    session.add(Moment(20.0, Outcome.STRESS, Probabilities(0, 0, 1, 0)))
    assert session.current_run is not None
    assert session.current_run.is_long_tension


def test_each_question_has_its_own_moments_and_text() -> None:
    session = Session(["Who are you?"])
    for moment in moments("hhhhhsssss"):
        if moment.at == 1.0:
            session.next_question(1.0)
        session.add(moment)
    first, second = session.summaries()
    assert (first.text, second.text) == ("Who are you?", "")
    assert (first.shares[Valence.POSITIVE], second.shares[Valence.NEGATIVE]) == (1, 1)
    assert len(first.moments) + len(second.moments) == 10
    with pytest.raises(ValueError, match="past"):
        session.next_question(0.5)


@given(st.text("hnsu?-", max_size=80))
def test_the_most_negative_moments_are_few_negative_and_apart(text: str) -> None:
    chosen = most_negative(moments(text))
    assert len(chosen) <= 3
    assert all(after.at - before.at >= 3 - 1e-9 for before, after in pairwise(chosen))
    assert all(one.outcome in (Outcome.STRESS, Outcome.SURPRISE) for one in chosen)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n\r\n"])
def test_questions_are_read_as_editors_of_every_system_save_them(tmp_path: Path, encoding: str, end: str) -> None:
    path = tmp_path / "questions.txt"
    path.write_bytes(end.join(("Why did you leave your last job?", "자기소개 부탁드립니다", "")).encode(encoding))
    assert read_questions(path) == ("Why did you leave your last job?", "자기소개 부탁드립니다")


def test_questions_are_lines_and_bad_lists_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "questions.txt"
    path.write_text("# mine\nWhy us?\n\n 자기소개 부탁드립니다 \n", encoding="utf-8")
    assert read_questions(path) == ("Why us?", "자기소개 부탁드립니다")
    path.write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(QuestionListError, match="empty"):
        read_questions(path)
    with pytest.raises(QuestionListError):
        read_questions(tmp_path / "missing.txt")


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Four seconds of the demo actor: resting, then raging."""
    path = tmp_path / "answers <b>.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (640, 480))
    for name in ("neutral", "full_surprise_100"):
        picture = cv2.imread(str(ASSETS_FOLDER / "actor" / "f_multi" / f"{name}.jpg"))
        assert picture is not None
        for _ in range(20):
            writer.write(picture)
    writer.release()
    return path


def test_coach_reads_a_video_and_writes_a_report_that_loads_nothing(video: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    arguments = ["--source", str(video), "--mark", "2", "--json", "--report", str(report)]
    done = CliRunner().invoke(coach, arguments, obj=Setup(database=tmp_path / "r.db"))
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    summaries = [line for line in lines if "summary" in line]
    assert len(summaries) == 2
    assert summaries[0]["shares"]["neutral"] == 1
    assert summaries[1]["shares"]["negative"] == 1
    text = report.read_text(encoding="utf-8")
    assert "answers &lt;b&gt;.avi" in text
    assert "data:image/png;base64," in text
    assert "http" not in text
    assert "<script" not in text


def test_a_report_is_made_of_a_file_only(tmp_path: Path) -> None:
    arguments = ["--source", "actor", "--seconds", "1", "--report", str(tmp_path / "r.html")]
    done = CliRunner().invoke(coach, arguments, obj=Setup(database=tmp_path / "r.db"))
    assert done.exit_code == 1
    assert "video file of your own" in str(done.exception)


@pytest.mark.parametrize("tick", range(60))
def test_exactly_a_second_is_within_a_second_at_every_moment_of_a_session(tick: int) -> None:
    at, later = tick / READINGS_PER_SECOND, (tick + READINGS_PER_SECOND) / READINGS_PER_SECOND
    assert valences_of([Moment(at, Outcome.SURPRISE), Moment(later, Outcome.HAPPY)])[0] is None
    assert len(find_runs([Moment(at, Outcome.STRESS), Moment(later, Outcome.STRESS)])) == 1
    session = Session()
    for moment in (Moment(at, Outcome.STRESS), Moment(later, Outcome.UNSURE)):
        session.add(moment)
    assert session.current_run is not None


def looking(*pairs: tuple[Gaze | None, int]) -> Session:
    """One answer with so many readings of each gaze."""
    session = Session()
    gazes = [gaze for gaze, count in pairs for _ in range(count)]
    for number, gaze in enumerate(gazes):
        session.add(replace(moments("n" * len(gazes))[number], gaze=gaze))
    return session


def test_where_one_looked_is_told_from_where_one_mostly_looks() -> None:
    usual = Gaze(-20.0, 8.0)  # the camera stands aside and above
    aside = Gaze(usual.across + 25, usual.down)  # to the right of the picture: to one's own left
    [summary] = looking((usual, 60), (aside, 30), (Gaze(usual.across, usual.down + 20), 10)).summaries()
    assert summary.looked == {
        Direction.AHEAD: 0.6,
        Direction.LEFT: 0.3,
        Direction.RIGHT: 0,
        Direction.UP: 0,
        Direction.DOWN: 0.1,
    }
    assert looked_sentence(summary) == "You looked ahead 60% of the time, otherwise mostly to your left."
    assert looked_row(summary).startswith(
        "Where you looked: ahead 60%, to your left 30%, down 10%. Ahead is within 15°"
    )
    assert looked_row(summary) in render_report("answers.mp4", [summary], {})
    assert looked_sentence(summary) in about_question(summary, [], 76, {}).plain


def test_a_glance_now_and_then_is_not_dwelt_on_and_too_few_readings_tell_nothing() -> None:
    [steady] = looking((Gaze(0, 0), 97), (Gaze(30, 0), 3)).summaries()
    assert looked_sentence(steady) == "You looked ahead nearly all the time."
    [hidden] = looking((Gaze(0, 0), 24), (None, 200)).summaries()
    assert (hidden.looked, looked_sentence(hidden), looked_row(hidden)) == ({}, "", "")
