"""A run's history, one line an epoch: written, cut where a checkpoint was not reached, and read again."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from core.system.files import write_file

HISTORY_FILE = "history.csv"


def append_history(path: Path, row: Mapping[str, float | None]) -> None:
    """One more line of the history; in the columns that it began with, where it is there already."""
    is_new = not path.exists()
    with path.open("a+", encoding="utf-8", newline="") as file:
        file.seek(0)
        columns = list(row) if is_new else next(csv.reader(file))
        writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
        if is_new:
            writer.writeheader()
        writer.writerow(row)


def cut_history(path: Path, epoch: int) -> None:
    """Drop the lines of epochs that were written but not reached by a checkpoint: they come once more."""
    if not path.is_file():
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for number, line in enumerate(lines) if number == 0 or int(line.split(",")[0]) <= epoch]
    if len(kept) < len(lines):
        write_file(path, "\n".join(kept) + "\n")


def read_history(run: Path) -> list[dict[str, float]]:
    """The epochs of the run in this folder, each with what is known of it; [] where none is done.

    Raises:
        ValueError: its history is none.
        OSError: it cannot be read.
    """
    path = run / HISTORY_FILE
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]
