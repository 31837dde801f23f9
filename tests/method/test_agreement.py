"""The sentence about agreement is the product's honesty: it must be right for people of both kinds."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.method.agreement import ANSWERS_NEEDED, Agreement, Felt, agreement

PEOPLE = 1000

answers = st.lists(
    st.tuples(st.sampled_from(list(Felt)), st.integers(0, 1000)), min_size=ANSWERS_NEEDED, max_size=60
).filter(lambda found: len({felt for felt, _ in found}) > 1 and len({peak for _, peak in found}) > 1)


def known(found: list[tuple[Felt, int]]) -> Agreement:
    result = agreement(found)
    assert result is not None
    return result


def person(chance: random.Random, related: bool) -> list[tuple[Felt, int]]:
    """A person's calls: most are easy, and how they felt has to do with how tense they looked (0.85), or nothing at all."""
    share = 0.85 if related else 0.0
    calls = []
    for _ in range(chance.randrange(ANSWERS_NEEDED, 3 * ANSWERS_NEEDED)):
        looked = chance.gauss(0, 1)
        felt = share * looked + math.sqrt(1 - share**2) * chance.gauss(0, 1)
        peak = min(1000, max(0, round(250 + 220 * looked)))  # whoever looked quite calm is at 0
        calls.append((Felt.EASY if felt < 0.1 else Felt.SO_SO if felt < 0.9 else Felt.HARD, peak))
    return calls


@pytest.mark.parametrize("related", [True, False])
def test_it_is_right_about_95_of_100_people_and_more(related: bool) -> None:
    chance = random.Random(f"agreement/{related}")
    right = 0
    for _ in range(PEOPLE):
        found = agreement(person(chance, related))
        right += (found is not None and found.better_than_chance) == related
    assert right >= 0.95 * PEOPLE


@given(answers, st.randoms())
def test_neither_the_order_of_the_calls_nor_the_unit_of_tension_changes_anything(
    found: list[tuple[Felt, int]], chance: random.Random
) -> None:
    other = [(felt, 7 * peak + 3) for felt, peak in found]
    chance.shuffle(other)
    one, two = known(found), known(other)
    assert (two.answers, two.alike) == (one.answers, one.alike)
    assert two.correlation == pytest.approx(one.correlation)


@given(answers)
def test_turned_round_it_is_the_opposite(found: list[tuple[Felt, int]]) -> None:
    one, two = known(found), known([(felt, 1000 - peak) for felt, peak in found])
    assert two.correlation == pytest.approx(-one.correlation)
    assert [two.low, two.high] == pytest.approx([-one.high, -one.low])
    assert -1 <= one.low <= one.correlation <= one.high <= 1
    assert not (one.better_than_chance and two.better_than_chance)


def test_it_is_the_rank_correlation_that_the_field_knows() -> None:
    # by hand: ranks 1.5 1.5 3.5 3.5 against 1 2 3 4, five times over
    found = [(Felt.EASY, 1), (Felt.EASY, 2), (Felt.HARD, 3), (Felt.HARD, 4)] * 5
    assert known(found).correlation == pytest.approx(2 / math.sqrt(5))
    assert known(found).alike == 1.0


@pytest.mark.parametrize(
    "found",
    [
        [(Felt.EASY, peak) for peak in range(50)],
        [(list(Felt)[number % 3], 200) for number in range(50)],
        [(list(Felt)[number % 3], number) for number in range(ANSWERS_NEEDED - 1)],
    ],
    ids=["always the same answer", "always the same tension", "too few"],
)
def test_where_nothing_can_be_compared_nothing_is_said(found: list[tuple[Felt, int]]) -> None:
    assert agreement(found) is None
