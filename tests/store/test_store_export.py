from __future__ import annotations

import csv
import io
import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.method.emotion import Outcome
from core.store.errors import StoreError
from core.store.export import (
    ExportRefused,
    ExportRequest,
    Refusal,
    export_to_file,
    export_to_stream,
    plan_export,
    preview,
)
from core.store.export_rows import OWN_CALL_COLUMNS, SCHEMA_VERSION
from core.store.records import CallRecord, Consent, ExportKind, ShareLevel
from core.store.store import Store
from core.store.tables import (
    FORMULA_STARTS,
    AnyFormat,
    FileFormat,
    Format,
    FormatUnavailableError,
    TargetError,
    TargetProblem,
    format_named,
    spreadsheet_safe,
    write_rows,
)
from core.system.clock import ManualClock

RecordCall = Callable[..., CallRecord]
Agree = Callable[..., Consent]
CALLS, SAMPLES = ExportRequest(ExportKind.CALLS), ExportRequest(ExportKind.SAMPLES)
MINE, MINE_CALLS = (ExportRequest(kind, mine=True) for kind in (ExportKind.SAMPLES, ExportKind.CALLS))
FIVE_A_SECOND = (Outcome.STRESS, Outcome.HAPPY, Outcome.NEUTRAL, Outcome.UNSURE, Outcome.GAP) * 2


def refusal(store: Store, request: ExportRequest) -> Refusal:
    with pytest.raises(ExportRefused) as caught:
        preview(store, request)
    return caught.value.reason


def exported(store: Store, request: ExportRequest) -> set[int]:
    return {call.id for call in plan_export(store, request).calls}


def written(store: Store, request: ExportRequest, form: Format = Format.CSV) -> str:
    stream = io.StringIO()
    export_to_stream(store, request, form, stream, "mina")
    return stream.getvalue()


class TestForms:
    def test_the_samples_begin_with_the_columns_of_the_thesis(self, store: Store, record_call: RecordCall) -> None:
        record_call()
        table = pd.read_csv(io.StringIO(written(store, MINE)), parse_dates=["Time"])
        assert list(table.columns[:3]) == ["Time", "Emotion", "Level"]
        assert table["Level"].tolist() == [tick * 0.02 for tick in range(10)]
        assert table["Time"].diff().dropna().dt.total_seconds().tolist() == pytest.approx([0.2] * 9)

    def test_all_forms_say_the_same_as_the_preview(self, store: Store, record_call: RecordCall) -> None:
        record_call(FIVE_A_SECOND)
        rows = preview(store, MINE)
        assert json.loads(written(store, MINE, Format.JSON)) == rows
        assert [json.loads(line) for line in written(store, MINE, Format.NDJSON).splitlines()] == rows
        cells = [["" if cell is None else str(cell) for cell in row.values()] for row in rows]
        assert list(csv.reader(io.StringIO(written(store, MINE))))[1:] == cells

    def test_a_preview_stops_where_it_is_told(self, store: Store, record_call: RecordCall) -> None:
        record_call()
        assert len(preview(store, MINE, limit=3)) == 3

    def test_no_name_is_in_the_file_only_the_pseudonym(
        self, store: Store, agree: Agree, record_call: RecordCall
    ) -> None:
        agree(ShareLevel.CURVES)
        record_call()
        text = written(store, CALLS)
        assert store.counsellor().pseudonym in text
        assert "mina" not in text

    @given(st.text(max_size=20) | st.text("=+-@\t\r\n ,\"'a", max_size=8))
    def test_no_text_cell_begins_a_formula(self, text: str) -> None:
        stream = io.StringIO(newline="")
        write_rows(stream, Format.CSV, ["note", "level"], [{"note": text, "level": 1}])
        stream.seek(0)
        _, [cell, level] = list(csv.reader(stream))
        assert not cell.lstrip(" ").startswith(FORMULA_STARTS)
        assert cell.removeprefix("'") == text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("'")
        assert level == "1"

    @pytest.mark.parametrize("number", [-0.5, 7, True, None])
    def test_numbers_stay_numbers(self, number: float | None) -> None:
        assert spreadsheet_safe(number) is number


