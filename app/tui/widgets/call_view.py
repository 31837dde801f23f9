"""The running call on the monitor: its clock, tension, level, what is read, the curve, and the shares of the emotions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Digits

from app.tui.widgets.curve import Curve
from app.tui.widgets.level_chart import LevelChart
from app.tui.widgets.plain import Plain
from app.words.errors import trouble_sentence
from app.words.figures import bar, clock_text, level_text
from app.words.language import _
from app.words.sentences import gap_sentence, outcome_name
from app.words.tension import tension_word_name
from core.method.emotion import EMOTIONS, Outcome
from core.method.level import READINGS_PER_SECOND
from core.method.tension import WINDOW, Tension
from core.monitoring.call import NO_FACE_SECONDS, CallUpdate

if TYPE_CHECKING:
    from app.tui.calls.calling import Calling
    from app.tui.calls.watcher import Watcher


TICKS_A_WORD = 2
"""Another word for what is read is drawn at once, but not with every tick."""


MOST_BAR = 40
"""Cells of a bar in a wide window."""


class CallView(Vertical):
    """Shows one call after another. The screen makes it with its first call and hides it between calls."""

    def __init__(self, calling: Calling, watcher: Watcher) -> None:
        """Shows what `calling` runs; `watcher` knows the source that may be in trouble."""
        super().__init__(id="in-call")
        self._calling, self._watcher = calling, watcher
        self._update: CallUpdate | None = None
        self._curve = Curve()
        self._seen_share = 0.0
        self._waited = 0
        self._drawn_outcome: Outcome | None = None
        self._said: dict[str, tuple[str, str | Text]] = {}

    def compose(self) -> ComposeResult:
        """Every place has a fixed size."""
        with Horizontal(id="call-line"):
            yield Plain("", id="call-name")
            yield Plain("", id="call-clock")
        with Horizontal(id="tension-line"):
            yield Digits("", id="tension")
            yield Plain("", id="tension-word")
            yield Plain("", id="reading")
        yield LevelChart(id="curve")
        yield Plain("", id="shares")

    def on_mount(self) -> None:
        """Draw what came before the widgets were there, which those within others are a moment later."""
        self.call_after_refresh(lambda: self.show_call(self._update, self._curve))

    def on_resize(self) -> None:
        """The bars take the width that there is."""
        if self._update is not None and self._is_there:
            self._show_shares(self._update)

    @property
    def _is_there(self) -> bool:
        """Whether its widgets are there: while the app closes they go before it does."""
        return self.is_mounted and self.query_one_optional("#curve") is not None

    def show_call(self, update: CallUpdate | None, curve: Curve) -> None:
        """Everything anew: the last tick (None: there was none yet), the level of each second."""
        self._update, self._curve = update, curve
        if self._is_there:
            self.query_one("#curve", LevelChart).curve = curve  # also where it is the same: its colours may be others
            self._draw()

    def show_tick(self, update: CallUpdate, curve: Curve | None) -> None:
        """One more tick; with `curve` a second is over, and all is drawn at once.

        Between seconds only another word for what is read is drawn: numbers that change five times a second cannot be
        read, and are not calm.
        """
        self._update = update
        self._waited += 1
        if curve is not None:
            self._curve = curve
            if self._is_there:
                self._draw()
        elif self._waited >= TICKS_A_WORD and update.reading.outcome is not self._drawn_outcome and self._is_there:
            self._show_reading(update)

    def show_clock(self) -> None:
        """The call's number and how long it has lasted."""
        record = self._calling.record
        if record is None or not self._is_there:
            return
        self._say("call-name", _("Call {number}").format(number=record.number))
        self._say("call-clock", clock_text(self._calling.seconds))

    def _draw(self) -> None:
        chart = self.query_one("#curve", LevelChart)
        if chart.would_change(self._curve):  # in a long call a dot stands for many seconds
            chart.curve = self._curve
        self.show_clock()
        if self._update is not None:
            self._show_shares(self._update)
            self._show_tension(self._update)
        else:
            self.query_one("#tension", Digits).update("")
            self._say("tension-word", "")
            self._say("reading", _("the camera is starting"))
            self._say("shares", "")

    def _say(self, place: str, content: str | Text) -> None:
        """Put `content` into the widget `place`, if it is not there: five times a second, most of it has not changed.

        Nothing is arranged anew, unless the clock gets longer.
        """
        style = "" if isinstance(content, str) else str(content.style)  # a Text equals one in another colour
        before = self._said.get(place, ("", ""))
        if (style, content) != before:
            self._said[place] = style, content
            longer = place == "call-clock" and len(content) != len(before[1])
            self.query_one(f"#{place}", Plain).update(content, layout=longer)

    def _show_tension(self, update: CallUpdate) -> None:
        tension = update.tension
        digits, value = self.query_one("#tension", Digits), f"{tension.share / 10:.0f}" if tension.known else ""
        if digits.value != value:
            digits.update(value)
        self._say("tension-word", self._tension_lines(tension, update.level))
        self._show_reading(update)

    def _show_reading(self, update: CallUpdate) -> None:
        self._waited, self._drawn_outcome = 0, update.reading.outcome
        self._say("reading", self._reading_lines(update))

    def _show_shares(self, update: CallUpdate) -> None:
        self._seen_share = update.face_seen_share
        self._say("shares", self._share_lines(update))

    def _tension_lines(self, tension: Tension, level: int) -> Text:
        """The word, of what it is a share, and the level: the running sum that nothing is said by."""
        quiet = self.app.theme_variables.get("quiet", "")
        seconds = tension.seen // READINGS_PER_SECOND
        if tension.word is None:
            word = _("looking …")
            of_what = _("{seconds} s of your face seen").format(seconds=seconds)
        elif tension.seen < WINDOW:
            low, high = tension.interval
            word = "%  " + tension_word_name(tension.word)
            of_what = _("of {seconds} s tense ({low:.0%} to {high:.0%})").format(seconds=seconds, low=low, high=high)
        else:
            word = "%  " + tension_word_name(tension.word)
            of_what = _("of the last minute tense")
        sum_so_far = _("level {level} (running sum)").format(level=level_text(level))
        return Text.assemble((word, "bold"), "\n", of_what, ("\n" + sum_so_far, quiet))

    def _reading_lines(self, update: CallUpdate) -> Text:
        colours = self.app.theme_variables
        quiet = colours.get("quiet", "")
        source = self._watcher.source
        if self._calling.paused:
            return Text(_("paused: nothing is read\np goes on"), justify="right")
        if update.trouble is not None and source is not None:
            return Text(trouble_sentence(update.trouble, source.name), colours.get("warning", ""), justify="right")
        if update.no_face_for >= NO_FACE_SECONDS:
            return Text(gap_sentence(update.reading.why), colours.get("warning", ""), justify="right")
        outcome = update.reading.outcome
        style = colours.get(f"emotion-{outcome.value}", quiet)
        seen = _("face seen {share}").format(share=f"{self._seen_share:.0%}")
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
        total, cells = sum(counts) or 1, min(MOST_BAR, max(16, (self.size.width - 39) // 2))
        lines = Text(_("This call so far"), colours.get("quiet", ""), no_wrap=True).append("\n")
        for number, (emotion, count) in enumerate(zip(EMOTIONS, counts, strict=True)):
            name = outcome_name(emotion)
            lines.append(name + " " * max(1, 10 - Text(name).cell_len), colours.get("foreground", ""))
            lines.append(bar(count / total, cells), colours.get(f"emotion-{emotion.value}", ""))
            lines.append(f" {count / total:>4.0%}", colours.get("foreground", ""))
            lines.append("\n" if number == 1 else "     ")
        return lines
