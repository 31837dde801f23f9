"""SQL about calibrations: the scores and grades of every candidate, and which one is in use."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.method.emotion import Emotion
from core.method.grading import FrameShares, Grade
from core.store.connection import insert, rows
from core.store.errors import StoreError, StoreErrorCode
from core.store.moments import from_text, to_text
from core.store.records import CalibrationRecord, GradeRecord, LightState, OwnModelRecord, ScoreRecord

if TYPE_CHECKING:
    from sqlite_utils import Database


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
        own_model=_own_model(own[0]) if own else None,
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


def _own_model(row: dict[str, Any]) -> OwnModelRecord:
    return OwnModelRecord(row["candidate_id"], row["base_id"], row["points_gained"], row["numbers"])


def _score_row(calibration_id: int, score: ScoreRecord) -> dict[str, Any]:
    row = asdict(score)
    del row["grades"]
    return {"calibration_id": calibration_id, **row, "chosen": int(score.chosen)}


def _grade_row(calibration_id: int, candidate_id: str, grade: GradeRecord) -> dict[str, Any]:
    return {
        "calibration_id": calibration_id,
        "candidate_id": candidate_id,
        "expression": grade.expression_id,
        "take": grade.take,
        "skipped": int(grade.skipped),
        "grade": grade.grade.value if grade.grade else None,
        "frames": grade.frames,
        **asdict(grade.shares),
        "mean_right": grade.mean_right,
        "taken_for": grade.taken_for.value if grade.taken_for else None,
    }


def _score(row: dict[str, Any], grades: list[dict[str, Any]]) -> ScoreRecord:
    return ScoreRecord(
        candidate_id=row["candidate_id"],
        card_sha256=row["card_sha256"],
        score=row["score"],
        best_possible=row["best_possible"],
        mean_right=row["mean_right"],
        frames=row["frames"],
        milliseconds_per_face=row["milliseconds_per_face"],
        chosen=bool(row["chosen"]),
        speech=row["speech"],
        grades=tuple(_grade(grade) for grade in grades if grade["candidate_id"] == row["candidate_id"]),
    )


def _grade(row: dict[str, Any]) -> GradeRecord:
    return GradeRecord(
        expression_id=row["expression"],
        take=row["take"],
        skipped=bool(row["skipped"]),
        grade=Grade(row["grade"]) if row["grade"] else None,
        frames=row["frames"],
        shares=FrameShares(row["right_sure"], row["right_likely"], row["wrong_sure"], row["wrong_likely"]),
        mean_right=row["mean_right"],
        taken_for=Emotion(row["taken_for"]) if row["taken_for"] else None,
    )
