"""What screens are drawn from: pure functions from numbers to glyphs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from app.tui.dialogs.breathe import IN_SECONDS, OUT_SECONDS, breath
from app.tui.widgets.frame_drawing import draw_frame
from app.tui.widgets.guide import HEIGHT, WIDTH, draw_guide
from app.tui.widgets.level_chart import SecondBins, bin_to_width, draw_level_chart, level_range
from app.words.figures import EMPTY, FULL, bar, clock_text, level_text, sparkline
from core.method.emotion import EXPRESSIONS, Outcome
from core.method.sample import Sample

LEVELS = st.lists(st.one_of(st.none(), st.floats(-3, 9)), max_size=300)


@given(st.floats(-1, 2), st.integers(0, 60))
def test_a_bar_always_fills_its_width_and_grows_with_the_share(share: float, width: int) -> None:
    drawn = bar(share, width)
    assert len(drawn) == width
    assert set(drawn) <= {FULL, EMPTY}
    assert drawn.count(FULL) <= bar(min(1.0, max(share, 0) + 0.3), width).count(FULL)


def test_a_bar_of_one_per_cent_is_not_empty_and_one_of_nothing_is() -> None:
    assert bar(0.01, 10).count(FULL) == 1
    assert bar(0.001, 10).count(FULL) == 0
    assert bar(0.99, 10).count(FULL) == 9
    assert bar(1.0, 10).count(FULL) == 10


@pytest.mark.parametrize(("seconds", "text"), [(0, "00:00"), (252.9, "04:12"), (3725, "1:02:05"), (-3, "00:00")])
def test_a_clock_shows_minutes_and_hours_where_there_are_any(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


def test_a_level_is_shown_with_two_decimals() -> None:
    assert [level_text(level) for level in (0, 420, -50, 1205)] == ["0.00", "0.42", "-0.05", "1.21"]


@given(st.lists(st.integers(-500, 9000)), st.integers(0, 30))
def test_a_sparkline_shows_the_last_values_only(values: list[int], width: int) -> None:
    assert len(sparkline(values, 2000, width)) == min(width, len(values))


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda expression: expression.id)
def test_every_expression_has_a_drawing_of_the_same_size(expression: object) -> None:
    lines = draw_guide(expression.id).splitlines()  # type: ignore[attr-defined]  # an expression, given by pytest
    assert len(lines) == HEIGHT
    assert {cell_len(line) for line in lines} == {WIDTH}


def test_no_two_expressions_are_drawn_alike() -> None:
    assert len({draw_guide(expression.id) for expression in EXPRESSIONS}) == len(EXPRESSIONS)


SHARE = st.floats(-0.2, 1.2)


@given(st.one_of(st.none(), st.tuples(SHARE, SHARE, SHARE, SHARE)), st.integers(12, 60), st.integers(6, 30))
def test_a_face_anywhere_is_drawn_inside_the_frame(
    box: tuple[float, float, float, float] | None, width: int, height: int
) -> None:
    lines = draw_frame(box, width, height)
    assert len(lines) == height
    assert {len(line) for line in lines} == {width}
    assert all(line[0] == line[-1] == "│" for line in lines[1:-1])


def test_a_face_at_the_cameras_left_is_drawn_at_the_right_as_in_a_mirror() -> None:
    drawn = draw_frame((0.0, 0.3, 0.3, 0.4), 42, 12)
    assert max(line.find("╭") for line in drawn) > 21


class TestLevelChart:
    def test_a_calm_call_looks_calm(self) -> None:
        assert level_range([0.01, 0.03, 0.02]) == level_range([-0.4, 0.9]) == (-0.5, 1.0)

    @given(LEVELS)
    def test_the_range_holds_every_level_and_zero(self, points: list[float | None]) -> None:
        bottom, top = level_range(points)
        known = [level for level in points if level is not None]
        assert bottom <= 0
        assert top >= 1
        assert all(bottom - 0.051 <= level <= top for level in known)

    @given(LEVELS, st.integers(1, 200))
    def test_binning_keeps_to_the_width_and_to_the_range(self, points: list[float | None], columns: int) -> None:
        binned = bin_to_width(points, columns)
        known = [level for level in points if level is not None]
        assert len(binned) <= columns
        assert all(min(known) - 1e-9 <= level <= max(known) + 1e-9 for _, level in binned if level is not None)
        assert (not known) == all(level is None for _, level in binned)

    @pytest.mark.parametrize(("width", "height"), [(76, 11), (116, 26), (20, 4)])
    def test_a_chart_keeps_to_its_size(self, width: int, height: int) -> None:
        lines = draw_level_chart([None, 0.2, 0.5, None, 1.4, -0.3] * 40, width, height).splitlines()
        assert len(lines) <= height
        assert all(cell_len(line) <= width for line in lines)

    def test_a_gap_stays_empty(self) -> None:
        whole = draw_level_chart([0.5] * 60, 70, 11)
        gap = draw_level_chart([0.5] * 20 + [None] * 20 + [0.5] * 20, 70, 11)
        count = [sum("⠁" <= glyph <= "⣿" for glyph in drawn) for drawn in (whole, gap)]
        assert count[1] < count[0] * 0.75

    def test_zero_has_a_line_and_a_label(self) -> None:
        drawn = draw_level_chart([0.5] * 30, 70, 11)
        [line] = [line for line in drawn.splitlines() if line.startswith(" 0.0")]
        assert "───" in line

    def test_too_little_room_draws_nothing(self) -> None:
        assert draw_level_chart([0.5], 8, 11) == ""

    def test_a_second_is_its_last_reading_with_a_face(self) -> None:
        samples = [
            Sample(0, Outcome.STRESS, 20),
            Sample(400, Outcome.STRESS, 40),
            Sample(800, Outcome.GAP, 40),
            Sample(3200, Outcome.GAP, 40),
        ]
        assert SecondBins(samples).points == [0.04, None, None, None]


@given(st.floats(0, 1000))
def test_breath_rises_and_falls_between_empty_and_full(seconds: float) -> None:
    inward, full = breath(seconds)
    assert 0 <= full <= 1
    later = breath(seconds + 0.01)
    if inward == later[0] and (seconds % (IN_SECONDS + OUT_SECONDS)) < IN_SECONDS + OUT_SECONDS - 0.02:
        assert (later[1] >= full) == inward
