"""What people call the eleven expressions when they name folders: in any case, spacing and usual spelling, in Korean, too."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from core.method.emotion import EXPRESSIONS, Expression

_WORDS: Mapping[str, str] = {
    "smile": "smiling closed smile 미소 웃음",
    "open_smile": "opensmiling smileopen openmouthsmile 환한미소 입열고웃음 입벌린미소",
    "laugh": "laughing laughter 큰웃음 함박웃음",
    "expressionless": "noexpression neutral 무표정 평온한얼굴",
    "blank_stare": "blank stare staring staringblankly 멍한얼굴 멍하기 초점흐리기 멍",
    "frown": "frowning 찡그림 찡그리기",
    "open_frown": "openfrowning frownopen openmouthfrown 입벌린찡그림 입열고찡그리기",
    "crying": "cry 울상 울기 울음",
    "rage": "raging anger angry 분노 완전분노 욕설",
    "eyes_surprise": "surprisedeyes surpriseeyes eyessurprised eyesurprise 놀란눈 눈만놀라기",
    "full_surprise": "surprise surprised fullsurprised 크게놀람 놀람 입눈동시에놀라기 입눈동시놀라기",
}
"""For each expression what else it is called, in small letters and without spaces."""

_BY_WORD = {
    word: expression
    for expression in EXPRESSIONS
    for word in (expression.id.replace("_", ""), *_WORDS[expression.id].split())
}


def expression_named(text: str) -> Expression | None:
    """The expression that a folder's name or a cell means ("Open smile", "open-smile", "02_smile", "미소"); else None."""
    plain = unicodedata.normalize("NFC", text).casefold()
    return _BY_WORD.get(re.sub(r"[\W\d_]+", "", plain))
