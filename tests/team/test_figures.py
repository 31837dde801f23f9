"""The figure of a team: in thirds, of ten people and more, and what that is worth."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store.export_rows import PARTS_OF_DAY
from core.team.figures import Band, Group, TeamReport, band_of, in_tens, make_report
from core.team.reading import Call

MONDAY = date(2026, 1, 5)
CALM, TENSE = 0.29, 0.3

CALLS = st.lists(
    st.builds(
        Call,
        st.integers(0, 8).map(lambda days: MONDAY + timedelta(days)),
        st.sampled_from(PARTS_OF_DAY[1:]),
        st.integers(1, 30),
        st.sampled_from([None, 0.0, CALM, TENSE, 1.0]),
    ),
    min_size=1,
    max_size=6,
).map(Counter)
TEAMS = st.lists(CALLS, min_size=10, max_size=25).map(lambda people: {str(n): calls for n, calls in enumerate(people)})


def people(count: int, *shares: float | None, first: int = 0) -> dict[str, Counter[Call]]:
    """`count` people who had one call of each of these tensest minutes on a Monday morning."""
    calls = Counter(Call(MONDAY, "morning", minutes, share) for minutes, share in enumerate(shares, 1))
    return {str(first + number): calls for number in range(count)}


def everybody(report: TeamReport) -> Group:
    group = report.find()
    assert group is not None
    return group


@given(TEAMS)
def test_every_group_has_ten_people_and_only_a_band(team: dict[str, Counter[Call]]) -> None:
    for group in make_report(team).groups:
        there = {
            person
            for person, calls in team.items()
            for call in calls
            if call.tensest_minute is not None
            and group.weekday in (None, call.day.isoweekday())
            and group.part_of_day in (None, call.part_of_day)
        }
        assert len(there) >= 10
        assert group.people == len(there) // 10 * 10


@pytest.mark.parametrize(
    ("shares", "band"), [([0.0] * 10, Band.FEW), ([1.0] * 10, Band.MOST), ([0.0] * 5 + [1.0] * 5, Band.SOME)]
)
def test_none_and_all_look_like_few_and_most(shares: list[float], band: Band) -> None:
    team = {
        str(n): Counter({Call(MONDAY, "morning", 5, TENSE if share else CALM): 3}) for n, share in enumerate(shares)
    }
    assert everybody(make_report(team)).tense_calls is band


@given(st.floats(0, 1))
def test_a_band_is_a_third(share: float) -> None:
    assert list(Band).index(band_of(share)) in (int(share * 3), 2)


def test_nine_people_are_no_group_and_ten_are_one() -> None:
    assert make_report(people(9, TENSE)).groups == ()
    assert everybody(make_report(people(10, TENSE))).people == 10


def test_one_person_more_does_not_show_who_they_are() -> None:
    """Nine people without a tense call, and a tenth with nothing else: the figure that once gave them away."""
    ten = {**people(10, CALM, CALM), "victim": Counter({Call(MONDAY, "morning", 1, TENSE): 9})}
    assert make_report(ten) == make_report(people(10, CALM, CALM))


def test_a_call_in_which_too_little_was_seen_says_nothing() -> None:
    assert make_report(people(10, TENSE, None, None, None)).find() == Group(None, None, 10, Band.MOST)
    assert make_report(people(10, None)).groups == ()


def test_everybody_counts_once_however_many_calls_they_had() -> None:
    busy = {"busy": Counter({Call(MONDAY, "morning", 5, TENSE): 500})}
    assert everybody(make_report({**people(19, CALM), **busy})).tense_calls is Band.FEW


def test_groups_are_by_weekday_and_part_of_the_day() -> None:
    tuesday = Counter([Call(MONDAY + timedelta(1), "evening", 5, CALM)])
    report = make_report({**people(12, TENSE), **{f"t{n}": tuesday for n in range(12)}})
    assert report.find(1, "morning") == Group(1, "morning", 10, Band.MOST)
    assert report.find(2) == Group(2, None, 10, Band.FEW)
    assert report.find(None, "evening") == Group(None, "evening", 10, Band.FEW)
    assert report.find(3) is None
    assert everybody(report) == Group(None, None, 20, Band.SOME)
    assert report.people == 20


@given(st.integers(0, 10_000))
def test_sizes_are_told_in_tens(count: int) -> None:
    assert 0 <= count - in_tens(count) < 10


def test_what_the_page_says_of_the_size_of_a_team_is_what_chance_does() -> None:
    """Teams drawn twice from the same people: how often the band is another. The page says "one in five, one in ten"."""
    chance = random.Random(1)

    def differs(size: int) -> bool:
        mean = chance.uniform(0.1, 0.9)
        shares = [[min(1, max(0, chance.gauss(mean, 0.25))) for _ in range(size)] for _ in range(2)]
        return band_of(fmean(shares[0])) is not band_of(fmean(shares[1]))

    ten, forty = (sum(differs(size) for _ in range(3000)) / 3000 for size in (10, 40))
    print(f"another band: {ten:.1%} with ten people, {forty:.1%} with forty")
    assert 0.15 < ten < 0.27
    assert 0.07 < forty < 0.15
