"""What the record tells the monitor: the day, the last call, and what may be asked or offered after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.tui.widgets.curve import Curve, SecondBins
from app.words.tension import looked_hard

# The first screen of most starts waits for this module: what only the reading itself needs is imported then.
if TYPE_CHECKING:
    from app.tui.calls.calling import Calling
    from core.method.sample import Sample
    from core.method.summary import PeriodSummary
    from core.store.records import CallNote, CallRecord
    from core.store.store import Store

NOT_ASKED_SETTING = "not_asked_on"
"""The setting that holds the day on which the person wants to be asked no more how a call was."""

OFFERED_SETTING = "card_answered_for"
"""The setting that holds the id of the call after which the card was answered."""

NOT_OFFERED_SETTING = "no_card_on"
"""The setting that holds the day on which the person wants no card any more."""


@dataclass(frozen=True, slots=True)
class Known:
    """The day, the last call with its curve, and of the running call its samples and notes.

    `asks`: whether it may be asked how the last call was. `offers`: whether that one looked tenser than is usual for the
    person, and nothing was said to it yet. `doubt`: what is said of how well the reader knows them.
    """

    today: PeriodSummary | None = None
    last: CallRecord | None = None
    curve: Curve = field(default_factory=Curve)
    running: Sequence[Sample] = ()
    notes: Sequence[CallNote] = ()
    asks: bool = False
    offers: bool = False
    doubt: str = ""


def look_up(store: Store, calling: Calling, *, with_samples: bool) -> Known:
    """Read the record; the running call's samples only `with_samples`.

    Raises:
        StoreError: it cannot be read.
    """
    from app.words.doubt import doubt_text
    from core.monitoring.drift import doubt_of

    day = store.now().astimezone().date()
    closed = store.last_calls()
    last = closed[-1] if closed else None
    level = store.usual_level_peak()
    usual = None if level is None else level / 1000
    moment = calling.moment
    of_today = last if last is not None and last.local_day == day else None
    return Known(
        store.day_summary(day),
        last,
        Curve() if last is None else SecondBins(store.samples(last.id)).curve(store.notes(last.id), usual),
        calling.samples() if with_samples else (),
        () if moment is None else store.notes(moment[0]),
        asks=of_today is not None and of_today.felt is None and store.setting(NOT_ASKED_SETTING) != day.isoformat(),
        offers=of_today is not None
        and looked_hard(of_today, store.recent_peaks())
        and store.setting(OFFERED_SETTING) != str(of_today.id)
        and store.setting(NOT_OFFERED_SETTING) != day.isoformat(),
        doubt=doubt_text(doubt_of(store.latest_calibration(), closed)),
    )
