"""What may be shared of which call, whatever the order of answers, calls and releases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.store.consent import (
    EEA,
    ConsentProblem,
    ConsentRefused,
    ConsentText,
    changed_answer,
    country,
    sharing_of,
    sharing_possible,
    text_sha256,
)
from core.store.export import ExportRefused, ExportRequest, plan_export, plan_release
from core.store.records import CallSource, CallStart, Consent, ExportKind, ShareLevel
from core.store.store import Store
from core.system.clock import ManualClock

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TEXT = ConsentText("2026-12", "en", "what is agreed to")
NOTHING, SUMMARIES, CURVES = ShareLevel


def answer(share: ShareLevel, region: str = "KR", *, measure: bool = True) -> Consent:
    return Consent(NOW, measure, share, region, "en", "1", "0" * 64)


class TestRegion:
    @pytest.mark.parametrize("region", ["DE", "fr", " IE ", "NO", "IS", "LI", "RE", "EU", "GR"])
    def test_nothing_is_ever_shared_in_the_eea(self, region: str) -> None:
        assert not sharing_possible(region)
        assert sharing_of(answer(CURVES, region)) is NOTHING

    @pytest.mark.parametrize("region", ["KR", "US", "GB", "CH", "TR", "UA"])
    def test_sharing_is_possible_elsewhere(self, region: str) -> None:
        assert sharing_possible(region)

    @pytest.mark.parametrize("region", [None, "", "  ", "ZZ", "zz"])
    def test_nothing_is_shared_where_nobody_knows_where_it_is(self, region: str | None) -> None:
        assert not sharing_possible(region)
        assert sharing_of(answer(CURVES, region or "")) is NOTHING
        with pytest.raises(ConsentRefused) as caught:
            changed_answer(None, NOW, TEXT, measure=True, share=SUMMARIES, region=region)
        assert caught.value.problem in (ConsentProblem.NO_COUNTRY, ConsentProblem.NO_REGION)

    def test_the_list_has_the_thirty_states(self) -> None:
        assert len(EEA - {"AX", "GF", "GP", "MF", "MQ", "RE", "YT", "EU", "EL"}) == 30

    @pytest.mark.parametrize("text", ["ZZ", "zz", "AA", "QM", "XA", "Korea", "K", "12", "", "ＫＲ"])
    def test_what_is_no_country_is_refused(self, text: str) -> None:
        with pytest.raises(ConsentRefused) as caught:
            country(text)
        assert caught.value.problem is ConsentProblem.NO_COUNTRY

    @pytest.mark.parametrize(("text", "code"), [(" kr", "KR"), ("eu", "EU"), ("XK", "XK")])
    def test_a_country_is_kept_in_capitals(self, text: str, code: str) -> None:
        assert country(text) == code


class TestChangedAnswer:
    def test_what_is_not_named_stays(self) -> None:
        before = answer(SUMMARIES)
        after = changed_answer(before, NOW, TEXT, share=CURVES)
        assert (after.measure, after.share, after.region) == (True, CURVES, "KR")
        assert (after.text_version, after.text_sha256) == ("2026-12", text_sha256("what is agreed to"))

    def test_who_is_measured_no_more_shares_nothing(self) -> None:
        assert changed_answer(answer(CURVES), NOW, TEXT, measure=False).share is NOTHING

    def test_moving_into_the_eea_ends_sharing(self) -> None:
        assert changed_answer(answer(CURVES), NOW, TEXT, region="DE").share is NOTHING

    @pytest.mark.parametrize(
        ("before", "change", "problem"),
        [
            (None, {"measure": True}, ConsentProblem.NO_REGION),
            (None, {"share": SUMMARIES, "region": "KR"}, ConsentProblem.NOT_MEASURED),
            (answer(NOTHING), {"share": CURVES, "region": "FR"}, ConsentProblem.FORBIDDEN),
            (answer(NOTHING, measure=False), {"share": CURVES}, ConsentProblem.NOT_MEASURED),
        ],
    )
    def test_what_does_not_go_together_is_refused(
        self, before: Consent | None, change: dict[str, object], problem: ConsentProblem
    ) -> None:
        with pytest.raises(ConsentRefused) as caught:
            changed_answer(before, NOW, TEXT, **change)  # type: ignore[arg-type]
        assert caught.value.problem is problem


REGIONS = st.sampled_from(["KR", "KR", "KR", "US", "DE"])


class AnyOrder(RuleBasedStateMachine):
    """A real record beside a model: what of each call may be shared now."""

    calls = Bundle("calls")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.clock = ManualClock(NOW)
        self.store = Store.open(Path(self.folder.name) / "calmline.db", self.clock)
        self.shared: dict[int, ShareLevel] = {}
        self.forbidden: set[int] = set()
        self.running: int | None = None
        self.now = NOTHING
        self.region = ""

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    # The model.

    def _lowered(self, level: ShareLevel) -> None:
        self.now = level
        self.shared = {call: min(had, level, key=lambda one: one.rank) for call, had in self.shared.items()}
        if self.running is not None and self.region in EEA:
            self.forbidden.add(self.running)

    def _released(self, level: ShareLevel, calls: set[int]) -> None:
        granted = min(level, self.now, key=lambda one: one.rank)
        for call in calls - self.forbidden:
            self.shared[call] = max(self.shared[call], granted, key=lambda one: one.rank)

    # What people and programs do. Each rule changes something, so that the few steps of an example come to something.

    @initialize(share=st.sampled_from(ShareLevel), region=st.sampled_from(["KR", "KR", "DE"]))
    def answers_first(self, share: ShareLevel, region: str) -> None:
        self.answers(share, region, measure=True)

    @initialize(target=calls)
    def has_a_call(self) -> object:
        made = self.begins_a_call(CallSource.CAMERA)
        self.ends_it()
        return made

    @rule(share=st.sampled_from(ShareLevel), region=REGIONS, measure=st.sampled_from([True, True, False]))
    def answers(self, share: ShareLevel, region: str, measure: bool) -> None:
        self.clock.advance(1)
        wanted = share if measure and region != "DE" else None
        given = changed_answer(
            self.store.consent(), self.store.now(), TEXT, measure=measure, share=wanted, region=region
        )
        self.store.record_consent(given)
        self.region = region
        self._lowered(sharing_of(given))

    @precondition(lambda self: self.running is None)
    @rule(
        target=calls, source=st.sampled_from([CallSource.CAMERA, CallSource.CAMERA, CallSource.ACTOR, CallSource.FILE])
    )
    def begins_a_call(self, source: CallSource) -> object:
        self.clock.advance(1)
        self.running = self.store.begin_call(CallStart("a", source=source)).id
        self.shared[self.running] = self.now
        if source is not CallSource.CAMERA or self.region in {"", *EEA}:
            self.forbidden.add(self.running)
            self.shared[self.running] = NOTHING
        return self.running

    @precondition(lambda self: self.running is not None)
    @rule()
    def ends_it(self) -> None:
        assert self.running is not None
        self.clock.advance(1)
        self.store.end_call(self.running)
        self.running = None

    @rule(level=st.sampled_from([SUMMARIES, CURVES]))
    def releases_what_is_listed(self, level: ShareLevel) -> None:
        self.clock.advance(1)
        try:
            plan = plan_release(self.store, level, NOW.date(), NOW.date().replace(year=2030))
        except ExportRefused:
            return
        listed = {call.id for call in plan.calls}
        assert not listed & {self.running, *self.forbidden}
        self.store.release(level, listed)
        self._released(level, listed)

    @rule(level=st.sampled_from([SUMMARIES, CURVES]), call=calls)
    def releases_one_call_whatever_is_allowed(self, level: ShareLevel, call: int) -> None:
        if self.store.consent() is not None:
            self.store.release(level, [call])
            self._released(level, {call})

    @invariant()
    def exactly_what_the_model_says_is_exported(self) -> None:
        for kind, needed in ((ExportKind.CALLS, SUMMARIES), (ExportKind.SAMPLES, CURVES)):
            try:
                exported = {call.id for call in plan_export(self.store, ExportRequest(kind)).calls}
            except ExportRefused:
                exported = set()
            allowed = {call for call, level in self.shared.items() if level.rank >= needed.rank}
            assert exported == allowed - {self.running}


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_the_hash_of_a_text_is_that_of_its_bytes() -> None:
    assert text_sha256("동의") == text_sha256("동의")
    assert text_sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
