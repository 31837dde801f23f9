"""No particle is guessed, and keys typed in Hangul mode."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.words.korean import latin_keys
from tests.catalogue import catalogue_folders, read_catalogue

NUMBER = r"\{[^{}]*%\}"
"""A share: read as 퍼센트, which ends in a vowel."""

GUESSED = re.compile(
    rf"(?:(?!{NUMBER})\{{[^{{}}]*\}})[”’\"']*"
    r"(?:은|는|이|가|을|를|과|와|으?로|이?라는|이?라고|이?랑|이에요|예요)(?![가-힣])|[가-힣][)]?\((?:은|는|이|가|을|를|과|와|으|이라?)\)|\([으이]\)[로라]"
)
"""A particle whose form depends on the sound at the end of whatever is put into a gap; or both forms, for the reader to choose."""


def test_no_particle_has_to_be_guessed() -> None:
    catalogue = [one for folder in catalogue_folders() for one in read_catalogue(*folder) if one.id]
    texts = [text for one in catalogue for text in ([one.string] if isinstance(one.string, str) else one.string or [])]
    assert len(texts) > 1000
    assert [text for text in texts if GUESSED.search(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "{name}은(는) 없어요",
        "“{name}”이 없어요",
        "{name}(으)로 읽어요",
        "{now}이에요",
        "{name!r}라는 배우",
        "얼굴을(를)",
    ],
)
def test_a_guessed_particle_would_be_found(text: str) -> None:
    assert GUESSED.search(text)


@pytest.mark.parametrize(
    "text", ["{count}개는 없어요", "{share:.0%}를 읽어요", "범위({range})를 벗어나요", "{name}에서"]
)
def test_what_is_no_guess_stays(text: str) -> None:
    assert not GUESSED.search(text)


@pytest.mark.parametrize(
    ("typed", "keys"),
    [("ㅡ", "m"), ("ㅇ", "d"), ("ㅂ", "q"), ("ㅣ", "l"), ("ㄳ", "rt"), ("ㅘ", "hk"), ("나", "sk"), ("값", "rkqt")],
)
def test_a_hangul_letter_stands_for_the_keys_it_was_typed_with(typed: str, keys: str) -> None:
    assert latin_keys(typed) == keys


@given(st.characters())
def test_only_hangul_stands_for_other_keys(character: str) -> None:
    name = unicodedata.name(character, "")
    hangul = "가" <= character <= "힣" or "ㄱ" <= character <= "ㅣ"
    assert bool(latin_keys(character)) == hangul
    assert not hangul or name.startswith("HANGUL")
    assert latin_keys(character).isascii()
