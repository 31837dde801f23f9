"""What the history shows, read from the record in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from core.method.agreement import Felt
from core.method.summary import FinishedCall
from core.store.records import CallRecord, CallSource, CallState, ExportRecord
from core.store.store import Store

CALLS_SHOWN = 500
"""The newest calls of the list; older ones are in `export --mine`."""


@dataclass
class Found:
    """What the record holds, how many calls in all, and the day that is looked at."""

    calls: list[CallRecord] = field(default_factory=list)
    own: list[CallRecord] = field(default_factory=list)
    exports: list[ExportRecord] = field(default_factory=list)
    count: int = 0
    answers: Sequence[tuple[Felt, int]] = ()
    day: date = date.min

    def finished(self, first: date, last: date) -> list[FinishedCall]:
        """The person's own calls of these days, both in it."""
        return [call.finished for call in self.own if first <= call.local_day <= last]


def find_calls(store: Store, day: date | None) -> Found:
    """Read it from `store`; without a `day` the last one with a call of the person's own is looked at.

    Raises:
        StoreError: it cannot be read.
    """
    calls = [call for call in store.calls() if call.state is not CallState.OPEN]
    own = [call for call in calls if call.start.source is CallSource.CAMERA]
    return Found(
        calls=calls[-CALLS_SHOWN:][::-1],
        own=own,
        exports=store.exports(),
        count=len(calls),
        answers=[(call.felt, call.summary.tension.peak) for call in own if call.felt and call.summary.tension],
        day=day or (own[-1].local_day if own else store.now().astimezone().date()),
    )
