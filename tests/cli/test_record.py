"""The record on the command line: who may have what of it, for how long, behind which lock, and gone when it is gone."""

from __future__ import annotations

import csv
import io
import os
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store import cipher
from core.store.export_rows import SCHEMA_VERSION
from core.store.records import CallRecord, CallStart, ShareLevel
from core.store.store import Store
from core.store.tables import Format
from core.system.clock import ManualClock, SystemClock
from tests.cli.shell import Shell, record
from tests.team.made_up import some_calls, write_calls
from tests.tui.stage import consent_of

NAME = "mina-kim"
JANUARY = ("--since", "2026-01-01", "--until", "2026-01-31")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Everything that the program writes lies below a folder with the counsellor's name in it."""
    folder = tmp_path / NAME
    for variable, name in (("XDG_STATE_HOME", "state"), ("XDG_RUNTIME_DIR", "run"), ("XDG_DATA_HOME", "share")):
        monkeypatch.setenv(variable, str(folder / name))
    monkeypatch.setattr("getpass.getuser", lambda: NAME)
    monkeypatch.setattr(cipher, "KEY_ITERATIONS", 1000)
    return Shell(folder, capsys)


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def calls_of(shell: Shell, passphrase: str | None = None) -> list[CallRecord]:
    with Store.open(shell.database, SystemClock(), read_only=True, passphrase=passphrase) as store:
        return store.calls()


class TestName:
    def test_the_counsellors_name_enters_no_export_for_the_supervisor(self, shell: Shell, tmp_path: Path) -> None:
        record(shell, share=ShareLevel.CURVES)
        with Store.open(shell.database, SystemClock()) as store:
            store.add_note(1, 100, f"{NAME}: he shouted")
        for form in Format:
            for kind in ("--calls", "--samples"):
                target = shell.folder / f"{NAME}.{form.value}"
                assert shell("export", kind, "--format", form.value, "--replace", "--out", target)[0] == 0
                text = target.read_text(encoding="utf-8")
                assert len(text) > 80
                assert not any(part in text for part in (NAME, "mina", "shouted", str(tmp_path)))
        with Store.open(shell.database, SystemClock(), read_only=True) as store:
            assert {export.system_user for export in store.exports()} == {NAME}


class TestForms:
    def test_the_files_name_chooses_the_form_and_the_option_beats_it(self, shell: Shell, tmp_path: Path) -> None:
        record(shell)
        for name, begins in (("a.json", "["), ("a.ndjson", "{"), ("a.csv", "counsellor,"), ("a.txt", "counsellor,")):
            assert shell("export", "--mine", "--out", tmp_path / name)[0] == 0
            assert (tmp_path / name).read_text(encoding="utf-8-sig").startswith(begins)
        assert shell("export", "--mine", "--format", "csv", "--out", tmp_path / "b.json")[0] == 0
        assert (tmp_path / "b.json").read_text(encoding="utf-8-sig").startswith("counsellor,")

    def test_a_dash_is_standard_output_without_a_mark(self, shell: Shell) -> None:
        record(shell)
        code, out, _ = shell("export", "--mine", "--out", "-")
        assert (code, out.startswith("counsellor,")) == (0, True)
        assert shell("export", "--mine")[1] == out

    def test_nothing_is_replaced_unasked(self, shell: Shell, tmp_path: Path) -> None:
        record(shell)
        (tmp_path / "a.csv").write_text("mine", encoding="utf-8")
        code, _, err = shell("export", "--mine", "--out", tmp_path / "a.csv")
        assert (code, (tmp_path / "a.csv").read_text(encoding="utf-8")) == (1, "mine")
        assert "it is there already; with --replace it is replaced" in err
        assert shell("export", "--mine", "--out", tmp_path / "a.csv", "--replace")[0] == 0

    def test_a_form_that_takes_a_file_is_not_printed(self, shell: Shell) -> None:
        record(shell)
        code, out, err = shell("export", "--mine", "--format", "xlsx")
        assert (code, out) == (1, "")
        assert "xlsx is written to a file only: name one with --out." in err


