"""The settings that the record keeps: their keys, what is on offer, and what holds without them."""

from __future__ import annotations

from dataclasses import dataclass

from core.method.emotion import UNSURE_BELOW
from core.method.level import THESIS_TABLE, LevelProfile, profile_by_name
from core.method.reading import MEMORY_SECONDS
from core.store.store import CALL_DAYS, SAMPLE_DAYS, Store

SAMPLE_DAYS_SETTING = "sample_days"
CALL_DAYS_SETTING = "call_days"
PROFILE_SETTING = "level_profile"
MEMORY_SETTING = "memory_seconds"
UNSURE_SETTING = "unsure_below"
MICROPHONE_SETTING = "calls_by_microphone"
"""ON or OFF; not there before the person was asked."""
PROGRAMS_SETTING = "microphone_programs"
ON, OFF = "on", "off"

SAMPLE_DAYS_OFFERED = (7, 30, 90, 365)
CALL_DAYS_OFFERED = (30, 90, 365, 1095)
MEMORY_OFFERED = (MEMORY_SECONDS, 0.0)
UNSURE_OFFERED = (UNSURE_BELOW, 0.0)


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """How a call is read, on the screens and without them.

    The level moves by `profile`; a reading is averaged over `memory_seconds`; one whose best class has no more than
    `unsure_below` is unsure, and with 0 the best class always counts, as in the thesis.
    """

    profile: LevelProfile
    memory_seconds: float
    unsure_below: float


def reading_settings(store: Store) -> ReadingSettings:
    """What the person has chosen; what is not on offer is as if it were not set."""
    try:
        profile = profile_by_name(store.setting(PROFILE_SETTING, THESIS_TABLE.name))
    except ValueError:
        profile = THESIS_TABLE
    memory = _offered(store, MEMORY_SETTING, MEMORY_OFFERED)
    return ReadingSettings(profile, memory, _offered(store, UNSURE_SETTING, UNSURE_OFFERED))


def kept_days(store: Store) -> tuple[int, int]:
    """For how many days samples and calls are kept; what is no number is as if it were not set.

    Samples never outlast their call, whatever was chosen for them.
    """
    calls = _days(store, CALL_DAYS_SETTING, CALL_DAYS)
    return min(calls, _days(store, SAMPLE_DAYS_SETTING, SAMPLE_DAYS)), calls


def _offered(store: Store, key: str, offered: tuple[float, ...]) -> float:
    """The first is what holds without a choice."""
    return {f"{value:g}": value for value in offered}.get(store.setting(key, ""), offered[0])


def _days(store: Store, key: str, default: int) -> int:
    text = store.setting(key, str(default))
    return int(text) if text.isdecimal() and len(text) < 6 and int(text) > 0 else default
