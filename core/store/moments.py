"""Moments as the record keeps them: UTC, ISO 8601 with milliseconds, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone


def to_text(moment: datetime) -> str:
    """An aware moment as fixed-width UTC text.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone, so it is not clear when that is")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def from_text(text: str) -> datetime:
    """The moment that `to_text` wrote, in UTC."""
    return datetime.fromisoformat(text)


def local_offset_minutes(moment: datetime) -> int:
    """Minutes that this computer's local time is ahead of UTC at `moment`."""
    offset = moment.astimezone().utcoffset() or timedelta()
    return round(offset.total_seconds() / 60)


def in_offset(moment: datetime, offset_minutes: int) -> datetime:
    """The same moment in the local time that was `offset_minutes` ahead of UTC."""
    return moment.astimezone(timezone(timedelta(minutes=offset_minutes)))