class TestRelease:
    def test_earlier_calls_are_shown_line_by_line_and_handed_over_after_a_yes(self, shell: Shell) -> None:
        record(shell, calls=2)
        shell("consent", "set", "--share", "summaries")
        assert shell("export")[0] == 1
        code, out, err = shell("consent", "release", *JANUARY, "--yes")
        assert (code, len(out.splitlines())) == (0, 3)
        assert "2 calls can be exported now" in err
        assert shell("export")[1] == out
        assert shell("consent", "release", *JANUARY, "--yes")[0] == 1

    def test_without_a_yes_nothing_is_handed_over(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        record(shell)
        shell("consent", "set", "--share", "summaries")
        monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
        assert shell("consent", "release", *JANUARY)[0] == 130
        assert shell("export")[0] == 1

    @pytest.mark.parametrize(
        ("region", "share", "arguments", "said"),
        [
            ("DE", "nothing", (), "training aid"),
            ("KR", "nothing", (), "You share nothing"),
            ("KR", "summaries", ("--share", "curves"), "not their curves"),
            ("KR", "summaries", ("--until", "2025-01-01"), "before the first"),
        ],
    )
    def test_no_more_than_is_shared_now_can_be_handed_over(
        self, shell: Shell, region: str, share: str, arguments: tuple[str, ...], said: str
    ) -> None:
        record(shell, region=region)
        shell("consent", "set", "--share", share)
        code, _, err = shell("consent", "release", *JANUARY, *arguments, "--yes")
        assert code == 1
        assert said in err


class TestConsent:
    def test_the_text_is_shown_before_somebody_agrees(self, shell: Shell) -> None:
        assert "WHAT IT CANNOT KNOW" in shell("consent", "set", "--measure", "--region", "KR")[2]
        assert "WHAT IT CANNOT KNOW" not in shell("consent", "set", "--share", "summaries")[2]

    def test_in_the_eea_it_says_that_it_is_a_training_aid_and_sharing_ends(self, shell: Shell) -> None:
        shell("consent", "set", "--measure", "--share", "curves", "--region", "KR")
        assert "training aid" not in shell("consent", "show")[1]
        for region in ("EU", "FR", "NO"):
            _, out, _ = shell("consent", "set", "--region", region)
            assert "my supervisor may get: nothing" in out
            assert "training aid" in out
        assert "training aid" in shell("consent", "set", "--share", "curves")[2]
        assert "training aid" in shell("export")[2]


class TestKeeping:
    def test_days_are_shown_and_changed_and_applied_at_the_next_start(self, shell: Shell) -> None:
        record(shell)
        assert shell("keep")[1].splitlines() == ["keep curves for: 90 days", "keep summaries for: 365 days"]
        _, out, _ = shell("keep", "--curves", 1, "--summaries", 7)
        assert out.splitlines() == ["keep curves for: 1 day", "keep summaries for: 7 days"]
        assert len(calls_of(shell)) == 1
        with Store.open(shell.database, ManualClock(SystemClock().wall() - timedelta(days=20))) as store:
            store.begin_session("x")  # a record in use: its clock is believed
        shell("--only-models", "models", "run", "--headless", "--source", "actor:f_white", "--seconds", 1)
        assert all(call.started_at.year > 2026 or call.started_at.month > 1 for call in calls_of(shell))

    def test_after_a_long_quiet_nothing_goes_at_once_and_it_is_said_why(self, shell: Shell) -> None:
        record(shell)
        shell("keep", "--summaries", 30)
        _, _, err = shell("--only-models", "models", "run", "--headless", "--source", "actor:f_white", "--seconds", 1)
        assert "In case the clock is wrong" in err
        assert len(calls_of(shell)) == 2

    @pytest.mark.parametrize("days", [0, -1, "many", 1_000_000])
    def test_a_number_of_days_that_makes_no_sense_is_refused(self, shell: Shell, days: object) -> None:
        record(shell)
        assert shell("keep", "--curves", days)[0] == 2


class TestErasing:
    @pytest.fixture(params=[None, "moonlight over the bay"], ids=["plain", "encrypted"])
    def full(self, shell: Shell, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Shell]:
        """A record with three calls, their exports logged, one release, plain or encrypted."""
        clock = ManualClock(datetime(2026, 1, 5, 9, 0, tzinfo=UTC))
        with Store.open(shell.database, clock) as store:
            store.record_consent(consent_of(store, share=ShareLevel.CURVES))
            for number in range(3):
                call = store.begin_call(CallStart("tiny-1"))
                levels = self.levels_of(number)
                store.add_samples(call.id, [Sample(200 * n, Outcome.STRESS, level) for n, level in enumerate(levels)])
                clock.advance(86_400)
                store.end_call(call.id)
        shell("export", "--samples")
        if request.param is not None:
            monkeypatch.setenv("CALMLINE_PASSPHRASE", request.param)
            code, _, err = shell("encrypt", "on")
            assert code == 0, err
        yield shell

    def levels_of(self, number: int) -> range:
        """200 levels that SQLite stores in six bytes each: four would turn up in encrypted pages by chance, now and then."""
        first = 0x5AC3_9177_E000 + 0x1000 * number
        return range(first, first + 200)

    def levels_left(self, shell: Shell) -> set[int]:
        """Whose samples' bytes are in any file, by the number of their call."""
        found = bytes_of(shell.folder)
        return {n for n in range(3) if any(level.to_bytes(6, "big") in found for level in self.levels_of(n))}

    def test_what_is_erased_is_in_no_file_and_the_rest_stays(self, full: Shell) -> None:
        locked = "CALMLINE_PASSPHRASE" in os.environ
        assert self.levels_left(full) == (set() if locked else {0, 1, 2})
        _, own, _ = full("export", "--mine")
        [first, *_] = list(csv.DictReader(io.StringIO(own)))
        assert full("erase", "--call", first["id"], "--yes")[0] == 0
        assert self.levels_left(full) == (set() if locked else {1, 2})
        assert full("erase", "--since", "2026-01-06", "--until", "2026-01-06", "--yes")[0] == 0
        assert self.levels_left(full) == (set() if locked else {2})
        [left] = list(csv.DictReader(io.StringIO(full("export", "--mine")[1])))
        pseudonym = left["counsellor"].encode()
        assert (pseudonym in bytes_of(full.folder)) != locked
        assert full("erase", "--everything", "--yes")[0] == 0
        assert self.levels_left(full) == set()
        assert pseudonym not in bytes_of(full.folder)

    def test_a_damaged_record_that_was_set_aside_is_named_and_goes_with_everything(self, shell: Shell) -> None:
        record(shell, calls=2)
        aside = shell.database.with_name("calmline.damaged-20260101-000000.db")
        aside.write_bytes(b"old calls")
        assert str(aside) in shell("erase", "--call", 1, "--yes")[2]
        assert aside.exists()
        assert str(aside) not in shell("erase", "--everything", "--yes")[2]
        assert not aside.exists()

    def test_there_is_nothing_to_erase_without_a_record_and_none_is_made(self, shell: Shell) -> None:
        assert "no record" in shell("erase", "--everything", "--yes")[2]
        assert not shell.database.exists()


@posix_only
class TestAccess:
    def test_wider_rights_are_reported_by_the_doctor_and_mended_and_told_at_the_next_start(
        self, shell: Shell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from app.cli.main import run

        def without_db(*arguments: str) -> tuple[str, str]:
            capsys.readouterr()
            run(arguments)
            return capsys.readouterr()

        without_db("consent", "set", "--measure", "--region", "KR")
        folder = shell.folder / "share" / "calmline"
        database = folder / "calmline.db"
        assert "yours alone" in without_db("doctor")[0]
        lock = folder / "calmline.db.lock"
        folder.chmod(0o755)
        database.chmod(0o644)
        lock.chmod(0o666)
        doctor = without_db("doctor")[0]
        [access] = [line for line in doctor.splitlines() if "others may open" in line]
        assert all(str(path) in access for path in (f"{folder},", f"{database},", lock))
        said = without_db("erase", "--everything", "--yes")[1]
        assert all(
            f"Others on this computer could open {path}. Now only you can." in said for path in (folder, database, lock)
        )
        assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, database, lock)] == [0o700, 0o600, 0o600]
        assert "Others" not in without_db("erase", "--everything", "--yes")[1]


