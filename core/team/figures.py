"""The figures of groups, and why no four people can be found in them.

**Everybody counts once.** A person's own calls are first turned into shares that add up to one (of their calls, so many
calm, so many tense). A figure is the sum of these shares over the people of a group: "twelve people's worth of calls".

**In fives, rounded down.** Every published number, the number of people itself too, is such a sum rounded down to a
multiple of five, and a group with fewer than five people is not published at all. So no number is ever made by fewer
than five people.

**Why subtracting does not help.** Take two reports over files that differ by one to four people (or by some files of
theirs). Their true sums differ by at most four, so the published ones by 0 or by 5 and nothing else. Published u and v
say that the true ones lie in [u, u + 5) and [v, v + 5), so the four together lie in (u - v - 5, u - v + 5): for 0 that
is (-5, 5), for 5 it is (0, 10). Both hold all that four people's shares can come to (over 0, up to 4): the difference
of two reports is compatible with every figure that the four may have. The same holds of two groups of one report.
Totals of calls are not published at all: a total minus another total would be somebody's.

What this does not do: whoever holds the exported files themselves sees each file, under its pseudonym; whoever may
choose freely which files go into hundreds of reports can narrow things down; and a person who has erased everything and
begun anew is a second person, because nothing is left that would tell. The report is for those who get only it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.method.tension import CALM_UP_TO, TENSE_FROM

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SMALLEST_GROUP = 5
"""No figure stands for fewer people, and all are counted in steps of this."""

WHOLE = 1_000_000
"""One person's shares add up to this; whole numbers, so that a sum does not depend on its order."""

_CALLS_A_DAY = (20, 40, 60)
_CALM_WITHIN_MS = (60_000, 180_000)


class Figure(StrEnum):
    """What is counted for a group."""

    TENSION = "tension"
    CALLS_A_DAY = "calls_a_day"
    RECOVERY = "recovery"


class Category(StrEnum):
    """The parts that a figure's shares fall into."""

    CALM = "calm"
    BETWEEN = "between"
    TENSE = "tense"
    UP_TO_20 = "up_to_20"
    UP_TO_40 = "up_to_40"
    UP_TO_60 = "up_to_60"
    MORE = "more"
    WITHIN_1_MINUTE = "within_1_minute"
    WITHIN_3_MINUTES = "within_3_minutes"
    LATER = "later"
    NOT_IN_CALL = "not_in_call"


CATEGORIES = {
    Figure.TENSION: (Category.CALM, Category.BETWEEN, Category.TENSE),
    Figure.CALLS_A_DAY: (Category.UP_TO_20, Category.UP_TO_40, Category.UP_TO_60, Category.MORE),
    Figure.RECOVERY: (
        Category.WITHIN_1_MINUTE,
        Category.WITHIN_3_MINUTES,
        Category.LATER,
        Category.NOT_IN_CALL,
    ),
}
"""Tension: by a call's tensest minute, calm up to 10 %, tense from 30 % on (`core.method.tension`). Recovery: of the tense
calls, how long after that minute until they were calm again."""


@dataclass(frozen=True, slots=True)
class Group:
    """The figure of one group: everybody, or who had calls on a weekday (1 Monday to 7), in an hour (0 to 23), or both.

    `people` and `counts` are in fives, rounded down. `counts` follow `CATEGORIES`; a number is a sum of people's shares.
    """

    figure: Figure
    weekday: int | None
    hour: int | None
    people: int
    counts: tuple[int, ...]

    def share(self, category: Category) -> float:
        """What part (0 to 1) of the people's calls falls into `category`, as far as counting in fives tells."""
        return self.counts[CATEGORIES[self.figure].index(category)] / self.people


@dataclass(frozen=True, slots=True)
class TeamReport:
    """All groups that may be shown; who is not in it is in a group of fewer than five. `people` is in fives."""

    people: int
    groups: tuple[Group, ...]

    def find(self, figure: Figure, weekday: int | None = None, hour: int | None = None) -> Group | None:
        """One group, or None where fewer than five people are in it."""
        found = (group for group in self.groups if (group.figure, group.weekday, group.hour) == (figure, weekday, hour))
        return next(found, None)

    @property
    def hours(self) -> range:
        """From the first to the last hour of the day that any group has; empty without one."""
        hours = [group.hour for group in self.groups if group.hour is not None]
        return range(min(hours), max(hours) + 1) if hours else range(0)


