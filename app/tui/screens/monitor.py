"""The screen of eight hours: the running call's level and its curve; between calls, the last one and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Digits

from app.language import N_, _, ngettext
from app.tui.calling import CallError
from app.tui.dialogs.ask import LineDialog
from app.tui.dialogs.breathe import BreatheDialog
from app.tui.screens.base import CalmScreen, PaletteCommand
from app.tui.widgets.bars import bar, clock_text, level_text, sparkline
from app.tui.widgets.level_chart import LevelChart, SecondBins
from app.tui.widgets.plain import Plain
from app.wording import level_word_name, outcome_name, store_error_sentence, trouble_sentence
from core.call import NO_FACE_SECONDS, CallUpdate, high_threshold, level_word
from core.emotion import EMOTIONS, Outcome
from core.monitoring import MonitorState, Sample
from core.store.errors import StoreError
from core.store.records import CallRecord
from core.summary import PeriodSummary

CLOCK_SECONDS = 1.0
PEAKS_SHOWN = 24
SPARKLINE_TOP = 2000
"""Thousandths at the top of the day's small curve: fixed, so that calm days look calm."""


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
        Binding("q", "app.leave", N_("quit"), id="monitor.quit"),
    ]

    def __init__(self) -> None:
        """Nothing has been read yet."""
        super().__init__()
        self._bins = SecondBins()
        self._update: CallUpdate | None = None
        self._today: PeriodSummary | None = None
        self._last: CallRecord | None = None
        self._last_points: list[float | None] = []
        self._high_from = 0
        self._busy = ""
        self._said: dict[str, tuple[str, str | Text]] = {}
        self._keys_of_call: bool | None = None

    def compose_content(self) -> ComposeResult:
        """Two faces of one screen: in a call, and between calls."""
        with Vertical(id="in-call"):
            with Horizontal(id="call-line"):
                yield Plain("", id="call-name")
                yield Plain("", id="call-clock")
            with Horizontal(id="level-line"):
                yield Digits("0.00", id="level")
                yield Plain("", id="level-word")
                yield Plain("", id="reading")
            yield LevelChart(id="curve")
            yield Plain("", id="shares")
        with Vertical(id="idle"):
            yield Plain("", id="idle-state")
            yield Plain("", id="last-call")
            yield LevelChart(id="last-curve")
        yield Plain("", id="today", classes="quiet")

    def content_ready(self) -> None:
        """Show what is going on."""
        self._said.clear()  # the widgets are new
        self._show()
        self._look_up()

    def on_mount(self) -> None:
        """The call's clock moves once a second; what `CalmScreen` does here, Textual calls by itself."""
        self.set_interval(CLOCK_SECONDS, self._show_clock)

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
        if not self.drawn:
            return
        if len(self._bins.points) != seconds:
            self.query_one("#curve", LevelChart).points = list(self._bins.points)
        self._show_update(update)

    def call_changed(self) -> None:
        """A call has begun or ended."""
        self._bins, self._update = SecondBins(), None
        self._show()
        self._look_up()

    # -- commands -------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys of a call show in a call only, those of a pause between calls only."""
        in_call = self.calmline.calling.state is not MonitorState.IDLE
        if action in ("end_call", "reset", "pause", "note"):
            return in_call
        return not in_call if action in ("start_call", "breathe") else True

    @work  # not exclusive: a call that is half begun must not be left so by a key pressed twice
    async def action_start_call(self) -> None:
        """Start a call at level 0; nothing happens while one is being begun."""
        if self._busy:
            return
        self._busy = _("Getting ready …")
        self._show()
        try:
            await self.calmline.start_call()
        except CallError as error:
            self.notify(_call_error_sentence(error), severity="warning", timeout=10)
        except StoreError as error:
            self.notify(store_error_sentence(error), severity="error", timeout=10)
        finally:
            self._busy = ""
        self._show()

    @work
    async def action_end_call(self) -> None:
        """End the call; the camera closes."""
        try:
            await self.calmline.end_call()
        except StoreError as error:
            self.notify(store_error_sentence(error), severity="error", timeout=10)
        self._show()

    def action_reset(self) -> None:
        """Set the level back to 0."""
        self.calmline.calling.reset()
        self.notify(_("The level is back at 0."), timeout=2)

    def action_pause(self) -> None:
        """Stop reading for a while, or go on."""
        self.calmline.calling.toggle_pause()
        self._show()

    @work
    async def action_note(self) -> None:
        """Keep a line with this moment, however long it takes to write; it is never shared."""
        moment = self.calmline.calling.moment
        text = await self.app.push_screen_wait(
            LineDialog(_("A note for yourself"), _("It stays yours. Enter keeps it."))
        )
        if text is not None and moment is not None:
            try:
                await self.calmline.calling.note(moment, text)
            except StoreError as error:
                self.notify(store_error_sentence(error), severity="error", timeout=10)

    def action_breathe(self) -> None:
        """A minute of slow breathing."""
        self.app.push_screen(BreatheDialog(self.calmline.services.clock))

    def action_history(self) -> None:
        """Look at what was recorded."""
        self.calmline.show_history()

    def action_settings(self) -> None:
        """Change something."""
        self.calmline.show_settings()

    def palette_commands(self) -> Iterable[PaletteCommand]:
        """Between calls: interview practice."""
        if self.calmline.calling.state is MonitorState.IDLE:
            yield PaletteCommand(
                _("coach: practise answers"),
                _("See how you come across, question by question; nothing is kept"),
                self.calmline.show_practice,
            )

    # -- drawing --------------------------------------------------------------------------------------------------------

    @work(exclusive=True, group="look-up", thread=True, exit_on_error=False)
    def _look_up(self) -> None:
        """Read the day and the last call from the record, off the app's thread."""
        store = self.calmline.services.store
        today = store.day_summary(store.now().astimezone().date())
        closed = [call for call in store.calls() if call.ended_at is not None]
        last = closed[-1] if closed else None
        points = SecondBins(store.samples(last.id)).points if last is not None else []
        running = self.calmline.calling.samples() if self._update is None else []
        high = high_threshold(store.recent_peaks())
        self.app.call_from_thread(self._looked_up, today, last, points, running, high)

    def _looked_up(
        self,
        today: PeriodSummary,
        last: CallRecord | None,
        points: list[float | None],
        running: list[Sample],
        high: int,
    ) -> None:
        self._today, self._last, self._last_points, self._high_from = today, last, points, high
        if running and not self._bins.points:
            self._bins = SecondBins(running)
        self._show()

    def _show(self) -> None:
        """Everything."""
        if not self.drawn:
            return
        in_call = self.calmline.calling.state is not MonitorState.IDLE
        self.query_one("#in-call").display = in_call
        self.query_one("#idle").display = not in_call
        if in_call:
            self.query_one("#curve", LevelChart).points = list(self._bins.points)
            self._show_clock()
            if self._update is not None:
                self._show_update(self._update)
            else:
                self._show_beginning()
        else:
            self._show_idle()
        self._say("today", self._today_line())
        if self._keys_of_call not in (None, in_call):  # the footer has just been made at first, with the right keys
            self.refresh_bindings()
        self._keys_of_call = in_call

    def _say(self, place: str, content: str | Text) -> None:
        """Put `content` into the widget `place`, if it is not there: five times a second, most of it has not changed.

        The places of a call have a fixed size, so nothing is arranged anew, unless the clock gets longer.
        """
        style = "" if isinstance(content, str) else str(content.style)  # a Text equals one in another colour
        before = self._said.get(place, ("", ""))
        if (style, content) != before:
            self._said[place] = style, content
            longer = place == "call-clock" and len(content) != len(before[1])
            self.query_one(f"#{place}", Plain).update(content, layout=longer)

    def _show_clock(self) -> None:
        if not self.drawn:
            return
        calling = self.calmline.calling
        if calling.state is MonitorState.IDLE or calling.record is None:
            return
        self._say("call-name", _("Call {number}").format(number=calling.record.number))
        self._say("call-clock", clock_text(calling.seconds))
        trouble = self.calmline.services.store.trouble
        if trouble is not None:
            self._say("today", store_error_sentence(trouble))

    def _show_beginning(self) -> None:
        self.query_one("#level", Digits).update("0.00")
        self._say("level-word", "")
        self._say("reading", _("the camera is starting"))
        self._say("shares", "")

    def _show_update(self, update: CallUpdate) -> None:
        level = self.query_one("#level", Digits)
        if level.value != level_text(update.level):
            level.update(level_text(update.level))
        word = level_word(update.level, update.slope, self._high_from or high_threshold(()))
        self._say("level-word", level_word_name(word))
        self._say("reading", self._reading_lines(update))
        self._say("shares", self._share_lines(update))

    def _reading_lines(self, update: CallUpdate) -> Text:
        colours = self.app.theme_variables
        quiet = colours.get("quiet", "")
        source = self.calmline.watcher.source
        if self.calmline.calling.state is MonitorState.PAUSED:
            return Text(_("paused: nothing is read\np goes on"), justify="right")
        if update.trouble is not None and source is not None:
            return Text(trouble_sentence(update.trouble, source.name), colours.get("warning", ""), justify="right")
        if update.no_face_for >= NO_FACE_SECONDS:
            return Text(_("no face: the level waits"), colours.get("warning", ""), justify="right")
        outcome = update.reading.outcome
        style = colours.get(f"emotion-{outcome.value}", quiet)
        seen = _("face seen {share}").format(share=f"{update.face_seen_share:.0%}")
        return Text.assemble(
            (_("reading") + "  ", quiet),
            (outcome_name(outcome), f"bold {style}"),
            ("\n" + seen, quiet),
            justify="right",
        )

    def _share_lines(self, update: CallUpdate) -> Text:
        """The four shares of this call's readings, two on a line."""
        colours = self.app.theme_variables
        counts = [update.outcome_counts[Outcome(emotion.value)] for emotion in EMOTIONS]
        total = sum(counts) or 1
        lines = Text(no_wrap=True)
        for number, (emotion, count) in enumerate(zip(EMOTIONS, counts, strict=True)):
            name = outcome_name(emotion)
            lines.append(name + " " * max(1, 10 - Text(name).cell_len))
            lines.append(bar(count / total, 16), colours.get(f"emotion-{emotion.value}", ""))
            lines.append(f" {count / total:>4.0%}")
            lines.append("\n" if number == 1 else "     ")
        return lines

    def _show_idle(self) -> None:
        self.query_one("#idle-state", Plain).update(self._busy or _("No call. The camera is off."))
        self.query_one("#last-call", Plain).update(self._last_call_line())
        chart = self.query_one("#last-curve", LevelChart)
        chart.points = self._last_points
        chart.visible = bool(self._last_points)

    def _last_call_line(self) -> str:
        if self._last is None:
            return _("Your first call begins with Space. The level starts at 0 every time.")
        summary = self._last.summary
        parts = [
            _("Last call {time}").format(time=f"{self._last.started_local:%H:%M}"),
            clock_text(summary.duration_ms / 1000),
            _("highest {level}").format(level=level_text(summary.peak)),
        ]
        if summary.settle_ms is not None:
            parts.append(_("settled within {seconds} s").format(seconds=round(summary.settle_ms / 1000)))
        return "   ".join(parts)

    def _today_line(self) -> str:
        today = self._today
        if today is None or not today.calls or today.peak is None or today.peak_at is None:
            return ""
        minutes = round(today.strain_ms / 60_000)
        parts = [
            _("Today"),
            ngettext("{count} call", "{count} calls", today.calls).format(count=today.calls),
            _("highest {level} at {time}").format(level=level_text(today.peak), time=f"{today.peak_at:%H:%M}"),
            _("under strain {minutes} min").format(minutes=minutes),
            sparkline(today.peaks, SPARKLINE_TOP, PEAKS_SHOWN),
        ]
        return "   ".join(parts)


def _call_error_sentence(error: CallError) -> str:
    return {
        "no_consent": _("You have not agreed to be measured. Settings (s) lets you change that."),
        "no_candidate": _("The network chosen for you is not there any more. Do the expressions again (s)."),
        "no_network": _("The network cannot be used: {detail}. Do the expressions again (s)."),
        "in_call": _("A call is running already."),
        "no_source": _("{detail} was not found. Put it back, or start Calmline with another one."),
    }[error.code].format(detail=error.detail)
