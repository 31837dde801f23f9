"""What only Korean needs: keys that were typed in Hangul mode."""

from __future__ import annotations

_FIRST_SYLLABLE = ord("가")
_VOWELS, _FINALS = 21, 28

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
