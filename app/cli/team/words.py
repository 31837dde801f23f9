"""What the parts of a team report are called."""

from __future__ import annotations

from collections.abc import Mapping

from app.words.language import N_, _
from core.team import Category, Figure, FileProblem

_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))

_CATEGORIES: Mapping[Category, str] = {
    Category.CALM: N_("calm"),
    Category.BETWEEN: N_("between"),
    Category.TENSE: N_("tense"),
    Category.UP_TO_20: N_("up to 20"),
    Category.UP_TO_40: N_("21 to 40"),
    Category.UP_TO_60: N_("41 to 60"),
    Category.MORE: N_("over 60"),
    Category.WITHIN_1_MINUTE: N_("within a minute"),
    Category.WITHIN_3_MINUTES: N_("within 3 minutes"),
    Category.LATER: N_("later in the call"),
    Category.NOT_IN_CALL: N_("not in the call"),
}

_FIGURES: Mapping[Figure, str] = {
    Figure.TENSION: N_("Tensest minute of calls"),
    Figure.CALLS_A_DAY: N_("Calls a day"),
    Figure.RECOVERY: N_("After the tensest minute of a tense call: calm again"),
}

_PROBLEMS: Mapping[FileProblem, str] = {
    FileProblem.MISSING: N_("it is not there"),
    FileProblem.NO_FILE: N_("it is no ordinary file"),
    FileProblem.UNREADABLE: N_("it cannot be read"),
    FileProblem.EMPTY: N_("it is empty"),
    FileProblem.NO_EXPORT: N_("it is no export of Calmline"),
    FileProblem.CURVES: N_("it holds curves; team figures come from lists of calls (calmline export --calls)"),
    FileProblem.OWN_COPY: N_("it is somebody's own complete copy (--mine), which is for nobody else"),
    FileProblem.BAD_VALUE: N_("it holds values that no export has"),
    FileProblem.SEVERAL_PEOPLE: N_("it holds more than one person"),
}


def weekday_name(weekday: int) -> str:
    """The name of a weekday, 1 for Monday to 7 for Sunday."""
    return _(_WEEKDAYS[weekday - 1])


def hour_name(hour: int) -> str:
    """The hour that begins then."""
    return f"{hour:02d}:00"


def category_name(category: Category) -> str:
    """A part of a figure."""
    return _(_CATEGORIES[category])


def figure_name(figure: Figure) -> str:
    """What a figure is called on the page."""
    return _(_FIGURES[figure])


def problem_text(problem: FileProblem) -> str:
    """Why a file was left out."""
    return _(_PROBLEMS[problem])
