"""What drawing the curve costs: at most 2 ms a reading on the mean, at 80x24 and for a call of half an hour."""

from __future__ import annotations

import math
import time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from app.tui.widgets.curve import Curve, Mark, MarkKind
from app.tui.widgets.level_chart import dot_seconds, draw_level_chart
from app.tui.widgets.plot import plot_size
from core.method.level import READINGS_PER_SECOND

PLACE = (76, 12)
"""The curve's cells and rows in a window of 80x24."""

ALLOWED_MS = 2.0


def curve(seconds: int) -> Curve:
    points = [0.3 + 0.5 * math.sin(second / 20) if second % 90 > 8 else None for second in range(seconds)]
    return Curve(tuple(points), (Mark(30, MarkKind.NOTE), Mark(50, MarkKind.NOT_SEEN)), 0.7)


@pytest.mark.parametrize("seconds", [60, 600, 1800])
def test_a_curve_is_drawn(benchmark: BenchmarkFixture, seconds: int) -> None:
    drawing = benchmark(draw_level_chart, curve(seconds), *PLACE)
    assert drawing is not None


@pytest.mark.slow  # a figure: beside other tests it would measure them, too
@pytest.mark.parametrize("seconds", [60, 600, 1800])
def test_drawing_whenever_there_is_another_dot_costs_at_most_two_milliseconds_a_reading(seconds: int) -> None:
    whole, spent = curve(seconds), []
    for _ in range(5):
        began = time.thread_time()
        drawing = draw_level_chart(whole, *PLACE)
        assert drawing is not None
        drawing.text({})
        spent.append(1000 * (time.thread_time() - began))
    readings = READINGS_PER_SECOND * dot_seconds(seconds, plot_size(*PLACE)[0])
    assert min(spent) / readings <= ALLOWED_MS
