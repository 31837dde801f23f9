"""What a person agrees to says what the program does: its figures are the code's, and nothing shared goes unsaid."""

from __future__ import annotations

import pytest

from app.words.consent_text import consent_text
from core.method.level import READINGS_PER_SECOND
from core.store.export_rows import CALL_COLUMNS, SAMPLE_COLUMNS
from core.store.store import CALL_DAYS, SAMPLE_DAYS

SAID = {
    "en": {
        "counsellor": None,
        "day": "tells the day",
        "part_of_day": "night, morning, afternoon or evening",
        "minutes": "how many minutes the call lasted",
        "tensest_minute": "how tense its tensest minute looked",
        "tense_minutes": "how long it looked tense",
        "calm_again_minutes": "how soon it was calm again",
        "face_seen": "how much of it your face was seen",
        "call": None,
        "minute": "one mean level for each minute",
        "mean_level": "one mean level for each minute",
        "schema_version": None,
    },
    "ko": {
        "counsellor": None,
        "day": "날짜와 시간대",
        "part_of_day": "밤, 오전, 오후, 저녁",
        "minutes": "통화가 몇 분이었는지",
        "tensest_minute": "가장 긴장한 1분",
        "tense_minutes": "얼마나 오래 긴장해 보였고",
        "calm_again_minutes": "얼마 만에 가라앉았는지",
        "face_seen": "얼굴이 얼마나 보였는지",
        "call": None,
        "minute": "1분마다 평균 누적값 하나",
        "mean_level": "1분마다 평균 누적값 하나",
        "schema_version": None,
    },
}
"""Where the text speaks of each column that a supervisor gets; a pseudonym, a number within the file and the file's form say nothing."""


@pytest.mark.parametrize("language", SAID)
def test_every_column_that_a_supervisor_gets_is_in_the_text(language: str) -> None:
    text = consent_text(language)
    for column in (*CALL_COLUMNS, *SAMPLE_COLUMNS):
        said = SAID[language][column]
        assert said is None or said in text, column


@pytest.mark.parametrize("language", SAID)
def test_its_figures_are_those_of_the_program(language: str) -> None:
    text = consent_text(language)
    often = {"en": ("five times a second",), "ko": ("1초에 다섯 번",)}[language]
    kept = {
        "en": f"after {SAMPLE_DAYS} days and summaries after {CALL_DAYS}",
        "ko": f"{SAMPLE_DAYS}일, 요약은 {CALL_DAYS}일",
    }
    assert READINGS_PER_SECOND == 5
    assert all(one in text for one in (*often, kept[language]))


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ("one can tell when you looked tense or smiled", "whoever has the telephone log", "that it was you")),
        ("ko", ("언제 긴장해 보였고 언제 웃었는지 알 수 있어요", "전화 기록을 가진 사람은", "그것이 나라는 것을")),
    ],
)
def test_it_says_what_curves_and_a_telephone_log_give_away(language: str, sentences: tuple[str, ...]) -> None:
    text = " ".join(consent_text(language).split())
    assert [one for one in sentences if one not in text] == []