def in_fives(sum_of_shares: int) -> int:
    """A sum of shares (millionths) as people, rounded down to a multiple of five."""
    return sum_of_shares // (SMALLEST_GROUP * WHOLE) * SMALLEST_GROUP


def make_report(engine: DuckDBPyConnection) -> TeamReport:
    """The report over the table `call_of_team` (counsellor, day, weekday, hour, peak, calm_again_ms)."""
    groups = [
        *_groups(engine, Figure.TENSION, _TENSIONS),
        *_groups(engine, Figure.CALLS_A_DAY, _DAYS),
        *_groups(engine, Figure.RECOVERY, _RECOVERIES),
    ]
    everybody = next((group.people for group in groups if group.figure is Figure.TENSION and group.hour is None), 0)
    return TeamReport(everybody, tuple(groups))


_TENSIONS = f"""
    SELECT counsellor, weekday, hour, count(*) AS parts,
        [count(*) FILTER (peak <= {CALM_UP_TO}), count(*) FILTER (peak > {CALM_UP_TO} AND peak < {TENSE_FROM}),
         count(*) FILTER (peak >= {TENSE_FROM})] AS counts
    FROM call_of_team
    GROUP BY GROUPING SETS ((counsellor), (counsellor, weekday), (counsellor, hour), (counsellor, weekday, hour))
"""  # noqa: S608 - constants of ours
_DAYS = f"""
    SELECT counsellor, NULL::INTEGER AS weekday, NULL::INTEGER AS hour, count(*) AS parts,
        [count(*) FILTER (calls <= {_CALLS_A_DAY[0]}), count(*) FILTER (calls BETWEEN {_CALLS_A_DAY[0] + 1} AND {_CALLS_A_DAY[1]}),
         count(*) FILTER (calls BETWEEN {_CALLS_A_DAY[1] + 1} AND {_CALLS_A_DAY[2]}), count(*) FILTER (calls > {_CALLS_A_DAY[2]})] AS counts
    FROM (SELECT counsellor, day, count(*) AS calls FROM call_of_team GROUP BY counsellor, day)
    GROUP BY counsellor
"""  # noqa: S608
_RECOVERIES = f"""
    SELECT counsellor, NULL::INTEGER AS weekday, NULL::INTEGER AS hour, count(*) AS parts,
        [count(*) FILTER (calm_again_ms <= {_CALM_WITHIN_MS[0]}),
         count(*) FILTER (calm_again_ms > {_CALM_WITHIN_MS[0]} AND calm_again_ms <= {_CALM_WITHIN_MS[1]}),
         count(*) FILTER (calm_again_ms > {_CALM_WITHIN_MS[1]}), count(*) FILTER (calm_again_ms IS NULL)] AS counts
    FROM call_of_team WHERE peak >= {TENSE_FROM} GROUP BY counsellor
"""  # noqa: S608


def _groups(engine: DuckDBPyConnection, figure: Figure, shares_of_people: str) -> list[Group]:
    sums = ", ".join(
        f"sum(counts[{number}] * {WHOLE} // parts)::BIGINT" for number in range(1, len(CATEGORIES[figure]) + 1)
    )
    query = f"""
        SELECT weekday, hour, count(*) AS people, {sums} FROM ({shares_of_people})
        GROUP BY weekday, hour HAVING people >= {SMALLEST_GROUP}
        ORDER BY weekday NULLS FIRST, hour NULLS FIRST
    """  # noqa: S608
    return [_group(figure, row) for row in engine.execute(query).fetchall()]


def _group(figure: Figure, row: Sequence[int]) -> Group:
    weekday, hour, people, *sums = row
    return Group(figure, weekday, hour, in_fives(people * WHOLE), tuple(in_fives(total) for total in sums))
