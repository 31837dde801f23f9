"""The counsellor's record in SQLite. The only place that knows SQL.

Its names are looked up when they are first used: whoever needs one small module of this package does not pay for all.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.store.errors import LockHolder, Notice, NoticeCode, StoreError, StoreErrorCode
    from core.store.records import (
        CalibrationRecord,
        CallNote,
        CallRecord,
        CallSource,
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

_MODULES = {
    "Store": "store",
    **dict.fromkeys(("LockHolder", "Notice", "NoticeCode", "StoreError", "StoreErrorCode"), "errors"),
}
"""Where a name is defined; all others are records."""

__all__ = [
    "CalibrationRecord",
    "CallNote",
    "CallRecord",
    "CallSource",
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


def __getattr__(name: str) -> object:
    """One of the names of this package (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'records')}"), name)
