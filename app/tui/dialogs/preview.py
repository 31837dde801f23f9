"""What a supervisor would get, word by word, before anything is exported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import DataTable, Footer

from app.tui.dialogs.dialog import CalmDialog
from app.tui.widgets.plain import Plain, plain_cell
from app.words.language import N_, _, program
from app.words.sentences import column_name
from core.store.tables import Cell, Row

WIDEST_AS_LINES = 7
"""Rows of more cells than this stand side by side, each downwards with its names at the left: so they can be read."""


class PreviewDialog(CalmDialog[bool]):
    """The rows exactly as an export would write them now; answers True where it `asks` and Enter is pressed."""

    DEFAULT_CSS = """
    PreviewDialog > Vertical { width: 96%; height: 96%; }
    PreviewDialog DataTable { height: 1fr; background: $surface; }
    PreviewDialog DataTable > .datatable--fixed { background: $surface; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "agree", N_("write it"), id="preview.agree", priority=True)
    ]

    def __init__(
        self,
        rows: Sequence[Row],
        *,
        title: str = "",
        remark: str = "",
        more: bool = False,
        all_by: str = "export --preview",
        asks: str = "",
    ) -> None:
        """At least one row; `more`: there are others after them, which the command `all_by` shows.

        `asks` stands at the foot instead of that nothing was sent or written.
        """
        super().__init__()
        self._asks = asks
        self._rows, self._remark, self._more, self._all_by = rows, remark, more, all_by
        self._heading = title or _("This is what your supervisor would get, and nothing else")

    def compose(self) -> ComposeResult:
        """Lay out the table and its buttons."""
        with Vertical():
            yield Plain(self._heading, classes="title")
            if self._remark:
                yield Plain(self._remark)
            yield DataTable(cursor_type="none")
            foot = self._asks or _("Nothing was sent or written.")
            if self._more:
                more = _("These are the first {count} lines; “{command}” shows all.")
                foot = more.format(count=len(self._rows), command=f"{program()} {self._all_by}") + "\n" + foot
            yield Plain(foot, classes="foot")
            yield Footer(show_command_palette=False)

    def fill(self) -> None:
        """Fill the table with its rows."""
        table = self.query_one(DataTable)
        names = list(self._rows[0])
        if len(names) > WIDEST_AS_LINES:
            table.add_columns("", *(f"{number} / {len(self._rows)}" for number in range(1, len(self._rows) + 1)))
            table.fixed_columns = 1
            for name in names:
                table.add_row(Text(column_name(name), self.app.theme_variables.get("quiet", "")), *self._cells(name))
            return
        table.add_columns(*map(column_name, names))
        for cells in zip(*map(self._cells, names), strict=True):
            table.add_row(*cells)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Enter agrees where there is a question."""
        return bool(self._asks) if action == "agree" else True

    def action_agree(self) -> None:
        """Close the preview with a yes."""
        self.dismiss(True)

    def _cells(self, name: str) -> list[Text]:
        return [plain_cell(_as_written(row[name])) for row in self._rows]


def _as_written(cell: Cell) -> str:
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
