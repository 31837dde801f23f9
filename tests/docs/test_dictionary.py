from __future__ import annotations

from tests.dictionary import EXPORTS, MEANINGS, PAGE, columns, dictionary


def test_every_column_has_a_meaning_and_every_meaning_a_column() -> None:
    there = {table: {name for name, _kind in found} for table, found in columns().items()}
    assert {table: set(meanings) - {""} for table, meanings in MEANINGS.items()} == there


def test_every_column_of_an_export_has_a_meaning_and_every_meaning_a_column() -> None:
    assert all(set(names) == set(meanings) for names, meanings in EXPORTS.values())


def test_the_dictionary_is_what_the_migrations_make() -> None:
    assert PAGE.read_text(encoding="utf-8") == dictionary(), "run python3 -m tests.dictionary"
