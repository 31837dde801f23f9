"""The screen of eight hours: the running call's tension and the level's curve; between calls, the last one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from app.tui.chrome import COMPANION_SIZE, TopBar, not_you
from app.tui.screens.base import CalmScreen
from app.tui.screens.known import NOT_ASKED_SETTING, NOT_OFFERED_SETTING, OFFERED_SETTING, Known, look_up
from app.tui.widgets.companion import Companion
from app.tui.widgets.curve import Curve, SecondBins
from app.tui.widgets.level_chart import LevelChart
from app.tui.widgets.plain import Plain
from app.tui.wizard.steps import Step
from app.words.language import N_, _
from app.words.tension import card_text, day_text, felt_text, last_call_text
from core.store.records import CallSource

# This is the screen that most starts begin with: what only a call or a key needs is imported then.
if TYPE_CHECKING:
    from app.tui.calls.calling import CallError
    from app.tui.widgets.call_view import CallView
    from core.monitoring.call import CallUpdate

CLOCK_SECONDS = 1.0

MARGIN = 4
"""Columns that the line of the day leaves free at its two ends."""


class MonitorScreen(CalmScreen):
    """Shows the call that the app is running, and the keys that start and end it."""

    CSS_PATH = "monitor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "start_call", N_("start call"), id="monitor.start"),
        Binding("space", "end_call", N_("end call"), id="monitor.end"),
        Binding("r", "reset", N_("reset"), id="monitor.reset"),
        Binding("p", "pause", N_("pause"), id="monitor.pause"),
        Binding("n", "note", N_("note"), id="monitor.note"),
        Binding("b", "breathe", N_("breathe"), id="monitor.breathe"),
        Binding("h", "history", N_("history"), id="monitor.history"),
        Binding("s", "settings", N_("settings"), id="monitor.settings"),
        Binding("s", "settings(True)", N_("settings"), id="monitor.settings-in-call", show=False),
        Binding("k", "take_a_break", N_("take a short break"), id="monitor.break", show=False),
        Binding("x", "not_now", N_("not now"), id="monitor.not-now", show=False),
        Binding("t", "no_card_today", N_("offer no breaks today"), id="monitor.no-card-today", show=False),
        Binding("1", "felt('easy')", N_("easy"), id="monitor.easy", show=False, tooltip=N_("how it was: easy")),
        Binding("2", "felt('so_so')", N_("so-so"), id="monitor.so-so", show=False, tooltip=N_("how it was: so-so")),
        Binding("3", "felt('hard')", N_("hard"), id="monitor.hard", show=False, tooltip=N_("how it was: hard")),
        Binding("t", "not_today", N_("do not ask again today"), id="monitor.not-today", show=False),
        Binding("d", "day", N_("a day"), id="monitor.day", show=False),
        Binding("e", "export", N_("export"), id="monitor.export", show=False),
        Binding("c", "consent", N_("consent and sharing"), id="monitor.consent", show=False),
        Binding("i", "practise", N_("interview practice"), id="monitor.practise", show=False),
        Binding("u", "set_up", N_("run the set-up again"), id="monitor.set-up", show=False),
        Binding("z", "app.companion_size", N_("companion size"), id="monitor.companion", show=False),
        Binding("q", "app.ask_to_leave", N_("quit"), id="monitor.quit"),
    ]
    LEAST_SIZE = COMPANION_SIZE

    def __init__(self) -> None:
        """Nothing has been read yet."""
        super().__init__()
        self._bins = SecondBins()
        self._update: CallUpdate | None = None
        self._known = Known()
        self._record_read = False
        self._busy = ""
        self._view: CallView | None = None
        self._keys_of_call: bool | None = None
        self._just_drawn = False

    def compose_content(self) -> ComposeResult:
        """What stands between calls; a call's view comes with the first one."""
        with Vertical(id="idle"):
            yield Plain("", id="idle-state")
            yield Plain("", id="last-call")
            yield Plain("", id="talking", classes="quiet")
            yield Plain("", id="card")
            yield Plain("", id="felt")
            yield LevelChart(id="last-curve")
        yield Plain("", id="today", classes="quiet")
        yield Companion()

    def content_ready(self) -> None:
        """Show what is going on."""
        self._view = None  # the widgets are new
        self._show()
        self._look_up()

    def on_mount(self) -> None:
        """The call's clock moves once a second; what `CalmScreen` does here, Textual calls by itself."""
        self.set_interval(CLOCK_SECONDS, self._show_clock)

    def resized(self) -> None:
        """A small window has a layout of its own."""
        self._show()

    def on_screen_resume(self) -> None:
        """Back from the history or the settings: what they changed may show here."""
        if self.is_mounted:
            self._show()
            self._look_up()

    # -- what the app tells ---------------------------------------------------------------------------------------------

    def show_call(self, update: CallUpdate) -> None:
        """A tick has been read."""
        self._update = update
        seconds = len(self._bins.points)
        self._bins.add(update.sample)
        if self.drawn and self._view is not None:
            a_second_more = len(self._bins.points) != seconds
            self._view.show_tick(update, self._curve() if a_second_more else None)
            if a_second_more:
                self._show_companion()
                self._just_drawn = True

    def call_changed(self) -> None:
        """A call has begun or ended."""
        self._bins, self._update, self._known = SecondBins(), None, replace(self._known, notes=())
        self._record_read = False  # what is known of the last call is out of date
        self._show()
        self._look_up()

    def call_paused(self) -> None:
        """A call has been paused or goes on."""
        self._show()

    # -- commands -------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of a call show in a call only, those of a pause between calls only."""
        in_call = self._in_call
        if action in ("end_call", "reset", "pause", "note"):
            return in_call
        if action == "settings":  # in a call its key is left out of the footer, where there is no room for it
            return in_call is bool(parameters)
        if action in ("felt", "not_today"):
            return self._known.asks and not in_call and not self._known.offers
        if action == "export":  # its preview is read line by line, and needs a full window
            return not self.has_class("-companion")
        if action in ("take_a_break", "not_now", "no_card_today"):
            return self._known.offers and not in_call
        return not in_call if action in ("start_call", "breathe", "practise", "set_up") else True

    @work  # not exclusive: a call that is half begun must not be left so by a key pressed twice
    async def action_start_call(self) -> None:
        """Start a call at level 0; nothing happens while one is being begun."""
        from app.tui.calls.calling import CallError

        if self._busy:
            return
        self._busy = _("Getting ready …")
        self._show()
        try:
            with self.calmline.store_errors_said():
                await self.calmline.start_call()
        except CallError as error:
            self.notify(_call_error_sentence(error), severity="warning", timeout=10)
        finally:
            self._busy = ""
        self._show()

    @work
    async def action_end_call(self) -> None:
        """End the call; the camera closes."""
        with self.calmline.store_errors_said():
            await self.calmline.end_call()
        self._show()

    def action_reset(self) -> None:
        """Set the level back to 0."""
        self.calmline.calling.reset()
        self.notify(_("The level is back at 0."), timeout=2)

    @work
    async def action_pause(self) -> None:
        """Stop reading for a while, with the camera closed, or go on."""
        await self.calmline.pause_call(paused=not self.calmline.calling.paused)

    @work
    async def action_note(self) -> None:
        """Keep a line with this moment, however long it takes to write; it is never shared."""
        from app.tui.dialogs.ask import LineDialog

        moment, text, kept = self.calmline.calling.moment, "", False
        while moment is not None and not kept:  # what cannot be written stands in the line again
            hint = _("It stays yours. Enter keeps it.")
            answer = await self.app.push_screen_wait(LineDialog(_("A note for yourself"), hint, text))
            if answer is None:
                return
            text = answer
            with self.calmline.store_errors_said():
                await self.calmline.calling.note(moment, text)
                kept = True
        self._look_up()

    @work
    async def action_felt(self, name: str) -> None:
        """Keep how the last call was; it is never shared."""
        from core.method.agreement import Felt

        if self._known.last is not None:
            with self.calmline.store_errors_said():
                await asyncio.to_thread(self.calmline.services.store.set_felt, self._known.last.id, Felt(name))
            self._look_up()

    def action_not_today(self) -> None:
        """Ask about no more calls today."""
        self.calmline.remember(NOT_ASKED_SETTING, self._today_text())
        self._look_up()

    def _today_text(self) -> str:
        return f"{self.calmline.services.store.now().astimezone():%Y-%m-%d}"

    def action_breathe(self) -> None:
        """A minute of slow breathing."""
        from app.tui.dialogs.breathe import BreatheDialog

        self.action_not_now()
        self.app.push_screen(BreatheDialog(self.calmline.services.clock))

    def action_take_a_break(self) -> None:
        """Three minutes away from the screen."""
        from app.tui.dialogs.breathe import BreakDialog

        self.action_not_now()
        self.app.push_screen(BreakDialog(self.calmline.services.clock))

    def action_not_now(self) -> None:
        """Put the card away; after another call over one's own "high" there is another."""
        if self._known.offers and self._known.last is not None:
            self.calmline.remember(OFFERED_SETTING, str(self._known.last.id))
            self._look_up()

    def action_no_card_today(self) -> None:
        """Offer nothing more today."""
        self.calmline.remember(NOT_OFFERED_SETTING, self._today_text())
        self._look_up()

    def action_history(self) -> None:
        """Look at what was recorded."""
        self.calmline.show_history()

    def action_settings(self, in_call: bool = False) -> None:  # noqa: ARG002 - as its key has it
        """Open the settings over this screen."""
        self.calmline.show_settings()

    def action_day(self) -> None:
        """Look at the last day with calls."""
        self.calmline.show_history("day")

    @work
    async def action_export(self) -> None:
        """Write calls to a file: for whom, of when and in which form is asked first."""
        from app.tui.dialogs.export import export_and_say

        await export_and_say(self.app, self.calmline.services)

    def action_consent(self) -> None:
        """What the person agreed to, to be changed."""
        self.calmline.show_settings("measure")

    def action_practise(self) -> None:
        """Practise answers; nothing is kept."""
        self.calmline.show_practice()

    def action_set_up(self) -> None:
        """Camera, light and expressions once more."""
        self.calmline.show_step(Step.CAMERA)

    @property
    def _in_call(self) -> bool:
        """Whether a call is running."""
        return self.calmline.calling.running is not None

    # -- drawing --------------------------------------------------------------------------------------------------------

    @work(exclusive=True, group="look-up", thread=True, exit_on_error=False)
    def _look_up(self) -> None:
        """Read the day and the last call from the record, off the app's thread."""
        known = look_up(self.calmline.services.store, self.calmline.calling, with_samples=self._update is None)
        self.app.call_from_thread(self._looked_up, known)

    def _looked_up(self, known: Known) -> None:
        self._known, self._record_read = known, True
        if known.running and not self._bins.points:
            self._bins = SecondBins(known.running)
        self._show()
        self.calmline.begin_loading_tools()  # not before: what the record says is on the screen sooner

    def _show(self) -> None:
        """Everything."""
        if not self.drawn:
            return
        in_call, small = self._in_call, self.has_class("-companion")
        self.query_one("#idle").display = not in_call and not small
        if in_call:
            self._call_view().show_call(self._update, self._curve())
        else:
            self._show_idle()
        if self._view is not None:
            self._view.display = in_call and not small
        self._show_companion()
        today = "" if self._known.today is None else day_text(self._known.today, self.app.size.width - MARGIN)
        self.query_one("#today", Plain).update(today)
        self.query_one("#today").display = not small
        self.query_one(Companion).display = small
        if self._keys_of_call not in (None, in_call):  # the footer has just been made at first, with the right keys
            self.refresh_bindings()
        self._keys_of_call = in_call

    def _curve(self) -> Curve:
        return self._bins.curve(self._known.notes, self._known.curve.usual)

    def _show_companion(self) -> None:
        """The same in a small window."""
        companion, app = self.query_one(Companion), self.calmline
        if self._in_call:
            state = self.query_one(TopBar).state
            companion.show_call(app.calling, app.watcher, self._update, self._bins.points, state)
        else:
            last = last_call_text(self._known.last) if self._record_read else ""
            question = card_text if self._known.offers else felt_text if self._known.asks else None
            asked = last if question is None else question(narrow=True)
            companion.show_between(f"{self._busy or _('No call. The camera is off.')}\n\n{asked}")

    def _call_view(self) -> CallView:
        """The view of the running call, made with the first one."""
        if self._view is None:
            from app.tui.widgets.call_view import CallView

            self._view = CallView(self.calmline.calling, self.calmline.watcher)
            self.query_one("#content").mount(self._view, before="#idle")
        return self._view

    def _show_clock(self) -> None:
        if not (self.drawn and self._in_call and self._view is not None):
            return
        if not self._just_drawn:  # else ticks come, and each second is drawn whole: once, not in two halves
            self._view.show_clock()
            self._show_companion()
        self._just_drawn = False
        trouble = self.calmline.services.store.trouble
        if trouble is not None:
            from app.words.errors import store_error_sentence

            self.query_one("#today", Plain).update(store_error_sentence(trouble))

    def _show_idle(self) -> None:
        self.query_one("#idle-state", Plain).update(self._busy or _("No call. The camera is off."))
        last = self._known.last
        mark = "" if last is None or last.start.source is CallSource.CAMERA else not_you(last.start.source)
        self.query_one("#last-call", Plain).update(last_call_text(last, mark) if self._record_read else "")
        talking = self.query_one("#talking", Plain)
        talking.update(self._known.doubt)
        talking.display = bool(self._known.doubt) and not self._known.offers
        felt = self.query_one("#felt", Plain)
        felt.update(felt_text())
        felt.display = self._known.asks and not self._known.offers
        card = self.query_one("#card", Plain)
        card.update(card_text())
        card.display = self._known.offers
        chart = self.query_one("#last-curve", LevelChart)
        chart.curve = self._known.curve
        chart.visible = bool(self._known.curve.points)
        chart.display = chart.visible or not self._record_read


def _call_error_sentence(error: CallError) -> str:
    return {
        "no_consent": _("You have not agreed to be measured. Settings (s) lets you change that."),
        "no_candidate": _("The network chosen for you is not there any more. Do the expressions again (s)."),
        "no_network": _("The network cannot be used: {detail}. Do the expressions again (s)."),
        "in_call": _("A call is running already."),
        "no_source": _("{detail} was not found. Put it back, or start Calmline with another one."),
    }[error.code].format(detail=error.detail)
