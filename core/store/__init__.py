"""The counsellor's record in SQLite. The only place that knows SQL."""

from core.store.errors import LockHolder, Notice, NoticeCode, StoreError, StoreErrorCode
from core.store.records import (
    CalibrationRecord,
    CallNote,
    CallRecord,
    CallStart,
    CallState,
    Consent,
    Counsellor,
    ExportKind,
    ExportRecord,
    GradeRecord,
    LightState,
    OwnModelRecord,
    Release,
    ScoreRecord,
    ShareLevel,
)
from core.store.store import Store

__all__ = [
    "CalibrationRecord",
    "CallNote",
    "CallRecord",
    "CallStart",
    "CallState",
    "Consent",
    "Counsellor",
    "ExportKind",
    "ExportRecord",
    "GradeRecord",
    "LightState",
    "LockHolder",
    "Notice",
    "NoticeCode",
    "OwnModelRecord",
    "Release",
    "ScoreRecord",
    "ShareLevel",
    "Store",
    "StoreError",
    "StoreErrorCode",
]
