"""Files of every kind, good, double, broken and hostile, merged for real."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from app.cli.team.words import problem_text
from core.sources import tables
from core.sources.tables import TableError
from core.store.export_rows import (
    CALL_COLUMNS,
    OWN_CALL_COLUMNS,
    OWN_SAMPLE_COLUMNS,
    SAMPLE_COLUMNS,
    shared_call_row,
)
from core.store.tables import FileFormat, Format, write_table
from core.team.figures import Band, TeamReport, TooFewPeople, merge_exports
from core.team.reading import LARGEST_FILE, FileProblem, UnusableFile, read_export
from core.team.reading import Call as ReadCall
from tests.cases import CASES
from tests.team.made_up import Call, pseudonym, some_calls, write_calls

PEOPLE = 12


def write_team(folder: Path, form: Format = Format.CSV, people: int = PEOPLE) -> list[Path]:
    folder.mkdir(exist_ok=True)
    return [
        write_calls(folder / f"{number}.{form.value}", number, some_calls(number, 30), form) for number in range(people)
    ]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return write_team(tmp_path / "team")


def report_of(files: list[Path]) -> TeamReport:
    report, rejections = merge_exports(files)
    assert rejections == []
    return report


class TestMerging:
    def test_all_forms_come_to_the_same(self, files: list[Path], tmp_path: Path) -> None:
        reports = [report_of(write_team(tmp_path / form.value, form)) for form in Format]
        mixed = [write_calls(tmp_path / f"m{n}", n, some_calls(n, 30), list(Format)[n % 3]) for n in range(PEOPLE)]
        assert all(report == report_of(files) for report in [*reports, report_of(mixed)])

    def test_the_order_of_the_files_changes_nothing(self, files: list[Path]) -> None:
        assert report_of(files[::-1]) == report_of(files)

    def test_one_person_in_several_files_is_one_and_each_call_counts_once(
        self, files: list[Path], tmp_path: Path
    ) -> None:
        calls = some_calls(0, 30)
        again = [
            write_calls(tmp_path / "first half.csv", 0, calls[:20]),
            write_calls(tmp_path / "second half.json", 0, calls[10:], Format.JSON),
            tmp_path / "team" / ".." / "team" / "1.csv",
        ]
        assert report_of([*files, *again]) == report_of(files)

    def test_calls_that_look_alike_are_several_in_one_file_and_the_same_in_two(self, tmp_path: Path) -> None:
        calls = [Call(0, 600, 0)] * 9 + [Call(0, 600, 900)]
        files = [write_calls(tmp_path / f"{n}.csv", n, calls) for n in range(10)]
        group = report_of(files).find()
        assert group is not None
        assert group.tense_calls is Band.FEW
        assert report_of([*files, write_calls(tmp_path / "again.csv", 3, calls)]) == report_of(files)

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r\n,,,,,,,,\r\n"])
    def test_a_list_saved_again_by_a_spreadsheet_is_read(self, files: list[Path], end: str) -> None:
        report = report_of(files)
        files[0].write_bytes(b"\xef\xbb\xbf" + files[0].read_text(encoding="utf-8").replace("\n", end).encode())
        assert report_of(files) == report

    def test_a_list_as_excel_holds_it_is_the_same_as_csv_also_when_it_was_saved_again(self, tmp_path: Path) -> None:
        calls = some_calls(1, 20)
        expected = read_export(write_calls(tmp_path / "list.csv", 1, calls))
        rows = [shared_call_row(pseudonym(1), call.record) for call in calls]
        write_table(tmp_path / "list.xlsx", FileFormat.XLSX, CALL_COLUMNS, rows)
        assert read_export(tmp_path / "list.xlsx") == expected
        load_workbook(tmp_path / "list.xlsx").save(tmp_path / "again.xlsx")
        assert read_export(tmp_path / "again.xlsx") == expected

    @pytest.mark.parametrize("content", [b"PK", b"PK\3\4 and no more", b"PK\5\6" + bytes(18)])
    def test_what_only_looks_like_excel_is_left_out(self, files: list[Path], content: bytes) -> None:
        files[0].write_bytes(content)
        with pytest.raises(UnusableFile) as raised:
            read_export(files[0])
        assert raised.value.problem is FileProblem.NO_EXPORT

    def test_an_excel_file_is_not_unpacked_for_ever(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        Workbook().save(tmp_path / "a.xlsx")
        monkeypatch.setattr(tables, "MAX_SHEET_BYTES", 100)
        with pytest.raises(TableError, match="too large"):
            tables.table_of("a.xlsx", (tmp_path / "a.xlsx").read_bytes())

    def test_without_openpyxl_a_sheet_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "openpyxl", None)
        with pytest.raises(TableError, match="save it as CSV, or install openpyxl"):
            tables.table_of("a.xlsx", b"PK\3\4")

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
    @pytest.mark.parametrize("day", ["{0}. {1}. {2}.", "{0}/{1}/{2}", "{2}.{1}.{0}", "{0}-{1}-{2} 00:00"])
    def test_semicolons_commas_in_numbers_local_days_and_capitals_change_nothing(
        self, files: list[Path], encoding: str, day: str
    ) -> None:
        [header, *rows] = files[0].read_text(encoding="utf-8").splitlines()
        saved = [header.replace(",", ";")]
        for row in rows:
            cells = [cell.replace(".", ",") for cell in row.split(",")]
            cells[1:3] = [day.format(*map(int, cells[1].split("-"))), cells[2].upper()]
            saved.append(";".join(cells))
        expected = read_export(files[0])
        files[0].write_bytes("\r\n".join([*saved, ";;;;;;;", ""]).encode(encoding))
        assert read_export(files[0]) == expected

    @pytest.mark.parametrize(("day", "read"), [("11/28/2026", True), ("28/11/2026", True), ("1/2/2026", False)])
    def test_a_day_that_could_be_either_way_round_is_named_and_not_guessed(
        self, tmp_path: Path, day: str, read: bool
    ) -> None:
        path = write_calls(tmp_path / "a.csv", 1, some_calls(1, 1))
        [header, row] = path.read_text(encoding="utf-8").splitlines()
        first, _, *rest = row.split(",")
        path.write_text("\n".join((header, ",".join((first, day, *rest)))), encoding="utf-8")
        if read:
            assert {call.day for call in read_export(path)[1]} == {date(2026, 11, 28)}
            return
        with pytest.raises(UnusableFile) as raised:
            read_export(path)
        assert (raised.value.problem, raised.value.detail) == (FileProblem.BAD_VALUE, f"1: day = {day}")

    @pytest.mark.parametrize("name", ["team_original.csv", "team_saved_by_excel.csv"])
    def test_a_list_of_an_earlier_calmline_counts_also_saved_by_excel(self, name: str) -> None:
        counsellor, calls = read_export(CASES / name)
        assert counsellor == "C-D54V-WV3L"
        assert list(calls) == [ReadCall(date(2026, 11, 28), "afternoon", 1, None)]

    @pytest.mark.parametrize(
        ("separator", "mark", "encoding"), [(";", ",", "utf-8-sig"), ("\t", ".", "utf-8"), ("\t", ",", "utf-16")]
    )
    def test_such_a_list_counts_as_spreadsheets_of_other_countries_save_it(
        self, tmp_path: Path, separator: str, mark: str, encoding: str
    ) -> None:
        text = (CASES / "team_original.csv").read_text(encoding="utf-8").replace(",", separator)
        assert ("6.0" in text, "0.4333" in text) == (True, True)
        saved = text.replace("6.0", f"6{mark}0").replace("0.4333", f"0{mark}4333").replace("\n", "\r\n")
        (tmp_path / "a.csv").write_text(saved, encoding=encoding, newline="")
        assert list(read_export(tmp_path / "a.csv")[1]) == [ReadCall(date(2026, 11, 28), "afternoon", 1, None)]
        (tmp_path / "a.csv").write_text(text.replace("6.0", "six"), encoding=encoding)
        with pytest.raises(UnusableFile) as raised:
            read_export(tmp_path / "a.csv")
        assert (raised.value.problem, raised.value.detail) == (FileProblem.BAD_VALUE, "1: minutes = six")

    def test_an_earlier_own_copy_is_refused_and_an_earlier_demo_is_nobodys(self, tmp_path: Path) -> None:
        text = (CASES / "team_original.csv").read_text(encoding="utf-8")
        for cell, problem in ((",false,my note", FileProblem.OWN_COPY), (",TRUE,", FileProblem.EMPTY)):
            (tmp_path / "a.csv").write_text(text.replace(",false,", cell), encoding="utf-8")
            with pytest.raises(UnusableFile) as raised:
                read_export(tmp_path / "a.csv")
            assert raised.value.problem is problem

    @pytest.mark.parametrize("form", Format)
    def test_a_list_without_a_version_counts_as_before(self, tmp_path: Path, form: Format) -> None:
        path = write_calls(tmp_path / "a", 1, some_calls(1, 5), form)
        expected = read_export(path)
        text = path.read_text(encoding="utf-8").replace(', "schema_version": 1', "")
        path.write_text(
            "\n".join(re.sub(",(schema_version|1)$", "", line) for line in text.splitlines()), encoding="utf-8"
        )
        assert "schema_version" not in path.read_text(encoding="utf-8")
        assert read_export(path) == expected

    @pytest.mark.parametrize("form", Format)
    def test_a_list_of_a_newer_calmline_is_refused_with_its_version_whatever_its_columns(
        self, files: list[Path], tmp_path: Path, form: Format
    ) -> None:
        path = write_calls(tmp_path / "a", 1, some_calls(1, 1), form)
        text = (
            path.read_text(encoding="utf-8")
            .replace("tense_minutes", "tense_share")
            .replace('version": 1', 'version": 2')
        )
        path.write_text(re.sub(",1$", ",2", text, flags=re.MULTILINE), encoding="utf-8")
        _report, [rejection] = merge_exports([*files, path])
        assert (rejection.problem, rejection.detail) == (FileProblem.NEWER, "2")
        assert "newer Calmline" in problem_text(rejection)

    @pytest.mark.parametrize("people", [0, 1, 9])
    def test_fewer_than_ten_people_are_no_group(self, files: list[Path], people: int) -> None:
        with pytest.raises(TooFewPeople):
            merge_exports(files[:people] * 3)

    def test_ten_people_are_one(self, files: list[Path]) -> None:
        assert report_of(files[:10]).people == 10


def edited(change: Callable[[str], str]) -> Callable[[Path], object]:
    """Somebody's export with its text changed."""

    def write(path: Path) -> None:
        write_calls(path, 99, some_calls(99, 5))
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")

    return write


