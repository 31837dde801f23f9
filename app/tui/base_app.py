"""What all screens have in common, whatever the app does: language, theme, notices, keys, the palette, the last word.

Every workaround of Textual stands in this file, with what it is for and the version it was last seen in. None of them
imports a private name by itself: where a later version lacks what one mends, that one does nothing.
"""

from __future__ import annotations

import asyncio
import gc
import io
import os
import sys
import traceback
from abc import abstractmethod
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from rich.console import Console, RenderableType
from textual import events
from textual.app import App
from textual.binding import ActiveBinding, Binding, BindingType
from textual.command import CommandList, CommandPalette, Provider
from textual.keys import Keys
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widgets import Footer, Input

from app.tui.actions import CalmCommands, shown_key, spoken
from app.tui.chrome import FULL_SIZE
from app.tui.dialogs.dialog import CalmDialog
from app.tui.keys import AfterKeys
from app.tui.theme import CALMLINE_DARK, DARK_THEME, LIGHT_THEME, THEMES
from app.words.korean import latin_keys
from app.words.language import N_, _, current_language, other_language, use_language
from app.words.printable import printable


def _private(module: str, *names: str) -> Any:
    """A part of Textual that has no public name; None where this version has none."""
    try:
        found: Any = import_module(module)
    except ImportError:
        return None
    for name in names:
        found = getattr(found, name, None)
    return found


def ignore_keys_without_meaning() -> None:
    """Have what Textual's parser of keys cannot take ignored; it ends the program (8.2.8, no issue yet).

    Of the kitty protocol it knows neither kinds of events ("97;1:3u", a key let go of) nor alternate keys ("113:81;5u").
    A mouse that moves after a terminal said that it is 0 cells wide makes it divide by that.
    """
    parser = _private("textual._xterm_parser", "XTermParser")
    for name, instead in (
        ("_parse_extended_key", lambda sequence: [events.Key(Keys.Ignore, sequence)]),
        ("parse_mouse_code", lambda _code: None),
    ):
        real = getattr(parser, name, None)
        if real is not None:
            setattr(parser, name, _or_else(real, instead))


def _or_else(real: Callable[..., Any], instead: Callable[[str], Any]) -> Callable[..., Any]:
    def parse(self: object, code: str) -> Any:
        try:
            return real(self, code)
        except (ValueError, OverflowError, ArithmeticError):
            return instead(code)

    return parse


def ignore_clicks_on_what_is_gone() -> None:
    """Have a mouse button that goes down on a widget just taken away ignored; it ends the program (8.2.8, no issue yet).

    Textual looks for the place of its parent, to mark text from there on. A double click on what is drawn anew does it.
    """
    real = _private("textual.screen", "Screen", "_forward_event")
    if real is None:
        return

    def forward(self: Screen[Any], event: events.Event) -> None:
        if isinstance(event, events.MouseDown) and not self.app.mouse_captured:
            hit, _offset = self.get_widget_and_offset_at(event.x, event.y)
            if hit is not None and hit is not self and hit.parent is None:
                return
        real(self, event)

    Screen._forward_event = forward  # type: ignore[method-assign]  # noqa: SLF001


ignore_keys_without_meaning()
ignore_clicks_on_what_is_gone()

UNSEEN_KEYS = ("escape", "q", "ctrl+q", "ctrl+c", "f2", "f3")
"""What is heard while a window is too small for its screen: the way out, the language and the theme."""


def forget_widgets_gone() -> None:
    """Drop what Textual still holds of widgets that no screen shows any more (8.2.8, issue 6665), and all other garbage.

    It remembers two colours for each widget, and with them all that the widget drew, for the last 1,024 widgets. The
    footer has a dozen new ones at every start and end of a call: half a megabyte after five calls, and a day of calls
    would hold eight. It finds the colours again when it next draws.
    """
    cache_clear = _private("textual._styles_cache", "StylesCache", "get_inner_outer", "cache_clear")
    if cache_clear is not None:
        cache_clear()
    gc.unfreeze()
    gc.collect()


def _as_text(renderables: Iterable[RenderableType]) -> str:
    """What Rich would show, without colours and codes."""
    console = Console(file=io.StringIO(), width=120, force_terminal=False)
    with console.capture() as shown:
        console.print(*renderables)
    return shown.get()


class CalmPalette(CommandPalette):
    """Textual's palette, without two of its ways to fall over (8.2.8).

    A triple click marks its text, for which it has no style (issue 6308): here nothing can be marked. A list that has
    not been laid out yet, or has no room, cannot be paged through (no issue yet: it looks for a line it has not made).
    """

    ALLOW_SELECT = False
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 - not a ClassVar, as Textual's own annotation reads

    def _action_command_list(self, action: str) -> None:
        """Move in the list, or choose from it, once it is laid out."""
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)


class BaseScreen(Screen[None]):
    """What the app asks of its screens."""

    async def draw_again(self) -> None:
        """Draw everything again, in the language and the colours now in use."""

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The bindings in force, described in the person's language."""
        return spoken(super().active_bindings)

    def refresh_bindings(self) -> None:
        """Show other keys in the footer.

        Textual's makes new widgets for them and holds on to the old ones, as long as nothing that they follow changes
        (8.2.8, no issue yet). So say that it has: a screen that stands all day would else hold more after every call.
        """
        super().refresh_bindings()
        for footer in self.query(Footer):
            footer.mutate_reactive(Footer.compact)


