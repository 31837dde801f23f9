"""What screens are drawn from: pure functions from numbers to glyphs."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.color import Color
from textual.theme import Theme

from app.tui.dialogs.breathe import IN_SECONDS, OUT_SECONDS, breath
from app.tui.theme import THEMES
from app.tui.widgets.curve import Curve, Mark, MarkKind, SecondBins
from app.tui.widgets.frame_drawing import draw_frame
from app.tui.widgets.guide import HEIGHT, WIDTH, draw_guide
from app.tui.widgets.insight import day_text, month_text, week_text
from app.tui.widgets.level_chart import draw_level_chart, level_range
from app.tui.widgets.plot import DASH, FILL, MOST_LABELS, Axis, Drawing, draw_lines, time_axis, value_axis
from app.words.figures import EMPTY, FULL, bar, clock_text, level_text, sparkline
from core.method.emotion import EXPRESSIONS, Outcome
from core.method.insight import Share
from core.method.level import PROFILES, next_level, usual_peak
from core.method.sample import Sample
from core.store.records import CallNote
from core.training.curves import read_runs, terminal_curves

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


def curve_of(points: list[float | None], *marks: Mark, usual: float | None = None) -> Curve:
    return Curve(tuple(points), marks, usual)


def rows_of(curve: Curve, width: int = 76, height: int = 11) -> list[str]:
    drawing = draw_level_chart(curve, width, height)
    assert drawing is not None
    return drawing.lines()


def waves(seconds: int) -> list[float | None]:
    return [0.3 + 0.4 * math.sin(second / 15) for second in range(seconds)]


def is_line(glyph: str) -> bool:
    return "⠁" <= glyph <= "⣿"


SIZES = [(20, 4), (38, 7), (76, 11), (116, 26), (196, 36)]


class TestLevelChart:
    def test_a_calm_call_looks_calm(self) -> None:
        assert level_range([0.01, -0.03, 0.02]) == level_range([0.4, 0.9]) == (0.0, 1.0)

    @given(LEVELS)
    def test_the_range_holds_every_level_and_zero(self, points: list[float | None]) -> None:
        bottom, top = level_range(points)
        known = [level for level in points if level is not None]
        assert bottom <= 0
        assert top >= 1
        assert all(bottom - 0.051 * top <= level <= top for level in known)

    @given(st.floats(-200, 0), st.floats(0.01, 400), st.integers(3, 60))
    def test_an_axis_uses_every_row_with_zero_on_one_and_labels_at_equal_distances(
        self, low: float, high: float, rows: int
    ) -> None:
        axis = value_axis(low, high, rows)
        assert axis.low <= low + 1e-6
        assert axis.high >= high - 1e-6
        assert axis.place(0.0, rows - 1) in axis.labels
        assert len({after - before for before, after in pairwise(sorted(axis.labels))}) <= 1
        assert any(label.strip("-0.") for label in axis.labels.values()), "zero alone tells no height"
        assert all(abs(axis.place(float(label), rows - 1) - row) <= 1 for row, label in axis.labels.items())

    @pytest.mark.parametrize("rows", range(8, 50))
    def test_no_height_leaves_more_than_a_quarter_of_its_rows_to_levels_that_nobody_asked_for(self, rows: int) -> None:
        for low, high in ((0.0, 1.0), (-0.5, 1.0), (-0.5, 2.0), (-1.0, 3.0), (-0.5, 12.0)):
            axis = value_axis(low, high, rows)
            assert (high - low) / (axis.high - axis.low) > (0.75 if rows >= 16 else 0.6)

    @pytest.mark.parametrize("rows", range(7, 40))
    @pytest.mark.parametrize("high", [1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0])
    def test_from_seven_rows_on_a_call_above_zero_has_three_labels(self, high: float, rows: int) -> None:
        assert len(value_axis(0.0, high, rows).labels) >= 3

    @given(st.integers(60, 20_000), st.integers(30, 200))
    def test_times_stand_at_equal_distances_and_the_curve_takes_most_of_the_width(
        self, span: int, columns: int
    ) -> None:
        axis = time_axis(span, columns, (10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14400))
        places = sorted(axis.labels)
        assert len({after - before for before, after in pairwise(places)}) <= 1
        assert len(places) >= 2
        assert axis.high >= span - 1e-6
        assert span / axis.high > 0.5
        if columns >= 75 and span <= 3600:
            assert span / axis.high > 0.85

    @pytest.mark.parametrize(("width", "height"), SIZES)
    def test_a_chart_takes_all_of_its_place_and_no_more(self, width: int, height: int) -> None:
        lines = rows_of(curve_of(waves(600)), width, height)
        assert len(lines) == height
        assert all(cell_len(line) <= width for line in lines)
        drawn = [len(line) for line in lines if is_line(line[-1:])]
        assert max(drawn) > 0.85 * width

    @pytest.mark.parametrize(("width", "height"), SIZES)
    def test_the_zero_line_is_unbroken_and_labelled_where_the_curve_crosses_it_too(
        self, width: int, height: int
    ) -> None:
        [line] = [line for line in rows_of(curve_of(waves(300)), width, height) if line.lstrip().startswith("0.0")]
        assert len(line) == width
        assert all(map(is_line, line[5:]))

    def test_the_curve_stands_where_the_labels_say(self) -> None:
        for level in (0.0, 0.2, 0.5, 0.8, 1.0):
            lines = rows_of(curve_of([level] * 60), 76, 17)
            top = next(number for number, line in enumerate(lines) if any(map(is_line, line)))
            axis = value_axis(*level_range([level]), 16)
            assert abs(15 - axis.place(level, 15) - top) <= (level == 0.0)

    def test_a_curve_of_a_training_drawn_before_leaves_nothing_behind(self) -> None:
        before = rows_of(curve_of(waves(60)), 76, 17)
        [run] = read_runs([Path(__file__).parents[2] / "docs" / "evidence" / "paper" / "vgg16-1"])
        assert terminal_curves(run)
        assert rows_of(curve_of(waves(60)), 76, 17) == before

    def test_below_the_curve_it_is_filled_to_the_zero_line_and_not_above(self) -> None:
        lines = rows_of(curve_of([0.5] * 60), 76, 17)
        zero = next(number for number, line in enumerate(lines) if line.lstrip().startswith("0.0"))
        column = [line.ljust(76)[30] for line in lines[:-1]]
        top = next(number for number, glyph in enumerate(column) if is_line(glyph))
        assert column[top + 1 : zero] == [FILL] * (zero - top - 1)
        assert column[:top] == [" "] * top
        assert column[zero + 1 :] == [" "] * (15 - zero)

    def test_a_gap_stays_empty_and_says_why(self) -> None:
        samples = [Sample(1000 * second, Outcome.STRESS, 500) for second in range(20)]
        samples += [Sample(1000 * second, Outcome.GAP, 500) for second in range(20, 30)]
        samples += [Sample(1000 * second, Outcome.STRESS, 500) for second in (*range(30, 40), *range(50, 60))]
        curve = SecondBins(samples).curve()
        assert [(mark.second, mark.kind) for mark in curve.marks[1:]] == [(20, MarkKind.NOT_SEEN), (40, MarkKind.PAUSE)]
        lines = rows_of(curve)
        assert "not seen" in "\n".join(lines)
        assert "pause" in "\n".join(lines)
        inside = [line.ljust(76)[5 + round(25 / 60 * 70)] for line in lines[:4]]
        assert not any(map(is_line, inside))

    def test_a_reset_is_seen_as_one(self) -> None:
        levels = [20 * step for step in range(1, 31)] + [0] * 30
        samples = [Sample(1000 * second, Outcome.STRESS, level) for second, level in enumerate(levels)]
        curve = SecondBins(samples).curve()
        assert curve.marks == (Mark(30, MarkKind.RESET),)
        assert [len(stretch) for stretch in curve.stretches()] == [30, 30]
        assert "reset" in "\n".join(rows_of(curve))

    def test_no_reading_looks_like_a_reset(self) -> None:
        for profile in PROFILES:
            level, samples = 0, []
            for number, outcome in enumerate([*Outcome] * 40):
                level = next_level(level, outcome, profile)
                samples.append(Sample(200 * number, outcome, level))
            assert SecondBins(samples).curve().marks == ()

    def test_a_note_stands_at_its_moment_and_by_its_letter_where_its_word_has_no_room(self) -> None:
        curve = SecondBins([Sample(1000 * second, Outcome.NEUTRAL, 0) for second in range(70)]).curve(
            [CallNote(30_000, "a"), CallNote(31_000, "b"), CallNote(69_500, "c")]
        )
        lines = rows_of(curve)
        assert "".join(lines).count("note") == 2
        assert sum(line.endswith("n") for line in lines) == 1

    def test_what_is_usual_is_a_dashed_line_with_its_name(self) -> None:
        [line] = [line for line in rows_of(curve_of([0.1] * 60, usual=0.6)) if DASH in line]
        assert "nine of ten calls stay below" in line
        assert line.count(DASH) > 30
        assert not any(DASH in line for line in rows_of(curve_of([0.1] * 60)))

    def test_a_line_that_is_crossed_everywhere_has_its_name_above_it(self) -> None:
        bars = [[(float(day), 0.5), (day + 0.8, 0.5)] for day in range(0, 70, 4)]
        drawing = draw_lines(bars, 76, 12, Axis(0.0, 70.0, {}), value_axis(0.0, 1.0, 11), (0.5, "your usual"))
        rows = drawing.lines()
        [named] = [number for number, row in enumerate(rows) if "your usual" in row]
        assert rows[named].endswith(f"{DASH} your usual")
        assert rows[named + 1].count(DASH) > 10
        assert sum("your usual" in row for row in rows) == 1

    def test_a_usual_level_near_zero_does_not_break_the_zero_line(self) -> None:
        drawing = draw_level_chart(curve_of([5.08 * second / 60 for second in range(61)], usual=0.1), 76, 9)
        assert drawing is not None
        [zero] = [row for row, names in enumerate(drawing.colours) if "zero" in names]
        assert set(drawing.colours[zero][5:]) <= {"zero", "line"}

    def test_what_is_usual_is_in_the_range_of_a_calm_call(self) -> None:
        assert level_range([0.1], 2.4) == (0.0, 3.0)
        assert level_range([0.1], 30.0) == (0.0, 3.0)

    def test_too_little_room_draws_nothing(self) -> None:
        assert draw_level_chart(curve_of([0.5]), 8, 11) is None

    def test_a_wide_word_takes_its_two_cells(self) -> None:
        drawing = Drawing(8, 1)
        drawing.put(0, 1, "메모", "mark")
        assert drawing.lines() == [" 메모"]
        assert cell_len(drawing.text({}).plain) == 8

    def test_a_second_is_its_last_reading_with_a_face(self) -> None:
        samples = [
            Sample(0, Outcome.STRESS, 20),
            Sample(400, Outcome.STRESS, 40),
            Sample(800, Outcome.GAP, 40),
            Sample(3200, Outcome.GAP, 40),
        ]
        assert SecondBins(samples).points == [0.04, None, None, None]

    @given(st.lists(st.integers(0, 4000)))
    def test_nine_of_ten_past_calls_stay_below_what_is_usual(self, peaks: list[int]) -> None:
        usual = usual_peak(peaks)
        if usual is not None:
            assert sum(peak <= usual for peak in peaks) >= 0.9 * (len(peaks) - 1)
        elif len(peaks) >= 10:
            assert sum(peak == 0 for peak in peaks) >= 0.9 * (len(peaks) - 1)


@given(st.floats(0, 1000))
def test_breath_rises_and_falls_between_empty_and_full(seconds: float) -> None:
    inward, full = breath(seconds)
    assert 0 <= full <= 1
    later = breath(seconds + 0.01)
    if inward == later[0] and (seconds % (IN_SECONDS + OUT_SECONDS)) < IN_SECONDS + OUT_SECONDS - 0.02:
        assert (later[1] >= full) == inward


def contrast(one: Color, other: Color) -> float:
    """WCAG's ratio of two colours, 1 to 21."""
    lights = []
    for colour in (one, other):
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
        lights.append(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2])
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_number_of_the_week_can_be_read_on_its_shade_and_deeper_ones_look_deeper(theme: Theme) -> None:
    colours = {
        "foreground": str(theme.foreground),
        "background": str(theme.background),
        "primary": str(theme.primary),
        "quiet": theme.variables["quiet"],
    }
    shares = {(0, hour): Share(1, hour * 10, 100) for hour in range(11)}
    shades = []
    for span in week_text(shares, 80, 20, colours).spans:
        text, _on, shade = str(span.style).partition(" on ")
        if shade:
            assert contrast(Color.parse(text), Color.parse(shade)) >= 4.5
            shades.append(contrast(Color.parse(colours["background"]), Color.parse(shade)))
    assert len(shades) == 11
    assert shades == sorted(shades)
    assert shades[0] < shades[-1]


