"""Plain mode: lines of text for screen readers and logs; nothing is drawn, moved or coloured."""

from __future__ import annotations

import io
import itertools
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli.plain import SECONDS_APART, CallLines, ask_for_consent
from app.words.consent_text import consent_text
from app.words.errors import trouble_sentence
from core.method.emotion import GapReason
from core.method.tension import WINDOW, TensionWord
from core.monitoring.headless import HeadlessSample
from core.sources.source import SourceProblem
from core.store.store import Store
from core.system.clock import SystemClock
from tests.cli.shell import Shell
from tests.privacy.test_leaving import Terminal
from tests.thorough import mostly_thorough
from tests.tui.stage import consent_of


def sample(seconds: float, word: TensionWord | None, *, face: bool = True) -> HeadlessSample:
    why = None if face else GapReason.NO_FACE
    return HeadlessSample(1, round(seconds * 1000), "neutral" if face else None, 0.5, face, 0.2, why, word)


def told(samples: list[HeadlessSample], capsys: pytest.CaptureFixture[str]) -> list[str]:
    lines = CallLines("0")
    for one in samples:
        lines(one)
    return capsys.readouterr().out.splitlines()


def test_a_line_comes_when_the_word_changes_and_only_then(capsys: pytest.CaptureFixture[str]) -> None:
    words = [None] * 100 + [TensionWord.CALM] * 100 + [TensionWord.RISING] * 100
    lines = told([sample(number / 5, word) for number, word in enumerate(words)], capsys)
    assert [line.split("   ")[:2] for line in lines] == [["00:20", "calm"], ["00:40", "rising"]]


def test_lines_are_at_least_ten_seconds_apart_and_the_last_word_is_not_lost(capsys: pytest.CaptureFixture[str]) -> None:
    words = [TensionWord.CALM, TensionWord.RISING, TensionWord.CALM, TensionWord.HIGH]
    flicker = [sample(number / 5, words[number % 4]) for number in range(300)]
    settled = [sample(60 + number / 5, TensionWord.SETTLING) for number in range(60)]
    lines = told([*flicker, *settled], capsys)
    times = [60 * int(line[:2]) + int(line[3:5]) for line in lines]
    assert all(after - before >= SECONDS_APART for before, after in itertools.pairwise(times))
    assert len(lines) >= 6
    assert "settling" in lines[-1]


def test_a_face_that_is_gone_for_three_seconds_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    seen = [sample(number / 5, TensionWord.CALM) for number in range(100)]
    gone = [sample(20 + number / 5, TensionWord.CALM, face=False) for number in range(30)]
    assert "no face" in told([*seen, *gone], capsys)[-1]


def test_a_camera_that_is_not_there_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    gone = [replace(sample(number / 5, None, face=False), trouble=SourceProblem.NOT_FOUND) for number in range(10)]
    assert told(gone, capsys) == ["00:00   " + trouble_sentence(SourceProblem.NOT_FOUND, "0")]


def test_before_a_minute_was_seen_a_share_is_said_to_be_of_less(capsys: pytest.CaptureFixture[str]) -> None:
    early, later = (replace(sample(at, TensionWord.CALM), seen=seen) for at, seen in ((20, 95), (80, WINDOW)))
    assert "tense 20% of 19 s" in told([early], capsys)[0]
    assert "tense 20% of the last minute" in told([later], capsys)[0]


@pytest.mark.parametrize("option", ["--candidate=mobilenetv2-1", "--seconds=5", "--calls=2", "--realtime"])
def test_what_the_screens_do_not_know_is_not_passed_over_in_silence(shell: Shell, option: str) -> None:
    code, _out, err = shell("run", "--source", "actor", option)
    assert code == 1
    assert f"{option.partition('=')[0]} goes with --plain or --headless." in err


def test_a_call_and_the_history_are_lines(shell: Shell) -> None:
    code, out, err = shell("run", "--plain", "--source", "actor:f_white", "--seconds", 45)
    assert code == 0, err
    lines = out.splitlines()
    assert "not tuned to you" in lines[0]
    assert re.fullmatch(r"Call 1   00:4\d   .+", lines[-1]), lines
    assert any(re.match(r"00:\d\d   (calm|steady|rising|settling|high)   tense \d+%", line) for line in lines), lines
    code, out, _ = shell("run", "--plain", "--history")
    assert code == 0
    [line] = out.splitlines()
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d \(00:4\d\)   ", line)


def test_history_without_plain_is_refused_with_a_sentence(shell: Shell) -> None:
    code, _out, err = shell("run", "--history")
    assert (code, err) == (1, "--history goes with --plain.\n")


posix_only = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")


@posix_only
@pytest.mark.parametrize("language", mostly_thorough(["en", "ko"], ["ko"]))
def test_in_a_terminal_it_prints_printable_characters_and_newlines_only(tmp_path: Path, language: str) -> None:
    terminal = Terminal(
        tmp_path,
        "--language",
        language,
        "run",
        "--plain",
        "--source",
        "actor:f_white",
        "--seconds",
        "25",
        CALMLINE_LANGUAGE=language,
    )
    try:
        terminal.seconds_to_end()
        terminal.read()
        text = terminal.output.decode().replace("\r\n", "\n")
        assert terminal.process.returncode == 0, text
        assert len(text.splitlines()) >= 4
        assert all(character.isprintable() or character == "\n" for character in text), text
    finally:
        terminal.close()


@posix_only
@pytest.mark.parametrize(("answer", "measure"), [("yes", True), ("no", False)])
def test_who_was_never_asked_hears_the_text_and_is_asked(tmp_path: Path, answer: str, measure: bool) -> None:
    terminal = Terminal(tmp_path, "run", "--plain", "--source", "0", "--seconds", "1")
    try:
        terminal.wait_for("Two letters")
        assert consent_text("en").splitlines()[0].encode() in terminal.output
        terminal.type(b"kr\n")
        terminal.wait_for("Type yes or no")
        terminal.type(answer.encode() + b"\n")
        terminal.seconds_to_end()
        terminal.read()
    finally:
        terminal.close()
    [database] = tmp_path.rglob("calmline.db")
    with Store.open(database, SystemClock(), read_only=True) as store:
        consent = store.consent()
        assert consent is not None
        assert (consent.measure, consent.region) == (measure, "KR")
        assert consent.share == consent_of(store).share


def test_without_a_terminal_nobody_is_asked(shell: Shell) -> None:
    code, _out, err = shell("run", "--plain", "--source", "0", "--seconds", 1)
    assert code == 1
    assert "only read with your consent" in err


@pytest.mark.parametrize(
    ("typed", "agreed"), [("네", True), ("예", True), ("YES", True), ("아니요", False), ("", False)]
)
def test_a_yes_counts_in_either_language_and_nothing_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, agreed: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"KR\n{typed}\n"))
    with Store.open(tmp_path / "calmline.db", SystemClock()) as store:
        assert ask_for_consent(store).measure is agreed
