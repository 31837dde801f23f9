"""No four people can be found in the figures: not alone, not by subtracting one report or one group from another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("duckdb")

from core.team import Figure, Group, TeamReport
from core.team.figures import CATEGORIES, SMALLEST_GROUP, WHOLE, in_fives, make_report
from core.team.reading import open_engine


class Call(NamedTuple):
    """One call as the figures see it."""

    day: int
    hour: int
    peak: int
    calm_again_ms: int | None


Team = Mapping[int, Sequence[Call]]

CALLS = st.lists(
    st.builds(
        Call,
        st.integers(0, 8),
        st.sampled_from([9, 10, 17]),
        st.sampled_from([0, 100, 101, 299, 300, 1000]),
        st.sampled_from([None, 0, 60_000, 60_001, 180_000, 999_000]),
    ),
    min_size=1,
    max_size=6,
)
TEAMS = st.lists(CALLS, min_size=5, max_size=16).map(lambda people: dict(enumerate(people)))
Place = tuple[Figure, int | None, int | None]


def report_of(team: Team) -> TeamReport:
    rows = [(f"C-{person:04d}", call) for person, calls in team.items() for call in calls]
    with open_engine() as engine:
        engine.execute(
            """
            CREATE TABLE call_of_team AS
            SELECT counsellor, DATE '2026-01-05' + day::INTEGER AS day, (day % 7 + 1)::INTEGER AS weekday,
                hour::INTEGER AS hour, peak, calm_again_ms
            FROM (SELECT unnest($people::VARCHAR[]) AS counsellor, unnest($days::INTEGER[]) AS day,
                unnest($hours::INTEGER[]) AS hour, unnest($peaks::BIGINT[]) AS peak, unnest($settle::BIGINT[]) AS calm_again_ms)
            """,
            {
                "people": [person for person, _ in rows],
                "days": [call.day for _, call in rows],
                "hours": [call.hour for _, call in rows],
                "peaks": [call.peak for _, call in rows],
                "settle": [call.calm_again_ms for _, call in rows],
            },
        )
        return make_report(engine)


def by_place(report: TeamReport) -> dict[Place, Group]:
    return {(group.figure, group.weekday, group.hour): group for group in report.groups}


def numbers(group: Group) -> tuple[int, ...]:
    return (group.people, *group.counts)


def people_at(team: Team, place: Place) -> set[int]:
    figure, weekday, hour = place
    return {
        person
        for person, calls in team.items()
        if any(
            weekday in (None, call.day % 7 + 1)
            and hour in (None, call.hour)
            and (figure is not Figure.RECOVERY or call.peak >= 300)
            for call in calls
        )
    }


class TestPrivacy:
    @settings(max_examples=40)
    @given(TEAMS)
    def test_every_number_is_made_by_five_people_at_least(self, team: Team) -> None:
        for place, group in by_place(report_of(team)).items():
            there = people_at(team, place)
            assert len(there) >= SMALLEST_GROUP
            assert group.people == len(there) // 5 * 5
            assert all(count % 5 == 0 and 0 <= count <= group.people for count in group.counts)
            assert sum(group.counts) <= len(there)

    @settings(max_examples=40)
    @given(TEAMS, st.data())
    def test_two_reports_that_differ_by_up_to_four_people_tell_nothing_about_them(
        self, team: Team, data: st.DataObject
    ) -> None:
        left_out = data.draw(st.sets(st.sampled_from(sorted(team)), min_size=1, max_size=4))
        more = by_place(report_of(team))
        less = by_place(report_of({person: calls for person, calls in team.items() if person not in left_out}))
        assert less.keys() <= more.keys()
        for place, group in more.items():
            if place not in less:
                assert len(people_at(team, place) - left_out) < SMALLEST_GROUP
                continue
            present = len(people_at(team, place) & left_out)
            for with_them, without in zip(numbers(group), numbers(less[place]), strict=True):
                # All that the two numbers say of the difference is that it lies between these two. Whatever the shares
                # of those left out come to, from next to nothing up to all of them, lies between them, too.
                lowest, highest = with_them - without - 5, with_them - without + 5
                assert lowest <= 0
                assert present < highest
                assert (lowest, highest) in ((-5, 5), (0, 10))

    @settings(max_examples=40)
    @given(TEAMS, st.data())
    def test_nor_do_two_reports_that_differ_by_some_calls_of_up_to_four_people(
        self, team: Team, data: st.DataObject
    ) -> None:
        changed = data.draw(st.sets(st.sampled_from(sorted(team)), min_size=1, max_size=4))
        other = {person: [calls[0]] if person in changed else calls for person, calls in team.items()}
        first, second = by_place(report_of(team)), by_place(report_of(other))
        for place in first.keys() & second.keys():
            for one, two in zip(numbers(first[place]), numbers(second[place]), strict=True):
                assert one - two in (-5, 0, 5)

    @settings(max_examples=20)
    @given(TEAMS, st.integers(1, 4))
    def test_four_people_alone_in_an_hour_change_nothing_that_is_shown_of_it(self, team: Team, count: int) -> None:
        night = {person + 100: [Call(5, 3, 1000, None)] for person in range(count)}
        report = report_of({**team, **night})
        assert report.find(Figure.TENSION, None, 3) is None
        assert report.find(Figure.TENSION, 6, 3) is None

    @given(st.integers(0, 10_000 * WHOLE))
    def test_a_sum_is_rounded_down_to_fives(self, total: int) -> None:
        assert 0 <= total - in_fives(total) * WHOLE < 5 * WHOLE
        assert in_fives(total) % 5 == 0


class TestFigures:
    def test_everybody_counts_once_however_many_calls_they_had(self) -> None:
        busy = [Call(0, 9, 1000, None)] * 500
        quiet = {person: [Call(0, 9, 0, None)] for person in range(15)}
        group = report_of({**quiet, **dict.fromkeys(range(20, 25), busy)}).find(Figure.TENSION)
        assert group is not None
        assert (group.people, group.counts) == (20, (15, 0, 5))

    def test_calls_fall_into_the_parts_that_they_belong_to(self) -> None:
        calls = [Call(0, 9, 100, None), Call(0, 10, 299, None), Call(1, 9, 300, 60_000), Call(1, 10, 900, None)]
        report = report_of(dict.fromkeys(range(100), calls))
        tension, recovery = report.find(Figure.TENSION), report.find(Figure.RECOVERY)
        days = report.find(Figure.CALLS_A_DAY)
        assert tension is not None
        assert recovery is not None
        assert days is not None
        assert tension.counts == (25, 25, 50)
        assert recovery.counts == (50, 0, 0, 50)
        assert days.counts == (100, 0, 0, 0)
        tuesday = report.find(Figure.TENSION, 2, 9)
        assert tuesday is not None
        assert tuesday.counts == (0, 0, 100)
        assert list(report.hours) == [9, 10]

    @pytest.mark.parametrize(("calls", "part"), [(20, 0), (21, 1), (40, 1), (41, 2), (60, 2), (61, 3)])
    def test_days_are_counted_by_their_number_of_calls(self, calls: int, part: int) -> None:
        group = report_of(dict.fromkeys(range(5), [Call(0, 9, 0, None)] * calls)).find(Figure.CALLS_A_DAY)
        assert group is not None
        assert group.counts.index(5) == part

    def test_every_figure_has_a_count_for_each_of_its_parts(self) -> None:
        report = report_of({person: [Call(0, 9, 900, None)] for person in range(5)})
        assert {group.figure for group in report.groups} == set(Figure)
        assert all(len(group.counts) == len(CATEGORIES[group.figure]) for group in report.groups)
