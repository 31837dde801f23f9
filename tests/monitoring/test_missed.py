"""A call whose end nobody told."""

from __future__ import annotations

import pytest

from core.monitoring.missed import ANSWER_SECONDS, LONGEST_SECONDS, NO_FACE_SECONDS, Missed, MissedEnd


def test_a_call_with_a_face_is_not_asked_about_for_four_hours() -> None:
    call = MissedEnd(0)
    assert {call.tell(now, now, microphone=False) for now in range(round(LONGEST_SECONDS))} == {None}
    assert call.tell(LONGEST_SECONDS, LONGEST_SECONDS, microphone=True) is Missed.ASK


@pytest.mark.parametrize("microphone", [False, True])
def test_without_a_face_for_ten_minutes_it_is_asked_about_unless_the_microphone_is_used(microphone: bool) -> None:
    call = MissedEnd(0)
    turns = [(now, turn) for now in range(3600) if (turn := call.tell(now, 60, microphone=microphone)) is not None]
    if microphone:
        assert turns == []
    else:
        asked = 60 + NO_FACE_SECONDS
        assert turns[:2] == [(asked, Missed.ASK), (asked + ANSWER_SECONDS, Missed.END)]


def test_a_face_answers_the_question() -> None:
    call = MissedEnd(0)
    assert call.tell(NO_FACE_SECONDS, 0, microphone=False) is Missed.ASK
    assert call.tell(NO_FACE_SECONDS + 5, NO_FACE_SECONDS + 4, microphone=False) is None
    assert not call.asked
    assert call.tell(NO_FACE_SECONDS + ANSWER_SECONDS + 5, NO_FACE_SECONDS + 4, microphone=False) is None


@pytest.mark.parametrize("longest", [NO_FACE_SECONDS, LONGEST_SECONDS])
def test_who_says_that_it_goes_on_is_asked_again_after_as_long(longest: float) -> None:
    call, faces = MissedEnd(0), longest == LONGEST_SECONDS
    assert call.tell(longest, longest if faces else 0, microphone=False) is Missed.ASK
    call.goes_on(longest + 10)
    again = longest + 10 + longest
    assert call.tell(again - 1, again if faces else 0, microphone=False) is None
    assert call.tell(again, again if faces else 0, microphone=False) is Missed.ASK
