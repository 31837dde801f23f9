"""The report's plots, drawn with matplotlib (extra `train`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from core.evaluation.evaluate import ACTORS, AS_IT_IS, CandidateEvaluation, Evaluation
from core.evaluation.metrics import CALIBRATION_BINS, confidence_of, read_rightly
from core.evaluation.robustness import CHANGES
from core.method.emotion import EMOTIONS

_COLUMNS = 4
_NAMES = [emotion.value for emotion in EMOTIONS]


def new_figure(width: float, height: float) -> Any:
    """An empty matplotlib figure of so many inches, drawn without a screen."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(width, height), dpi=110, layout="constrained")
    FigureCanvasAgg(drawn)
    return drawn


def draw_plots(found: Evaluation, out: Path) -> list[Path]:
    """Confusion matrices, calibration curves, robustness and scores as PNG files in `out`; returns them."""
    drawings = {
        "confusion": _confusion(found),
        "calibration-curves": _calibration(found),
        "scores": _scores(found),
        "robustness": _robustness(found),
    }
    paths = []
    for name, drawing in drawings.items():
        paths.append(out / f"{name}.png")
        drawing.savefig(paths[-1])
    return paths


def _panels(
    found: Evaluation, width: float, height: float, beside: float
) -> tuple[Any, list[tuple[CandidateEvaluation, Any, bool]]]:
    """A figure with axes for each candidate, each so many inches, and whether it is the first of its row."""
    columns = min(_COLUMNS, len(found.candidates))
    rows = -(-len(found.candidates) // columns)
    drawing = new_figure(width * columns + beside, height * rows + 0.5)
    panels = [
        (one, drawing.add_subplot(rows, columns, number + 1), number % columns == 0)
        for number, one in enumerate(found.candidates)
    ]
    return drawing, panels


def _confusion(found: Evaluation) -> Any:
    """One matrix for each candidate, over all validation sets, rows in shares."""
    drawing, panels = _panels(found, 3.1, 3.0, 0.4)
    for one, axes, is_first in panels:
        total = np.sum(list(one.confusion.values()), axis=0)
        shares = total / np.maximum(total.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for row in range(len(_NAMES)):
            for column in range(len(_NAMES)):
                colour = "white" if shares[row, column] > 0.55 else "black"
                axes.text(column, row, f"{shares[row, column]:.0%}", ha="center", va="center", color=colour, fontsize=8)
        axes.set_title(one.card.id, fontsize=10)
        axes.set_xticks(range(len(_NAMES)), _NAMES, rotation=30, fontsize=8)
        axes.set_yticks(range(len(_NAMES)), _NAMES if is_first else [""] * len(_NAMES), fontsize=8)
    drawing.suptitle("What is shown (rows) and what is read (columns), all sets", fontsize=11)
    return drawing


def _calibration(found: Evaluation) -> Any:
    """Accuracy over confidence for each set, a panel for each candidate; on the diagonal probabilities are meant."""
    drawing, panels = _panels(found, 3.2, 3.1, 1.4)
    for one, axes, is_first in panels:
        axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        for labelled in found.sets:
            if len(labelled) >= 10 * CALIBRATION_BINS:
                read = one.probabilities[labelled.name]
                places, accuracies = _curve(confidence_of(read, labelled), read_rightly(read, labelled))
                axes.plot(places, accuracies, marker=".", linewidth=1, label=labelled.name)
        axes.set_title(one.card.id, fontsize=10)
        axes.set_xlim(0.25, 1)
        axes.set_ylim(0, 1)
        axes.set_xlabel("confidence", fontsize=8)
        if is_first:
            axes.set_ylabel("accuracy", fontsize=8)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=7, loc="upper left")
    return drawing


def _curve(confidence: Any, hit: Any) -> tuple[list[float], list[float]]:
    bins = np.clip((confidence * CALIBRATION_BINS).astype(int), 0, CALIBRATION_BINS - 1)
    kept = [number for number in np.unique(bins) if (bins == number).sum() >= 10]
    return (
        [float(confidence[bins == number].mean()) for number in kept],
        [float(hit[bins == number].mean()) for number in kept],
    )


def _robustness(found: Evaluation) -> Any:
    """Points lost under each change, one bar for each candidate; the line is what is allowed."""
    drawing = new_figure(9, 0.34 * len(CHANGES) * max(1, len(found.candidates) / 3) + 1)
    axes = drawing.add_subplot()
    height = 0.8 / len(found.candidates)
    for number, one in enumerate(found.candidates):
        lost = [(one.changes[AS_IT_IS] - one.changes[name]) * 100 for name in CHANGES]
        axes.barh(np.arange(len(CHANGES)) + number * height, lost, height, label=one.card.id)
    axes.axvline(3, color="0.4", linestyle="--", linewidth=1)
    axes.set_yticks(np.arange(len(CHANGES)) + 0.4 - height / 2, list(CHANGES), fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel(f"points of accuracy lost on {found.changed_set}")
    axes.legend(fontsize=8)
    return drawing


def _scores(found: Evaluation) -> Any:
    """Method.md 6's score of each candidate for each actor."""
    people = list(found.scores[ACTORS])
    values = np.array([[one.score for one in found.scores[ACTORS][person]] for person in people])
    drawing = new_figure(1.1 * len(found.candidates) + 2.5, 0.4 * len(people) + 1.6)
    axes = drawing.add_subplot()
    axes.imshow(values, cmap="RdYlGn", vmin=-110, vmax=110, aspect="auto")
    for row in range(len(people)):
        for column in range(len(found.candidates)):
            axes.text(column, row, str(values[row, column]), ha="center", va="center", fontsize=9)
    axes.set_xticks(range(len(found.candidates)), [one.card.id for one in found.candidates], rotation=30, fontsize=8)
    axes.set_yticks(range(len(people)), people, fontsize=8)
    axes.set_title("Score of each candidate for each actor", fontsize=10)
    return drawing
