from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.method.emotion import EMOTIONS, EXPRESSIONS, expression_by_id
from core.method.grading import CandidateResult, ExpressionGrade, FrameShares, Grade, choose_candidate
from core.store.connection import connect
from core.store.errors import StoreError, StoreErrorCode
from core.store.records import (
    CalibrationRecord,
    CallRecord,
    Consent,
    LightState,
    OwnModelRecord,
    Release,
    ScoreRecord,
    ShareLevel,
)
from core.store.settings import CALL_DAYS_SETTING, SAMPLE_DAYS_SETTING, kept_days
from core.store.store import Store
from core.system.clock import ManualClock

shares = st.floats(0, 1)
grades = st.builds(
    ExpressionGrade,
    st.sampled_from(EXPRESSIONS),
    st.integers(1, 90),
    st.builds(FrameShares, shares, shares, shares, shares),
    shares,
    st.sampled_from(EMOTIONS),
    st.one_of(st.none(), st.sampled_from(list(Grade))),
)
results = st.builds(
    lambda number, found, speed: CandidateResult(
        f"candidate-{number}", {grade.expression.id: grade for grade in found}, speed
    ),
    st.integers(0, 9),
    st.lists(grades, unique_by=lambda grade: grade.expression.id),
    st.floats(0, 1000),
)


class TestPerson:
    def test_the_pseudonym_is_random_and_stays(
        self, store: Store, path: Path, clock: ManualClock, tmp_path: Path
    ) -> None:
        first = store.counsellor().pseudonym
        assert re.fullmatch(r"C-[2-9A-Z]{4}-[2-9A-Z]{4}", first)
        assert store.save_counsellor(language="ko", region="KR").pseudonym == first
        with Store.open(tmp_path / "other.db", clock) as other:
            assert other.counsellor().pseudonym != first

    def test_language_and_region_change_one_at_a_time(self, store: Store) -> None:
        store.save_counsellor(language="ko", region="KR")
        changed = store.save_counsellor(language="en")
        assert (changed.language, changed.region) == ("en", "KR")

    def test_no_curve_is_said_to_outlast_its_call(self, store: Store) -> None:
        store.set_setting(SAMPLE_DAYS_SETTING, "365")
        store.set_setting(CALL_DAYS_SETTING, "30")
        assert kept_days(store) == (30, 30)

    def test_a_setting_has_its_default_until_it_is_set(self, store: Store) -> None:
        assert store.setting("theme") is None
        assert store.setting("theme", "dark") == "dark"
        store.set_setting("theme", "light")
        store.set_setting("theme", "dark-high")
        assert store.setting("theme", "dark") == "dark-high"

    def test_nobody_has_agreed_to_anything_before_being_asked(self, store: Store) -> None:
        assert store.consent() is None

    def test_the_last_answer_is_in_force_and_every_answer_is_kept(
        self, store: Store, agree: Callable[..., Consent]
    ) -> None:
        first, second = agree(ShareLevel.CURVES), agree(ShareLevel.NOTHING)
        assert store.consent() == second
        assert store.consents() == [first, second]

    def test_an_answer_given_after_the_calendar_went_back_is_in_force(
        self, store: Store, agree: Callable[..., Consent], clock: ManualClock
    ) -> None:
        agree(ShareLevel.CURVES)
        last = store.record_consent(
            replace(agree(ShareLevel.CURVES), id=None, share=ShareLevel.NOTHING, at=clock.wall().replace(year=2020))
        )
        assert store.consent() == last

    def test_an_answer_once_given_cannot_be_changed(
        self, store: Store, agree: Callable[..., Consent], path: Path
    ) -> None:
        agree()
        with closing(connect(path)) as db, pytest.raises(sqlite3.IntegrityError, match="never changed"):
            db.execute("UPDATE consent SET share = 'curves'")
        assert [consent.share for consent in store.consents()] == [ShareLevel.NOTHING]

    def test_a_hash_that_is_none_is_refused(self, store: Store, agree: Callable[..., Consent]) -> None:
        with pytest.raises(StoreError, match="CHECK"):
            store.record_consent(replace(agree(), text_sha256="Z" * 64))

    def test_a_release_is_kept_with_its_calls_and_the_answer_of_then(
        self, store: Store, agree: Callable[..., Consent], record_call: Callable[..., CallRecord], clock: ManualClock
    ) -> None:
        call, erased, answer = record_call(), record_call(), agree(ShareLevel.CURVES)
        store.release(ShareLevel.SUMMARIES, [call.id, erased.id])
        store.erase_call(erased.id)
        [release] = store.releases()
        assert release == Release(clock.wall(), ShareLevel.SUMMARIES, frozenset([call.id]), answer.id or 0)


