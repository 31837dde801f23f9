"""SQL about calibrations: the scores and grades of every candidate, and which one is in use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, TypeVar

from core.method.emotion import Emotion
from core.method.grading import FrameShares, Grade
from core.store.connection import insert, rows
from core.store.errors import StoreError, StoreErrorCode
from core.store.moments import from_text, to_text
from core.store.records import CalibrationRecord, GradeRecord, LightState, OwnModelRecord, ScoreRecord

if TYPE_CHECKING:
    from sqlite_utils import Database


Record = TypeVar("Record")


def insert_calibration(db: Database, record: CalibrationRecord) -> int:
    """Store a calibration with all scores and grades; returns its id. Own models of earlier ones are removed."""
    row = {"at": to_text(record.at), "camera": record.camera, "light": record.light.value}
    calibration_id = insert(db, "calibration", row)
    for score in record.scores:
        db.table("candidate_score").insert(_score_row(calibration_id, score))
        db.table("expression_grade").insert_all(
            _grade_row(calibration_id, score.candidate_id, grade) for grade in score.grades
        )
    db.table("own_model").delete_where()
    if record.own_model is not None:
        db.table("own_model").insert({"calibration_id": calibration_id, **asdict(record.own_model)})
    return calibration_id


def read_latest_calibration(db: Database) -> CalibrationRecord | None:
    """The last calibration, or None."""
    found = rows(db, "SELECT * FROM calibration ORDER BY id DESC LIMIT 1")
    if not found:
        return None
    row = found[0]
    grades = rows(db, "SELECT * FROM expression_grade WHERE calibration_id = ?", row["id"])
    scores = rows(db, "SELECT * FROM candidate_score WHERE calibration_id = ? ORDER BY candidate_id", row["id"])
    own = rows(db, "SELECT * FROM own_model WHERE calibration_id = ?", row["id"])
    return CalibrationRecord(
        at=from_text(row["at"]),
        camera=row["camera"],
        light=LightState(row["light"]),
        scores=tuple(_score(score, grades) for score in scores),
        id=row["id"],
        own_model=_known(OwnModelRecord, own[0]) if own else None,
    )


def choose(db: Database, candidate_id: str) -> None:
    """Use another candidate of the last calibration from now on.

    Raises:
        StoreError: the last calibration has no such candidate.
    """
    found = rows(
        db,
        "SELECT calibration_id FROM candidate_score WHERE candidate_id = ?"
        " AND calibration_id = (SELECT max(id) FROM calibration)",
        candidate_id,
    )
    if not found:
        raise StoreError(StoreErrorCode.UNKNOWN_CANDIDATE, candidate_id)
    calibration_id = found[0]["calibration_id"]
    for chosen in (False, True):  # first none, then the one: never two at a time
        db.conn.execute(
            "UPDATE candidate_score SET chosen = ? WHERE calibration_id = ? AND (candidate_id = ?) = ?",
            (int(chosen), calibration_id, candidate_id, int(chosen)),
        )


def _score_row(calibration_id: int, score: ScoreRecord) -> dict[str, Any]:
    row = asdict(score)
    del row["grades"]
    return {"calibration_id": calibration_id, **row, "chosen": int(score.chosen)}


def _grade_row(calibration_id: int, candidate_id: str, grade: GradeRecord) -> dict[str, Any]:
    row = asdict(grade)
    shares, expression = row.pop("shares"), row.pop("expression_id")
    of = {"calibration_id": calibration_id, "candidate_id": candidate_id, "expression": expression}
    merged: dict[str, Any] = of | row | shares
    return merged


def _score(row: dict[str, Any], grades: list[dict[str, Any]]) -> ScoreRecord:
    own = tuple(_grade(grade) for grade in grades if grade["candidate_id"] == row["candidate_id"])
    return _known(ScoreRecord, row, chosen=bool(row["chosen"]), grades=own)


def _grade(row: dict[str, Any]) -> GradeRecord:
    return _known(
        GradeRecord,
        row,
        expression_id=row["expression"],
        skipped=bool(row["skipped"]),
        grade=Grade(row["grade"]) if row["grade"] else None,
        shares=_known(FrameShares, row),
        taken_for=Emotion(row["taken_for"]) if row["taken_for"] else None,
    )


def _known(record: Callable[..., Record], row: dict[str, Any], **changed: object) -> Record:
    """A record of what a row holds, and of what is not in it as it stands."""
    names = {field.name for field in fields(record)}  # type: ignore[arg-type]
    return record(**{name: value for name, value in row.items() if name in names} | changed)
