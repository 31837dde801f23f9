"""What is said of the reader between calls: that it has not learnt the speech, or that it has become less sure."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.method.emotion import Outcome
from core.method.sample import Sample
from core.monitoring.drift import CALLS_BEFORE, CALLS_NOW, FIRST_CALLS, OFTEN_UNSURE, Doubt, became_unsure, doubt_of
from core.store.records import CalibrationRecord, CallRecord, CallSource, CallStart
from core.store.store import Store
from tests.tui.stage import consent_of, open_stage

shares = st.floats(0, 1)


@given(st.lists(shares, max_size=CALLS_BEFORE - 1), st.lists(shares, max_size=CALLS_NOW))
def test_too_few_calls_say_nothing(before: list[float], now: list[float]) -> None:
    assert not became_unsure([*before, *now])


@given(st.lists(shares, min_size=CALLS_BEFORE, max_size=30), shares)
def test_one_strange_call_says_nothing(usual: list[float], strange: float) -> None:
    calm = [min(one, OFTEN_UNSURE / 2) for one in usual]
    assert not became_unsure([*calm, strange])
    assert not became_unsure([*calm, strange, 0.0, 0.0])


@given(st.lists(st.floats(0, 0.2), min_size=CALLS_BEFORE, max_size=30), st.floats(0.41, 1))
def test_three_calls_read_unsurely_are_told(before: list[float], now: float) -> None:
    assert became_unsure([*before, *[now] * CALLS_NOW])


@given(st.floats(0.3, 1), st.integers(CALLS_BEFORE + CALLS_NOW, 40))
def test_who_was_never_read_surely_is_not_told_again_and_again(share: float, calls: int) -> None:
    assert not became_unsure([share] * calls)


def add_call(store: Store, unsure: int, source: CallSource = CallSource.CAMERA, reader: str = "tiny-1") -> None:
    """A call of 200 readings of which so many are unsure."""
    call = store.begin_call(CallStart(reader, source=source))
    outcomes = [Outcome.UNSURE] * unsure + [Outcome.NEUTRAL] * (200 - unsure)
    store.add_samples(call.id, [Sample(tick * 200, outcome, 0) for tick, outcome in enumerate(outcomes)])
    store.end_call(call.id, duration_ms=200 * 200)


async def found(
    tmp_path: Path, *calls: tuple[int, CallSource, str]
) -> tuple[CalibrationRecord | None, list[CallRecord]]:
    """The calibration and the calls of a record with these calls after it."""
    async with open_stage(tmp_path, ready=True) as stage:
        stage.store.record_consent(consent_of(stage.store))
        for unsure, source, reader in calls:
            add_call(stage.store, unsure, source, reader)
        return stage.store.latest_calibration(), stage.store.calls()


USUAL, STRANGE = (10, CallSource.CAMERA, "tiny-1"), (120, CallSource.CAMERA, "tiny-1")


async def test_it_is_offered_after_three_such_calls_and_only_for_who_reads_now_and_the_person(tmp_path: Path) -> None:
    calibration, calls = await found(tmp_path, *[USUAL] * CALLS_BEFORE, *[STRANGE] * CALLS_NOW)
    assert calibration is not None
    assert calibration.chosen == "tiny-1"
    assert doubt_of(calibration, calls) is Doubt.UNSURE
    assert doubt_of(calibration, calls[:-2]) is Doubt.UNTAUGHT
    assert doubt_of(None, calls) is Doubt.UNTAUGHT


@pytest.mark.parametrize("other", [(120, CallSource.ACTOR, "tiny-1"), (120, CallSource.CAMERA, "tiny-2")])
async def test_calls_of_somebody_else_or_by_another_reader_do_not_count(
    tmp_path: Path, other: tuple[int, CallSource, str]
) -> None:
    calibration, calls = await found(tmp_path, *[USUAL] * CALLS_BEFORE, *[other] * CALLS_NOW)
    assert doubt_of(calibration, calls) is Doubt.UNTAUGHT


async def test_the_texts_are_offered_after_each_of_the_first_calls(tmp_path: Path) -> None:
    calibration, calls = await found(tmp_path, *[USUAL] * (FIRST_CALLS + 1))
    said = [doubt_of(calibration, calls[:count]) for count in range(FIRST_CALLS + 2)]
    assert said == [Doubt.UNTAUGHT, *[Doubt.ASKS] * FIRST_CALLS, Doubt.UNTAUGHT]


async def test_the_offer_stands_between_calls_and_u_leads_to_the_set_up(tmp_path: Path) -> None:
    def prepare(store: Store) -> None:
        store.record_consent(consent_of(store))
        for unsure, source, reader in [*[USUAL] * CALLS_BEFORE, *[STRANGE] * CALLS_NOW]:
            add_call(store, unsure, source, reader)

    async with open_stage(tmp_path, ready=True, prepare=prepare) as stage:
        await stage.until(lambda: "New glasses, a beard, another light?" in " ".join(stage.text().split()), "the offer")
        kept = stage.store.latest_calibration()
        await stage.press("u")
        assert stage.store.latest_calibration() == kept
