"""When a call begins and ends by the microphone, second by second."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.method.emotion import Outcome
from core.method.sample import Sample
from core.microphone.calls import BEGIN_SECONDS, END_SECONDS, MicrophoneCalls, Turn, counts, programs_of
from core.store.records import CallStart, CallState
from core.store.store import Store
from core.system.clock import ManualClock

PHONE = frozenset(["zoiper5"])
NOBODY: frozenset[str] = frozenset()


def turns(seconds: Sequence[frozenset[str] | None], calls: MicrophoneCalls | None = None) -> list[tuple[int, Turn]]:
    """What is done in which second, where these programs use the microphone."""
    asked = calls or MicrophoneCalls()
    return [(now, turn) for now, users in enumerate(seconds) if (turn := asked.tell(float(now), users)) is not None]


def test_a_call_begins_after_three_seconds_and_ends_five_after() -> None:
    day = [NOBODY] + [PHONE] * 20 + [NOBODY] * 10
    assert turns(day) == [(1 + BEGIN_SECONDS, Turn.BEGIN), (21 + END_SECONDS, Turn.END)]


def test_what_only_tries_the_microphone_begins_nothing() -> None:
    assert turns([NOBODY, PHONE, PHONE, PHONE, NOBODY] * 5) == []


def test_a_gap_of_four_seconds_is_no_end() -> None:
    assert turns([NOBODY] + [PHONE] * 10 + [NOBODY] * 4 + [PHONE] * 10) == [(4, Turn.BEGIN)]


def test_a_program_that_uses_it_from_the_start_begins_nothing_before_it_lets_go() -> None:
    all_day = frozenset(["discord"])
    day = [all_day] * 10 + [all_day | PHONE] * 10 + [all_day] * 10
    assert turns(day) == [(13, Turn.BEGIN), (25, Turn.END)]
    assert turns([all_day] * 10 + [NOBODY] * 2 + [all_day] * 10) == [(15, Turn.BEGIN)]


def test_a_sound_server_that_does_not_answer_ends_nothing() -> None:
    assert turns([NOBODY] + [PHONE] * 10 + [None] * 60 + [PHONE] * 10) == [(4, Turn.BEGIN)]


@pytest.mark.parametrize(
    ("program", "counted"),
    [("zoiper5", True), ("Teams.exe", True), ("firefox", True), ("obs", False), ("calmline", False), ("", True)],
)
def test_softphones_meetings_and_browsers_count_and_so_does_who_has_no_name(program: str, counted: bool) -> None:
    assert counts(program, MicrophoneCalls().programs) is counted


def test_the_person_chooses_which_programs_count() -> None:
    mine = MicrophoneCalls(programs_of("OurPhone, Other"))
    assert turns([NOBODY] + [PHONE] * 10 + [frozenset(["ourphone-2"])] * 10, mine) == [(14, Turn.BEGIN)]


@dataclass
class Use:
    """One call as the softphone has it, in seconds of the day."""

    begin: int
    end: int


HOLD_SECONDS = 120
IDLE: frozenset[str] = frozenset(["slack"])  # it holds the microphone all day
TALKING = PHONE | IDLE


def made_up_day(seed: int, *, lets_go_on_hold: bool = False) -> tuple[list[Use], list[frozenset[str] | None], int]:
    """Eighty calls of ten seconds to twelve minutes, who uses the microphone in each second around them, and how many holds.

    Mutes leave the stream there, and so do holds of up to two minutes (halted, as PulseAudio keeps it), unless the
    softphone lets go of it; a change of devices takes it away for up to four seconds. Between calls programs try the
    microphone for up to three seconds, a recorder that does not count records, the sound server is restarted, and in the
    fortieth call the softphone crashes: that call is over.
    """
    chance = random.Random(seed)
    calls: list[Use] = []
    day: list[frozenset[str] | None] = [IDLE]
    holds = 0
    for number in range(80):
        recorder = [IDLE, IDLE | {"audacity"}]  # it does not count
        day += chance.choices(recorder, weights=(4, 1), k=chance.randint(8, 60))
        if chance.random() < 0.3:
            day += [IDLE | {"teams"}] * chance.randint(1, 3) + [IDLE] * 3
        if chance.random() < 0.1:
            day += [None] * chance.randint(1, 20) + [IDLE] * 2
        begin, length = len(day), chance.randint(10, 720)
        if number == 39:
            length = 47  # and then it is gone
        used: list[frozenset[str] | None] = [TALKING] * length
        if length > 60:
            at = chance.randint(10, length - 20)
            used[at : at + 4] = [IDLE] * chance.randint(1, 4)  # from the headset to the loudspeaker
        if chance.random() < 0.1:
            used[5:9] = [None] * 4
        if chance.random() < 0.4:
            used += [IDLE if lets_go_on_hold else TALKING] * chance.randint(6, HOLD_SECONDS) + [TALKING] * 20
            holds += 1
        day += used
        calls.append(Use(begin, len(day)))
    return calls, day + [IDLE] * 10, holds


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.mark.parametrize("seed", range(5))
def test_of_a_day_of_eighty_calls_none_is_lost_and_none_begins_wrongly(
    seed: int, clock: ManualClock, tmp_path: Path
) -> None:
    calls, day, holds = made_up_day(seed)
    with Store.open(tmp_path / "calmline.db", clock) as store:
        recorded = list(played(day, store, clock))
        assert len(recorded) == len(calls) == 80
        assert holds > 20
        for use, (begin, end) in zip(calls, recorded, strict=True):
            assert use.begin < begin <= use.begin + BEGIN_SECONDS + 21  # a sound server that restarts delays it
            assert use.end <= end <= use.end + END_SECONDS + 21
        assert {call.state for call in store.calls()} == {CallState.ENDED}


@pytest.mark.parametrize("seed", range(5))
def test_a_softphone_that_lets_go_on_hold_makes_two_calls_of_one_and_never_one_of_two(
    seed: int, clock: ManualClock, tmp_path: Path
) -> None:
    calls, day, holds = made_up_day(seed, lets_go_on_hold=True)
    with Store.open(tmp_path / "calmline.db", clock) as store:
        recorded = list(played(day, store, clock))
    assert len(recorded) == len(calls) + holds
    whole = [[one for one in recorded if use.begin < one[0] < use.end] for use in calls]
    assert [len(parts) for parts in whole].count(2) == holds
    talked = sum(users is not None and "zoiper5" in users for users in day)
    read = sum(users is not None and "zoiper5" in users for begin, end in recorded for users in day[begin:end])
    assert talked - read <= len(recorded) * BEGIN_SECONDS + 40  # and what a sound server that restarts delays


def played(day: Sequence[frozenset[str] | None], store: Store, clock: ManualClock) -> Iterator[tuple[int, int]]:
    """The seconds in which a call of the record begins and ends, through a whole day."""
    asked, running, begun = MicrophoneCalls(), 0, 0
    for second, users in enumerate(day):
        turn = asked.tell(clock.monotonic(), users)
        if turn is Turn.BEGIN:
            assert not running
            running, begun = store.begin_call(CallStart("tiny-1")).id, second
        elif turn is Turn.END:
            store.add_samples(running, [Sample(1000, Outcome.NEUTRAL, 0)])
            store.end_call(running)
            yield begun, second
            running = 0
        clock.advance(1)
    assert not running