class BaseApp(App[int]):
    """An app in Calmline's themes and languages. What is chosen is kept by `remember`."""

    TITLE = "Calmline"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", N_("more"), id="app.commands", priority=True, tooltip=N_("all commands")),
        Binding("question_mark", "help", N_("help"), id="app.help"),
        Binding("f1", "help", N_("help"), id="app.help", show=False, priority=True),
        Binding("f2", "toggle_language", N_("한국어 / English"), id="app.language", show=False, priority=True),
        Binding("f3", "toggle_theme", N_("light or dark"), id="app.theme", show=False, priority=True),
        Binding("ctrl+q", "leave", N_("quit"), id="app.leave", show=False, priority=True),
        Binding("ctrl+c", "help_quit", show=False),
    ]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {CalmCommands}

    def __init__(self, theme: str | None) -> None:
        """`theme` as it was remembered: "light", or anything else for the dark one."""
        super().__init__()
        self._drawing = asyncio.Lock()
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
        self.set_reactive(BaseApp.theme, name)
        self.stylesheet.set_variables(self.get_css_variables())
        dark = self.current_theme.dark
        for class_name, holds in ((f"-theme-{name}", True), ("-dark-mode", dark), ("-light-mode", not dark)):
            self.set_class(holds, class_name)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables exist in every theme, so that the style sheets can be read before ours is set."""
        return dict(CALMLINE_DARK.variables)

    async def on_event(self, event: events.Event) -> None:
        """Keys typed while the Korean input method is on count as the Latin ones, except for text in a field."""
        if isinstance(event, events.Key):
            held, _plus, letter = event.key.rpartition("+")
            if held and len(latin_keys(letter)) == 1:  # the kitty protocol sends ctrl+q so
                event = events.Key(f"{held}+{latin_keys(letter).lower()}", None)
            elif event.character and not isinstance(self.focused, Input):
                for key in latin_keys(event.character):
                    await self._hear(events.Key(key, key))
                if latin_keys(event.character):
                    return
        await self._hear(event)

    def on_after_keys(self, message: AfterKeys) -> None:
        """All keys that were typed before are dealt with."""
        self.call_later(message.callback)

    async def _hear(self, event: events.Event) -> None:
        """Take an event; a key that would do something unseen, under the notice of a window that is too small, is none."""
        unseen = self.screen_stack and self.screen.has_class("-too-small")
        if not (unseen and isinstance(event, events.Key) and event.key not in UNSEEN_KEYS):
            await super().on_event(event)

    def _fatal_error(self) -> None:
        """Called by Textual in the handling of an error that nobody foresaw."""
        self.panic()

    def panic(self, *renderables: RenderableType) -> None:
        """Close with a sentence.

        Textual's shows the traceback, with the values of what it names, and where its thread that reads keys broke off
        the exit code is 0 (8.2.8).
        """
        self.exit(1, return_code=1, message=self.last_words(_as_text(renderables)))

    def _print_error_renderables(self) -> None:
        """Print our sentence, once, and nothing of Textual's own tools (8.2.8)."""
        del self._exit_renderables[1:]
        super()._print_error_renderables()

    def last_words(self, what: str = "") -> str:
        """The sentence after a fault of ours; the traceback of what is being handled now, else `what`, goes to the log."""
        os.write(2, (traceback.format_exc() if sys.exc_info()[0] else what).encode(errors="replace"))
        said = _("Something went wrong inside Calmline, and it had to close. Your record is kept. More is in {path}.")
        return said.format(path=self.log_file)

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
        async with self._drawing:  # the second of two keys waits until all is drawn
            use_language(language)
            self.remember("language", language)
            await self._draw_screens_again()

    async def _draw_screens_again(self) -> None:
        for screen in [*self.screen_stack]:
            if isinstance(screen, BaseScreen | CalmDialog) and screen.is_attached:
                await screen.draw_again()

    @property
    def language(self) -> str:
        """The language in use."""
        return current_language()

    async def action_toggle_theme(self) -> None:
        """Change between the dark and the light theme, everywhere at once, and remember it."""
        async with self._drawing:
            to_light = self.theme != LIGHT_THEME
            self.theme = LIGHT_THEME if to_light else DARK_THEME
            self.remember("theme", "light" if to_light else "dark")
            # Textual's own comes a moment later (8.2.8); what is drawn now needs its colours.
            self.refresh_css(animate=False)
            await self._draw_screens_again()  # texts were written in those of the other one

    def action_command_palette(self) -> None:
        """Open the palette, where it is not open."""
        if self.use_command_palette and not isinstance(self.screen, CalmPalette):
            self.push_screen(
                CalmPalette(placeholder=_("Type a few letters of what you look for …"), id="--command-palette")
            )

    def action_help(self) -> None:
        """What the level means and what every key does here; the same key closes it."""
        from app.tui.dialogs.help import HelpDialog

        if isinstance(self.screen, HelpDialog):
            self.screen.dismiss(None)
        elif not isinstance(self.screen, CalmPalette):
            self.push_screen(HelpDialog(self.screen))

    def action_companion_size(self) -> None:
        """Ask the terminal for a small window beside the softphone, or for the full one again; many obey, some do not."""
        columns, rows = FULL_SIZE if self.size.width < FULL_SIZE[0] else (50, 12)
        if self._driver is not None:
            self._driver.write(f"\x1b[8;{rows};{columns}t")
        said = _("Your terminal was asked for {size}. If it keeps its size, pull its edges: 40x8 is enough.")
        self.notify(said.format(size=f"{columns}x{rows}"))

    def action_help_quit(self) -> None:
        """Ctrl+C closes nothing: too many press it to copy."""
        self.notify(_("Ctrl+Q closes Calmline. A call that is running is kept."))

    def get_key_display(self, binding: Binding) -> str:
        """A key as it is written on keyboards and in our sentences."""
        return shown_key(binding)
