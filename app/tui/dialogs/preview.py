"""What a supervisor would get, line by line, before anything is exported."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import DataTable

from app.language import _
from app.tui.dialogs.dialog import CalmDialog
from app.tui.widgets.plain import Plain, plain_cell
from core.store.tables import Row


class PreviewDialog(CalmDialog[None]):
    """The rows exactly as an export would write them now."""

    DEFAULT_CSS = """
    PreviewDialog > Vertical { width: 96%; }
    PreviewDialog DataTable { height: auto; max-height: 14; background: $surface; }
    """

    def __init__(self, rows: Sequence[Row], *, more: bool = False) -> None:
        """At least one row; `more`: there are others after them."""
        super().__init__()
        self._rows, self._more = rows, more

    def compose(self) -> ComposeResult:
        """The table."""
        with Vertical():
            yield Plain(_("This is what your supervisor would get, and nothing else"), classes="title")
            yield DataTable(cursor_type="none")
            foot = _("Arrow keys move, Esc closes. Nothing was sent or written.")
            if self._more:
                more = _("These are the first {count} lines; “calmline export --preview” shows all.")
                foot = more.format(count=len(self._rows)) + "\n" + foot
            yield Plain(foot, classes="foot")

    def on_mount(self) -> None:
        """Fill it."""
        table = self.query_one(DataTable)
        names = list(self._rows[0])
        table.add_columns(*names)
        for row in self._rows:
            table.add_row(*(plain_cell("" if row[name] is None else str(row[name])) for name in names))
