"""What somebody else has put into the database does not run with the program's own writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.store.errors import StoreError, StoreErrorCode
from core.store.records import CallRecord, Consent
from core.store.schema import MIGRATIONS, expected_objects
from core.store.store import Store
from core.system.clock import ManualClock
from tests.cli.shell import Shell, record

PLANTED = {
    "ignores": "CREATE TRIGGER evil BEFORE DELETE ON call BEGIN SELECT RAISE(IGNORE); END",
    "copies": "CREATE TRIGGER evil AFTER INSERT ON sample BEGIN INSERT INTO setting VALUES (NEW.t_ms, NEW.level); END",
    "reverses": "CREATE TRIGGER evil AFTER INSERT ON consent BEGIN DELETE FROM consent WHERE id = NEW.id; END",
    "watches": "CREATE TRIGGER evil BEFORE DELETE ON _sqlite_migrations BEGIN SELECT 1; END",
    "keeps": "CREATE TABLE evil AS SELECT * FROM sample",
    "hides": "CREATE VIEW evil AS SELECT 1 AS one",
    "orders": "CREATE INDEX evil ON sample (level)",
}


def plant(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def rows_left(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        [(count,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
        return int(count)


@pytest.fixture
def kept(store: Store, path: Path, agree: Callable[..., Consent], record_call: Callable[..., CallRecord]) -> Path:
    """A closed record with one call."""
    agree()
    record_call()
    store.close()
    return path


class TestOpening:
    @pytest.mark.parametrize("what", PLANTED)
    @pytest.mark.parametrize(("read_only", "shared"), [(False, False), (True, False), (False, True)])
    def test_a_planted_object_keeps_it_shut_and_is_named(
        self, kept: Path, clock: ManualClock, what: str, read_only: bool, shared: bool
    ) -> None:
        plant(kept, PLANTED[what])
        before = kept.read_bytes()
        with pytest.raises(StoreError) as caught:
            Store.open(kept, clock, read_only=read_only, shared=shared)
        assert caught.value.code is StoreErrorCode.FOREIGN_SCHEMA
        assert "evil" in caught.value.detail
        assert kept.read_bytes() == before

    def test_a_rule_that_somebody_took_out_is_damage(self, kept: Path, clock: ManualClock) -> None:
        plant(kept, "DROP TRIGGER consent_is_append_only")
        with Store.open(kept, clock) as store:
            assert [notice.code.value for notice in store.notices] == ["set_aside"]
            assert store.consent() is None

    def test_a_rule_that_somebody_changed_is_damage(self, kept: Path, clock: ManualClock) -> None:
        plant(
            kept,
            "DROP TRIGGER consent_is_append_only",
            "CREATE TRIGGER consent_is_append_only BEFORE UPDATE ON consent BEGIN SELECT 1; END",
        )
        with pytest.raises(StoreError) as caught:
            Store.open(kept, clock, read_only=True)
        assert caught.value.code is StoreErrorCode.CORRUPT

    def test_every_step_of_the_schema_is_known_by_what_it_made(self) -> None:
        names = [step.name for step in MIGRATIONS]
        made = [expected_objects(tuple(names[: count + 1])) for count in range(len(names))]
        assert len(set(made)) == len(names)
        assert expected_objects(()) == frozenset()

    def test_statistics_that_sqlite_keeps_are_not_foreign(self, kept: Path, clock: ManualClock) -> None:
        plant(kept, "ANALYZE")
        Store.open(kept, clock).close()


class TestErasing:
    @pytest.mark.parametrize("what", ["ignores", "copies", "keeps"])
    def test_one_planted_while_the_program_runs_stops_every_erasing(
        self, store: Store, path: Path, record_call: Callable[..., CallRecord], what: str
    ) -> None:
        call = record_call()
        plant(path, PLANTED[what])
        for erase in (
            lambda: store.erase_call(call.id),
            lambda: store.erase_range(call.local_day, call.local_day),
            store.erase_all,
        ):
            with pytest.raises(StoreError) as caught:
                erase()
            assert caught.value.code is StoreErrorCode.FOREIGN_SCHEMA
        assert [one.id for one in store.calls()] == [call.id], "nothing is half erased"

    def test_what_is_still_there_afterwards_is_said_and_nothing_is_half_erased(
        self, store: Store, path: Path, record_call: Callable[..., CallRecord], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        call = record_call()
        plant(path, PLANTED["ignores"])
        monkeypatch.setattr("core.store.erasing.require_own_schema", lambda _db: None)
        for erase in (lambda: store.erase_call(call.id), lambda: store.erase_range(call.local_day, call.local_day)):
            with pytest.raises(StoreError) as caught:
                erase()
            assert caught.value.code is StoreErrorCode.NOT_ERASED
        with pytest.raises(StoreError):
            store.erase_all()
        assert [one.id for one in store.calls()] == [call.id]

    def test_everything_can_be_erased_all_the_same(self, shell: Shell) -> None:
        record(shell)
        plant(shell.database, PLANTED["ignores"], "CREATE TABLE evil_copy AS SELECT * FROM sample")
        assert rows_left(shell.database, "evil_copy") > 0
        code, _, err = shell("erase", "--call", 1, "--yes")
        assert (code, "evil" in err, "erase --everything" in err) == (1, True, True)
        code, out, err = shell("erase", "--everything", "--yes")
        assert (code, "Everything is erased" in out) == (0, True), err
        assert rows_left(shell.database, "sample") == rows_left(shell.database, "call") == 0
        assert [path.name for path in shell.database.parent.glob("*.damaged*")] == []

    def test_nothing_tells_how_many_calls_there_were(
        self, store: Store, path: Path, record_call: Callable[..., CallRecord]
    ) -> None:
        record_call()
        store.erase_all()
        store.close()
        assert rows_left(path, "sqlite_sequence") == 0
