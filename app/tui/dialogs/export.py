"""Exporting from the screens: for whom, of when, in which form; a look at every line; then the file, and where it is."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Footer

from app.tui.dialogs.choose import ChooseDialog
from app.tui.dialogs.dialog import CalmDialog
from app.tui.dialogs.preview import PreviewDialog
from app.tui.widgets.plain import Plain
from app.words.errors import known_error_sentence
from app.words.language import N_, _, ngettext
from app.words.sentences import period_texts
from core.store.errors import StoreError
from core.store.export import ExportRefused, ExportRequest, export_to_file, plan_export, system_user
from core.store.files import make_private_folder
from core.store.records import ExportKind
from core.store.tables import AnyFormat, FileFormat, Format, FormatUnavailableError, TargetError

if TYPE_CHECKING:
    from app.tui.services import Services
    from core.store.records import ExportRecord

PREVIEW_ROWS = 200
USUAL_CELLS = 64
"""How wide a dialog is whose lines can be broken."""
_FORMS: Mapping[AnyFormat, str] = {
    Format.CSV: N_("CSV, for any program, Excel too"),
    FileFormat.XLSX: N_("Excel (.xlsx)"),
    Format.JSON: N_("JSON"),
}


class WrittenDialog(CalmDialog[None]):
    """Where the file is; its path can be copied."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "copy", N_("copy the path"), id="written.copy")]

    def __init__(self, record: ExportRecord) -> None:
        """`record` is what the log keeps of the export."""
        super().__init__()
        self._record = record

    def compose(self) -> ComposeResult:
        """Lay out the path by itself, so that it can be marked."""
        rows = self._record.rows
        with Vertical():
            yield Plain(
                ngettext("{rows} line written", "{rows} lines written", rows).format(rows=rows), classes="title"
            )
            yield Plain(self._record.target, id="path")
            yield Plain(_("Your history lists it."), classes="foot")
            yield Footer(show_command_palette=False)

    def fill(self) -> None:
        """The path stands in one line, where the window is as wide."""
        box = self.query_one(Vertical)
        box.styles.width = max(USUAL_CELLS, cell_len(self._record.target) + box.gutter.width)

    def action_copy(self) -> None:
        """Put the path on the clipboard."""
        self.app.copy_to_clipboard(self._record.target)
        self.dismiss(None)


async def export_and_say(app: App[int], services: Services) -> None:
    """As `ask_and_export`; why there is nothing to export, or where it could not be written, is a notice."""
    try:
        await ask_and_export(app, services)
    except (ExportRefused, TargetError, FormatUnavailableError, StoreError) as error:
        app.notify(known_error_sentence(error) or "", severity="warning", timeout=10)


async def ask_and_export(app: App[int], services: Services) -> None:
    """Ask, show, write; Esc at any question ends it, and nothing was written.

    Raises:
        ExportRefused: consent, the law or the record leaves nothing to export.
        TargetError: the folder or the file cannot be written.
        FormatUnavailableError: a form needs a package that is not installed.
        StoreError: the record cannot be read, or the export cannot be logged.
    """
    asked = await _ask(app, services.store.now().astimezone().date())
    if asked is None:
        return
    request, form = asked
    plan = plan_export(services.store, request)
    rows = await asyncio.to_thread(lambda: list(islice(plan.rows(), PREVIEW_ROWS + 1)))
    target = free_target(services.locations.exports, request, form)
    shown = PreviewDialog(
        rows[:PREVIEW_ROWS],
        title=_("This is yours, with everything in it") if request.mine else "",
        more=len(rows) > PREVIEW_ROWS,
        all_by="export --mine --preview" if request.mine else "export --preview",
        asks=_("Enter writes it to {path}; Esc closes, and nothing is written.").format(path=target),
    )
    if await app.push_screen_wait(shown):
        make_private_folder(target.parent)
        record = await asyncio.to_thread(export_to_file, services.store, request, form, target, system_user())
        await app.push_screen_wait(WrittenDialog(record))


async def _ask(app: App[int], today: date) -> tuple[ExportRequest, AnyFormat] | None:
    whom = {"mine": _("for me: everything"), "shared": _("for my supervisor: what I share")}
    chosen = await app.push_screen_wait(ChooseDialog(_("For whom?"), whom))
    if chosen is None:
        return None
    periods = period_texts() | {"all": _("all calls")}
    period = await app.push_screen_wait(ChooseDialog(_("Calls of when?"), periods, "30"))
    if period is None:
        return None
    there = importlib.util.find_spec("openpyxl") is not None
    forms = {form.value: _(name) for form, name in _FORMS.items() if there or form is not FileFormat.XLSX}
    form = await app.push_screen_wait(ChooseDialog(_("In which form?"), forms))
    if form is None:
        return None
    since = None if period == "all" else today - timedelta(days=int(period) - 1)
    request = ExportRequest(ExportKind.CALLS, since, None if since is None else today, chosen == "mine")
    return request, next(one for one in _FORMS if one.value == form)


def free_target(folder: Path, request: ExportRequest, form: AnyFormat) -> Path:
    """A file in `folder` that is not there yet, by whom it is for and its days."""
    days = "all" if request.since is None else f"{request.since}-{request.until}"
    name = f"calmline-{'mine' if request.mine else 'shared'}-{days}"
    candidates = (folder / f"{name}{'' if number == 1 else f'-{number}'}.{form.value}" for number in count(1))
    return next(path for path in candidates if not path.exists())
