"""What was recorded: calls with their curves, a day, a week and a month of them, and every export that was ever made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Size
from textual.widgets import DataTable

from app.tui.chrome import not_you
from app.tui.dialogs.ask import SureDialog
from app.tui.screens.base import CalmScreen
from app.tui.screens.found import Found, find_calls
from app.tui.widgets.curve import Curve, SecondBins
from app.tui.widgets.insight import day_text, month_text, week_text
from app.tui.widgets.level_chart import LevelChart
from app.tui.widgets.plain import Plain
from app.words.figures import clock_text, level_text, share_text
from app.words.insight import call_caption, day_name, day_sentence, month_sentence, week_sentence
from app.words.language import N_, _, ngettext
from app.words.sentences import (
    call_name,
    export_detail_text,
    export_kind_name,
    export_range_text,
    export_target_text,
    read_by_text,
)
from app.words.tension import agreement_sentence, felt_name, too_little_seen
from core.method.insight import change, shares_by_day, shares_by_hour
from core.method.summary import summarise_period
from core.store.records import CallNote, CallRecord, CallSource, CallState

WEEKS = 4
MONTH_DAYS, USUAL_DAYS = 30, 90
"""A month is compared with this many days before it."""


class View(StrEnum):
    """What the history can show."""

    CALLS = "calls"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    EXPORTS = "exports"


VIEW_NAMES: Mapping[View, str] = {
    View.CALLS: N_("calls"),
    View.DAY: N_("a day"),
    View.WEEK: N_("week"),
    View.MONTH: N_("month"),
    View.EXPORTS: N_("exports"),
}
"""What the views are called, in the order of their keys."""

DRAWN = (View.DAY, View.WEEK, View.MONTH)
"""What is drawn rather than listed; the arrow keys lead from one to the next."""

STEPS = {View.WEEK: 7, View.MONTH: MONTH_DAYS}


class HistoryScreen(CalmScreen):
    """Five views, one at a time."""

    CSS_PATH = "history.tcss"
    AUTO_FOCUS = "#list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "next_view", N_("next view"), id="history.next-view", show=False),
        Binding("1", "view('calls')", N_("calls"), id="history.calls", show=False),
        Binding("2", "view('day')", N_("a day"), id="history.day", show=False),
        Binding("3", "view('week')", N_("week"), id="history.week", show=False),
        Binding("4", "view('month')", N_("month"), id="history.month", show=False),
        Binding("5", "view('exports')", N_("exports"), id="history.exports", show=False),
        Binding("enter", "enlarge", N_("larger, smaller"), id="history.enlarge", priority=True),
        Binding("left", "step(-1)", N_("before"), id="history.before", show=False, priority=True),
        Binding("right", "step(1)", N_("next"), id="history.next", show=False, priority=True),
        Binding("c", "copy", N_("copy"), id="history.copy"),
        Binding("e", "export", N_("export"), id="history.export"),
        Binding("x", "erase", N_("erase"), id="history.erase", tooltip=N_("erase call")),
        Binding("escape", "back", N_("back"), id="history.back"),
    ]

    def __init__(self, view: str = View.CALLS) -> None:
        """`view` is the one that shows first."""
        super().__init__()
        self._view = View(view)
        self._found = Found()
        self._is_read = False

    def compose_content(self) -> ComposeResult:
        """The list and what it points at, or what a drawing tells and the drawing."""
        yield Plain("", id="heading", links=True)
        yield Plain("", id="views", links=True)
        yield Plain("", id="agreement", classes="quiet")
        yield DataTable(id="list", cursor_type="row", zebra_stripes=False)
        yield Plain("", id="about")
        with VerticalScroll(id="place"):
            yield Plain("", id="drawing")
        yield LevelChart(id="curve")

    def content_ready(self) -> None:
        """Read the record, then show it; what has been read is shown at once."""
        if self._is_read:
            self._show()
        else:
            self._look_up()

    def on_resize(self) -> None:
        """A drawing takes the place that there is."""
        super().on_resize()
        if self._view in DRAWN:
            self.call_after_refresh(self._show)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys show where they do something."""
        if action in ("erase", "enlarge"):
            return self._view is View.CALLS and bool(self._found.calls)
        return self._view in DRAWN if action in ("copy", "step") else True

    def action_view(self, name: str) -> None:
        """Show the calls, a day, a week, a month or the exports."""
        self._view = View(name)
        self._show()

    def action_enlarge(self) -> None:
        """Give a call's curve all of the place, or give it back to the list."""
        self.toggle_class("-large")

    def action_back(self) -> None:
        """From a large curve to the list, from there to the monitor."""
        if self.has_class("-large") and self._view is View.CALLS:
            self.remove_class("-large")
        else:
            self.app.pop_screen()

    def action_next_view(self) -> None:
        """Show the view after this one."""
        views = list(View)
        self.action_view(views[(views.index(self._view) + 1) % len(views)])

    def on_click(self, event: events.Click) -> None:
        """A click on a curve is like Enter."""
        if event.widget is not None and event.widget.id == "curve":
            self.action_enlarge()

    def action_step(self, direction: int) -> None:
        """To the day with calls, the week or the month before or after."""
        if self._view is View.DAY:
            days = sorted({call.local_day for call in self._found.own})
            beyond = [day for day in days if (day - self._found.day).days * direction > 0]
            if beyond:
                self._found.day = min(beyond, key=lambda day: abs(day - self._found.day))
        else:
            today = self.calmline.services.store.now().astimezone().date()
            self._found.day = min(today, self._found.day + timedelta(days=direction * STEPS[self._view]))
        self._show()

    def action_copy(self) -> None:
        """Put what is shown on the clipboard, as text."""
        parts = ("#heading", "#drawing", "#about")
        self.app.copy_to_clipboard("\n\n".join(str(self.query_one(part, Plain).content) for part in parts) + "\n")
        self.notify(_("Copied as text."), timeout=3)

    @work
    async def action_export(self) -> None:
        """Ask for whom, of when and in which form, show every line, then write it."""
        from app.tui.dialogs.export import export_and_say

        await export_and_say(self.app, self.calmline.services)
        self._look_up()

    @work(exclusive=True, group="look-up", thread=True, exit_on_error=False)
    def _look_up(self) -> None:
        found = find_calls(self.calmline.services.store, self._found.day if self._is_read else None)
        self.app.call_from_thread(self._looked_up, found)

    def _looked_up(self, found: Found) -> None:
        self._found, self._is_read = found, True
        self._show()

    # -- drawing --------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        if not self.drawn:
            return
        self.query_one("#heading", Plain).update(self._heading())
        self.query_one("#views", Plain).update(self._views())
        agreed = self.query_one("#agreement", Plain)
        agreement = agreement_sentence(self._found.answers)
        agreed.update(agreement)
        agreed.display = self._view is View.CALLS and bool(agreement)
        table, place = self.query_one("#list", DataTable), self.query_one("#place")
        table.clear(columns=True)
        table.display, place.display = self._view not in DRAWN, self._view in DRAWN
        self.set_class(self._view is View.CALLS and bool(self._found.calls), "-curve")
        self.query_one("#about", Plain).update("")
        if self._view in DRAWN:
            place.focus()
            self.call_after_refresh(self._draw)
        else:
            {View.CALLS: self._fill_calls, View.EXPORTS: self._fill_exports}[self._view](table)
            self.query_one("#about", Plain).update("" if table.row_count else self._nothing())
            table.focus()
        self.refresh_bindings()

    def _heading(self) -> Text:
        """What is shown; where there is more before and after it, arrows that can be clicked."""
        heading = Text(self._title(), no_wrap=True)
        if self._view in DRAWN:
            for gap, arrow, direction in (("   ", "←", -1), (" ", "→", 1)):
                heading.append(gap).append(arrow, Style(meta={"@click": f"screen.step({direction})"}))
        return heading

    def _views(self) -> Text:
        """The views by their keys, to be clicked; the one that shows is bold."""
        quiet = self.app.theme_variables.get("quiet", "")
        line = Text(no_wrap=True)
        for number, (view, name) in enumerate(VIEW_NAMES.items(), start=1):
            style = Style(bold=True) if view is self._view else Style.parse(quiet)
            action = Style(meta={"@click": f"screen.view('{view.value}')"})
            line.append("   " if number > 1 else "").append(f"{number} {_(name)}", style + action)
        return line

    def _title(self) -> str:
        day = self._found.day
        if self._view is View.CALLS and self._found.count > len(self._found.calls):
            return _("Your calls: the newest {shown} of {count}").format(
                shown=len(self._found.calls), count=self._found.count
            )
        return {
            View.CALLS: _("Your calls"),
            View.DAY: _("{day}: how each call went"),
            View.WEEK: _("Four weeks to {day}: tense share, and number of calls"),
            View.MONTH: _("The days up to {day}: share that looked tense"),
            View.EXPORTS: _("What left this program"),
        }[self._view].format(day=day_name(day))

    def _nothing(self) -> str:
        if self._view is View.EXPORTS:
            return _("Nothing has been exported yet.")
        if self._found.calls:
            return _("No call of your own yet: what an actor or a video played does not count here.")
        return _("No call has been recorded yet.")

    def _draw(self) -> None:
        """Draw the day, the week or the month, now that its place has a size."""
        if not self.drawn or self._view not in DRAWN:
            return
        if not self._found.own:
            self.query_one("#about", Plain).update(self._nothing())
            self.query_one("#drawing", Plain).update("")
        elif self._view is View.DAY:
            self._read_day(self._found.day)
        else:
            self._put(*(self._week() if self._view is View.WEEK else self._month()))

    def _put(self, drawn: Callable[[Size], Text], sentence: str) -> None:
        """Say the sentence, then draw in the room that it leaves."""
        self.query_one("#about", Plain).update(sentence)
        self.call_after_refresh(self._put_drawing, self._view, drawn)

    def _put_drawing(self, view: View, drawn: Callable[[Size], Text]) -> None:
        if self.drawn and self._view is view:
            self.query_one("#drawing", Plain).update(drawn(self.query_one("#place").content_size))

    def _week(self) -> tuple[Callable[[Size], Text], str]:
        last = self._found.day
        shares = shares_by_hour(self._found.finished(last - timedelta(days=7 * WEEKS - 1), last))
        colours = self.app.theme_variables
        return lambda size: week_text(shares, size.width - 2, size.height, colours), week_sentence(shares)

    def _month(self) -> tuple[Callable[[Size], Text], str]:
        last = self._found.day
        first = last - timedelta(days=MONTH_DAYS - 1)
        before = self._found.finished(first - timedelta(days=USUAL_DAYS), first - timedelta(days=1))
        found = change(self._found.finished(first, last), before)
        shares = shares_by_day(self._found.finished(date.min, last))
        usual, colours = None if found is None else found.usual, self.app.theme_variables
        return lambda size: month_text(
            shares, last, usual, max(20, size.width - 3), max(6, size.height), colours
        ), month_sentence(found)

    @work(exclusive=True, group="call", thread=True, exit_on_error=False)
    def _read_day(self, day: date) -> None:
        store = self.calmline.services.store
        calls = [call for call in self._found.own if call.local_day == day]
        curves = [(call_caption(call), SecondBins(store.samples(call.id)).curve()) for call in calls]
        summary = summarise_period([call.finished for call in calls])
        self.app.call_from_thread(self._show_day, day, curves, day_sentence(calls, summary))

    def _show_day(self, day: date, curves: list[tuple[str, Curve]], sentence: str) -> None:
        if self.drawn and self._view is View.DAY and day == self._found.day:
            colours = self.app.theme_variables
            self._put(lambda size: day_text(curves, size.width - 2, size.height, colours), sentence)

    def _fill_calls(self, table: DataTable[str | Text]) -> None:
        table.add_columns(_("day"), _("time"), _("call"), _("length"), _("tensest"), _("tense"), _("calm again"), "")
        for call in self._found.calls:
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

    def _fill_exports(self, table: DataTable[str | Text]) -> None:
        table.add_columns(_("when"), _("what"), _("days"), _("detail"), _("rows"))
        for export in self._found.exports:
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
        if self._view is View.EXPORTS and event.cursor_row < len(self._found.exports):
            export = self._found.exports[event.cursor_row]
            about = _("by {user}, to {target}").format(user=export.system_user, target=export_target_text(export))
            self.query_one("#about", Plain).update(about)

    @work(exclusive=True, group="call", thread=True, exit_on_error=False)
    def _read_call(self, call_id: int) -> None:
        store = self.calmline.services.store
        notes, usual = store.notes(call_id), store.usual_level_peak()
        curve = SecondBins(store.samples(call_id)).curve(notes, None if usual is None else usual / 1000)
        self.app.call_from_thread(self._show_call, call_id, curve, notes)

    def _show_call(self, call_id: int, curve: Curve, notes: list[CallNote]) -> None:
        call = next((one for one in self._found.calls if one.id == call_id), None)
        if call is None or self._view is not View.CALLS or not self.drawn:
            return
        self.query_one("#curve", LevelChart).curve = curve
        about = [
            _("face seen {share}").format(share=f"{call.summary.face_seen_share:.0%}"),
            read_by_text(call.start.candidate_id, self.calmline.called),
            _("level (running sum) up to {level}").format(level=level_text(call.summary.level_peak)),
        ]
        if not call.start.knows_speech:
            about.append(_("talk?: read by what had not learnt how you speak"))
        about += [not_you(call.start.source)] if call.start.source is not CallSource.CAMERA else []
        about += [_("interrupted")] if call.state is CallState.INTERRUPTED else []
        about += [] if call.summary.enough_seen else [too_little_seen()]
        if not curve.points:
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
        if self._view is not View.CALLS or not self._found.calls or table.cursor_row >= len(self._found.calls):
            return
        call = self._found.calls[table.cursor_row]
        question = _("Erase the call of {call} for good? Nothing can bring it back.").format(call=call_name(call))
        if await self.app.push_screen_wait(SureDialog(question)):
            with self.calmline.store_errors_said():
                self.calmline.services.store.erase_call(call.id)
            self._look_up()


def _call_mark(call: CallRecord) -> str:
    """How a call was, as the person said, or else the first thing that is unusual about it, and how many there are more."""
    marks = [felt_name(call.felt)] if call.felt else []
    marks += [_("not you")] if call.start.source is not CallSource.CAMERA else []
    marks += [_("interrupted")] if call.state is CallState.INTERRUPTED else []
    marks += [] if call.start.knows_speech else [_("talk?")]
    marks += [] if call.summary.enough_seen else [too_little_seen()]
    return f"{marks[0]} +{len(marks) - 1}" if len(marks) > 1 else "".join(marks)
