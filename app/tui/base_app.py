"""What all screens have in common, whatever the app does: language, theme, notices, keys, the palette, the last word."""

from __future__ import annotations

import os
import traceback
from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widgets import Input

from app.tui.palette import CalmPalette
from app.tui.screens.base import CalmScreen
from app.tui.theme import CALMLINE_DARK, DARK_THEME, LIGHT_THEME, THEMES
from app.words.korean import latin_keys
from app.words.language import N_, _, current_language, other_language, use_language
from app.words.printable import printable


class DressedApp(App[int]):
    """An app in Calmline's themes and languages. What is chosen is kept by `remember`."""

    TITLE = "Calmline"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", N_("quit"), id="app.quit", show=False, priority=True),
        Binding("f2", "toggle_language", N_("language"), id="app.words.language", show=False, priority=True),
        Binding("f3", "toggle_theme", N_("light or dark"), id="app.theme", show=False),
        Binding("f1", "show_help_panel", N_("help"), id="app.help", show=False),
    ]

    def __init__(self, theme: str | None) -> None:
        """`theme` as it was remembered: "light", or anything else for the dark one."""
        super().__init__()
        self._dress(LIGHT_THEME if theme == "light" else DARK_THEME)

    @abstractmethod
    def remember(self, key: str, value: str) -> None:
        """Keep a setting for the next start."""

    @property
    @abstractmethod
    def log_file(self) -> Path:
        """Where the traceback of a fault of ours goes."""

    def _dress(self, name: str) -> None:
        """Begin with this theme. Setting it later would have every style sheet read twice before anything is drawn."""
        for theme in THEMES:
            self.register_theme(theme)
        self.set_reactive(DressedApp.theme, name)
        self.stylesheet.set_variables(self.get_css_variables())
        dark = self.current_theme.dark
        for class_name, holds in ((f"-theme-{name}", True), ("-dark-mode", dark), ("-light-mode", not dark)):
            self.set_class(holds, class_name)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables exist in every theme, so that the style sheets can be read before ours is set."""
        return dict(CALMLINE_DARK.variables)

    async def on_event(self, event: events.Event) -> None:
        """Keys typed while the Korean input method is on count as the Latin ones, except in a field for text."""
        if isinstance(event, events.Key) and event.character and not isinstance(self.focused, Input):
            for key in latin_keys(event.character):
                await super().on_event(events.Key(key, key))
            if latin_keys(event.character):
                return
        await super().on_event(event)

    def _fatal_error(self) -> None:
        """A fault of ours: its traceback goes to the log (where file descriptor 2 leads), the person gets a sentence."""
        text = traceback.format_exc()
        os.write(2, text.encode(errors="replace"))
        self._exit_renderables.append(
            _(
                "Something went wrong inside Calmline, and it had to close. Your record is kept. More is in {path}."
            ).format(path=self.log_file)
        )
        self._close_messages_no_wait()

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,  # noqa: ARG002 - what widgets hand on without being asked
    ) -> None:
        """Show a notice, as it is: no markup, and nothing that speaks to the terminal (it may name a file)."""
        super().notify(printable(message), title=title, severity=severity, timeout=timeout, markup=False)

    def action_leave(self) -> None:
        """Quit; a running call is ended and kept by the monitor screen as it closes."""
        self.exit(0)

    async def action_toggle_language(self) -> None:
        """Change between English and Korean, everywhere at once."""
        await self.use_language(other_language())

    async def use_language(self, language: str) -> None:
        """Show everything in `language` ("en" or "ko") and remember it."""
        use_language(language)
        self.remember("language", language)
        for screen in self.screen_stack:
            if isinstance(screen, CalmScreen):
                await screen.change_language()

    @property
    def language(self) -> str:
        """The language in use."""
        return current_language()

    def action_toggle_theme(self) -> None:
        """Change between the dark and the light theme, and remember it."""
        to_light = self.theme != LIGHT_THEME
        self.theme = LIGHT_THEME if to_light else DARK_THEME
        self.remember("theme", "light" if to_light else "dark")

    def action_command_palette(self) -> None:
        """Open the palette, where it is not open."""
        if self.use_command_palette and not isinstance(self.screen, CalmPalette):
            self.push_screen(CalmPalette(id="--command-palette"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: this screen's commands first, then those that work everywhere."""
        if isinstance(screen, CalmScreen):
            for command in screen.palette_commands():
                yield SystemCommand(command.title, command.help, command.run)
        yield SystemCommand(_("view: light or dark"), _("Change between the two themes"), self.action_toggle_theme)
        yield SystemCommand(
            _("view: other language"), _("한국어 / English"), lambda: self.run_worker(self.action_toggle_language())
        )
        yield SystemCommand(_("help: keys"), _("Show every key of this screen"), self.action_show_help_panel)
        yield SystemCommand(_("calmline: quit"), _("Close the program; a running call is kept"), self.action_leave)
