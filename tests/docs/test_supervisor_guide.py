"""The query of the supervisor's guide, run as it stands on lists that counsellors export: it comes to what a merge says."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from core.team.figures import merge_exports
from tests.team.made_up import Call, some_calls, write_calls

PAGE = Path(__file__).parents[2] / "docs" / "supervisor-guide.md"
QUERY = re.findall(r"```sql\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_query_comes_to_the_groups_of_a_merge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "exports").mkdir()
    monkeypatch.chdir(tmp_path)
    files = []
    for number in range(40):
        strain = [Call(day, 700, 900) for day in range(number % 9)] + [Call(5, 700, None), Call(0, 1200, 600)]
        files.append(write_calls(Path("exports") / f"{number}.csv", number, [*some_calls(number, 12), *strain * 3]))
    report, rejections = merge_exports(files)
    assert rejections == []
    [query] = QUERY
    found = set(duckdb.sql(query).fetchall())
    assert found == {(one.weekday, one.part_of_day, one.people, one.tense_calls.value) for one in report.groups}
    assert {band for *_group, band in found} == {"few", "some", "most"}
