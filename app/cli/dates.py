"""Days as people give them on the command line."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

DAY = click.DateTime(formats=["%Y-%m-%d"])


def day_range(since: datetime | None, until: datetime | None) -> tuple[datetime | None, datetime | None]:
    """Two local days as moments: from the beginning of the first to the end of the last (exclusive); None: no limit."""
    first = None if since is None else since.astimezone()
    # The next calendar day's midnight, not 24 hours: where clocks change, a day is shorter or longer.
    last = None if until is None else (until + timedelta(days=1)).astimezone()
    return first, last
