from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.method.emotion import EMOTIONS, EXPRESSIONS, Emotion, Expression, Probabilities, expression_by_id
from core.method.grading import (
    MIN_FRAMES,
    CandidateResult,
    ExpressionGrade,
    FrameShares,
    Grade,
    choose_candidate,
    grade_expression,
    hard_expressions,
    rank_candidates,
)
from tests.strategies import expressions, probabilities, spread

CRYING = expression_by_id("crying")
OVER_SURE, OVER_LIKELY = math.nextafter(0.9, 1), math.nextafter(0.5, 1)
RIGHT_SURE = spread(Emotion.STRESS, 0.95)
RIGHT_LIKELY = spread(Emotion.STRESS, 0.6)
WRONG_SURE = spread(Emotion.HAPPY, 0.95)
WRONG_LIKELY = spread(Emotion.HAPPY, 0.6)
OTHER_WRONG_LIKELY = spread(Emotion.NEUTRAL, 0.6)
NOTHING = Probabilities(0.25, 0.25, 0.25, 0.25)


def _grade(frames: Sequence[Probabilities], expression: Expression = CRYING) -> Grade | None:
    graded = grade_expression(expression, frames)
    assert graded is not None
    return graded.grade


@pytest.mark.parametrize(
    ("frames", "grade"),
    [
        ([RIGHT_SURE] * 10, Grade.S),
        ([RIGHT_SURE] * 8 + [WRONG_SURE] * 2, Grade.S),  # exactly 0.8 is steady
        ([RIGHT_SURE] * 7 + [RIGHT_LIKELY] * 3, Grade.A),  # sure frames count as likely ones too
        ([RIGHT_LIKELY] * 8 + [WRONG_SURE] * 2, Grade.A),
        ([RIGHT_SURE] * 7 + [WRONG_SURE] * 3, Grade.B),
        ([WRONG_SURE] * 8 + [RIGHT_SURE] * 2, Grade.D),
        ([WRONG_SURE] * 7 + [WRONG_LIKELY] * 3, Grade.C),
        ([WRONG_LIKELY] * 4 + [OTHER_WRONG_LIKELY] * 4 + [RIGHT_SURE] * 2, Grade.C),  # whichever wrong class
        ([WRONG_LIKELY] * 7 + [RIGHT_SURE] * 3, Grade.B),
        ([NOTHING] * 10, Grade.B),
        ([spread(Emotion.STRESS, 0.9)] * 10, Grade.A),  # exactly 0.9 is not over
        ([spread(Emotion.STRESS, OVER_SURE)] * 10, Grade.S),
        ([spread(Emotion.STRESS, 0.5)] * 10, Grade.B),  # exactly 0.5 is not over
        ([spread(Emotion.STRESS, OVER_LIKELY)] * 10, Grade.A),
        ([spread(Emotion.HAPPY, 0.9)] * 10, Grade.C),
        ([spread(Emotion.HAPPY, OVER_SURE)] * 10, Grade.D),
        ([spread(Emotion.HAPPY, 0.5, Emotion.NEUTRAL)] * 10, Grade.B),
        ([spread(Emotion.HAPPY, OVER_LIKELY)] * 10, Grade.C),
    ],
)
def test_grades_are_those_of_the_method(frames: list[Probabilities], grade: Grade) -> None:
    assert _grade(frames) is grade


@pytest.mark.parametrize("frames", [15, 30, 35, 45, 95, 1000])
def test_four_fifths_are_steady_at_any_number_of_frames(frames: int) -> None:
    steady = frames * 4 // 5
    assert _grade([RIGHT_SURE] * steady + [WRONG_SURE] * (frames - steady)) is Grade.S
    assert _grade([RIGHT_SURE] * (steady - 1) + [WRONG_SURE] * (frames - steady + 1)) is Grade.B


def _share(frames: Sequence[Probabilities], emotions: Sequence[Emotion], over: float) -> Fraction:
    hits = sum(any(frame.of(emotion) > over for emotion in emotions) for frame in frames)
    return Fraction(hits, len(frames))


@given(expressions, st.lists(probabilities, min_size=1, max_size=40))
def test_every_grade_follows_from_exact_shares_in_the_order_s_a_d_c_b(
    expression: Expression, frames: list[Probabilities]
) -> None:
    right, wrong = [expression.emotion], [other for other in EMOTIONS if other is not expression.emotion]
    questions = [(right, 0.9, Grade.S), (right, 0.5, Grade.A), (wrong, 0.9, Grade.D), (wrong, 0.5, Grade.C)]
    expected = next(
        (grade for emotions, over, grade in questions if _share(frames, emotions, over) >= Fraction(4, 5)), Grade.B
    )
    graded = grade_expression(expression, frames, min_frames=1)
    assert graded is not None
    assert graded.grade is expected
    assert graded.frames == len(frames)


