"""No screen, card, export or page calls a moment calm, high or hard by the level alone: it depends on a call's length."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.words.language import use_language
from app.words.tension import call_tension_parts, level_sentence
from core.method.emotion import Outcome
from core.method.sample import Sample
from core.method.summary import FinishedCall, summarise, summarise_period
from core.store.export_rows import CALL_COLUMNS, OWN_CALL_COLUMNS
from tests.catalogue import catalogue_folders, read_catalogue, source_messages

ROOT = Path(__file__).parents[2]
MAY_COMPARE = ("core/method/level.py", "app/tui/widgets/level_chart.py", "app/cli/team/counsellor.py")
"""Where the level is moved, where the range of the axis depends on it, and where a bar stands below the line."""

LEVEL_NAME = re.compile(r"(?:^|_)levels?(?:$|_peak$)")
OF_NEGATIVE_LEVELS = re.compile(r"CHECK \(level_peak >= 0\)")
"""A rule of the table, which stops a number that no level can have."""
LEVEL_IN_SQL = re.compile(r"\blevel\w*\"?\s*(?:[<>]|between\b)", re.IGNORECASE)
JUDGING = {
    "en": re.compile(r"\b(?:calm|high|highest|hard|strain|raised|rising|settl\w+|tense|tensest)\b", re.IGNORECASE),
    "ko": re.compile("차분|높|최고|힘든|힘듦|올라|가라앉|긴장"),
}
LEVEL = {"en": re.compile(r"\blevels?\b", re.IGNORECASE), "ko": re.compile("누적")}
ALLOWED = ("level (running sum) up to {level}",)
"""It names the level's highest value as what it is, and says nothing by it."""


def sources() -> Iterator[tuple[str, ast.AST]]:
    for folder in ("app", "core"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def is_level(node: ast.AST) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return bool(LEVEL_NAME.search(name))


def compares_a_level(node: ast.AST) -> bool:
    ordering = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
    if isinstance(node, ast.Compare):
        return any(isinstance(op, ordering) for op in node.ops) and any(map(is_level, [node.left, *node.comparators]))
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(LEVEL_IN_SQL.search(node.value))


def test_nothing_is_decided_by_a_level_but_the_level_itself_and_the_range_of_its_curve() -> None:
    found = [
        f"{path}:{getattr(node, 'lineno', 0)}"
        for path, tree in sources()
        if path not in MAY_COMPARE
        for node in ast.walk(tree)
        if compares_a_level(node)
    ]
    assert found == []


def test_no_statement_of_the_schema_decides_by_a_level() -> None:
    migrations = sorted((ROOT / "core" / "store" / "migrations").glob("*.sql"))
    assert migrations
    texts = {path.name: OF_NEGATIVE_LEVELS.sub("", path.read_text(encoding="utf-8")) for path in migrations}
    assert [name for name, text in texts.items() if LEVEL_IN_SQL.search(text)] == []


@pytest.mark.parametrize(
    "code", ["if level > high: pass", "x = call.summary.level_peak >= 500", "'SELECT * FROM t WHERE level_peak > 500'"]
)
def test_a_word_by_the_level_would_be_found(code: str) -> None:
    assert any(map(compares_a_level, ast.walk(ast.parse(code))))


def test_no_text_of_the_program_judges_by_the_level() -> None:
    use_language("en")
    texts = [str(part) for message in source_messages() if message.id for part in _parts(message.id)]
    judged = [text for text in texts if LEVEL["en"].search(text) and JUDGING["en"].search(text)]
    assert set(judged) <= {*ALLOWED, level_sentence()}
    for language, folder in catalogue_folders():
        for message in read_catalogue(language, folder):
            source = str(_parts(message.id)[0])
            if source in (*ALLOWED, level_sentence()):
                continue
            for text in _parts(message.string):
                assert not (LEVEL[language].search(text) and JUDGING[language].search(text)), text


def _parts(text: object) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, list | tuple) else (str(text),)


def test_whatever_the_level_was_the_same_readings_are_called_the_same() -> None:
    outcomes = [Outcome.NEUTRAL] * 200 + [Outcome.STRESS] * 150 + [Outcome.HAPPY] * 300
    low, high = (
        summarise([Sample(tick * 200, outcome, level) for tick, outcome in enumerate(outcomes)])
        for level in (-50_000, 50_000)
    )
    assert low.level_peak != high.level_peak
    assert low == replace(high, level_peak=low.level_peak)
    assert call_tension_parts(low) == call_tension_parts(high)
    began = datetime(2026, 1, 5, 9, tzinfo=UTC)
    days = [summarise_period([FinishedCall(began, summary)]) for summary in (low, high)]
    assert days[0] == days[1]


def test_no_column_of_an_export_has_a_word_for_the_level() -> None:
    assert [name for name in (*CALL_COLUMNS, *OWN_CALL_COLUMNS) if "level" in name] == ["level_peak"]