@given(st.integers(0, 40), st.integers(30, 200), st.integers(5, 60))
@settings(max_examples=20, deadline=None)
def test_small_curves_keep_to_the_width_and_each_has_its_caption(count: int, width: int, height: int) -> None:
    drawn = day_text([(f"{number:02d}:00", curve_of(waves(60))) for number in range(count)], width, height, {}).plain
    assert all(cell_len(line.rstrip()) <= max(width, 24) for line in drawn.splitlines())
    assert [f"{number:02d}:00" for number in range(count)] == re.findall(r"\d\d:00", drawn)


def test_a_call_slightly_under_zero_has_no_holes_beside_one_that_rose() -> None:
    low, high = curve_of([-0.9] * 60), curve_of([20.0 * second / 60 for second in range(61)])
    lines = day_text([("09:00", low), ("10:00", high)], 116, 12, {}).plain.splitlines()
    of_the_low_one = [line[:56] for line in lines if re.search("[⠁-⣿]", line)]
    drawn = {column for line in of_the_low_one for column, letter in enumerate(line) if "⠀" < letter <= "⣿"}
    assert drawn >= set(range(50))


def test_a_single_call_of_a_day_is_drawn_larger_than_one_of_many() -> None:
    alone, many = (
        max(map(cell_len, day_text([("09:00", curve_of(waves(60)))] * count, 116, 30, {}).plain.splitlines()))
        for count in (1, 4)
    )
    assert alone == 116
    assert many == 2 * 58


