"""What click itself says is said in the person's language, too."""

from __future__ import annotations

import inspect
import re

import pytest

from app.cli.click_words import MODULES, WORDS
from app.words.language import _, use_language
from tests.cli.shell import Shell


def test_these_are_clicks_own_words() -> None:
    sources = "".join(inspect.getsource(module) for module in MODULES)
    said = {re.sub(r"\s+", " ", text) for text in re.findall(r'"((?:[^"\\]|\\.)*)"', sources)}
    assert set(WORDS) - said == set()


def test_each_has_a_korean_form() -> None:
    use_language("ko")
    try:
        assert [word for word in WORDS if _(word) == word] == []
    finally:
        use_language("en")


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
    _code, out, err = shell("--language", "ko", *arguments)
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
    assert "Did you mean run?" in err
