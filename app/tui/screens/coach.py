"""Interview practice: how one comes across, live and question by question; the person's own, and nothing is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import OptionList

from app.tui.calls.practice import (
    EXPLANATION,
    PROMISE,
    PracticeEnded,
    PracticeState,
    PracticeTicked,
    call_runs,
    prepare_practice,
)
from app.tui.calls.watcher import Purpose
from app.tui.dialogs.ask import LineDialog
from app.tui.dialogs.choose import ChooseDialog
from app.tui.screens.base import CalmScreen
from app.tui.services import PracticeOptions
from app.tui.widgets.marked_list import MarkedList
from app.tui.widgets.plain import Plain
from app.words.errors import source_error_sentence, trouble_sentence
from app.words.figures import clock_text
from app.words.language import N_, _
from app.words.practice import (
    about_question,
    question_list_sentence,
    run_sentence,
    share_lines,
    summary_line,
    tension_sentence,
    time_left_sentence,
    timeline_legend,
    timeline_text,
)
from app.words.question_sets import question_set, question_set_names
from core.coach.valence import Valence
from core.method.level import READINGS_PER_SECOND
from core.sources.source import FrameSource, Performer
from core.system.files import own_path

if TYPE_CHECKING:
    from core.coach.live import LivePractice, PracticeView
    from core.coach.session import QuestionSummary
    from core.explain.attribution import Attribution
    from core.sources.loop import Tick

ANSWER_SECONDS = (30, 60, 90, 120)
"""How long an answer may take, in seconds."""

OWN_LIST = "own"
"""The entry for a text file, among the keys of the sets of questions."""


class CoachScreen(CalmScreen):
    """Before: what this is. While practising: the question, the shares, the run. After: a summary a question."""

    CSS_PATH = "coach.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "begin", N_("begin"), id="coach.begin"),
        Binding("n", "next", N_("next question"), id="coach.next"),
        Binding("p", "pause", N_("pause"), id="coach.pause"),
        Binding("e", "end", N_("end"), id="coach.end"),
        Binding("l", "load", N_("questions"), id="coach.list"),
        Binding("t", "time", N_("answer time"), id="coach.time"),
        Binding("f", "four", N_("four"), id="coach.four", tooltip=N_("four emotions")),
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
        self._four = False

    def compose_content(self) -> ComposeResult:
        """Two faces of one screen: practising, and the summary after it."""
        with Vertical(id="practice"):
            with Horizontal(id="top"):
                yield Plain("", id="state")
                yield Plain("", id="clock")
            yield Plain("", id="question")
            yield Plain("", id="shares")
            yield Plain("", id="now")
            yield Plain("", id="strip")
            yield Plain(_(PROMISE), id="promise")
        with Vertical(id="after"):
            yield Plain(_("How you came across"), id="after-heading")
            yield MarkedList({}, id="questions")
            yield Plain("", id="about")

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
        if action in ("load", "time"):
            return state is PracticeState.BEFORE
        if action in ("pause", "end"):
            return state in (PracticeState.RUNNING, PracticeState.PAUSED)
        return state is PracticeState.RUNNING if action == "next" else True

    @work(exclusive=True, group="practice")
    async def action_begin(self) -> None:
        """Begin; the camera opens now, and not before."""
        self._said = _("Getting ready …")
        self._show()
        practice, self._said = await prepare_practice(self.calmline, self._options)
        if practice is not None:
            self._practice, self._state = practice, PracticeState.RUNNING
            await self._watch()
        elif self._state is PracticeState.AFTER:  # the summary stays
            self.notify(self._said, severity="warning", timeout=10)
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
            refusal = call_runs(self.calmline)
            if refusal:
                self.notify(refusal, severity="warning", timeout=10)
                return
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
        """Take one of the sets of questions, or those of a text file."""
        entries = {**question_set_names(), OWN_LIST: _("your own list, from a text file")}
        chosen = await self.app.push_screen_wait(ChooseDialog(_("Which questions?"), entries))
        if chosen is None:
            return
        if chosen != OWN_LIST:
            self._options, self._said = self._options.with_questions(question_set(chosen)), ""
            self._show()
            return
        folder = self.calmline.services.locations.exports  # all of the person's own that the program may read
        hint = _("Put the file into {folder}, with one question a line, and write its name here.").format(folder=folder)
        name = await self.app.push_screen_wait(LineDialog(_("A text file with your questions"), hint))
        if name is None:
            return
        from core.coach.questions import QuestionListError, read_questions

        try:
            questions = await asyncio.to_thread(read_questions, own_path(folder / name))
            self._options, self._said = self._options.with_questions(questions), ""
        except QuestionListError as error:
            self._said = question_list_sentence(error)
        self._show()

    @work
    async def action_time(self) -> None:
        """Choose how long an answer may take."""
        entries = {"0": _("as long as you like")}
        entries |= {str(seconds): _("{seconds} s").format(seconds=seconds) for seconds in ANSWER_SECONDS}
        now = str(self._options.answer_seconds or 0)
        chosen = await self.app.push_screen_wait(ChooseDialog(_("How long may an answer take?"), entries, now))
        if chosen is not None:
            self._options = replace(self._options, answer_seconds=int(chosen) or None)
            self._show()

    def action_four(self) -> None:
        """Show the four emotions instead of the three valences, or the other way round."""
        self._four = not self._four
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
        if self.drawn:
            self.query_one("#questions").focus()

    # -- what the analysis thread tells -------------------------------------------------------------------------------

    def on_practice_ticked(self) -> None:
        """Show what the last tick read."""
        if self._state is PracticeState.RUNNING and self.drawn:
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
        if not self.drawn:
            return
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
        self.query_one("#state", Plain).update(_("Practice"))
        self.query_one("#clock", Plain).update("")
        self.query_one("#question", Plain).update(first)
        self.query_one("#shares", Plain).update(_(EXPLANATION))
        self.query_one("#now", Plain).update(self._said or _("Space begins. The camera is off until then."))
        self.query_one("#strip", Plain).update("")

    def _show_view(self) -> None:
        assert self._practice is not None
        view = self._practice.view(self._cells * READINGS_PER_SECOND)
        count = len(self._options.questions)
        place = _("Question {number} of {count}") if view.number <= count else _("Question {number}")
        self.query_one("#state", Plain).update(place.format(number=view.number, count=count))
        self.query_one("#clock", Plain).update(self._clock(view))
        self.query_one("#question", Plain).update(view.question or _("A question of your own."))
        self.query_one("#shares", Plain).update(
            share_lines(view.emotion_shares if self._four else view.shares, self.app.theme_variables)
        )
        self.query_one("#now", Plain).update(self._now(view))
        colours = self.app.theme_variables
        cells = min(self._cells, -(-len(view.recent) // READINGS_PER_SECOND))
        strip = timeline_text(view.recent, cells, colours)
        strip.append("\n" + timeline_legend(), colours.get("quiet", ""))
        self.query_one("#strip", Plain).update(strip)

    @property
    def _cells(self) -> int:
        """How wide a strip may be; while practising, of so many last seconds, one a cell."""
        return int(self.query_one("#content").size.width) - 4

    def _clock(self, view: PracticeView) -> Text:
        """How long it has lasted, and what is left for the answer."""
        if self._options.answer_seconds is None:
            return Text(clock_text(view.seconds))
        left = time_left_sentence(view.answering, self._options.answer_seconds)
        return Text(f"{left}   {clock_text(view.seconds)}")

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
        lines = {str(one.number): summary_line(one, emotions=self._four) for one in self._summaries}
        self.query_one("#questions", MarkedList).show(lines)
        self._show_about(0)

    @on(OptionList.OptionHighlighted, "#questions")
    def highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell about the question pointed at."""
        self._show_about(event.option_index)

    def _show_about(self, place: int) -> None:
        if self.drawn and 0 <= place < len(self._summaries) and self._practice is not None:
            summary = self._summaries[place]
            attributions = [(moment, self._practice.attribution(moment)) for moment in summary.most_negative]
            clearest: dict[Valence, Attribution | None] = {
                valence: self._practice.attribution(moment)
                for valence, moment in summary.clearest.items()
                if valence is not Valence.NEGATIVE
            }
            about = about_question(summary, attributions, self._cells, self.app.theme_variables, clearest)
            self.query_one("#about", Plain).update(about)
