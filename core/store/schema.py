"""The schema, as forward migrations of sqlite-utils; their statements are in `core/store/migrations`.

A migration is named `<program version>/<number>_<what>`: a database with a name that this program does not know comes
from a newer one, and the name says which version it needs.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING

from core.method.summary import summarise
from core.store.calls import read_samples, summary_row
from core.store.errors import StoreError, StoreErrorCode
from core.store.library import sqlite_utils

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

MIGRATION_SET = "calmline"


def _statements(step: str) -> Iterator[str]:
    """The statements of `core/store/migrations/<step>.sql`, one after the other."""
    lines: list[str] = []
    for line in (files("core.store") / "migrations" / f"{step}.sql").read_text("utf-8").splitlines():
        lines.append(line)
        if sqlite3.complete_statement(statement := "\n".join(lines)):
            yield statement
            lines.clear()


def _run(step: str, db: Database) -> None:
    for statement in _statements(step):
        db.execute(statement)


def _measure_tension(db: Database) -> None:
    """Sum up every call once more from its samples; where they have been retired, its tension is not known."""
    _run("004_tension", db)
    for call_id, duration_ms in db.execute("SELECT call_id, duration_ms FROM call_summary").fetchall():
        samples = read_samples(db, call_id)
        if samples:
            db.table("call_summary").update(call_id, summary_row(call_id, summarise(samples, duration_ms)))


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema, named `<program version>/<number>_<what>`."""

    name: str
    apply: Callable[[Database], None]


MIGRATIONS: tuple[Migration, ...] = (
    Migration("0.1.0/001_record", partial(_run, "001_record")),
    Migration("0.1.0/002_own_model", partial(_run, "002_own_model")),
    Migration("0.1.0/003_call_memory", partial(_run, "003_call_memory")),
    Migration("0.1.0/004_tension", _measure_tension),
    Migration("0.1.0/005_felt", partial(_run, "005_felt")),
    Migration("0.2.0/006_sharing", partial(_run, "006_sharing")),
    Migration("0.2.0/007_speech", partial(_run, "007_speech")),
    Migration("0.2.0/008_views", partial(_run, "008_views")),
)
"""All steps, oldest first. Steps are added, never changed."""


def migrations(steps: Sequence[Migration] = MIGRATIONS) -> Migrations:
    """The steps as sqlite-utils applies them."""
    result: Migrations = sqlite_utils().Migrations(MIGRATION_SET)
    for step in steps:
        result(name=step.name)(step.apply)
    return result


def applied_names(db: Database) -> tuple[str, ...]:
    """The names of the migrations that the database has had, oldest first."""
    return tuple(migration.name for migration in migrations().applied(db))


@cache
def expected_objects(applied: tuple[str, ...]) -> frozenset[tuple[str, str, str]]:
    """Every table, index, trigger and view of a database with these steps behind it: its kind, name and statement.

    Made by the steps themselves, in memory.
    """
    db: Database = sqlite_utils().Database(memory=True)
    try:
        migrations([step for step in MIGRATIONS if step.name in applied]).apply(db)
        return _objects(db)
    finally:
        db.close()


def require_own_schema(db: Database) -> None:
    """Make sure that a database holds what its steps have made, and nothing else.

    A trigger that somebody else has put there would run with the program's own writes, and undo or copy them.

    Raises:
        StoreError: FOREIGN_SCHEMA with the names of what is too much; CORRUPT where only something of ours differs.
    """
    expected, found = expected_objects(applied_names(db)), _objects(db)
    ours = {(kind, name) for kind, name, _statement in expected}
    foreign = sorted(f"{kind} {name}" for kind, name, _statement in found if (kind, name) not in ours)
    if foreign:
        raise StoreError(StoreErrorCode.FOREIGN_SCHEMA, ", ".join(foreign))
    if found != expected:
        raise StoreError(StoreErrorCode.CORRUPT, "sqlite_master")


def _objects(db: Database) -> frozenset[tuple[str, str, str]]:
    found = db.conn.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master").fetchall()
    return frozenset(
        # How a statement is spaced and quoted changes with SQLite's version.
        (kind, name, re.sub(r'[\s"]+', " ", sql).strip())
        for kind, name, table, sql in found
        # sqlite-utils keeps the names of the steps in a table of its own; SQLite may keep statistics.
        if kind == "trigger" or not (table == "_sqlite_migrations" or name.startswith("sqlite_stat"))
    )


def is_current(applied: Sequence[str]) -> bool:
    """Whether no step is missing."""
    return {step.name for step in MIGRATIONS} <= set(applied)


def version_needed(applied: Sequence[str]) -> str | None:
    """The program version that a database from a newer program needs; None where this program knows all of it."""
    known = {step.name for step in MIGRATIONS}
    unknown = [name for name in applied if name not in known]
    return unknown[-1].split("/")[0] if unknown else None
