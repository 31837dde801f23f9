"""From files to a report: people merged by their pseudonym, every call counted once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.team.figures import SMALLEST_GROUP, TeamReport, make_report
from core.team.reading import Rejection, open_engine, read_exports

# A call that came in several files is one call, the most complete one. Which file is read first changes nothing. Demo
# calls are nobody's, and a call in which too little was seen says nothing.
_MERGE = """
    CREATE TABLE call_of_team AS
    WITH chosen AS (
        SELECT counsellor, strptime(left(started, 19), '%Y-%m-%dT%H:%M:%S') AS began, peak, calm_again_ms, demo
        FROM row_of_file
        QUALIFY row_number() OVER (
            PARTITION BY counsellor, started
            ORDER BY demo DESC, duration_ms DESC, peak DESC NULLS LAST, calm_again_ms NULLS LAST
        ) = 1
    )
    SELECT counsellor, began::DATE AS day, isodow(began)::INTEGER AS weekday, hour(began)::INTEGER AS hour, peak,
        calm_again_ms
    FROM chosen WHERE NOT demo AND peak IS NOT NULL
"""


class TooFewPeople(Exception):  # noqa: N818 - an answer, not a fault
    """The files hold fewer than five people, so there is no group to show. `rejections` says what was left out."""

    def __init__(self, rejections: Sequence[Rejection]) -> None:
        """The files that were left out."""
        super().__init__("too few people")
        self.rejections = tuple(rejections)


def merge_exports(paths: Sequence[Path]) -> tuple[TeamReport, list[Rejection]]:
    """The report over supervisor exports, and which files were left out, and why.

    Args:
        paths: lists of calls as `calmline export` writes them, CSV, JSON or NDJSON, in any order.

    Raises:
        TooFewPeople: fewer than five people are in them.
        ImportError: the extra `team` is not installed.
        duckdb.Error: they need more memory than there is.
    """
    with open_engine() as engine:
        rejections = read_exports(engine, paths)
        engine.execute(_MERGE)
        report = make_report(engine)
    if report.people < SMALLEST_GROUP:
        raise TooFewPeople(rejections)
    return report, rejections
