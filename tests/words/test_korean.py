"""Particles that fit the word before them, and keys typed in Hangul mode."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.words.korean import KoreanText, latin_keys, settle_particles


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("“찡그림”은(는) 어려웠어요", "“찡그림”은 어려웠어요"),
        ("“미소”은(는) 쉬웠어요", "“미소”는 쉬웠어요"),
        ("평온(으)로", "평온으로"),
        ("놀람(으)로", "놀람으로"),
        ("얼굴(으)로", "얼굴로"),
        ("코(으)로", "코로"),
        ("test 1이(가)", "test 1이"),
        ("test 5이(가)", "test 5가"),
        ("카메라 0을(를)", "카메라 0을"),
        ("‘소영’(이)라는", "‘소영’이라는"),
        ("clip.mp4을(를)", "clip.mp4를"),
        ("m_multi을(를)", "m_multi을(를)"),
    ],
)
def test_particles_follow_the_sound_before_them(written: str, read: str) -> None:
    assert settle_particles(written) == read


def test_a_translated_sentence_settles_when_its_gaps_are_filled() -> None:
    assert KoreanText("{name}이(가) 없어요.").format(name="카메라 2") == "카메라 2가 없어요."


@given(st.text())
def test_settling_twice_is_settling_once(text: str) -> None:
    assert settle_particles(settle_particles(text)) == settle_particles(text)


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
