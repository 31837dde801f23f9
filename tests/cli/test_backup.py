"""The whole record to a file and back, from the command line; numbers and days of calls; what the commands recommend."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.store.records import CallStart, ShareLevel
from core.store.store import Store
from core.system.clock import ManualClock, SystemClock
from tests.cli.shell import Shell, record


def calls_of(database: Path) -> list[tuple[int, str]]:
    with Store.open(database, SystemClock(), read_only=True) as store:
        return [(call.number, call.local_day.isoformat()) for call in store.calls()]


@pytest.mark.parametrize(
    "command", [("record", "backup"), ("export", "--mine", "--everything", "--out")], ids=["backup", "copy"]
)
def test_the_whole_record_moves_to_another_place(shell: Shell, tmp_path: Path, command: tuple[str, ...]) -> None:
    record(shell, share=ShareLevel.SUMMARIES, calls=3)
    there = tmp_path / "record-there"
    assert shell(*command, there)[0] == 0
    other = tmp_path / "other" / "calmline.db"
    code, _, err = shell("--db", other, "record", "restore", there)
    assert code == 0, err
    assert "with 3 calls" in err
    assert calls_of(other) == calls_of(shell.database)
    code, _, err = shell("--db", other, "record", "restore", there)
    assert code == 1
    assert "record erase --everything" in err


def test_a_complete_copy_needs_its_own_place_and_no_days(shell: Shell, tmp_path: Path) -> None:
    record(shell)
    for arguments in (
        (),
        ("--mine",),
        ("--out", tmp_path / "a"),
        ("--mine", "--out", tmp_path / "a", "--since", "2026-01-01"),
    ):
        code, out, err = shell("export", "--everything", *arguments)
        assert (code, out) == (1, "")
        assert "--mine and --out" in err
    assert shell("export", "--everything", "--mine", "--out", tmp_path / "a")[0] == 0
    tables = [json.loads(line)["table"] for line in (tmp_path / "a").read_text(encoding="utf-8").splitlines()[1:]]
    assert {"call", "sample", "consent", "setting", "counsellor"} <= set(tables)


def test_a_backup_replaces_nothing_unasked(shell: Shell, tmp_path: Path) -> None:
    record(shell)
    (tmp_path / "there.db").write_text("mine")
    code, _, err = shell("record", "backup", tmp_path / "there.db")
    assert (code, "--replace" in err) == (1, True)
    assert (tmp_path / "there.db").read_text() == "mine"
    assert shell("record", "backup", tmp_path / "there.db", "--replace")[0] == 0


def test_what_cannot_be_read_back_is_named_and_one_call_is_one(shell: Shell, tmp_path: Path) -> None:
    other = tmp_path / "other" / "calmline.db"
    code, _, err = shell("--db", other, "record", "restore", tmp_path / "nowhere.db")
    assert (code, err) == (1, f"{tmp_path / 'nowhere.db'} cannot be read.\n")
    assert not other.exists()
    record(shell)
    assert shell("record", "backup", tmp_path / "there.db")[0] == 0
    assert "with 1 call:" in shell("--db", other, "record", "restore", tmp_path / "there.db")[2]


@pytest.mark.parametrize(("erased", "then"), [([1], [2, 3, 4]), ([2], [1, 3, 4]), ([3], [1, 2, 3]), ([1, 3], [2, 3])])
def test_the_next_call_gets_the_next_free_number(shell: Shell, erased: list[int], then: list[int]) -> None:
    """As cases/call_number_twice.sh: erase some of three calls, make another."""
    record(shell, calls=3)
    for number in erased:
        assert shell("erase", "--call", number, "--yes")[0] == 0
    clock = ManualClock(datetime(2026, 1, 5, 15, 0, tzinfo=UTC))
    with Store.open(shell.database, clock) as store:
        store.end_call(store.begin_call(CallStart("tiny-1")).id)
    assert calls_of(shell.database) == [(number, "2026-01-05") for number in then]


@pytest.mark.parametrize(("there", "here"), [(-8, 9), (-11, 14), (-3.5, -4.5), (-8, -8)])
def test_a_day_is_the_local_day_of_the_call_wherever_the_person_is_now(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, there: float, here: float
) -> None:
    """As cases/two_kinds_of_day.sh: a call made in Los Angeles on New Year's Day, erased by that day in Seoul."""
    monkeypatch.setattr("core.store.store.local_offset_minutes", lambda _moment: int(there * 60))
    with Store.open(shell.database, ManualClock(datetime(2027, 1, 2, 3, 0, tzinfo=UTC))) as store:
        store.end_call(store.begin_call(CallStart("tiny-1")).id)
    monkeypatch.setattr("core.store.store.local_offset_minutes", lambda _moment: int(here * 60))
    assert calls_of(shell.database) == [(1, "2027-01-01")]
    assert shell("export", "--mine", "--since", "2027-01-02")[0] == 1
    assert shell("export", "--mine", "--since", "2027-01-01", "--until", "2027-01-01")[0] == 0
    code, out, _ = shell("erase", "--since", "2027-01-01", "--until", "2027-01-01", "--yes")
    assert (code, "1 call is erased" in out) == (0, True)
    assert calls_of(shell.database) == []
