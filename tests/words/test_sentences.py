"""What the values of the record are called, in the person's language."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.words.language import use_language
from app.words.sentences import export_target_text, period_texts
from core.store.records import STANDARD_OUTPUT, ExportKind, ExportRecord


def export_to(target: str) -> ExportRecord:
    at = datetime(2026, 1, 5, tzinfo=UTC)
    return ExportRecord(at, ExportKind.CALLS, None, None, "complete", target, "mina", rows=2, mine=True)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "standard output"), ("ko", "표준 출력(화면이나 다른 프로그램)")]
)
def test_where_an_export_went_is_said_in_the_persons_language(language: str, words: str) -> None:
    use_language(language)
    assert export_target_text(export_to(STANDARD_OUTPUT)) == words
    assert export_target_text(export_to("/home/mina/표.csv")) == "/home/mina/표.csv"


def test_a_period_of_one_day_is_called_today() -> None:
    assert list(period_texts().items()) == [
        ("1", "today"),
        ("7", "the last 7 days"),
        ("30", "the last 30 days"),
        ("365", "the last 365 days"),
    ]