HEADER = ",".join(CALL_COLUMNS) + "\n"
ROW = json.dumps(dict.fromkeys(CALL_COLUMNS, "x"))
BROKEN: dict[str, tuple[Callable[[Path], object], FileProblem]] = {
    "missing": (lambda path: None, FileProblem.UNREADABLE),
    "folder": (lambda path: path.mkdir(), FileProblem.UNREADABLE),
    "empty": (lambda path: path.touch(), FileProblem.EMPTY),
    "only a header": (lambda path: path.write_text(HEADER), FileProblem.EMPTY),
    "an empty array": (lambda path: path.write_text("[\n]\n"), FileProblem.EMPTY),
    "another table": (lambda path: path.write_text("name,age\nMina,30\n"), FileProblem.NO_EXPORT),
    "noise": (lambda path: path.write_bytes(os.urandom(5000)), FileProblem.NO_EXPORT),
    "zeros": (lambda path: path.write_bytes(bytes(5000)), FileProblem.EMPTY),
    "cut off": (edited(lambda text: text[:-9]), FileProblem.BAD_VALUE),
    "bytes that are no text": (
        lambda path: path.write_bytes(HEADER.encode() + b"\xff\xfe" * 50),
        FileProblem.NO_EXPORT,
    ),
    "an endless line": (lambda path: path.write_text(HEADER + "x" * 3_000_000), FileProblem.NO_EXPORT),
    "nested without end": (lambda path: path.write_text('[{"a":' * 30_000), FileProblem.NO_EXPORT),
    "JSON that breaks off": (lambda path: path.write_text(f"[{ROW},\n"), FileProblem.NO_EXPORT),
    "other keys": (lambda path: path.write_text('[{"counsellor": 1}]'), FileProblem.NO_EXPORT),
    "words for numbers": (edited(lambda text: text.replace(",5,", ",long,")), FileProblem.BAD_VALUE),
    "numbers past all bounds": (edited(lambda text: text.replace(",5,", ",1e300,")), FileProblem.BAD_VALUE),
    "not a number": (edited(lambda text: text.replace(",5,", ",nan,")), FileProblem.BAD_VALUE),
    "a name for a pseudonym": (edited(lambda text: text.replace(pseudonym(99), "Mina")), FileProblem.BAD_VALUE),
    "no day": (edited(lambda text: text.replace("2026-", "2026-99-")), FileProblem.BAD_VALUE),
    "no part of a day": (
        edited(lambda text: text.replace("morning", "09:14").replace("afternoon", "15:02")),
        FileProblem.BAD_VALUE,
    ),
    "two people": (
        edited(lambda text: text.replace(pseudonym(99), pseudonym(98), 1)),
        FileProblem.SEVERAL_PEOPLE,
    ),
    "an own list of calls": (lambda path: path.write_text(",".join(OWN_CALL_COLUMNS) + "\n"), FileProblem.OWN_COPY),
    "an own list of samples": (
        lambda path: path.write_text(",".join(OWN_SAMPLE_COLUMNS) + "\n"),
        FileProblem.OWN_COPY,
    ),
    "curves": (lambda path: path.write_text(",".join(SAMPLE_COLUMNS) + "\n"), FileProblem.CURVES),
    "a file larger than any export": (
        lambda path: path.write_bytes(HEADER.encode() + b"x" * LARGEST_FILE),
        FileProblem.UNREADABLE,
    ),
}


