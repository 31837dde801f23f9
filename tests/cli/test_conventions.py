"""What every command does alike: forms, quiet, colours, standard input and output, exit codes."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import click
import pytest

from app.cli.main import cli
from core.method.emotion import Emotion
from tests.cli.shell import Shell, record, write_colour
from tests.reference import commands

PRINTING = {
    " ".join(path): command for path, command in commands(cli) if any("--format" in one.opts for one in command.params)
}


@pytest.mark.parametrize("name", sorted(PRINTING))
def test_json_is_the_short_form_of_format_json(name: str) -> None:
    options = {option: one for one in PRINTING[name].params for option in one.opts}
    assert isinstance(options["--format"].type, click.Choice)
    assert "json" in options["--format"].type.choices
    assert "--json" in options


@pytest.mark.parametrize(
    "name", ["doctor", "record paths", "record retention", "consent show", "coach", "networks grade"]
)
def test_what_tells_something_tells_it_to_programs_too(name: str) -> None:
    assert name in PRINTING


@pytest.mark.parametrize("form", [["--json"], ["--format", "json"]])
@pytest.mark.parametrize(
    ("command", "key", "value"),
    [
        (["record", "retention"], "curves_days", 90),
        (["consent", "show"], "share", "nothing"),
        (["record", "paths"], "database", None),
    ],
)
def test_a_command_prints_json(shell: Shell, command: list[str], key: str, value: object, form: list[str]) -> None:
    record(shell)
    code, out, _ = shell(*command, *form)
    told = json.loads(out)
    assert code == 0
    assert told[key] == value or (value is None and told[key] == str(shell.database))


def test_an_export_is_printed_as_json(shell: Shell) -> None:
    record(shell)
    assert len(json.loads(shell("export", "--mine", "--json")[1])) == 1
    assert shell("export", "--mine")[1].startswith("counsellor,id,")


def test_doctor_tells_programs_what_it_tells_people(shell: Shell) -> None:
    record(shell)
    lines = [line.split()[1] for line in shell("doctor")[1].splitlines()]
    found = json.loads(shell("doctor", "--json")[1])
    assert [one["name"] for one in found] == lines
    assert {one["good"] for one in found} <= {True, False}


def test_quiet_leaves_out_what_was_done_and_keeps_what_is_wrong(shell: Shell, tmp_path: Path) -> None:
    record(shell)
    loud = shell("export", "--mine", "--out", tmp_path / "a.csv")
    quiet = shell("--quiet", "export", "--mine", "--out", tmp_path / "b.csv")
    assert "line" in loud[2]
    assert quiet == (0, "", "")
    code, _, err = shell("-q", "export", "--mine", "--out", tmp_path / "b.csv")
    assert code == 1
    assert "is there already" in err


def test_no_color_reaches_the_screens(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    shell("--no-color", "record", "paths")
    assert os.environ["NO_COLOR"] == "1"


def given_to_standard_input(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_a_picture_comes_from_standard_input(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = write_colour(tmp_path / "happy.png", Emotion.HAPPY)
    given_to_standard_input(monkeypatch, picture.read_bytes())
    code, out, _ = shell("networks", "classify", "-", "--crops", "--json")
    assert code == 0
    assert {(one["file"], one["emotion"]) for one in json.loads(out)} == {("standard input", "happy")}


def test_questions_come_from_standard_input(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    given_to_standard_input(monkeypatch, b"Why us?\nWhy you?\n")
    code, out, err = shell("coach", "--questions", "-", "--source", "actor", "--seconds", "2", "--json")
    assert code == 0, err
    assert json.loads(out.splitlines()[-1])["text"] == "Why us?"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["record", "paths"], 0),
        (["networks", "classify", "gone.jpg"], 1),
        (["dance"], 2),
        (["record", "paths", "x"], 2),
    ],
)
def test_the_exit_code_is_the_one_that_is_listed(shell: Shell, command: list[str], code: int) -> None:
    assert shell(*command)[0] == code


@pytest.mark.parametrize(
    "command",
    [
        ["networks", "classify", "gone.jpg"],
        ["networks", "grade", "gone"],
        ["networks", "explain", "gone.jpg", "--out", "out"],
        ["train", "data", "prepare", "gone"],
        ["networks", "add", "gone.tflite"],
        ["run", "--headless", "--source", "gone.mp4"],
        ["coach", "--json", "--source", "gone.mp4"],
    ],
    ids=" ".join,
)
def test_an_input_that_is_not_there_is_named_before_anything_is_printed(shell: Shell, command: list[str]) -> None:
    code, out, err = shell(*command)
    assert (code, out) == (1, "")
    assert "gone" in err
    assert "not there" in err
    assert "camera" not in err.lower()
