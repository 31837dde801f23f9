"""Days as people give them on the command line."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from app.words.language import _

_FIRST_YEAR, _LAST_YEAR = 1971, 2999
"""Local times outside of these years are more than some systems can reckon with."""


class _Day(click.ParamType[date]):
    """A day, as 2026-01-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day that a text names."""
        try:
            day = value if isinstance(value, date) else datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a day alone
        except ValueError:
            self.fail(_("{value} is no day; write one as 2026-01-31.").format(value=value), param, ctx)
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            self.fail(
                _("{day} is no day that calls can be of; give one from {first} to {last}.").format(
                    day=value, first=_FIRST_YEAR, last=_LAST_YEAR
                ),
                param,
                ctx,
            )
        return day


DAY = _Day()
"""The local day of a call, as the history shows it."""
