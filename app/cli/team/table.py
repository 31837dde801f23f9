"""The team report as rows for CSV: one figure of one group a row, and every group that is left out with the reason."""

from __future__ import annotations

from collections.abc import Iterator

from core.store.tables import Row
from core.team import Figure, TeamReport
from core.team.figures import CATEGORIES

COLUMNS = ("figure", "weekday", "hour", "category", "people", "of_people", "share", "left_out")
"""`weekday` is 1 (Monday) to 7 and `hour` 0 to 23, empty for all; `people` and `of_people` are in fives, rounded down."""

LEFT_OUT = "fewer than five people"


def report_rows(report: TeamReport) -> Iterator[Row]:
    """All rows, in the order of figure, weekday, hour. The same in every language: programs read them."""
    weekdays = (None, *range(1, 8))
    places = [(weekday, hour) for weekday in weekdays for hour in (None, *report.hours)]
    for figure in Figure:
        for weekday, hour in places if figure is Figure.TENSION else [(None, None)]:
            yield from _rows_of(report, figure, weekday, hour)


def _rows_of(report: TeamReport, figure: Figure, weekday: int | None, hour: int | None) -> Iterator[Row]:
    place: Row = {"figure": figure.value, "weekday": weekday, "hour": hour}
    group = report.find(figure, weekday, hour)
    if group is None:
        nothing: Row = {"category": None, "people": None, "of_people": None, "share": None, "left_out": LEFT_OUT}
        yield place | nothing
        return
    for category, people in zip(CATEGORIES[figure], group.counts, strict=True):
        yield place | {
            "category": category.value,
            "people": people,
            "of_people": group.people,
            "share": round(group.share(category), 4),
            "left_out": None,
        }
