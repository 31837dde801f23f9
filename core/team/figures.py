"""How often calls are tense, in three bands, for groups of at least ten people.

Everybody counts once: a person's own share of tense calls comes first, then the mean over the people. What is shown is
the band that the mean lies in, never a percentage, and how many tens of people it is of.

This keeps a reader of the page from reading one colleague's figure off it, most of the time. It does not hide anybody
from whoever has the files: they see each of them, and may merge any choice of them as often as they like.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from statistics import fmean

from core.store.export_rows import PARTS_OF_DAY
from core.team.reading import Call, FileProblem, UnusableFile, read_export

SMALLEST_GROUP = 10
"""A group of fewer people has no figure; sizes are told in tens, rounded down."""


class Band(StrEnum):
    """What part of the calls: each band is a third, so that nobody learns of a group that all of it, or none, was tense."""

    FEW = "few"
    SOME = "some"
    MOST = "most"


@dataclass(frozen=True, slots=True)
class Group:
    """Everybody, or who had calls on a weekday (1 Monday to 7), in a part of the day, or both; `people` in tens."""

    weekday: int | None
    part_of_day: str | None
    people: int
    tense_calls: Band


@dataclass(frozen=True, slots=True)
class TeamReport:
    """All groups that are large enough; `people` are all, in tens."""

    people: int
    groups: tuple[Group, ...]

    def find(self, weekday: int | None = None, part_of_day: str | None = None) -> Group | None:
        """One group, or None where it is too small."""
        return next(
            (one for one in self.groups if (one.weekday, one.part_of_day) == (weekday, part_of_day)),
            None,
        )


@dataclass(frozen=True, slots=True)
class Rejection:
    """A file that was left out, why, and where in it."""

    path: Path
    problem: FileProblem
    detail: str = ""


class TooFewPeople(Exception):  # noqa: N818 - an answer, not a fault
    """The files hold fewer than ten people. `rejections` says what was left out."""

    def __init__(self, rejections: Sequence[Rejection]) -> None:
        """The files that were left out."""
        super().__init__("too few people")
        self.rejections = tuple(rejections)


def merge_exports(paths: Iterable[Path]) -> tuple[TeamReport, list[Rejection]]:
    """The report over supervisors' lists of calls, and which files were left out, and why.

    A call that comes in several files of one person counts once.

    Raises:
        TooFewPeople: fewer than ten people are in them.
    """
    people: dict[str, Counter[Call]] = defaultdict(Counter)
    rejections = []
    for path in paths:
        try:
            person, calls = read_export(path)
        except UnusableFile as error:
            rejections.append(Rejection(path, error.problem, error.detail))
        else:
            people[person] |= calls  # the larger number of each: what two files have in common is the same
    if len(people) < SMALLEST_GROUP:
        raise TooFewPeople(rejections)
    return make_report(people), rejections


def make_report(people: Mapping[str, Counter[Call]]) -> TeamReport:
    """The figures of all groups, from everybody's calls."""
    found = []
    for weekday in (None, *range(1, 8)):
        for part in (None, *PARTS_OF_DAY):
            shares = [
                share for calls in people.values() if (share := _share_of_tense(calls, weekday, part)) is not None
            ]
            if len(shares) >= SMALLEST_GROUP:
                found.append(Group(weekday, part, in_tens(len(shares)), band_of(fmean(shares))))
    return TeamReport(in_tens(len(people)), tuple(found))


def in_tens(people: int) -> int:
    """A number of people, rounded down."""
    return people // SMALLEST_GROUP * SMALLEST_GROUP


def band_of(share: float) -> Band:
    """The third that a share (0 to 1) lies in."""
    return list(Band)[min(2, int(share * 3))]


def _share_of_tense(calls: Counter[Call], weekday: int | None, part: str | None) -> float | None:
    tense = all_of_them = 0
    for call, times in calls.items():
        if call.tensest_minute is None:
            continue
        if weekday in (None, call.day.isoweekday()) and part in (None, call.part_of_day):
            all_of_them += times
            tense += times * call.is_tense
    return tense / all_of_them if all_of_them else None
