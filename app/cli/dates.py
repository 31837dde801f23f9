"""Days as people give them on the command line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click

from app.words.language import _

_FIRST_YEAR, _LAST_YEAR = 1971, 2999
"""Local times outside of these years are more than some systems can reckon with."""


class _Day(click.DateTime):
    """A day, as 2026-01-31."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The day's midnight, without a time zone."""
        day = super().convert(value, param, ctx)
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            self.fail(
                _("{day} is no day that calls can be of; give one from {first} to {last}.").format(
                    day=value, first=_FIRST_YEAR, last=_LAST_YEAR
                ),
                param,
                ctx,
            )
        return day


DAY = _Day(formats=["%Y-%m-%d"])


def day_range(since: datetime | None, until: datetime | None) -> tuple[datetime | None, datetime | None]:
    """Two local days as moments: from the beginning of the first to the end of the last (exclusive); None: no limit."""
    first = None if since is None else since.astimezone()
    # The next calendar day's midnight, not 24 hours: where clocks change, a day is shorter or longer.
    last = None if until is None else (until + timedelta(days=1)).astimezone()
    return first, last
