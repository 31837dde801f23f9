"""The command line as a whole: what looks at the computer, what explains itself, what is refused."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.doctor import _language
from app.cli.main import run
from tests.cli.shell import Shell


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

    @pytest.mark.thorough
    def test_the_demo_reports_how_the_actor_is_read(self, shell: Shell) -> None:
        code, out, _ = shell("demo", "--report", "--source", "actor:f_white")
        assert code == 0
        assert len([line for line in out.splitlines() if line.startswith("|")]) == 2 + 11 + 1

    def test_call_without_a_monitor_says_so(self, shell: Shell) -> None:
        for action in ("start", "end", "reset", "pause", "resume", "status"):
            code, out, err = shell("call", action)
            assert (code, out) == (5, "")
            assert "No monitor is running" in err

    def test_screens_without_a_terminal_say_so(self, shell: Shell) -> None:
        code, _, err = shell()
        assert code == 1
        assert "need a terminal" in err
        for nobody in (("--actor", "nobody"), ("--source", "actor:nobody"), ("--source", "0")):
            code, _, err = shell("demo", *nobody)
            assert code == 1
            assert "actor:f_white" in err
            assert ":dim" in err
        assert "need a terminal" in shell("demo", "--source", "actor:f_multi:dim")[2]

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
            "export merge",
            "record paths",
            "record retention",
            "record erase",
            "record encrypt",
            "networks list",
            "networks classify",
            "networks grade",
            "networks explain",
            "coach",
            "train data prepare",
            "doctor",
        ],
    )
    def test_every_command_explains_itself_with_an_example(self, shell: Shell, command: str, language: str) -> None:
        shell.capture.readouterr()
        assert run(["--language", language, *command.split(), "--help"]) == 0
        out = shell.capture.readouterr().out
        assert ("Example:" if language == "en" else "예:") in out
        assert f"calmline {command}" in out