class TestTeam:
    @pytest.fixture
    def exports(self, tmp_path: Path) -> Path:
        folder = tmp_path / "exports"
        folder.mkdir()
        for number in range(12):
            write_calls(folder / f"{number}.csv", number, some_calls(number, 20))
        return folder

    def test_a_folder_of_exports_becomes_a_table_and_a_page(self, shell: Shell, exports: Path, tmp_path: Path) -> None:
        code, out, err = shell("team", exports, "--out", tmp_path / "january")
        assert (code, err) == (0, "")
        assert out.split() == [str(tmp_path / "january.csv"), str(tmp_path / "january.html")]
        rows = list(csv.DictReader(io.StringIO((tmp_path / "january.csv").read_text(encoding="utf-8-sig"))))
        assert list(rows[0]) == ["weekday", "part_of_day", "people", "tense_calls", "schema_version"]
        assert {row["people"] for row in rows} == {"10"}
        assert {row["tense_calls"] for row in rows} <= {"few", "some", "most"}
        assert {row["schema_version"] for row in rows} == {str(SCHEMA_VERSION)}

    def test_table_and_page_are_not_replaced_unasked(self, shell: Shell, exports: Path, tmp_path: Path) -> None:
        (tmp_path / "january.html").write_text("mine", encoding="utf-8")
        code, _, err = shell("team", exports, "--out", tmp_path / "january")
        assert (code, (tmp_path / "january.html").read_text(encoding="utf-8")) == (1, "mine")
        assert f"{tmp_path / 'january.html'} is there already. With --replace it is replaced." in err
        assert shell("team", exports, "--out", tmp_path / "january", "--replace")[0] == 0

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_the_page_loads_nothing_and_names_nobody(
        self, shell: Shell, exports: Path, tmp_path: Path, language: str
    ) -> None:
        assert shell("--language", language, "team", exports, "--out", tmp_path / "page")[0] == 0
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert f'lang="{language}"' in page
        assert page.count("<tr>") == 6
        assert "%" not in page.partition("<table>")[2].partition("</table>")[0]
        assert not any(
            word in page for word in ("<script", "http:", "https:", "src=", "url(", "@import", "<link", "C-2")
        )

    def test_bad_files_are_named_with_their_reason_and_the_rest_goes_on(
        self, shell: Shell, exports: Path, tmp_path: Path
    ) -> None:
        record(shell)
        shell("export", "--mine", "--out", exports / "mine.csv")
        (exports / "note.csv").write_text("hello")
        (exports / "red\x1b[31m.csv").write_text("hello")
        code, _, err = shell("team", exports, tmp_path / "gone.csv", "--out", tmp_path / "page")
        assert code == 0
        assert "mine.csv is left out: it is somebody's own list (--mine), which is for nobody else." in err
        assert "gone.csv is left out: it cannot be read" in err
        assert "4 files are left out" in err
        assert "\x1b" not in err

    def test_nine_people_are_refused_and_nothing_is_written(self, shell: Shell, exports: Path, tmp_path: Path) -> None:
        files = sorted(exports.iterdir())[:9]
        code, out, err = shell("team", *files, *files, "--out", tmp_path / "page")
        assert (code, out) == (1, "")
        assert "Fewer than ten people" in err
        assert list(tmp_path.glob("page*")) == []
