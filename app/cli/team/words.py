"""What the parts of a team report are called."""

from __future__ import annotations

from collections.abc import Mapping

from app.words import insight
from app.words.language import N_, _
from core.team.figures import Band, Rejection
from core.team.reading import FileProblem

_PARTS_OF_DAY: Mapping[str, str] = {
    "night": N_("night (0 to 6)"),
    "morning": N_("morning (6 to 12)"),
    "afternoon": N_("afternoon (12 to 18)"),
    "evening": N_("evening (18 to 24)"),
}

_BANDS: Mapping[Band, str] = {
    Band.FEW: N_("under a third"),
    Band.SOME: N_("one to two thirds"),
    Band.MOST: N_("over two thirds"),
}

_PROBLEMS: Mapping[FileProblem, str] = {
    FileProblem.UNREADABLE: N_("it cannot be read ({detail})"),
    FileProblem.EMPTY: N_("it is empty"),
    FileProblem.NO_EXPORT: N_("it is no list of calls (CSV, Excel, JSON or NDJSON) that this Calmline exports"),
    FileProblem.CURVES: N_("it holds curves; figures are made of lists of calls (calmline export --calls)"),
    FileProblem.OWN_COPY: N_("it is somebody's own list (--mine), which is for nobody else"),
    FileProblem.BAD_VALUE: N_("it holds a value that no export has, in line {detail}"),
    FileProblem.SEVERAL_PEOPLE: N_("it holds more than one person"),
    FileProblem.NEWER: N_("a newer Calmline wrote it (form {detail}): update this one to read it"),
}


def weekday_name(weekday: int | None) -> str:
    """1 is Monday; None is all."""
    return _("all") if weekday is None else insight.weekday_name(weekday - 1)


def part_of_day_name(part: str | None) -> str:
    """A part of the day with its hours; None is all."""
    return _("all") if part is None else _(_PARTS_OF_DAY[part])


def band_name(band: Band) -> str:
    """What part of the calls was tense."""
    return _(_BANDS[band])


def problem_text(rejection: Rejection) -> str:
    """Why a file was left out."""
    return _(_PROBLEMS[rejection.problem]).format(detail=rejection.detail)