class TestFile:
    def test_an_export_is_a_file_for_its_owner_only_and_is_logged(
        self, store: Store, record_call: RecordCall, tmp_path: Path
    ) -> None:
        record_call()
        target = tmp_path / "mine.csv"
        target.write_text("an older export")
        with pytest.raises(TargetError) as raised:
            export_to_file(store, MINE, Format.CSV, target, "mina")
        assert (raised.value.problem, target.read_text()) == (TargetProblem.EXISTS, "an older export")
        assert store.exports() == []
        record = export_to_file(store, MINE, Format.CSV, target, "mina", replace=True)
        assert len(target.read_text().splitlines()) == 11
        [logged] = store.exports()
        assert (logged.rows, logged.target, logged.system_user, logged.detail) == (10, str(target), "mina", "complete")
        assert (logged.at, logged.kind, logged.mine) == (record.at, ExportKind.SAMPLES, True)
        if sys.platform != "win32":
            assert stat.S_IMODE(target.stat().st_mode) == 0o600

    def test_excel_knows_a_list_as_utf_8_and_pandas_takes_its_times(
        self, store: Store, record_call: RecordCall, tmp_path: Path
    ) -> None:
        record_call()
        export_to_file(store, MINE_CALLS, Format.CSV, tmp_path / "a.csv", "mina")
        assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfcounsellor,")
        table = pd.read_csv(tmp_path / "a.csv", parse_dates=["started", "ended"])
        assert table["started"].dt.to_pydatetime()[0] == store.calls()[0].started_local.replace(tzinfo=None)
        assert table["utc_offset_minutes"].tolist() == [0]

    @pytest.mark.parametrize(("form", "package"), [(FileFormat.XLSX, "openpyxl"), (FileFormat.PARQUET, "pyarrow")])
    def test_a_form_whose_package_is_missing_names_it_and_nothing_is_written(
        self,
        store: Store,
        record_call: RecordCall,
        tmp_path: Path,
        form: FileFormat,
        package: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        record_call()
        monkeypatch.setitem(sys.modules, package, None)
        target = tmp_path / f"a.{form.value}"
        with pytest.raises(FormatUnavailableError) as raised:
            export_to_file(store, MINE_CALLS, form, target, "mina")
        assert raised.value.package == package
        assert (target.exists(), store.exports()) == (False, [])

    @pytest.mark.parametrize("form", FileFormat)
    def test_files_of_excel_and_parquet_hold_the_same_with_real_dates(
        self, store: Store, record_call: RecordCall, tmp_path: Path, form: FileFormat
    ) -> None:
        record_call()
        target = tmp_path / f"a.{form.value}"
        assert format_named(target) is form
        export_to_file(store, MINE_CALLS, form, target, "mina")
        table = pd.read_excel(target) if form is FileFormat.XLSX else pd.read_parquet(target)
        [row] = preview(store, MINE_CALLS)
        assert list(table.columns) == list(OWN_CALL_COLUMNS)
        assert table["duration_s"].tolist() == [row["duration_s"]]
        assert str(table["started"].dtype).startswith("datetime64")
        assert sorted(path.name for path in tmp_path.iterdir()) == [target.name, "data"]

    @pytest.mark.parametrize("mine", [True, False])
    @pytest.mark.parametrize("kind", [ExportKind.CALLS, ExportKind.SAMPLES])
    @pytest.mark.parametrize("form", [*Format, *FileFormat])
    def test_every_line_of_every_form_ends_with_the_version_of_its_schema(
        self,
        store: Store,
        agree: Agree,
        record_call: RecordCall,
        tmp_path: Path,
        form: AnyFormat,
        kind: ExportKind,
        mine: bool,
    ) -> None:
        agree(ShareLevel.CURVES)
        record_call(FIVE_A_SECOND)
        target = tmp_path / f"a.{form.value}"
        export_to_file(store, ExportRequest(kind, mine=mine), form, target, "mina")
        read: dict[AnyFormat, Callable[[Path], pd.DataFrame]] = {
            Format.CSV: pd.read_csv,
            Format.JSON: pd.read_json,
            Format.NDJSON: lambda path: pd.read_json(path, lines=True),
            FileFormat.XLSX: pd.read_excel,
            FileFormat.PARQUET: pd.read_parquet,
        }
        table = read[form](target)
        assert table.columns[-1] == "schema_version"
        assert set(table["schema_version"]) == {SCHEMA_VERSION}
        assert len(table) == len(preview(store, ExportRequest(kind, mine=mine)))

    def test_what_is_logged_names_the_level_of_detail(
        self, store: Store, agree: Agree, record_call: RecordCall
    ) -> None:
        agree(ShareLevel.CURVES)
        record_call()
        written(store, CALLS)
        written(store, SAMPLES)
        assert [record.detail for record in store.exports()] == ["curves", "summaries"]

    def test_a_refused_export_touches_nothing(self, store: Store, tmp_path: Path, record_call: RecordCall) -> None:
        record_call()
        target = tmp_path / "calls.csv"
        target.write_text("an older export")
        with pytest.raises(ExportRefused):
            export_to_file(store, CALLS, Format.CSV, target, "mina")
        assert target.read_text() == "an older export"
        assert store.exports() == []

    def test_what_cannot_be_logged_is_not_handed_over(
        self, store: Store, path: Path, clock: ManualClock, tmp_path: Path, record_call: RecordCall
    ) -> None:
        record_call()
        before = sorted(tmp_path.iterdir())
        with Store.open(path, clock, read_only=True) as reader:
            with pytest.raises(StoreError):
                export_to_file(reader, MINE, Format.CSV, tmp_path / "mine.csv", "mina")
            stream = io.StringIO()
            with pytest.raises(StoreError):
                export_to_stream(reader, MINE, Format.CSV, stream, "mina")
        assert sorted(tmp_path.iterdir()) == before
        assert stream.getvalue() == ""

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            (".", TargetProblem.IS_FOLDER),
            ("nowhere/mine.csv", TargetProblem.NO_FOLDER),
            ("data/calmline.db", TargetProblem.IS_RECORD),
            ("data/calmline.db-wal", TargetProblem.IS_RECORD),
            ("link-to-record", TargetProblem.IS_RECORD),
            ("pipe", TargetProblem.NOT_A_FILE),
            (f"{'a' * 300}.csv", TargetProblem.NAME_TOO_LONG),
            (f"{'가' * 100}.csv", TargetProblem.NAME_TOO_LONG),
        ],
    )
    @pytest.mark.skipif(sys.platform == "win32", reason="named pipes in folders")
    def test_a_target_that_cannot_be_is_refused_with_the_reason(
        self, store: Store, record_call: RecordCall, tmp_path: Path, name: str, problem: TargetProblem
    ) -> None:
        record_call()
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "link-to-record").symlink_to(store.path)
        with pytest.raises(TargetError) as caught:
            export_to_file(store, MINE, Format.CSV, tmp_path / name, "mina")
        assert caught.value.problem is problem
        assert store.integrity() == []
        assert store.exports() == []

    def test_a_link_is_followed_and_stays_a_link(self, store: Store, record_call: RecordCall, tmp_path: Path) -> None:
        record_call()
        (tmp_path / "real.csv").write_text("")
        (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
        export_to_file(store, MINE, Format.CSV, tmp_path / "link.csv", "mina", replace=True)
        assert (tmp_path / "link.csv").is_symlink()
        assert len((tmp_path / "real.csv").read_text().splitlines()) == 11

    @pytest.mark.skipif(sys.platform != "linux", reason="/proc")
    def test_a_folder_that_takes_no_files_is_said_so(self, store: Store, record_call: RecordCall) -> None:
        record_call()
        with pytest.raises(TargetError) as caught:
            export_to_file(store, MINE, Format.CSV, Path("/proc/mine.csv"), "mina")
        assert caught.value.problem is TargetProblem.NOT_WRITABLE
