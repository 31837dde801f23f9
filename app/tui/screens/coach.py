"""Interview practice: how one comes across, live and question by question; the person's own, and nothing is kept."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import OptionList, Static

from app.language import N_, _
from app.practising import (
    about_question,
    clock,
    run_sentence,
    share_lines,
    summary_line,
    tension_sentence,
    timeline_legend,
    timeline_text,
)
from app.tui.dialogs.ask import LineDialog
from app.tui.practice import PracticeOptions, PracticeState, prepare_practice
from app.tui.screens.base import CalmScreen
from app.tui.watching import Purpose
from app.tui.widgets.marked_list import MarkedList
from app.wording import source_error_sentence, trouble_sentence
from core.analysis import LoopEnd
from core.level import READINGS_PER_SECOND
from core.sources.source import FrameSource, Performer

if TYPE_CHECKING:
    from core.analysis import Tick
    from core.coach.live import LivePractice, PracticeView
    from core.coach.session import QuestionSummary

STRIP_SECONDS = 76
"""The strip while practising shows so many last seconds, one a cell."""


class PracticeTicked(Message):
    """A tick of the practice has been read."""

    def can_replace(self, message: Message) -> bool:
        """Only the newest matters."""
        return isinstance(message, PracticeTicked)


class PracticeEnded(Message):
    """Watching came to an end: a file has played, the camera failed, or it was stopped."""

    def __init__(self, end: LoopEnd, source: FrameSource) -> None:
        """`end` says why; `source` is what was watched."""
        super().__init__()
        self.end, self.source = end, source


class CoachScreen(CalmScreen):
    """Before: what this is. While practising: the question, the shares, the run. After: a summary a question."""

    CSS_PATH = "coach.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "begin", N_("begin"), id="coach.begin"),
        Binding("n", "next", N_("next question"), id="coach.next"),
        Binding("p", "pause", N_("pause"), id="coach.pause"),
        Binding("e", "end", N_("end"), id="coach.end"),
        Binding("l", "load", N_("question list"), id="coach.list"),
        Binding("escape", "leave", N_("back"), id="coach.back"),
    ]

    def __init__(self, options: PracticeOptions | None = None, *, alone: bool = False) -> None:
        """`alone`: the program was started for this screen only, and ends with it."""
        super().__init__()
        self._options = options or PracticeOptions()
        self._alone = alone
        self._state = PracticeState.BEFORE
        self._practice: LivePractice | None = None
        self._source: FrameSource | None = None
        self._summaries: list[QuestionSummary] = []
        self._said = ""
        self._stopping = False

    def compose_content(self) -> ComposeResult:
        """Two faces of one screen: practising, and the summary after it."""
        with Vertical(id="practice"):
            with Horizontal(id="top"):
                yield Static("", id="state")
                yield Static("", id="clock")
            yield Static("", id="question")
            yield Static("", id="shares")
            yield Static("", id="now")
            yield Static("", id="strip")
            yield Static(_(PROMISE), id="promise")
        with Vertical(id="after"):
            yield Static(_("How you came across"), id="after-heading")
            yield MarkedList({}, id="questions")
            yield Static("", id="about")

    def content_ready(self) -> None:
        """Show where we are."""
        self._show()

    async def on_unmount(self) -> None:
        """However the screen is left, the camera closes."""
        await self._stop()

    # -- commands -----------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys show where they do something."""
        state = self._state
        if action == "begin":
            return state in (PracticeState.BEFORE, PracticeState.AFTER)
        if action == "load":
            return state is PracticeState.BEFORE
        if action in ("pause", "end"):
            return state in (PracticeState.RUNNING, PracticeState.PAUSED)
        return state is PracticeState.RUNNING if action == "next" else True

    @work(exclusive=True, group="practice")
    async def action_begin(self) -> None:
        """Begin; the camera opens now, and not before."""
        self._said = _("Getting ready …")
        self._show()
        self._practice, self._said = await prepare_practice(self.calmline, self._options)
        if self._practice is not None:
            self._state = PracticeState.RUNNING
            await self._watch()
        self._show()

    def action_next(self) -> None:
        """The next question begins."""
        if self._practice is not None:
            self._practice.next_question()
            self._show()

    @work(exclusive=True, group="practice")
    async def action_pause(self) -> None:
        """Stop reading, and close a camera, until this is pressed again."""
        if self._practice is None:
            return
        if self._state is PracticeState.PAUSED:
            self._practice.resume()
            self._state = PracticeState.RUNNING
            if self.calmline.watcher.purpose is not Purpose.PRACTICE:
                await self._watch()
        else:
            self._practice.pause()
            self._state = PracticeState.PAUSED
            if self._source is not None and self._source.is_camera:
                await self._stop()
        self._show()

    @work(exclusive=True, group="practice")
    async def action_end(self) -> None:
        """End the practice: the camera closes, the summary shows."""
        await self._finish()

    @work
    async def action_load(self) -> None:
        """Take the questions from a text file."""
        hint = _("One question a line. Enter reads the file, Esc closes.")
        name = await self.app.push_screen_wait(LineDialog(_("A text file with your questions"), hint))
        if name is None:
            return
        from core.coach.session import QuestionListError, read_questions

        try:
            questions = await asyncio.to_thread(lambda: read_questions(Path(name).expanduser()))
            self._options, self._said = self._options.with_questions(questions), ""
        except QuestionListError as error:
            self._said = _("The question list cannot be used: {reason}.").format(reason=error)
        self._show()

    @work(exclusive=True, group="practice")
    async def action_leave(self) -> None:
        """Back to the monitor, or out of the program that was started for this; a practice that runs is ended first."""
        if self._state in (PracticeState.RUNNING, PracticeState.PAUSED):
            await self._finish()
        elif self._alone:
            self.app.exit(0)
        else:
            self.app.pop_screen()

    async def _watch(self) -> None:
        practice, source = self._practice, self.calmline.make_source()
        assert practice is not None
        self._source, self._stopping = source, False
        cues = [1] if isinstance(source, Performer) else []

        def handle(tick: Tick) -> None:
            """On the analysis thread."""
            if cues and isinstance(source, Performer):
                source.perform_call(cues.pop())  # only an open actor takes its cue
            practice.handle(tick)
            self.post_from_thread(PracticeTicked())

        await self.calmline.watcher.start(
            Purpose.PRACTICE,
            source,
            handle,
            rate=READINGS_PER_SECOND,
            on_end=lambda end: self.post_from_thread(PracticeEnded(end, source)),
        )

    async def _stop(self) -> None:
        self._stopping = True
        if self.calmline.watcher.purpose is Purpose.PRACTICE:
            await self.calmline.watcher.stop()

    async def _finish(self) -> None:
        if self._practice is None:
            return
        await self._stop()
        self._summaries = self._practice.summaries()
        self._state = PracticeState.AFTER
        self._show()
        self.query_one("#questions").focus()

    # -- what the analysis thread tells -------------------------------------------------------------------------------

    def on_practice_ticked(self) -> None:
        """Show it."""
        if self._state is PracticeState.RUNNING:
            self._show_view()

    def on_practice_ended(self, message: PracticeEnded) -> None:
        """A file has played, a call took the camera, or something failed: the summary of what there is."""
        if message.source is not self._source or self._stopping:
            return
        if message.end.trouble is not None:
            self.notify(source_error_sentence(message.end.trouble), severity="warning", timeout=10)
        elif message.end.failure is not None:
            self.log.error(message.end.failure)
            self.notify(_("Reading failed: {reason}.").format(reason=message.end.failure), severity="error", timeout=10)
        self.action_end()

    # -- drawing ------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        after = self._state is PracticeState.AFTER
        self.query_one("#practice").display = not after
        self.query_one("#after").display = after
        if after:
            self._show_summaries()
        elif self._practice is None or self._state is PracticeState.BEFORE:
            self._show_before()
        else:
            self._show_view()
        self.refresh_bindings()

    def _show_before(self) -> None:
        count = len(self._options.questions)
        first = self._options.questions[0] if count else _("Ask yourself a question, and answer it aloud.")
        self.query_one("#state", Static).update(_("Practice"))
        self.query_one("#clock", Static).update("")
        self.query_one("#question", Static).update(first)
        self.query_one("#shares", Static).update(_(EXPLANATION))
        self.query_one("#now", Static).update(self._said or _("Space begins. The camera is off until then."))
        self.query_one("#strip", Static).update("")

    def _show_view(self) -> None:
        assert self._practice is not None
        view = self._practice.view(STRIP_SECONDS * READINGS_PER_SECOND)
        count = len(self._options.questions)
        place = _("Question {number} of {count}") if view.number <= count else _("Question {number}")
        self.query_one("#state", Static).update(place.format(number=view.number, count=count))
        self.query_one("#clock", Static).update(clock(view.seconds))
        self.query_one("#question", Static).update(view.question or _("A question of your own."))
        self.query_one("#shares", Static).update(share_lines(view.shares, self.app.theme_variables))
        self.query_one("#now", Static).update(self._now(view))
        colours = self.app.theme_variables
        cells = min(STRIP_SECONDS, -(-len(view.recent) // READINGS_PER_SECOND))
        strip = timeline_text(view.recent, cells, colours)
        strip.append("\n" + timeline_legend(), colours.get("quiet", ""))
        self.query_one("#strip", Static).update(strip)

    def _now(self, view: PracticeView) -> Text:
        colours = self.app.theme_variables
        warning = colours.get("warning", "")
        if self._state is PracticeState.PAUSED:
            return Text(_("paused: nothing is read. p goes on."))
        if view.trouble is not None and self._source is not None:
            return Text(trouble_sentence(view.trouble, self._source.name), warning)
        if not view.face_seen and view.seconds > 0:
            return Text(_("No face is seen: look towards the camera."), warning)
        lines = Text(run_sentence(view.run))
        tension = tension_sentence(view.run)
        return lines.append("\n" + tension, f"bold {warning}") if tension else lines

    def _show_summaries(self) -> None:
        lines = {str(one.number): summary_line(one) for one in self._summaries}
        self.query_one("#questions", MarkedList).show(lines)
        self._show_about(0)

    @on(OptionList.OptionHighlighted, "#questions")
    def highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell about the question pointed at."""
        self._show_about(event.option_index)

    def _show_about(self, place: int) -> None:
        if 0 <= place < len(self._summaries) and self._practice is not None:
            summary = self._summaries[place]
            looks = [(moment, self._practice.look(moment)) for moment in summary.most_negative]
            about = about_question(summary, looks, self.app.size.width - 6, self.app.theme_variables)
            self.query_one("#about", Static).update(about)


EXPLANATION = N_(
    "Your face is read five times a second, as positive, neutral or tense. n marks the next question; at the end you see "
    "each answer, and where you looked tensest."
)
PROMISE = N_("Yours alone, never for whoever may hire you. Nothing of it is kept.")