@given(expressions, st.lists(probabilities, min_size=1, max_size=30), st.randoms())
def test_the_order_of_frames_changes_nothing(
    expression: Expression, frames: list[Probabilities], random: Random
) -> None:
    shuffled = list(frames)
    random.shuffle(shuffled)
    assert grade_expression(expression, frames) == grade_expression(expression, shuffled)


@given(expressions, st.lists(probabilities, min_size=1, max_size=25))
def test_fewer_than_ten_frames_give_no_grade_but_keep_their_shares(
    expression: Expression, frames: list[Probabilities]
) -> None:
    graded, anyway = grade_expression(expression, frames), grade_expression(expression, frames, min_frames=1)
    assert graded is not None
    assert anyway is not None
    assert (graded.grade is None) == (len(frames) < 10)
    assert anyway.grade is graded.shares.grade
    assert graded.shares == anyway.shares


def test_without_a_frame_there_is_nothing_to_grade() -> None:
    assert MIN_FRAMES == 10
    assert grade_expression(CRYING, [], min_frames=1) is None


def test_what_an_expression_was_taken_for_is_the_class_with_the_highest_mean() -> None:
    graded = grade_expression(CRYING, [RIGHT_SURE] * 2 + [WRONG_SURE] * 3)
    assert graded is not None
    assert graded.taken_for is Emotion.HAPPY
    assert graded.mean_right == pytest.approx((2 * 0.95 + 3 * 0.05 / 3) / 5)


def _result(
    candidate_id: str, grades: str, milliseconds: float = 5.0, mean: float = 0.5, frames: int = 20
) -> CandidateResult:
    """A result with one letter for each expression; "-" too few frames, "." skipped."""
    return CandidateResult(
        candidate_id,
        {
            expression.id: ExpressionGrade(
                expression,
                frames=3 if letter == "-" else frames,
                shares=FrameShares(0, 0, 0, 0),
                mean_right=1.0 if letter == "-" else mean,
                taken_for=expression.emotion,
                grade=None if letter == "-" else Grade(letter),
            )
            for expression, letter in zip(EXPRESSIONS, grades, strict=True)
            if letter != "."
        },
        milliseconds,
    )


def test_points_are_those_of_table_10() -> None:
    assert {grade.value: grade.points for grade in Grade} == {"S": 10, "A": 7, "B": 0, "C": -10, "D": -20}


@pytest.mark.parametrize(
    ("grades", "score", "best_possible"),
    [
        ("SSSSSSSSSSS", 110, 110),
        ("SSSSSSSSSSA", 107, 110),  # women 1 and 3, man 3
        ("SSSSSSSSSAA", 104, 110),  # man 2, woman 2
        ("SSSSSSSSAAA", 101, 110),  # man 1
        ("SSSSAAAACBB", 58, 110),
        ("SSSAAAACBBB", 48, 110),  # the thesis's lowest best score
        ("ADDDDBBBBBB", -73, 110),  # and its worst of all
        ("DDDDDDDDDDD", -220, 110),
        ("SSSSSSS.SSS", 100, 100),
        ("SSSSSSS-SSS", 100, 100),
        ("...........", 0, 0),
    ],
)
def test_scores_add_up_and_the_best_possible_sinks_by_ten_for_each_skipped_expression(
    grades: str, score: int, best_possible: int
) -> None:
    result = _result("one", grades)
    assert (result.score, result.best_possible) == (score, best_possible)


@given(st.lists(st.sampled_from("SABCD-."), min_size=11, max_size=11))
def test_no_score_is_over_the_best_possible(letters: list[str]) -> None:
    result = _result("one", "".join(letters))
    graded = sum(letter in "SABCD" for letter in letters)
    assert -20 * graded <= result.score <= result.best_possible == 10 * graded


def test_frames_that_were_too_few_to_grade_decide_no_tie() -> None:
    few = _result("few", "-SSSSSSSSSS", mean=0.5)
    assert few.mean_right == pytest.approx(0.5)
    assert few.frames == 200


