"""The commands about what leaves the record: export, consent, erase."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.store.records import ShareLevel
from core.store.store import Store
from core.system.clock import SystemClock
from tests.cli.shell import Shell, record


class TestExport:
    def test_nothing_is_exported_without_an_answer_or_when_nothing_is_shared(self, shell: Shell) -> None:
        code, out, err = shell("export")
        assert (code, out) == (1, "")
        assert "no record" in err
        record(shell)
        code, out, err = shell("export")
        assert (code, out) == (1, "")
        assert "You share nothing" in err

    def test_the_own_copy_begins_with_the_thesis_columns(self, shell: Shell) -> None:
        record(shell)
        code, out, _ = shell("export", "--mine", "--samples")
        rows = out.splitlines()
        assert code == 0
        assert rows[0].split(",")[:3] == ["Time", "Emotion", "Level"]
        assert len(rows) == 16

    def test_summaries_reach_a_file_and_the_log(self, shell: Shell, tmp_path: Path) -> None:
        record(shell, share=ShareLevel.SUMMARIES, calls=2)
        code, out, err = shell("export", "--format", "ndjson", "--out", tmp_path / "shared.ndjson")
        assert (code, out) == (0, "")
        assert "2 lines written" in err
        assert len((tmp_path / "shared.ndjson").read_text(encoding="utf-8").splitlines()) == 2
        with Store.open(shell.database, SystemClock(), read_only=True) as store:
            [logged] = store.exports()
        assert (logged.rows, logged.mine) == (2, False)

    def test_a_preview_shows_the_same_and_logs_nothing(self, shell: Shell) -> None:
        record(shell, share=ShareLevel.SUMMARIES)
        _, shown, _ = shell("export", "--preview")
        _, written, _ = shell("export")
        assert shown == written
        with Store.open(shell.database, SystemClock(), read_only=True) as store:
            assert len(store.exports()) == 1

    def test_days_limit_the_range_and_the_last_day_is_in_it(self, shell: Shell) -> None:
        record(shell, calls=3)
        assert shell("export", "--mine", "--since", "2026-01-06")[0] == 1
        assert shell("export", "--mine", "--until", "2026-01-04")[0] == 1
        code, out, _ = shell("export", "--mine", "--since", "2026-01-05", "--until", "2026-01-05")
        assert (code, len(out.splitlines())) == (0, 4)

    def test_in_the_eu_nothing_leaves_and_the_reason_is_the_law(self, shell: Shell) -> None:
        record(shell, share=ShareLevel.SUMMARIES, region="DE")
        code, _, err = shell("export")
        assert code == 1
        assert "the law" in err

    def test_a_target_that_cannot_be_written_is_one_sentence(self, shell: Shell, tmp_path: Path) -> None:
        record(shell)
        code, _, err = shell("export", "--mine", "--out", tmp_path / "no" / "such" / "folder.csv")
        assert code == 1
        assert "its folder is not there" in err

    def test_whoever_looks_at_curves_or_hands_them_over_is_told_what_they_tell(self, shell: Shell) -> None:
        record(shell, share=ShareLevel.CURVES)
        said = "one can tell when you looked tense or smiled"
        assert said in shell("export", "--samples", "--preview")[2]
        assert said not in shell("export", "--samples", "--mine", "--preview")[2]
        shell("consent", "set", "--share", "nothing")
        shell("consent", "set", "--share", "curves")
        day = ("--since", "2026-01-05", "--until", "2026-01-05")
        assert said in shell("consent", "release", *day, "--share", "curves", "--yes")[2]
        assert said in " ".join(shell("consent", "show", "--text")[1].split())


class TestConsent:
    def test_an_answer_is_recorded_with_its_text_and_shown(self, shell: Shell) -> None:
        assert "no record" in shell("consent", "show")[2]
        code, _, _ = shell("consent", "set", "--measure", "--share", "curves", "--region", "KR")
        assert code == 0
        _, out, _ = shell("consent", "show")
        assert "my supervisor may get: curves" in out

    def test_what_is_not_named_stays_and_withdrawing_takes_the_sharing_along(self, shell: Shell) -> None:
        shell("consent", "set", "--measure", "--share", "summaries", "--region", "KR")
        shell("consent", "set", "--share", "curves")
        shell("consent", "set", "--no-measure")
        with Store.open(shell.database, SystemClock(), read_only=True) as store:
            answers = [(answer.measure, answer.share) for answer in store.consents()]
        assert answers == [(True, ShareLevel.SUMMARIES), (True, ShareLevel.CURVES), (False, ShareLevel.NOTHING)]

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--share", "curves", "--region", "KR"), "add --measure"),
            (("--measure", "--region", "FR", "--share", "summaries"), "the law"),
            (("--measure",), "--region KR"),
            (("--measure", "--region", "ZZ"), "two letters"),
            (("--region", "Korea"), "two letters"),
        ],
    )
    def test_answers_that_do_not_go_together_are_refused_with_the_reason(
        self, shell: Shell, arguments: tuple[str, ...], said: str
    ) -> None:
        code, _, err = shell("consent", "set", *arguments)
        assert code == 1
        assert said in err


class TestErase:
    def test_a_call_some_days_and_everything_can_be_erased(self, shell: Shell) -> None:
        record(shell, calls=3)
        asked = shell("erase", "--call", 1)[2]
        assert "the call of 2026-01-05" in asked
        assert "(00:03)" in asked
        assert shell("erase", "--call", 1, "--yes")[0] == 0
        assert "There are no calls in this range" in shell("erase", "--since", "2026-01-06", "--until", "2026-01-06")[2]
        assert "2 calls are erased" in shell("erase", "--since", "2026-01-05", "--until", "2026-01-05", "--yes")[1]
        assert shell("erase", "--everything", "--yes")[0] == 0
        with Store.open(shell.database, SystemClock(), read_only=True) as store:
            assert (store.calls(), store.consents()) == ([], [])

    @pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system takes no time zone from TZ")
    @pytest.mark.parametrize(
        ("made_in", "asked_in", "day", "other"),
        [
            ("America/Los_Angeles", "Asia/Seoul", "2026-01-04", "2026-01-05"),
            ("Asia/Seoul", "America/Los_Angeles", "2026-01-05", "2026-01-04"),
            ("Pacific/Kiritimati", "Pacific/Honolulu", "2026-01-05", "2026-01-04"),
        ],
    )
    def test_a_day_is_the_day_that_the_history_shows_whatever_the_time_zone_is_now(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch, made_in: str, asked_in: str, day: str, other: str
    ) -> None:
        try:
            monkeypatch.setenv("TZ", made_in)
            time.tzset()
            record(shell, begun=datetime(2026, 1, 5, 5, 0, tzinfo=UTC))
            monkeypatch.setenv("TZ", asked_in)
            time.tzset()
            assert shell("run", "--plain", "--history")[1].startswith(day)
            assert len(shell("export", "--mine", "--since", day, "--until", day)[1].splitlines()) == 2
            for command in (("export", "--mine"), ("erase", "--yes")):
                assert "no calls in this range" in shell(*command, "--since", other, "--until", other)[2]
            assert shell("erase", "--since", day, "--until", day, "--yes")[0] == 0
            with Store.open(shell.database, SystemClock(), read_only=True) as store:
                assert store.calls() == []
        finally:
            monkeypatch.undo()
            time.tzset()

    def test_what_to_erase_must_be_said_and_a_missing_call_is_named(self, shell: Shell) -> None:
        record(shell)
        assert "Say what to erase" in shell("erase", "--yes")[2]
        assert "both --since and --until" in shell("erase", "--since", "2026-01-01", "--yes")[2]
        code, _, err = shell("erase", "--call", 77, "--yes")
        assert code == 1
        assert "77" in err


def test_the_command_writes_the_page_and_the_history_lists_it(shell: Shell) -> None:
    record(shell, share=ShareLevel.CURVES, calls=2)
    target = shell.folder / "mina.html"
    code, _out, err = shell("export", "--out", target)
    assert code == 0, err
    assert "2 calls are on the page" in err
    assert "Drawn and handed over by" in target.read_text(encoding="utf-8")
    with Store.open(shell.database, SystemClock(), read_only=True) as store:
        assert [(one.rows, one.mine, one.target) for one in store.exports()] == [(2, False, str(target))]
    assert shell("export", "--format", "html", "--mine", "--out", shell.folder / "b.html")[0] == 1
    assert shell("export", "--format", "html")[0] == 1
