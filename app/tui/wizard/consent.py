"""Step 2: what is agreed to, word for word, and two separate answers that begin at the least."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import OptionList, Static

from app.tui.chrome import StepHeader
from app.tui.keys import after_keys
from app.tui.screens.base import CalmScreen
from app.tui.services import BEGIN_AGAIN
from app.tui.widgets.marked_list import MarkedList
from app.tui.widgets.tick import TickBox
from app.tui.wizard.steps import WIZARD, Step, step_number
from app.words.consent_text import consent_text, text_in_use
from app.words.errors import consent_problem_sentence, no_sharing_sentence
from app.words.language import N_, _, current_language
from core.store.consent import ConsentRefused, changed_answer, sharing_possible
from core.store.records import ShareLevel

SHARE_NAMES = {
    ShareLevel.NOTHING: N_("nothing"),
    ShareLevel.SUMMARIES: N_("a summary of each call (day, minutes, tensest minute, recovery)"),
    ShareLevel.CURVES: N_("summaries and curves (one can tell when you looked tense or smiled)"),
}
"""What a supervisor may get, from the least to the most."""


class ConsentScreen(CalmScreen):
    """Measure me; share with my supervisor. Nothing is ticked before the person ticks it."""

    CSS_PATH = "consent.tcss"
    AUTO_FOCUS = "#measure"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", N_("go on"), id="consent.next", priority=True),
        Binding("m", "toggle_measure", N_("yes"), id="consent.measure", tooltip=N_("measure me")),
        Binding("space", "toggle_measure", N_("yes"), id="consent.measure-by-space", show=False),
        Binding("1", "share(0)", N_("share nothing"), id="consent.nothing", show=False),
        Binding("2", "share(1)", N_("share summaries"), id="consent.summaries", show=False),
        Binding("3", "share(2)", N_("share curves"), id="consent.curves", show=False),
        Binding("d", "decline", N_("no"), id="consent.decline", tooltip=N_("do not measure me")),
        Binding("pagedown", "read(1)", N_("read on"), id="consent.read", priority=True),
        Binding("pageup", "read(-1)", N_("read back"), id="consent.read-back", show=False, priority=True),
        Binding("escape", "back", N_("back"), id="consent.back"),
    ]

    def __init__(self) -> None:
        """Everything begins at the least, whatever was agreed to before."""
        super().__init__()
        self.measure = False
        self._share = ShareLevel.NOTHING
        self._declined = False

    def compose_content(self) -> ComposeResult:
        """The text to read and the two answers under it."""
        yield StepHeader(step_number(Step.CONSENT), len(WIZARD), _("Your consent"), _("you can change it at any time"))
        with VerticalScroll(id="text", can_focus=True):
            yield Static(_with_headings(consent_text(current_language())), markup=False)
        with Vertical(id="answers"):
            yield TickBox(_("m  Measure me during my calls"), self.measure, id="measure")
            yield Static(self._share_question(), id="share-question", classes="quiet")
            yield MarkedList(
                {level.value: f"{level.rank + 1}  {_(name)}" for level, name in SHARE_NAMES.items()},
                self._share.value,
                id="share",
                disabled=not self._may_share,
            )
            yield Static("", id="say")

    def content_ready(self) -> None:
        """Show the answers so far."""
        self._say()

    @property
    def _may_share(self) -> bool:
        return sharing_possible(self._region)

    @property
    def _region(self) -> str | None:
        return self.calmline.wizard.region or self.calmline.services.store.counsellor().region

    def _share_question(self) -> str:
        if self._may_share:
            return _("What may my supervisor see? (arrow keys or 1 2 3)")
        return no_sharing_sentence(self._region)

    @on(TickBox.Changed)
    def measure_changed(self, event: TickBox.Changed) -> None:
        """Keep the answer about being measured."""
        self.measure = event.ticked
        self._declined = False
        self._say()

    @on(OptionList.OptionHighlighted, "#share")
    def share_changed(self, event: OptionList.OptionHighlighted) -> None:
        """Keep the answer about sharing."""
        self._share = self._pointed_share(event.option_id)

    def _pointed_share(self, pointed: str | None) -> ShareLevel:
        return ShareLevel(pointed) if pointed and self._may_share else ShareLevel.NOTHING

    def action_toggle_measure(self) -> None:
        """Tick or untick "measure me"."""
        self.query_one("#measure", TickBox).action_flip()

    def action_share(self, rank: int) -> None:
        """The digits choose what is shared."""
        if self._may_share:
            self.query_one("#share", MarkedList).highlighted = rank

    def action_read(self, pages: int) -> None:
        """Move through the text."""
        text = self.query_one("#text")
        text.scroll_to(y=text.scroll_y + pages * max(1, text.size.height - 1))

    def action_decline(self) -> None:
        """Say no: it is kept as an answer, and nothing is measured."""
        self.measure, self._share = False, ShareLevel.NOTHING
        self.query_one("#measure", TickBox).ticked = False
        self.query_one("#share", MarkedList).highlighted = 0
        self._declined = self._record()
        self._say()

    def action_go_on(self) -> None:
        """Keep the answers and go on; without "measure me" there is nowhere to go on to."""
        after_keys(self, self._go_on)

    def _go_on(self) -> None:
        if not self.drawn:
            return
        self._share = self._pointed_share(self.query_one("#share", MarkedList).pointed)
        self.measure = self.query_one("#measure", TickBox).ticked  # its message may still be on the way
        if not self.measure:
            self._say(asked=True)
            return
        if not self._record():
            return
        if self.calmline.services.camera_is_unasked:
            self.app.exit(BEGIN_AGAIN)  # and with the camera step, since this one is over
        else:
            self.calmline.show_following(Step.CONSENT)

    def action_back(self) -> None:
        """To the step before; nothing has been recorded."""
        self.calmline.show_preceding(Step.CONSENT)

    def _record(self) -> bool:
        """Keep the answers; False, with the reason said, where the record cannot be written."""
        store = self.calmline.services.store
        share = self._share if self.measure else ShareLevel.NOTHING
        try:
            with self.calmline.store_errors_said():
                answer = changed_answer(
                    store.consent(), store.now(), text_in_use(), measure=self.measure, share=share, region=self._region
                )
                store.record_consent(answer)
                return True
        except ConsentRefused as refused:
            self.notify(consent_problem_sentence(refused.problem), severity="error", timeout=10)
        return False

    def _say(self, *, asked: bool = False) -> None:
        """One line on what Enter would do now."""
        if self._declined:
            text = _("That is fine. Nothing is measured. Ctrl+Q closes Calmline; m if you change your mind.")
        elif self.measure:
            text = _("Enter goes on. The camera is still off.")
        elif asked:
            text = _("Calmline needs your yes before it measures anything: m says yes, d says no.")
        else:
            text = _("Nothing is ticked for you. m ticks, d declines.")
        self.query_one("#say", Static).update(text)


def _with_headings(text: str) -> Text:
    """The text with each paragraph's first line, its heading, in bold: Hangul has no capitals."""
    shown = Text(text)
    shown.highlight_regex(r"(?m)(?:\A|(?<=\n\n)).+$", "bold")
    return shown
