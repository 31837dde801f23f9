"""Two things that only Korean needs: particles that follow the sound before them, and keys typed in Hangul mode."""

from __future__ import annotations

import re

_PARTICLES = {
    "은(는)": ("은", "는"),
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "와(과)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)라": ("이라", "라"),
}
"""Each particle as translators write it: the form after a consonant, the form after a vowel."""

_AFTER_A_WORD = re.compile(
    r"(?P<last>[가-힣0-9])(?P<closing>[”’\"')\]]*)(?P<particle>" + "|".join(map(re.escape, _PARTICLES)) + ")"
)
_FIRST_SYLLABLE = ord("가")
_VOWELS, _FINALS = 21, 28
_RIEUL = 8
"""The final consonant ㄹ, after which 으로 becomes 로."""
_DIGIT_FINALS = {"0": 21, "1": 8, "2": 0, "3": 16, "4": 0, "5": 0, "6": 1, "7": 8, "8": 8, "9": 0}
"""The final consonant of each digit's name (영 일 이 삼 사 오 육 칠 팔 구), as an index of Unicode's finals."""


def settle_particles(text: str) -> str:
    """`text` with every "은(는)" and its like in the form that the sound before it asks for.

    After anything but Hangul and digits (a Latin letter may be read in several ways) both forms stay.
    """
    return _AFTER_A_WORD.sub(_settled, text)


def _settled(match: re.Match[str]) -> str:
    last, particle = match["last"], match["particle"]
    final = _DIGIT_FINALS.get(last)
    if final is None:
        final = (ord(last) - _FIRST_SYLLABLE) % _FINALS
    after_consonant, after_vowel = _PARTICLES[particle]
    ends_open = final == 0 or (particle == "(으)로" and final == _RIEUL)
    return f"{last}{match['closing']}{after_vowel if ends_open else after_consonant}"


class KoreanText(str):
    """A translated sentence whose particles settle when its gaps are filled."""

    __slots__ = ()

    def format(self, *args: object, **fields: object) -> str:
        """Fill the fields like `str.format`, with particles that fit."""
        return settle_particles(str.format(self, *args, **fields))


# The two-set keyboard: which Latin keys a letter is typed with, in the order of Unicode's lists.
_INITIALS = ["r", "R", "s", "e", "E", "f", "a", "q", "Q", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g"]
_MEDIALS = "k o i O j p u P h hk ho hl y n nj np nl b m ml l".split()
_ENDINGS = ["", *"r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g".split()]
_CONSONANTS = "r R rt s sw sg e E f fr fa fq ft fx fv fg a q Q qt t T d w W c z x v g".split()
_FIRST_LETTER = ord("ㄱ")
_LETTERS = [*_CONSONANTS, *_MEDIALS]
_SYLLABLES = len(_INITIALS) * _VOWELS * _FINALS


def latin_keys(character: str) -> str:
    """The Latin keys with which a Hangul letter or syllable was typed ("ㅡ": "m"); "" for any other character.

    A terminal whose input method is in Hangul mode sends these where a key such as m was meant.
    """
    if len(character) != 1:
        return ""
    letter = ord(character) - _FIRST_LETTER
    if 0 <= letter < len(_LETTERS):
        return _LETTERS[letter]
    syllable = ord(character) - _FIRST_SYLLABLE
    if not 0 <= syllable < _SYLLABLES:
        return ""
    initial, rest = divmod(syllable, _VOWELS * _FINALS)
    medial, final = divmod(rest, _FINALS)
    return _INITIALS[initial] + _MEDIALS[medial] + _ENDINGS[final]
