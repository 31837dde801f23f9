"""The settings that the record keeps for the screens: their keys and what holds without them."""

from __future__ import annotations

from core.method.emotion import MEMORY_SECONDS
from core.method.level import THESIS_TABLE, LevelProfile, profile_by_name
from core.store import Store
from core.store.store import CALL_DAYS, SAMPLE_DAYS

SAMPLE_DAYS_SETTING = "sample_days"
CALL_DAYS_SETTING = "call_days"
PROFILE_SETTING = "level_profile"
MEMORY_SETTING = "memory_seconds"
THEME_SETTING = "theme"

SAMPLE_DAYS_OFFERED = (7, 30, 90, 365)
CALL_DAYS_OFFERED = (30, 90, 365, 1095)
MEMORY_OFFERED = (MEMORY_SECONDS, 0.0)


def kept_days(store: Store) -> tuple[int, int]:
    """For how many days samples and calls are kept; what is no number is as if it were not set."""
    return _days(store, SAMPLE_DAYS_SETTING, SAMPLE_DAYS), _days(store, CALL_DAYS_SETTING, CALL_DAYS)


def kept_profile(store: Store) -> LevelProfile:
    """The level profile that the person has chosen; the thesis's where what is kept names none."""
    try:
        return profile_by_name(store.setting(PROFILE_SETTING, THESIS_TABLE.name))
    except ValueError:
        return THESIS_TABLE


def kept_memory(store: Store) -> float:
    """Over how many last seconds a reading is averaged; what is not on offer is as if it were not set."""
    known = {f"{seconds:g}": seconds for seconds in MEMORY_OFFERED}
    return known.get(store.setting(MEMORY_SETTING, ""), MEMORY_SECONDS)


def _days(store: Store, key: str, default: int) -> int:
    text = store.setting(key, str(default))
    return int(text) if text.isdecimal() and len(text) < 6 and int(text) > 0 else default