@pytest.mark.parametrize("count", [*range(1, 13)])
def test_the_curves_of_a_day_take_their_place_in_a_calm_shape(count: int) -> None:
    for width, height in ((76, 16), (116, 30), (196, 40)):
        lines = day_text([("09:00", curve_of(waves(60)))] * count, width, height, {}).plain.splitlines()
        across = max(line.count("09:00") for line in lines)
        columns, rows = width // across - 2, (len(lines) + 1) // -(-count // across) - 2
        assert columns >= 22
        assert len(lines) <= height or rows == 3
        assert 1 <= columns / rows <= 20


@pytest.mark.parametrize("width", range(40, 200, 7))
def test_between_the_bars_of_two_days_a_cell_stays_free(width: int) -> None:
    last = date(2026, 1, 31)
    shares = {last - timedelta(days=days): Share(1, 2, 3) for days in range(30)}
    filled = month_text(shares, last, None, width, 12, {}).plain.splitlines()[8]
    bars = re.findall(f"{FILL}+", filled)
    assert len({len(bar) for bar in bars}) == 1
    assert len(bars) == min(30, width - 5) or width < 65


def test_an_hour_of_the_week_is_as_large_as_its_place_allows_and_tells_its_figures_once() -> None:
    shares = {(0, 9): Share(3, 5, 20), (6, 10): Share(1, 1, 2)}
    small, large = (week_text(shares, *size, {}).plain.splitlines() for size in ((74, 4), (190, 40)))
    assert [len(small), len(large)] == [3, 7]
    assert [max(map(len, lines)) for lines in (small, large)] == [7 + 7 * 9, 7 + 7 * 24]
    assert [line.split()[:3] for line in large if line.strip()][1:] == [["09:00", "25%", "3"], ["10:00", "–", "–"]]
    busy = week_text({(0, hour): Share(1, 1, 2) for hour in range(8, 20)}, 120, 20, {})
    assert len(busy.plain.splitlines()) == 13


def test_a_high_picture_has_no_more_values_beside_it_than_can_be_read_at_a_glance() -> None:
    for rows in range(5, 200):
        labels = sorted(value_axis(-0.4, 1.2, rows).labels)
        assert 1 <= len(labels) <= MOST_LABELS + 1
        assert len({after - before for before, after in pairwise(labels)}) <= 1
