"""How runs went, epoch by epoch: the thesis's figures 15 to 17, as PNG files and for the terminal. Needs no Keras."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.evaluation.plots import new_figure
from core.method.experiments import ALL_LAYERS, Experiment
from core.system.tables import Table, percent
from core.training.errors import SessionError
from core.training.history import read_history
from core.training.settings import read_experiment

FIGURES = ("accuracy", "loss")
SIZE = (80, 18)
"""Columns and rows of a curve in the terminal."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run with at least one epoch behind it: each a mapping with "epoch", "accuracy", "val_accuracy" and so on."""

    name: str
    experiment: Experiment
    epochs: Sequence[dict[str, float]]

    def curve(self, figure: str) -> tuple[list[float], list[float]]:
        """The epochs in which a figure is known, and its values."""
        known = [row for row in self.epochs if figure in row]
        return [row["epoch"] for row in known], [row[figure] for row in known]


def read_runs(folders: Sequence[Path]) -> list[Run]:
    """The runs in these folders.

    Raises:
        RunError: one holds no run.
        SessionError: one has no epoch behind it, or its history is damaged.
    """
    runs = []
    for folder in folders:
        experiment = read_experiment(folder)
        try:
            epochs = read_history(folder)
        except ValueError as error:
            raise SessionError("the history of {folder} is damaged: {reason}", folder=folder, reason=error) from error
        if not epochs:
            raise SessionError("{folder} has no epoch behind it yet", folder=folder)
        runs.append(Run(folder.name, experiment, epochs))
    return runs


def course_table(runs: Sequence[Run]) -> Table:
    """What each run is and how far it came: its last epoch, and the one whose validation was best."""
    rows = []
    for run in runs:
        made, last = run.experiment, run.epochs[-1]
        best = max(run.epochs, key=lambda epoch: epoch.get("val_accuracy", -1.0))
        layers = {ALL_LAYERS: "all", 0: "head"}.get(made.trainable_layers, f"last {made.trainable_layers}")
        minutes = sum(epoch.get("seconds", 0.0) for epoch in run.epochs) / 60
        rows.append(
            (
                run.name,
                f"{made.optimizer} {made.rate:g}, head {made.head}, {layers}",
                f"{last['epoch']:.0f}",
                f"{minutes:.0f}",
                _cell(last, "accuracy", "loss"),
                _cell(last, "val_accuracy", "val_loss"),
                f"{_cell(best, 'val_accuracy', 'val_loss')} after {best['epoch']:.0f}",
            )
        )
    head = ("run", "trained", "epochs", "minutes", "training", "validation", "best validation")
    return Table("runs", "Runs, accuracy (loss)", head, tuple(rows))


def _cell(epoch: dict[str, float], accuracy: str, loss: str) -> str:
    return f"{percent(epoch[accuracy])} ({epoch[loss]:.3f})" if accuracy in epoch else "-"


def draw_curves(runs: Sequence[Run], out: Path) -> list[Path]:
    """One PNG in `out` for each network, its runs in it: accuracy and loss, training dashed and validation solid."""
    out.mkdir(parents=True, exist_ok=True)
    by_network: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_network[run.experiment.network].append(run)
    paths = []
    for network, some in by_network.items():
        drawing = new_figure(12, 4.6)
        for place, figure in enumerate(FIGURES, start=1):
            axes = drawing.add_subplot(1, 2, place)
            for number, run in enumerate(some):
                colour = f"C{number}"
                axes.plot(*run.curve(figure), color=colour, linestyle="--", linewidth=1)
                axes.plot(*run.curve(f"val_{figure}"), color=colour, marker=".", label=run.name)
            axes.set_xlabel("epoch")
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.set_ylabel(figure)
        drawing.axes[0].legend(fontsize=8)
        drawing.suptitle(f"{network}: training dashed, validation solid (thesis figures 15 to 17)", fontsize=11)
        paths.append(out / f"curves-{network}.png")
        drawing.savefig(paths[-1])
    return paths


def terminal_curves(run: Run) -> str:
    """Accuracy and loss of a run as text without colours."""
    import plotext

    drawn = []
    for figure in FIGURES:
        plotext.clear_figure()
        plotext.theme("clear")
        plotext.plot_size(*SIZE)
        for label, name, marker in (("training", figure, "dot"), ("validation", f"val_{figure}", "braille")):
            epochs, values = run.curve(name)
            if epochs:
                plotext.plot(epochs, values, marker=marker, label=label)
        plotext.title(f"{run.name}: {figure}")
        drawn.append(_plain(plotext, plotext.build()))
        plotext.clear_figure()  # it is one for all: a title would stay for whoever draws next
    return "\n".join(drawn)


def _plain(plotext: Any, text: str) -> str:
    uncoloured: Callable[[str], str] = plotext.uncolorize
    return "\n".join(line.rstrip() for line in uncoloured(text).splitlines())
