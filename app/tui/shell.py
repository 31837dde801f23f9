"""What a screen may ask of the app around it. Screens and calls know this and not the app, so nothing goes in circles."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from textual.notifications import SeverityLevel

if TYPE_CHECKING:
    from textual.message import Message

    from app.tui.calls.calling import Calling
    from app.tui.calls.watcher import Watcher
    from app.tui.services import ReadingTools, Services
    from app.tui.wizard.state import WizardState
    from app.tui.wizard.steps import Step
    from core.candidates.card import Card
    from core.candidates.network import Network
    from core.sources.source import FrameSource
    from core.store.records import CallRecord


class SelfBeginning(Protocol):
    """Calls that begin by themselves, as the settings see them (`app.tui.calls.by_themselves`)."""

    @property
    def possible(self) -> bool: ...  # noqa: D102
    @property
    def on(self) -> bool: ...  # noqa: D102
    def begin(self) -> None: ...  # noqa: D102
    def switch(self, *, on: bool) -> None: ...  # noqa: D102


class Shell(Protocol):
    """The app, as its screens, its calls and the softphone's channel see it."""

    services: Services
    watcher: Watcher
    calling: Calling

    @property
    def by_themselves(self) -> SelfBeginning: ...  # noqa: D102

    wizard: WizardState
    current_step: Step | None

    # -- what is read with --------------------------------------------------------------------------------------------
    def begin_loading_tools(self) -> None: ...  # noqa: D102 - each is documented where it stands, in `app.tui.app`
    async def tools(self) -> ReadingTools: ...  # noqa: D102
    async def load_networks(self) -> list[Network]: ...  # noqa: D102
    def card(self, candidate_id: str) -> Card | None: ...  # noqa: D102
    def called(self, candidate_id: str) -> str: ...  # noqa: D102
    def make_source(self) -> FrameSource: ...  # noqa: D102

    # -- the person's way ---------------------------------------------------------------------------------------------
    def show_step(self, step: Step) -> None: ...  # noqa: D102
    def show_following(self, step: Step) -> None: ...  # noqa: D102
    def show_preceding(self, step: Step) -> None: ...  # noqa: D102
    def show_history(self, view: str = "calls") -> None: ...  # noqa: D102
    def show_settings(self, line: str | None = None) -> None: ...  # noqa: D102
    def show_practice(self, *, alone: bool = False) -> None: ...  # noqa: D102
    def show_state(self) -> None: ...  # noqa: D102

    # -- calls --------------------------------------------------------------------------------------------------------
    async def start_call(self) -> CallRecord: ...  # noqa: D102
    async def end_call(self, *, at_last_face: bool = False) -> CallRecord | None: ...  # noqa: D102
    async def pause_call(self, *, paused: bool) -> None: ...  # noqa: D102
    async def obey_consent(self) -> None: ...  # noqa: D102

    # -- appearance and notices ---------------------------------------------------------------------------------------
    def store_errors_said(self) -> AbstractContextManager[None]: ...  # noqa: D102
    def remember(self, key: str, value: str) -> None: ...  # noqa: D102
    async def use_language(self, language: str) -> None: ...  # noqa: D102
    async def action_toggle_language(self) -> None: ...  # noqa: D102
    async def action_toggle_theme(self) -> None: ...  # noqa: D102
    def notify(  # noqa: D102
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None: ...
    def post_message(self, message: Message) -> bool: ...  # noqa: D102
    def push_screen(self, screen: Any, callback: Any = None) -> Any: ...  # noqa: D102
    def call_from_thread(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> Any: ...  # noqa: D102
