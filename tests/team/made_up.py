"""Made-up counsellors and their exports, written by the program's own code for exports."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.method.summary import CallSummary, CallTension
from core.store.export_rows import CALL_COLUMNS, shared_call_row
from core.store.records import CallRecord, CallStart, CallState
from core.store.tables import Format, write_rows

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def pseudonym(number: int) -> str:
    """The pseudonym of counsellor `number`."""
    letters = "".join(ALPHABET[number // 32**place % 32] for place in range(8))
    return f"C-{letters[:4]}-{letters[4:]}"


@dataclass(frozen=True)
class Call:
    """One call: days and minutes since Monday 2026-01-05 00:00, and how tense it looked (per mille, milliseconds); None: too
    little was seen."""

    day: int
    minute: int
    peak: int | None
    calm_again_ms: int | None = None

    @property
    def record(self) -> CallRecord:
        started = MONDAY + timedelta(days=self.day, minutes=self.minute)
        tension = None if self.peak is None else CallTension(self.peak, 100_000, 0, self.calm_again_ms)
        summary = CallSummary(300_000, 400, tension, (0, 1400, 90, 5, 5, 0))
        return CallRecord(
            id=1,
            number=1,
            started_at=started,
            utc_offset_minutes=0,
            ended_at=started + timedelta(minutes=5),
            state=CallState.ENDED,
            start=CallStart("mobilenetv2-1"),
            summary=summary,
        )


def write_calls(path: Path, number: int, calls: Iterable[Call], form: Format = Format.CSV) -> Path:
    """What counsellor `number` exports of these calls."""
    rows = [shared_call_row(pseudonym(number), call.record) for call in calls]
    with path.open("w", encoding="utf-8", newline="") as stream:
        write_rows(stream, form, CALL_COLUMNS, rows)
    return path


def some_calls(seed: int, count: int) -> list[Call]:
    """`count` calls between nine and six on working days, harder on Monday mornings and late in the day."""
    chance = random.Random(seed)
    calls: set[Call] = set()
    while len(calls) < count:
        day, minute = chance.randrange(5) + 7 * chance.randrange(8), chance.randrange(9 * 60, 18 * 60)
        strain = 0.15 + 0.2 * (day % 7 == 0 and minute < 660) + 0.15 * (minute > 960) + 0.1 * chance.random()
        hard = chance.random() < strain
        peak = chance.randrange(300, 1001) if hard else chance.choice((0, 40, 120, 200, 290))
        again = chance.choice((20_000, 50_000, 90_000, 150_000, 240_000, None)) if peak > 100 else None
        calls.add(Call(day, minute, peak, again))
    return sorted(calls, key=lambda call: (call.day, call.minute))