def test_the_mean_is_over_frames_and_not_over_expressions() -> None:
    one = grade_expression(CRYING, [spread(Emotion.STRESS, 1.0)] * 10)
    other = grade_expression(expression_by_id("rage"), [spread(Emotion.STRESS, 0.4)] * 30)
    assert one is not None
    assert other is not None
    result = CandidateResult("one", {"crying": one, "rage": other}, 1.0)
    assert result.mean_right == pytest.approx((10 * 1.0 + 30 * 0.4) / 40)


ALL_S = "SSSSSSSSSSS"


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (_result("z", ALL_S, 90, 0.1), _result("a", "SSSSSSSSSSA", 1, 0.9)),  # the score first
        (_result("z", ALL_S, 90, 0.8), _result("a", ALL_S, 1, 0.7)),  # then the mean
        (_result("z", ALL_S, 4, 0.8), _result("a", ALL_S, 5, 0.8)),  # then the speed
        (_result("a", ALL_S, 4, 0.8), _result("b", ALL_S, 4, 0.8)),  # then the id
        (_result("z", "BBBBBBBBBBB"), _result("a", "DDDDDDDDDDD")),
        (_result("z", "CCCCCCCCCCC"), _result("a", "...........")),  # nothing graded is no choice
    ],
)
def test_ties_go_to_the_higher_mean_then_the_faster_network_then_the_id(
    better: CandidateResult, worse: CandidateResult
) -> None:
    assert choose_candidate([worse, better]) is better
    assert choose_candidate([better, worse]) is better


@given(st.permutations([_result(name, ALL_S, ms, mean) for name in "ab" for ms in (1, 2) for mean in (0.2, 0.3)]))
def test_the_ranking_does_not_depend_on_the_order_in_which_candidates_are_read(results: list[CandidateResult]) -> None:
    ranked = rank_candidates(results)
    expected = [(0.3, 1, "a"), (0.3, 1, "b"), (0.3, 2, "a"), (0.3, 2, "b")]
    expected += [(0.2, ms, name) for _, ms, name in expected]
    assert [(round(r.mean_right, 9), r.milliseconds_per_face, r.candidate_id) for r in ranked] == expected


@given(st.lists(probabilities, min_size=10, max_size=30), st.randoms())
def test_two_candidates_that_read_the_same_frames_in_another_order_are_tied_until_their_speed(
    frames: list[Probabilities], random: Random
) -> None:
    shuffled = list(frames)
    random.shuffle(shuffled)
    first, second = grade_expression(CRYING, frames), grade_expression(CRYING, shuffled)
    assert first is not None
    assert second is not None
    slow, fast = CandidateResult("a", {"crying": first}, 9.0), CandidateResult("b", {"crying": second}, 1.0)
    assert choose_candidate([slow, fast]) is fast


@pytest.mark.parametrize("results", [[], [_result("a", "...........")], [_result("a", "-----------")]])
def test_without_any_grade_nothing_is_chosen(results: list[CandidateResult]) -> None:
    assert choose_candidate(results) is None


def test_a_lead_of_one_expression_counts_less_than_being_better_for_everybody_and_a_clear_lead_counts_more() -> None:
    lucky, good = _result("lucky", "SSSSSSSSSSS"), _result("good", "SSSSSSSSSSA")
    assert choose_candidate([lucky, good]) is lucky
    assert choose_candidate([lucky, good], {"lucky": 0.88, "good": 0.89}) is good
    assert choose_candidate([lucky, good], {"lucky": 0.89, "good": 0.89}) is lucky
    bad = _result("good", "SSSSSSSSDDD")
    assert choose_candidate([lucky, bad], {"lucky": 0.88, "good": 0.89}) is lucky


def test_a_network_of_which_nothing_is_known_leaves_the_choice_to_the_points() -> None:
    results = [_result("a", ALL_S), _result("b", "SSSSSSSSSSA")]
    assert choose_candidate(results, {"b": 0.99}) is results[0]


@given(
    st.floats(0, 1), st.permutations([_result("a", ALL_S), _result("b", "SSSSSSSSSSA"), _result("c", "DDDDDDDDDDD")])
)
def test_where_all_are_as_good_for_everybody_the_points_decide(accuracy: float, results: list[CandidateResult]) -> None:
    chosen = choose_candidate(results, dict.fromkeys("abc", accuracy))
    assert chosen is not None
    assert chosen.candidate_id == "a"


def test_an_expression_is_hard_when_candidates_grade_it_below_a() -> None:
    results = [_result("a", "SABCD-.SSSS"), _result("b", "SSBSDSSSSSS")]
    assert hard_expressions(results) == {"laugh": 2, "expressionless": 1, "blank_stare": 2}
