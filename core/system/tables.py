"""Tables as reports, lists and manifests write them: Markdown for people, CSV for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.system.files import write_file


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table; a "|" within a cell (a partial label) becomes "or"."""
    lines = [[cell.replace("|", " or ") for cell in row] for row in (head, *rows)]
    shown = [f"| {' | '.join(cells)} |" for cells in lines]
    return [shown[0], "|---" * len(head) + "|", *shown[1:]]


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; cells are texts already. `note` stands below it."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def to_markdown(self) -> str:
        """The table as Markdown: title, rows and note."""
        lines = [f"### {self.title}", ""] if self.title else []
        lines += markdown(self.head, self.rows)
        lines += ["", self.note] if self.note else []
        return "\n".join(lines) + "\n"

    def write_csv(self, folder: Path) -> Path:
        """Write the table as `folder`/NAME.csv."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.head)
        writer.writerows(self.rows)
        path = folder / f"{self.name}.csv"
        write_file(path, text.getvalue())
        return path


def percent(value: float) -> str:
    """0.8801 as 88.0 %."""
    return f"{value:.1%}"


def joined(tables: Sequence[Table]) -> str:
    """All tables below one another."""
    return "\n".join(table.to_markdown() for table in tables)
