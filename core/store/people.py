"""SQL about the person: pseudonym, settings, consent, releases, sessions of the program, the export log."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from core.store.connection import insert, rows
from core.store.moments import from_text, to_text
from core.store.records import Consent, Counsellor, ExportKind, ExportRecord, Release, ShareLevel

if TYPE_CHECKING:
    from sqlite_utils import Database

_PSEUDONYM_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0 O 1 I, which people confuse when they read a pseudonym out."""


def new_pseudonym() -> str:
    """A random pseudonym such as "C-7KQ4-M2XD": 40 bits, nothing about the person in it."""
    first, second = ("".join(secrets.choice(_PSEUDONYM_ALPHABET) for _ in range(4)) for _ in range(2))
    return f"C-{first}-{second}"


def read_counsellor(db: Database) -> Counsellor | None:
    """The one counsellor, or None in a database that has never been opened for writing."""
    found = rows(db, "SELECT pseudonym, created_at, language, region FROM counsellor")
    if not found:
        return None
    row = found[0]
    return Counsellor(row["pseudonym"], from_text(row["created_at"]), row["language"], row["region"])


def ensure_counsellor(db: Database, now: datetime, language: str = "en") -> None:
    """Give the counsellor a pseudonym where there is none yet."""
    if read_counsellor(db) is None:
        row = {"id": 1, "pseudonym": new_pseudonym(), "created_at": to_text(now), "language": language, "region": None}
        db.table("counsellor").insert(row)


def update_counsellor(db: Database, changes: dict[str, str]) -> None:
    """Change language or region."""
    db.table("counsellor").update(1, changes)


def read_setting(db: Database, key: str) -> str | None:
    """The value of a setting, or None."""
    found = rows(db, "SELECT value FROM setting WHERE key = ?", key)
    return str(found[0]["value"]) if found else None


def write_setting(db: Database, key: str, value: str) -> None:
    """Insert or replace a setting."""
    db.table("setting").upsert({"key": key, "value": value}, pk="key")


def insert_consent(db: Database, consent: Consent) -> Consent:
    """Add an answer; returns it with its id."""
    row = _row(consent)
    db.table("consent").insert(row)
    return read_consents(db)[-1]


def read_consents(db: Database) -> list[Consent]:
    """Every answer, in the order in which they were given (by id: a clock may be set back)."""
    return [_consent(row) for row in rows(db, "SELECT * FROM consent ORDER BY id")]


def read_consent(db: Database) -> Consent | None:
    """The answer in force: the last one."""
    found = rows(db, "SELECT * FROM consent ORDER BY id DESC LIMIT 1")
    return _consent(found[0]) if found else None


def _consent(row: dict[str, Any]) -> Consent:
    known = {"at": from_text(row["at"]), "measure": bool(row["measure"]), "share": ShareLevel(row["share"])}
    return Consent(**row | known)


def _row(record: Consent | ExportRecord) -> dict[str, Any]:
    """A record as its table keeps it, which gives it its id."""
    return {name: value for name, value in asdict(record).items() if name != "id"} | {"at": to_text(record.at)}


def insert_release(db: Database, now: datetime, share: ShareLevel, calls: Iterable[int]) -> None:
    """Add a release of these calls, under the answer in force."""
    row = {"at": to_text(now), "share": share.value, "consent": consent_in_force(db)}
    release = insert(db, "release", row)
    db.table("release_call").insert_all({"release_id": release, "call_id": call} for call in calls)


def read_releases(db: Database) -> list[Release]:
    """Every release, oldest first; calls that were erased since are no part of it."""
    calls: dict[int, set[int]] = defaultdict(set)
    for row in rows(db, "SELECT release_id, call_id FROM release_call"):
        calls[row["release_id"]].add(row["call_id"])
    return [
        Release(from_text(row["at"]), ShareLevel(row["share"]), frozenset(calls[row["id"]]), row["consent"])
        for row in rows(db, "SELECT * FROM release ORDER BY id")
    ]


def consent_in_force(db: Database) -> int | None:
    """The id of the last answer."""
    (consent_id,) = db.conn.execute("SELECT max(id) FROM consent").fetchone()
    return None if consent_id is None else int(consent_id)


def insert_session(db: Database, now: datetime, version: str) -> int:
    """A run of the program begins; returns its id."""
    return insert(db, "session", {"started_at": to_text(now), "version": version})


def close_session(db: Database, session_id: int, now: datetime) -> None:
    """A run of the program ends."""
    db.table("session").update(session_id, {"ended_at": to_text(now)})


def ended_well(db: Database) -> bool:
    """Whether the last run of the program, if any, said goodbye."""
    found = rows(db, "SELECT ended_at FROM session ORDER BY id DESC LIMIT 1")
    return not found or found[0]["ended_at"] is not None


def insert_export(db: Database, record: ExportRecord) -> None:
    """Insert an export into the log."""
    days = {name: day and day.isoformat() for name, day in (("since", record.since), ("until", record.until))}
    db.table("export_log").insert(_row(record) | days)


def read_exports(db: Database) -> list[ExportRecord]:
    """Every logged export, newest first."""
    return [_export(row) for row in rows(db, "SELECT * FROM export_log ORDER BY id DESC")]


def _export(row: dict[str, Any]) -> ExportRecord:
    days = {name: row[name] and date.fromisoformat(row[name]) for name in ("since", "until")}
    known = {"at": from_text(row["at"]), "kind": ExportKind(row["kind"]), "mine": bool(row["mine"])}
    return ExportRecord(**row | days | known)