class TestBadFiles:
    @pytest.mark.parametrize("name", BROKEN)
    def test_it_is_named_and_the_rest_goes_on(self, files: list[Path], tmp_path: Path, name: str) -> None:
        make, problem = BROKEN[name]
        bad = tmp_path / "bad file"
        make(bad)
        report, rejections = merge_exports([*files[:6], bad, *files[6:]])
        assert [(rejection.path, rejection.problem) for rejection in rejections] == [(bad, problem)]
        assert report == report_of(files)

    def test_a_value_that_cannot_be_is_named_with_its_line(self, files: list[Path]) -> None:
        files[0].write_text(files[0].read_text(encoding="utf-8").replace(",5,", ",long,", 1), encoding="utf-8")
        _, [rejection] = merge_exports(files)
        assert rejection.detail == "1: minutes = long"

    @pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not have")
    @pytest.mark.parametrize(
        "name", ["a*.csv", "[1].csv", "wh?t.csv", "s3:", "http:", "\x1b[31mred.csv", "'; DROP", "\udcff.csv"]
    )
    def test_a_name_is_only_a_name(self, files: list[Path], tmp_path: Path, name: str) -> None:
        odd = tmp_path / name
        write_calls(odd, 50, some_calls(50, 5))
        report, rejections = merge_exports([*files, odd])
        assert rejections == []
        assert report.people == PEOPLE // 10 * 10

    @pytest.mark.skipif(sys.platform == "win32", reason="pipes in folders")
    def test_a_pipe_holds_nobody_up(self, files: list[Path], tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.csv")
        _, [rejection] = merge_exports([*files, tmp_path / "pipe.csv"])
        assert rejection.problem is FileProblem.UNREADABLE

    def test_a_compressed_file_is_not_unpacked(self, files: list[Path], tmp_path: Path) -> None:
        import gzip

        (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(HEADER.encode() + b"0" * 10_000_000))
        _, [rejection] = merge_exports([*files, tmp_path / "bomb.csv.gz"])
        assert rejection.problem is FileProblem.NO_EXPORT

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(
        st.binary(max_size=300)
        | st.text(max_size=100).map(str.encode)
        | st.text(',"\n[]{}:x1', max_size=60).map(lambda text: (HEADER + text).encode())
        | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(lambda value: json.dumps([value]).encode())
    )
    def test_any_bytes_are_left_out_and_nothing_else_happens(self, tmp_path: Path, content: bytes) -> None:
        folder = tmp_path / "ten"
        ten = write_team(folder, people=10) if not folder.exists() else sorted(folder.iterdir())
        (tmp_path / "fuzz").write_bytes(content)
        report, [rejection] = merge_exports([*ten, tmp_path / "fuzz"])
        assert rejection.path == tmp_path / "fuzz"
        assert report.find() is not None