def result_of(score: ScoreRecord) -> CandidateResult:
    """What was found, out of what is kept of it; skipped expressions are left out."""
    grades = {
        grade.expression_id: ExpressionGrade(
            expression_by_id(grade.expression_id),
            grade.frames,
            grade.shares,
            grade.mean_right,
            grade.taken_for,
            grade.grade,
        )
        for grade in score.grades
        if not grade.skipped and grade.taken_for is not None
    }
    return CandidateResult(score.candidate_id, grades, score.milliseconds_per_face)


class TestCalibration:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
    @given(found=st.lists(results, min_size=1, max_size=4, unique_by=lambda result: result.candidate_id))
    def test_what_the_wizard_found_comes_back_the_same(
        self, store: Store, clock: ManualClock, found: list[CandidateResult]
    ) -> None:
        best = choose_candidate(found) or found[0]
        record = CalibrationRecord.from_results(
            clock.wall(),
            "camera 0",
            LightState.OVERRIDDEN,
            found,
            chosen=best.candidate_id,
            card_sha256={result.candidate_id: "ab" * 32 for result in found},
        )
        store.save_calibration(record)
        stored = store.latest_calibration()
        assert stored is not None
        results_by_id = {score.candidate_id: result_of(score) for score in stored.scores}
        assert results_by_id == {result.candidate_id: result for result in found}
        assert [result.score for result in results_by_id.values()] == [score.score for score in stored.scores]
        assert store.chosen_candidate() == best.candidate_id
        assert (stored.camera, stored.light) == ("camera 0", LightState.OVERRIDDEN)

    def test_a_skipped_expression_is_kept_as_skipped(self, store: Store, clock: ManualClock) -> None:
        self._calibrate(store, clock)
        stored = store.latest_calibration()
        assert stored is not None
        [grade] = [grade for grade in stored.scores[0].grades if grade.skipped]
        assert (grade.expression_id, grade.grade, grade.frames) == ("rage", None, 0)

    def test_the_person_may_use_another_candidate(self, store: Store, clock: ManualClock) -> None:
        self._calibrate(store, clock)
        store.choose_candidate("b")
        assert store.chosen_candidate() == "b"

    def test_a_candidate_that_was_not_graded_cannot_be_chosen(self, store: Store, clock: ManualClock) -> None:
        self._calibrate(store, clock)
        with pytest.raises(StoreError) as caught:
            store.choose_candidate("c")
        assert caught.value.code is StoreErrorCode.UNKNOWN_CANDIDATE
        assert store.chosen_candidate() == "a"

    def test_an_own_model_comes_back_and_goes_with_the_next_calibration(
        self, store: Store, clock: ManualClock, path: Path
    ) -> None:
        own = OwnModelRecord("a", "b", 12, '{"bias": [0.5]}')
        record = CalibrationRecord.from_results(
            clock.wall(),
            "camera 0",
            LightState.READY,
            [CandidateResult("a", {}, 1.0), CandidateResult("b", {}, 1.0)],
            chosen="a",
            card_sha256={"a": "ab" * 32, "b": "ab" * 32},
            own_model=own,
        )
        store.save_calibration(record)
        stored = store.latest_calibration()
        assert stored is not None
        assert stored.own_model == own
        store.save_calibration(replace(record, own_model=None))
        with closing(connect(path, read_only=True)) as db:
            assert db.table("own_model").count == 0

    def test_nothing_is_chosen_before_the_first_calibration(self, store: Store) -> None:
        assert store.chosen_candidate() is None

    def _calibrate(self, store: Store, clock: ManualClock) -> None:
        smile = EXPRESSIONS[0]
        grade = ExpressionGrade(smile, 30, FrameShares(1.0, 1.0, 0.0, 0.0), 0.97, smile.emotion, Grade.S)
        found = [CandidateResult(name, {smile.id: grade}, 3.0) for name in ("a", "b")]
        hashes = {"a": "0" * 64, "b": "1" * 64}
        store.save_calibration(
            CalibrationRecord.from_results(
                clock.wall(), "actor", LightState.READY, found, chosen="a", card_sha256=hashes, skipped=["rage"]
            )
        )
