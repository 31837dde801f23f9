"""Step 1: the language, the country, and in a few lines what Calmline does, never does and cannot know."""

from __future__ import annotations

import locale
import os
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import OptionList

from app.tui.chrome import StepHeader
from app.tui.keys import after_keys
from app.tui.screens.base import CalmScreen
from app.tui.widgets.marked_list import MarkedList
from app.tui.widgets.plain import Plain
from app.tui.wizard.steps import WIZARD, Step, step_number
from app.words.language import N_, _, current_language, language_names
from app.words.regions import ELSEWHERE, REGIONS, likely_region


class WelcomeScreen(CalmScreen):
    """Language and region, chosen with the arrow keys or the mouse."""

    CSS_PATH = "welcome.tcss"
    AUTO_FOCUS = "#region"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", N_("go on"), id="welcome.next", priority=True),
        Binding("l", "app.toggle_language", N_("한국어 / English"), id="welcome.language"),
        Binding("q", "app.ask_to_leave", N_("quit"), id="welcome.quit"),
    ]

    def compose_content(self) -> ComposeResult:
        """The heading, three short paragraphs, two lists."""
        yield StepHeader(step_number(Step.WELCOME), len(WIZARD), _("Welcome to Calmline"))
        yield Plain(_("It watches your face during calls and shows you, and only you, how tension comes and goes."))
        with Horizontal(id="choices"):
            with Vertical(classes="choice"):
                yield Plain(_("Language"), classes="quiet")
                yield MarkedList(language_names(), current_language(), id="language")
            with Vertical(classes="choice wide"):
                yield Plain(_("Where do you work? The law differs."), classes="quiet")
                yield MarkedList({code: _(name) for code, name in REGIONS.items()}, id="region")
        yield Plain(
            _(
                "No picture is ever shown, kept or sent. Only the time, one word and one number are saved, on this computer."
            ),
            classes="promise",
        )
        yield Plain(
            _("It cannot know how you feel: it sees a face. A smile under strain still reads as happy."),
            classes="promise quiet",
        )
        yield Plain(_("Setting up takes about five minutes."), classes="promise quiet")

    def content_ready(self) -> None:
        """Point at what is in use, or at what this computer is set to."""
        regions = self.query_one("#region", MarkedList)
        chosen = self.calmline.wizard.region or self.calmline.services.store.counsellor().region or _computers_region()
        regions.point(chosen if chosen in REGIONS else ELSEWHERE)
        self.calmline.wizard.region = regions.pointed
        if self.focused is None:
            regions.focus()

    @on(OptionList.OptionHighlighted, "#region")
    def choose_region(self, event: OptionList.OptionHighlighted) -> None:
        """Remember the region pointed at."""
        self.calmline.wizard.region = event.option_id

    @on(OptionList.OptionHighlighted, "#language")
    async def choose_language(self, event: OptionList.OptionHighlighted) -> None:
        """Change to the language pointed at, at once."""
        if event.option_list.has_focus and event.option_id not in (None, current_language()):
            assert event.option_id is not None
            await self.calmline.use_language(event.option_id)
            self.query_one("#language", MarkedList).focus()

    def action_go_on(self) -> None:
        """Keep both and go on."""
        after_keys(self, self._go_on)

    async def _go_on(self) -> None:
        store = self.calmline.services.store
        if self.drawn:  # what tells of an arrow key may still be on the way
            self.calmline.wizard.region = self.query_one("#region", MarkedList).pointed
            language = self.query_one("#language", MarkedList).pointed
            if language is not None and language != current_language():
                await self.calmline.use_language(language)
        with self.calmline.store_errors_said():
            store.save_counsellor(language=current_language(), region=self.calmline.wizard.region)
            store.set_setting("language", current_language())
            self.calmline.show_following(Step.WELCOME)


def _computers_region() -> str:
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    region = likely_region(named)
    spoken = current_language() if region == ELSEWHERE and "_" not in named else ""  # "C" or nothing names no country
    return likely_region(spoken) if spoken else region
