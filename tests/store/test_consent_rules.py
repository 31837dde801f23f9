from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.method.summary import summarise
from core.store import CallRecord, CallStart, CallState, Consent, Release, ShareLevel
from core.store.consent import (
    EEA,
    NOTHING,
    Sharing,
    least,
    most,
    sharing_of,
    sharing_of_call,
    sharing_possible,
    text_sha256,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CURVES = Sharing(ShareLevel.CURVES)
WORDS = Sharing(ShareLevel.CURVES, emotions=True)

sharings = st.sampled_from([NOTHING, Sharing(ShareLevel.SUMMARIES), CURVES, WORDS])
answers = st.lists(
    st.builds(
        lambda share, words, region: Consent(NOW, True, share, words, region, "en", "1", "0" * 64),
        st.sampled_from(list(ShareLevel)),
        st.booleans(),
        st.sampled_from(["KR", "US", "JP"]),
    ),
    min_size=1,
    max_size=5,
).map(lambda found: [replace(consent, id=number) for number, consent in enumerate(found, 1)])


def call_under(first: int | None, last: int | None) -> CallRecord:
    return CallRecord(
        1, 1, NOW, 0, NOW, CallState.ENDED, CallStart("a"), summarise([]), None, first_consent=first, last_consent=last
    )


def allows(wider: Sharing, narrower: Sharing) -> bool:
    return wider.level.rank >= narrower.level.rank and wider.emotions >= narrower.emotions


class TestRegion:
    @pytest.mark.parametrize("region", ["DE", "fr", " IE ", "NO", "IS", "LI", "RE", "EU", "GR"])
    def test_nothing_is_ever_shared_in_the_eea(self, region: str) -> None:
        assert not sharing_possible(region)
        consent = Consent(NOW, True, ShareLevel.CURVES, True, region, "en", "1", "0" * 64)
        assert sharing_of(consent) == NOTHING

    @pytest.mark.parametrize("region", ["KR", "US", "GB", "CH", "TR", "UA"])
    def test_sharing_is_possible_elsewhere(self, region: str) -> None:
        assert sharing_possible(region)

    def test_nothing_is_shared_where_nobody_knows_where_it_is(self) -> None:
        assert not sharing_possible(None)

    def test_the_list_has_the_thirty_states(self) -> None:
        assert len(EEA - {"AX", "GF", "GP", "MF", "MQ", "RE", "YT", "EU", "EL"}) == 30


class TestCombining:
    @given(st.lists(sharings, min_size=1))
    def test_the_least_is_allowed_by_all_and_the_most_allows_all(self, found: list[Sharing]) -> None:
        assert all(allows(sharing, least(found)) for sharing in found)
        assert all(allows(most(found), sharing) for sharing in found)

    def test_nothing_follows_from_nothing(self) -> None:
        assert least([]) == most([]) == NOTHING

    def test_emotion_words_are_never_part_of_summaries(self) -> None:
        assert least([Sharing(ShareLevel.SUMMARIES), WORDS]) == Sharing(ShareLevel.SUMMARIES)


class TestCall:
    @given(answers, st.data())
    def test_no_call_is_shared_beyond_any_answer_that_held_for_it_or_holds_now(
        self, consents: list[Consent], data: st.DataObject
    ) -> None:
        first = data.draw(st.integers(1, len(consents)))
        last = data.draw(st.integers(first, len(consents)))
        shared = sharing_of_call(call_under(first, last), consents, [])
        for consent in (*consents[first - 1 : last], consents[-1]):
            assert allows(sharing_of(consent), shared)

    @given(answers)
    def test_a_call_before_the_first_answer_is_not_shared(self, consents: list[Consent]) -> None:
        assert sharing_of_call(call_under(None, None), consents, []) == NOTHING

    def test_a_release_hands_over_what_was_recorded_unshared(self) -> None:
        consents = self._answers(ShareLevel.NOTHING, ShareLevel.CURVES)
        call = call_under(1, 1)
        release = Release(NOW, NOW, NOW + timedelta(hours=1), ShareLevel.CURVES, False)
        assert sharing_of_call(call, consents, []) == NOTHING
        assert sharing_of_call(call, consents, [release]) == CURVES

    def test_a_release_of_another_range_hands_nothing_over(self) -> None:
        consents = self._answers(ShareLevel.NOTHING, ShareLevel.CURVES)
        release = Release(NOW, NOW - timedelta(hours=1), NOW, ShareLevel.CURVES, False)
        assert sharing_of_call(call_under(1, 1), consents, [release]) == NOTHING

    def test_a_release_ends_with_the_sharing_itself(self) -> None:
        consents = self._answers(ShareLevel.NOTHING, ShareLevel.NOTHING)
        release = Release(NOW, NOW, NOW + timedelta(hours=1), ShareLevel.CURVES, True)
        assert sharing_of_call(call_under(1, 1), consents, [release]) == NOTHING

    def test_no_release_hands_over_what_was_recorded_in_the_eea(self) -> None:
        consents = self._answers(ShareLevel.CURVES, ShareLevel.CURVES)
        consents[0] = replace(consents[0], region="DE")
        release = Release(NOW, NOW, NOW + timedelta(hours=1), ShareLevel.CURVES, False)
        assert sharing_of_call(call_under(1, 1), consents, [release]) == NOTHING

    def _answers(self, *shares: ShareLevel) -> list[Consent]:
        return [
            Consent(NOW, True, share, False, "KR", "en", "1", "0" * 64, id=number)
            for number, share in enumerate(shares, 1)
        ]


def test_the_hash_of_a_text_is_that_of_its_bytes() -> None:
    assert text_sha256("동의") == text_sha256("동의")
    assert text_sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
