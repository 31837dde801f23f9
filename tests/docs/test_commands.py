"""What the docs say of commands: the reference is current, and every command line shown can be given as it stands."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from app.cli import phone
from app.cli.main import cli
from tests.reference import CODES, MANUAL, PAGE, VARIABLES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
LINE = re.compile(
    r"^(?:    |`?)(?:\$ )?(?:python3 -m app|calmline) (?P<rest>[^`\n]*)$|`(?:python3 -m app|calmline) (?P<inline>[^`\n]+)`",
    re.MULTILINE,
)


def lines() -> Iterator[tuple[str, str]]:
    """Every command line in the docs, with the page that shows it; comments and what follows a pipe are cut."""
    for page in PAGES:
        whole = re.sub(r"\\\n\s*", "", page.read_text(encoding="utf-8"))  # a line that goes on
        for found in LINE.finditer(whole):
            text = found["rest"] or found["inline"]
            yield str(page.relative_to(ROOT)), re.split(r"\s#|\s[|>]\s", text)[0].strip()


def problem_of(line: str) -> str | None:
    """Why a command line could not be given; None where each of its words is a command or an option of one."""
    words = shlex.split(line)
    command: click.Command = cli
    while words:
        word = words.pop(0)
        if word.startswith("-") and not word.lstrip("-").isdigit():
            name, equals, _value = word.partition("=")
            options = [one for one in command.params if name in (*one.opts, *one.secondary_opts)]
            if name in ("--help", "-h"):
                continue
            if not options:
                return f"{command.name} has no option {name}"
            [option] = options
            takes = isinstance(option, click.Option) and not option.is_flag and not option.count
            if takes and not equals and option.nargs == 1 and words:
                words.pop(0)
        elif isinstance(command, click.Group):
            inner = command.get_command(click.Context(command), word)
            if inner is None:
                return f"{command.name} has no command {word}"
            command = inner
        elif not any(isinstance(one, click.Argument) for one in command.params):
            return f"{command.name} takes no {word}"
    return None


@pytest.mark.parametrize(("page", "maker"), [(PAGE, "reference"), (MANUAL, "manual")])
def test_the_reference_and_the_manual_are_what_the_commands_say_of_themselves(page: Path, maker: str) -> None:
    code = f"import sys; from tests.reference import {maker}; sys.stdout.buffer.write({maker}().encode())"
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    assert page.read_text(encoding="utf-8") == made, "run python3 -m tests.reference"


@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff here")
def test_the_manual_page_is_laid_out_without_a_warning() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z", str(MANUAL)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_variable_that_the_program_reads_for_a_person_is_listed() -> None:
    files = [*(ROOT / "app").rglob("*.py"), *(ROOT / "core").rglob("*.py")]
    read = {name for file in files for name in re.findall(r"\"(CALMLINE_[A-Z_]+)\"", file.read_text(encoding="utf-8"))}
    assert read | {"NO_COLOR"} == set(VARIABLES)


def test_the_exit_codes_of_a_call_are_listed() -> None:
    assert set(phone._CODES.values()) <= set(CODES)


def test_there_are_command_lines_to_look_at() -> None:
    assert len(list(lines())) > 20


@pytest.mark.parametrize(("page", "line"), sorted(set(lines())))
def test_a_command_line_in_the_docs_is_one_that_can_be_given(page: str, line: str) -> None:
    assert problem_of(line) is None, page


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("dance", "cli has no command dance"),
        ("demo --slow", "demo has no option --slow"),
        ("record paths here", "paths takes no here"),
    ],
)
def test_a_wrong_command_line_is_seen(line: str, problem: str) -> None:
    assert problem_of(line) == problem
