"""Calls that begin and end by the microphone, and those whose end was missed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.message import Message

from app.tui.calls.calling import CallError
from app.tui.calls.control import refused
from app.tui.wizard.steps import Step
from app.words.calls import reply_sentence
from app.words.language import _
from core.microphone.calls import MicrophoneCalls, Turn, programs_of
from core.microphone.system import MicrophoneWatch, Users
from core.monitoring.missed import Missed, MissedEnd
from core.store.errors import StoreError
from core.store.settings import MICROPHONE_SETTING, OFF, ON, PROGRAMS_SETTING

if TYPE_CHECKING:
    from app.tui.dialogs.ask import SureDialog
    from app.tui.shell import Shell

NOTICE_SECONDS = 10.0


@dataclass
class MicrophoneTold(Message):
    """Which programs use the microphone now; `users` is None where nobody can tell."""

    users: Users


class CallsByThemselves:
    """Belongs to the app; every method runs on its thread."""

    def __init__(self, app: Shell) -> None:
        """Nothing is asked before `begin`."""
        self._app = app
        self._watch: MicrophoneWatch | None = None
        self._calls = MicrophoneCalls()
        self._missed: tuple[int, MissedEnd] | None = None
        self._question: SureDialog | None = None

    @property
    def possible(self) -> bool:
        """Whether this system tells who uses the microphone."""
        return self._app.services.ask_microphone is not None

    @property
    def on(self) -> bool:
        """Whether the person wants calls to begin with the microphone."""
        return self.possible and self._app.services.store.setting(MICROPHONE_SETTING, OFF) == ON

    def begin(self) -> None:
        """Ask who uses the microphone from now on, where the person wants that."""
        self.stop()
        ask = self._app.services.ask_microphone
        if not self.on or ask is None:
            return
        programs = programs_of(self._app.services.store.setting(PROGRAMS_SETTING, ""))
        self._calls = MicrophoneCalls(programs) if programs else MicrophoneCalls()
        self._watch = MicrophoneWatch(ask, lambda users: self._app.post_message(MicrophoneTold(users)))

    def stop(self) -> None:
        """Ask no more; a call that runs goes on."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None

    def switch(self, *, on: bool) -> None:
        """Keep what the person wants, and do it at once."""
        self._app.remember(MICROPHONE_SETTING, ON if on else OFF)
        self.begin()

    async def told(self, users: Users) -> None:
        """Begin or end a call, by who uses the microphone now."""
        turn = self._calls.tell(self._app.services.clock.monotonic(), users)
        try:
            if turn is Turn.BEGIN and self._app.calling.running is None and self._app.current_step is Step.MONITOR:
                await self._app.start_call()
            elif turn is Turn.END:
                await self._app.end_call()
        except (CallError, StoreError) as error:
            self._say(error)

    def _say(self, error: CallError | StoreError) -> None:
        self._app.notify(reply_sentence(refused(error)), severity="warning", timeout=NOTICE_SECONDS)

    def offer(self) -> None:
        """After the first call, once: ask whether calls should begin with the microphone."""
        if not self.possible or self._app.services.store.setting(MICROPHONE_SETTING, None) is not None:
            return
        self._app.remember(MICROPHONE_SETTING, OFF)
        text = _(
            "Should calls begin by themselves, when a softphone, Teams, Zoom or a browser uses the microphone? Calmline looks "
            "at which program uses it, and hears nothing. A hold that lets go of it for over five seconds makes two calls of one. "
            "The settings (s) change it."
        )
        self._put(text, lambda yes: self.switch(on=bool(yes)))

    def _put(self, text: str, then: Any) -> SureDialog:
        from app.tui.dialogs.ask import SureDialog

        dialog = SureDialog(text)
        self._app.push_screen(dialog, then)
        return dialog

    async def look(self) -> None:
        """Once a second: is the end of the running call being missed?"""
        running, now = self._app.calling.running, self._app.services.clock.monotonic()
        if running is None:
            self._missed = None
            self._take_back()
            return
        if self._missed is None or self._missed[0] != running.call_id:
            self._missed = (running.call_id, MissedEnd(now - running.elapsed(now)))
        watched = self._missed[1]
        microphone = self._watch is not None and self._calls.in_call
        turn = watched.tell(now, running.last_face, microphone=microphone)
        if turn is Missed.ASK:
            text = _("Is the call still running? Without an answer it ends in a minute, where your face was last seen.")
            self._question = self._put(text, partial(self._answered, watched))
        elif turn is Missed.END:
            self._take_back()
            await self._end_at_last_face()
        elif not watched.asked:
            self._take_back()

    async def _answered(self, watched: MissedEnd, yes: bool | None) -> None:
        if self._question is None:  # taken back
            return
        self._question = None
        if yes:
            watched.goes_on(self._app.services.clock.monotonic())
        else:
            await self._end_at_last_face()

    def _take_back(self) -> None:
        """Close a question that nobody answers any more."""
        question, self._question = self._question, None
        if question is not None and question.is_attached:
            question.dismiss(None)

    async def _end_at_last_face(self) -> None:
        self._missed = None
        try:
            await self._app.end_call(at_last_face=True)
            self._app.notify(_("The call was ended where your face was last seen."), timeout=NOTICE_SECONDS)
        except StoreError as error:
            self._say(error)
