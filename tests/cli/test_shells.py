"""What shells ask for: completions, and a hint where a name is nearly right."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import Shell

ROOT = Path(__file__).parents[2]


def asked(instruction: str, **words: str) -> str:
    """What a shell is told, by the program itself."""
    environment = os.environ | {"_CALMLINE_COMPLETE": instruction, **words}
    program = "import sys; from app.cli.main import run; sys.exit(run([]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) in {(0, ""), (1, "")}
    return done.stdout


@pytest.mark.parametrize(("instruction", "part"), [("zsh_source", "#compdef calmline"), ("fish_source", "complete ")])
def test_a_shell_gets_its_script(instruction: str, part: str) -> None:
    assert part in asked(instruction)


BASH_ASKS = (
    'eval "$(_CALMLINE_COMPLETE=bash_source calmline)"; COMP_WORDS=(calmline record pa); COMP_CWORD=2; '
    "_calmline_completion calmline; echo ${COMPREPLY[@]}"
)
ZSH_ASKS = """zmodload zsh/zpty; zpty shell 'PS1= zsh -f -i'
zpty -w shell 'autoload -U compinit; compinit -u; eval "$(_CALMLINE_COMPLETE=zsh_source calmline)"; print RE""ADY'
zpty -r shell told '*READY*'
zpty -w -n shell $'calmline record pa\t'
zpty -r shell told '*paths*'; print paths; zpty -d shell"""
FISH_ASKS = "_CALMLINE_COMPLETE=fish_source calmline | source; complete -C 'calmline record pa'"


@pytest.mark.parametrize(("name", "asks"), [("bash", BASH_ASKS), ("zsh", ZSH_ASKS), ("fish", FISH_ASKS)])
def test_a_real_shell_completes_by_the_script_that_the_docs_name(tmp_path: Path, name: str, asks: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"there is no {name} here")
    program = tmp_path / "calmline"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nfrom app.cli.main import run\nsys.exit(run([]))\n", encoding="utf-8"
    )
    program.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
    }
    done = subprocess.run([name, "-c", asks], capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert (done.stdout.split()[:1], done.stderr) == (["paths"], "")


@pytest.mark.parametrize(
    ("words", "offered"),
    [("calmline ex", "export"), ("calmline networks cl", "classify"), ("calmline export --fo", "--format")],
)
def test_what_may_come_next_is_offered(words: str, offered: str) -> None:
    told = asked("bash_complete", COMP_WORDS=words, COMP_CWORD=str(len(words.split()) - 1))
    assert told.split() == [f"plain,{offered}"]


def test_old_names_are_not_offered() -> None:
    assert asked("bash_complete", COMP_WORDS="calmline cla", COMP_CWORD="1").strip() == ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("exprt", "export"),
        ("docter", "doctor"),
        ("network", "networks"),
        ("record path", "paths"),
        ("consent shw", "show"),
    ],
)
def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(shell: Shell, typed: str, meant: str) -> None:
    code, _, err = shell(*typed.split())
    assert code == 2
    assert f"Did you mean {meant!r}?" in err


def test_where_nothing_is_near_nothing_is_guessed(shell: Shell) -> None:
    assert "Did you mean" not in shell("zzzz")[2]
