"""What was recorded: calls with their curves, weeks, and every export that was ever made."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from app.tui.chrome import not_you
from app.tui.dialogs.ask import SureDialog
from app.tui.screens.base import CalmScreen
from app.tui.widgets.level_chart import LevelChart, SecondBins
from app.tui.widgets.plain import Plain
from app.words.figures import bar, clock_text, level_text, share_text
from app.words.language import N_, _, ngettext
from app.words.sentences import call_name, export_detail_text, export_kind_name, export_range_text, store_error_sentence
from app.words.tension import agreement_sentence, felt_name, too_little_seen
from core.method.grading import TUNED
from core.method.sample import Sample
from core.method.summary import PeriodSummary
from core.store.errors import StoreError
from core.store.records import CallNote, CallRecord, CallSource, CallState, ExportRecord

WEEKS = 12
CALLS_SHOWN = 500
"""The newest calls of the list; older ones are in `calmline export --mine`."""


class View(StrEnum):
    """The lists that the history can show."""

    CALLS = "calls"
    WEEKS = "weeks"
    EXPORTS = "exports"


class HistoryScreen(CalmScreen):
    """Three lists, one at a time."""

    CSS_PATH = "history.tcss"
    AUTO_FOCUS = "#list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "view('calls')", N_("calls"), id="history.calls"),
        Binding("2", "view('weeks')", N_("weeks"), id="history.weeks"),
        Binding("3", "view('exports')", N_("exports"), id="history.exports"),
        Binding("x", "erase", N_("erase call"), id="history.erase"),
        Binding("escape", "app.pop_screen", N_("back"), id="history.back"),
    ]

    def __init__(self) -> None:
        """Begins with the calls."""
        super().__init__()
        self._view = View.CALLS
        self._calls: list[CallRecord] = []
        self._weeks: list[PeriodSummary] = []
        self._exports: list[ExportRecord] = []
        self._agreement = ""

    def compose_content(self) -> ComposeResult:
        """The list and what it points at."""
        yield Plain("", id="heading")
        yield Plain("", id="agreement", classes="quiet")
        yield DataTable(id="list", cursor_type="row", zebra_stripes=False)
        yield Plain("", id="about")
        yield LevelChart(id="curve")

    def content_ready(self) -> None:
        """Read the record, then show it."""
        self._look_up()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """A call can be erased where one is pointed at."""
        return self._view is View.CALLS and bool(self._calls) if action == "erase" else True

    def action_view(self, name: str) -> None:
        """Show another of the lists."""
        self._view = View(name)
        self._show()

    @work(exclusive=True, group="look-up", thread=True, exit_on_error=False)
    def _look_up(self) -> None:
        store = self.calmline.services.store
        calls = [call for call in store.calls() if call.state is not CallState.OPEN]
        own = [call for call in calls if call.start.source is CallSource.CAMERA]
        answers = [(call.felt, call.summary.tension.peak) for call in own if call.felt and call.summary.tension]
        self._agreement = agreement_sentence(answers)
        shown = calls[-CALLS_SHOWN:][::-1]
        self.app.call_from_thread(self._looked_up, shown, store.weekly_trend(WEEKS), store.exports())

    def _looked_up(self, calls: list[CallRecord], weeks: list[PeriodSummary], exports: list[ExportRecord]) -> None:
        self._calls, self._weeks, self._exports = calls, weeks, exports
        self._show()

    # -- drawing --------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        if not self.drawn:
            return
        heading = {
            View.CALLS: _("Your calls"),
            View.WEEKS: _("The last twelve weeks"),
            View.EXPORTS: _("What left this program"),
        }[self._view]
        self.query_one("#heading", Plain).update(heading)
        agreed = self.query_one("#agreement", Plain)
        agreed.update(self._agreement)
        agreed.display = self._view is View.CALLS and bool(self._agreement)
        table = self.query_one("#list", DataTable)
        table.clear(columns=True)
        {View.CALLS: self._fill_calls, View.WEEKS: self._fill_weeks, View.EXPORTS: self._fill_exports}[self._view](
            table
        )
        self.query_one("#curve").display = self._view is View.CALLS and bool(self._calls)
        self.query_one("#about", Plain).update("" if table.row_count else self._nothing())
        self.refresh_bindings()
        table.focus()

    def _nothing(self) -> str:
        if self._view is View.EXPORTS:
            return _("Nothing was ever exported.")
        return _("No call has been recorded yet.")

    def _fill_calls(self, table: DataTable[str | Text]) -> None:
        table.add_columns(_("day"), _("time"), _("call"), _("length"), _("tensest"), _("tense"), _("calm again"), "")
        for call in self._calls:
            summary, tension = call.summary, call.summary.tension
            table.add_row(
                f"{call.started_local:%Y-%m-%d}",
                f"{call.started_local:%H:%M}",
                str(call.number),
                clock_text(summary.duration_ms / 1000),
                "–" if tension is None else share_text(tension.peak),
                "–" if tension is None else clock_text(tension.tense_ms / 1000),
                "–" if tension is None or tension.calm_again_ms is None else clock_text(tension.calm_again_ms / 1000),
                _call_mark(call),
                key=str(call.id),
            )

    def _fill_weeks(self, table: DataTable[str | Text]) -> None:
        table.add_columns(_("week of"), _("calls"), _("mean tensest"), "", _("tense"), _("calm again"))
        for week in reversed(self._weeks):
            mean = week.mean_peak
            table.add_row(
                f"{week.first_day:%Y-%m-%d}",
                str(week.calls),
                "–" if mean is None else share_text(round(mean)),
                "" if mean is None else bar(mean / 1000, 20),
                "–" if mean is None else clock_text(week.tense_ms / 1000),
                "–" if week.median_calm_again_ms is None else clock_text(week.median_calm_again_ms / 1000),
            )

    def _fill_exports(self, table: DataTable[str | Text]) -> None:
        table.add_columns(_("when"), _("what"), _("days"), _("detail"), _("rows"))
        for export in self._exports:
            table.add_row(
                f"{export.at.astimezone():%Y-%m-%d %H:%M}",
                export_kind_name(export.kind),
                export_range_text(export),
                export_detail_text(export.detail),
                str(export.rows),
                key=str(export.id),
            )

    @on(DataTable.RowHighlighted, "#list")
    def point(self, event: DataTable.RowHighlighted) -> None:
        """Show the call or the export pointed at."""
        if self._view is View.CALLS and event.row_key.value is not None:
            self._read_call(int(event.row_key.value))
        if self._view is View.EXPORTS and event.cursor_row < len(self._exports):
            export = self._exports[event.cursor_row]
            about = _("by {user}, to {target}").format(user=export.system_user, target=export.target)
            self.query_one("#about", Plain).update(about)

    @work(exclusive=True, group="call", thread=True, exit_on_error=False)
    def _read_call(self, call_id: int) -> None:
        store = self.calmline.services.store
        self.app.call_from_thread(self._show_call, call_id, store.samples(call_id), store.notes(call_id))

    def _show_call(self, call_id: int, samples: list[Sample], notes: list[CallNote]) -> None:
        call = next((one for one in self._calls if one.id == call_id), None)
        if call is None or self._view is not View.CALLS or not self.drawn:
            return
        self.query_one("#curve", LevelChart).points = SecondBins(samples).points
        about = [
            _("face seen {share}").format(share=f"{call.summary.face_seen_share:.0%}"),
            _("read by {candidate}").format(candidate=call.start.candidate_id)
            if call.start.candidate_id != TUNED
            else _("read by what was tuned to you"),
            _("level (running sum) up to {level}").format(level=level_text(call.summary.level_peak)),
        ]
        if not call.start.knows_speech:
            about.append(_("talk?: read by what had not learnt how you speak"))
        if not samples:
            about.append(_("the curve is past its keeping time"))
        lines = ["   ".join(about)]
        lines += [f"{clock_text(note.t_ms / 1000)}  {note.text}" for note in notes[:3]]
        if len(notes) > 3:
            lines.append(
                ngettext("and one more note", "and {count} more notes", len(notes) - 3).format(count=len(notes) - 3)
            )
        self.query_one("#about", Plain).update("\n".join(lines))

    @work
    async def action_erase(self) -> None:
        """Remove the call pointed at, for good, after asking."""
        if not self.drawn:
            return
        table = self.query_one("#list", DataTable)
        if self._view is not View.CALLS or not self._calls or table.cursor_row >= len(self._calls):
            return
        call = self._calls[table.cursor_row]
        question = _("Erase the call of {call} for good? Nothing can bring it back.").format(call=call_name(call))
        if await self.app.push_screen_wait(SureDialog(question)):
            try:
                self.calmline.services.store.erase_call(call.id)
            except StoreError as error:
                self.notify(store_error_sentence(error), severity="error", timeout=10)
            self._look_up()


def _call_mark(call: CallRecord) -> str:
    """How a call was, as the person said, and what is unusual about it."""
    marks = [felt_name(call.felt)] if call.felt else []
    marks += [not_you(call.start.source)] if call.start.source is not CallSource.CAMERA else []
    marks += [] if call.start.knows_speech else [_("talk?")]
    marks += [_("interrupted")] if call.state is CallState.INTERRUPTED else []
    return ", ".join(marks if call.summary.enough_seen else [*marks, too_little_seen()])
