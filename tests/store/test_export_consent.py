"""Consent decides what an export holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.method.emotion import Outcome
from core.store.export import (
    ExportRequest,
    Refusal,
    plan_release,
    preview,
)
from core.store.export_rows import PARTS_OF_DAY, SAMPLE_COLUMNS, SCHEMA_VERSION
from core.store.records import CallSource, CallStart, ExportKind, ShareLevel
from core.store.store import Store
from core.system.clock import ManualClock
from tests.store.test_store_export import (
    CALLS,
    FIVE_A_SECOND,
    MINE,
    SAMPLES,
    Agree,
    RecordCall,
    exported,
    refusal,
    written,
)


class TestConsent:
    def test_nothing_leaves_before_the_person_was_asked(self, store: Store, record_call: RecordCall) -> None:
        record_call()
        assert refusal(store, CALLS) is refusal(store, SAMPLES) is Refusal.NO_CONSENT

    def test_nothing_leaves_while_nothing_is_shared(self, store: Store, agree: Agree, record_call: RecordCall) -> None:
        agree(ShareLevel.NOTHING)
        record_call()
        assert refusal(store, CALLS) is Refusal.NOTHING_SHARED

    def test_nothing_leaves_in_the_eea(self, store: Store, agree: Agree, record_call: RecordCall) -> None:
        agree(ShareLevel.CURVES, region="FR")
        record_call()
        assert refusal(store, CALLS) is Refusal.REGION

    def test_each_call_obeys_the_answer_of_its_time(self, store: Store, agree: Agree, record_call: RecordCall) -> None:
        record_call()
        agree(ShareLevel.NOTHING)
        record_call()
        agree(ShareLevel.SUMMARIES)
        summarised = record_call()
        agree(ShareLevel.CURVES)
        drawn = record_call()
        assert exported(store, CALLS) == {summarised.id, drawn.id}
        assert exported(store, SAMPLES) == {drawn.id}

    def test_summaries_come_without_curves(self, store: Store, agree: Agree, record_call: RecordCall) -> None:
        agree(ShareLevel.SUMMARIES)
        record_call()
        assert refusal(store, SAMPLES) is Refusal.ONLY_SUMMARIES

    def test_sharing_once_withdrawn_is_over(self, store: Store, agree: Agree, record_call: RecordCall) -> None:
        agree(ShareLevel.CURVES)
        record_call()
        agree(ShareLevel.NOTHING)
        assert refusal(store, CALLS) is Refusal.NOTHING_SHARED

    def test_a_call_in_which_sharing_was_withdrawn_is_not_shared_again(
        self, store: Store, agree: Agree, clock: ManualClock
    ) -> None:
        agree(ShareLevel.CURVES)
        call = store.begin_call(CallStart("a"))
        agree(ShareLevel.NOTHING)
        clock.advance(5)
        store.end_call(call.id)
        agree(ShareLevel.CURVES)
        assert refusal(store, CALLS) is Refusal.NONE_SHARED_YET

    def test_what_was_recorded_unshared_can_be_released_and_nothing_later_goes_along(
        self, store: Store, agree: Agree, record_call: RecordCall
    ) -> None:
        agree(ShareLevel.NOTHING)
        call = record_call()
        agree(ShareLevel.CURVES)
        assert refusal(store, CALLS) is Refusal.NONE_SHARED_YET
        plan = plan_release(store, ShareLevel.SUMMARIES, call.local_day, call.local_day.replace(year=2030))
        assert plan.calls == (call,)
        store.release(ShareLevel.SUMMARIES, [call.id for call in plan.calls])
        assert exported(store, CALLS) == {call.id}
        assert refusal(store, SAMPLES) is Refusal.ONLY_SUMMARIES
        agree(ShareLevel.NOTHING)
        record_call()
        agree(ShareLevel.CURVES)
        assert refusal(store, CALLS) is Refusal.NONE_SHARED_YET

    def test_a_running_call_is_not_shared(self, store: Store, agree: Agree) -> None:
        agree(ShareLevel.CURVES)
        store.begin_call(CallStart("a"))
        assert refusal(store, CALLS) is Refusal.NOTHING_IN_RANGE

    @pytest.mark.parametrize("source", [CallSource.ACTOR, CallSource.FILE])
    def test_what_is_not_the_person_is_marked_in_the_own_copy_and_never_shared(
        self, store: Store, agree: Agree, record_call: RecordCall, source: CallSource
    ) -> None:
        agree(ShareLevel.CURVES)
        record_call(source=source)
        assert refusal(store, SAMPLES) is refusal(store, CALLS) is Refusal.NOTHING_IN_RANGE
        call = record_call()
        assert exported(store, SAMPLES) == exported(store, CALLS) == {call.id}
        own = preview(store, ExportRequest(ExportKind.CALLS, mine=True))
        assert [row["source"] for row in own] == [source.value, "camera"]

    def test_a_range_without_calls_is_said_so(
        self, store: Store, agree: Agree, record_call: RecordCall, clock: ManualClock
    ) -> None:
        agree(ShareLevel.CURVES)
        record_call()
        tomorrow = clock.wall().astimezone().date() + timedelta(days=1)
        assert refusal(store, ExportRequest(ExportKind.CALLS, since=tomorrow)) is Refusal.NOTHING_IN_RANGE

    def test_a_shared_curve_has_one_mean_a_minute_and_no_word(
        self, store: Store, agree: Agree, record_call: RecordCall
    ) -> None:
        agree(ShareLevel.CURVES)
        record_call((Outcome.STRESS,) * 450, step=1)
        [first, second] = preview(store, SAMPLES)
        assert (first["minute"], first["mean_level"]) == (1, 0.15)
        assert (second["minute"], second["mean_level"]) == (2, 0.37)
        assert tuple(first) == tuple(SAMPLE_COLUMNS)

    def test_a_summary_tells_no_moment_no_network_and_no_word(
        self, store: Store, agree: Agree, record_call: RecordCall
    ) -> None:
        agree(ShareLevel.CURVES)
        call = record_call((Outcome.STRESS,) * 330, step=2)
        [row] = preview(store, CALLS)
        assert row == {
            "counsellor": store.counsellor().pseudonym,
            "day": call.local_day.isoformat(),
            "part_of_day": PARTS_OF_DAY[call.started_local.hour // 6],
            "minutes": 2,
            "tensest_minute": 1.0,
            "tense_minutes": 1,
            "calm_again_minutes": None,
            "face_seen": 1.0,
            "schema_version": SCHEMA_VERSION,
        }
        told = written(store, CALLS) + written(store, SAMPLES)
        assert f"{call.started_local:%H:%M}" not in told
        assert "mobilenetv2" not in told

    def test_the_order_of_shared_calls_tells_nothing_of_their_order_in_time(
        self, store: Store, agree: Agree, record_call: RecordCall
    ) -> None:
        agree(ShareLevel.CURVES)
        for ticks in (700, 20, 400):
            record_call((Outcome.STRESS,) * ticks, step=1)
        assert [row["minutes"] for row in preview(store, CALLS)] == [1, 2, 3]
        assert [row["call"] for row in preview(store, SAMPLES)] == [1, 2, 2, 3, 3, 3]

    def test_notes_and_ids_stay_with_the_counsellor(self, store: Store, agree: Agree, record_call: RecordCall) -> None:
        agree(ShareLevel.CURVES)
        store.add_note(record_call().id, 100, "he shouted")
        assert "he shouted" not in written(store, CALLS) + written(store, SAMPLES)
        assert "he shouted" in written(store, ExportRequest(ExportKind.CALLS, mine=True))

    def test_the_counsellors_own_copy_is_complete_whatever_is_shared(
        self, store: Store, record_call: RecordCall
    ) -> None:
        record_call(FIVE_A_SECOND)
        rows = preview(store, MINE)
        assert [row["Emotion"] for row in rows] == [outcome.value for outcome in FIVE_A_SECOND]
