"""What click itself says is said in the person's language, too."""

from __future__ import annotations

import inspect
import re

import click
import pytest

from app.cli.click_words import MODULES, WORDS
from app.cli.main import cli
from app.words.language import _, use_language
from tests.cli.shell import Shell


def test_these_are_clicks_own_words() -> None:
    sources = "".join(inspect.getsource(module) for module in MODULES)
    said = {re.sub(r"\s+", " ", text) for text in re.findall(r'"((?:[^"\\]|\\.)*)"', sources)}
    written = {word.replace("\n", "\\n").replace("\t", "\\t") for word in WORDS}
    assert written - said == set()


def test_each_has_a_korean_form() -> None:
    use_language("ko")
    try:
        assert [word for word in WORDS if _(word) == word] == []
    finally:
        use_language("en")


def forget_help_options(command: click.Command) -> None:
    """Click makes a command's help option once for each process, in the language of that moment; a test changes it."""
    command._help_option = None
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in ("run", "train") if command is cli else command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            forget_help_options(found)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("run", "--help"),
        ("train", "run", "--help"),
        ("runn",),
        ("run", "--nothing"),
        ("run", "--seconds"),
        ("run", "--seconds", "many"),
        ("run", "--calls", "0"),
        ("call",),
        ("call", "sing"),
        ("run", "too", "many"),
        ("--language", "ko", "export", "--format", "nothing"),
    ],
)
def test_whoever_reads_korean_reads_no_english_sentence_of_click(shell: Shell, arguments: tuple[str, ...]) -> None:
    forget_help_options(cli)
    _code, out, err = shell("--language", "ko", *arguments)
    forget_help_options(cli)
    said = out + err
    assert said
    english = re.findall(
        r"\b(?:Usage|Options|Commands|Error|Try|for help|No such|Did you mean|Missing|Invalid|is not|"
        r"requires|unexpected|default:|Show this)\b",
        said,
    )
    assert english == [], said


def test_english_stays_as_click_says_it(shell: Shell) -> None:
    _code, _out, err = shell("--language", "en", "runn")
    assert err.startswith("Usage: calmline")
    assert "Did you mean 'run'?" in err
