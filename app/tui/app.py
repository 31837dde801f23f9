"""The app: the record behind it, which screen shows, calls, and the way out."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from app.tui.base_app import BaseApp, forget_widgets_gone
from app.tui.calls.by_themselves import CallsByThemselves, MicrophoneTold
from app.tui.calls.calling import CallBroken, Calling, CallTicked
from app.tui.calls.watcher import Watcher
from app.tui.chrome import not_you
from app.tui.ending import leave_on_signals
from app.tui.screens.base import CalmScreen
from app.tui.wizard.state import WizardState
from app.tui.wizard.steps import Step, first_step, following, preceding
from app.words.language import N_, _
from core.store.records import CallSource
from core.system.memory import give_free_memory_back

if TYPE_CHECKING:
    from textual.timer import Timer

    from app.tui.services import ReadingTools, Services
    from core.candidates.card import Card
    from core.candidates.network import Network
    from core.control.server import ControlServer
    from core.sources.source import FrameSource
    from core.store.records import CallRecord

CLOCK_SECONDS = 1.0
"""How often the top line's clock is looked at; nothing in an idle app ticks faster."""

CONSENT_SECONDS = 0.5
"""How often the consent is looked at while anybody is: another program may record that it is withdrawn."""

GONE_SECONDS = 2.0
"""A screen that was left is gone after so long."""

NOTICE_SECONDS = 12.0
"""How long a notice about the record stays."""


class CalmlineApp(BaseApp):
    """Calmline in a terminal. Everything it needs comes in `Services`."""

    # The second is the screen that most starts begin with: read later, it would have the first one read again.
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        "app.tcss",
        "screens/monitor.tcss",
    ]

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "ask_to_leave", N_("quit"), id="app.quit", show=False),
    ]

    def __init__(self, services: Services, make_screen: Callable[[Step], CalmScreen]) -> None:
        """`make_screen` gives the screen of a step (see `app.tui.start`)."""
        super().__init__(services.store.setting("theme", "dark"))
        self.wizard = WizardState()
        self.current_step: Step | None = None
        self._make_screen = make_screen
        self._tools: asyncio.Task[ReadingTools] | None = None
        self._control: ControlServer | None = None
        self._consent_timer: Timer
        self.services = services
        self.watcher = Watcher(services.clock, self._watching_changed)
        self.calling = Calling(services, self.watcher, self.post_message)
        self.by_themselves = CallsByThemselves(self)

    @property
    def log_file(self) -> Path:
        """Where faults are told."""
        return self.services.locations.log_file

    # -- start and end ------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Show the first screen; the heavy imports wait until it is painted."""
        leave_on_signals(self.exit)
        self._consent_timer = self.set_interval(CONSENT_SECONDS, self.obey_consent, pause=True)  # the end asks for it
        self._begin()
        self.call_after_refresh(self.begin_loading_tools)

    def _begin(self) -> None:
        store = self.services.store
        if self.services.practice is not None:
            self.show_practice(alone=True)
        else:
            consent = store.consent()
            step = first_step(
                measured_consent=consent is not None and consent.measure,
                candidate_chosen=store.chosen_candidate() is not None,
                saved_step=store.setting("wizard_step", None),
            )
            self.show_step(step)
            self.call_after_refresh(self._begin_session)
            self.set_interval(CLOCK_SECONDS, self.by_themselves.look)
        self.set_interval(CLOCK_SECONDS, self.show_state)

    async def on_unmount(self) -> None:
        """No way out leaves a camera open, a call unended or a thread behind."""
        self.by_themselves.stop()
        try:
            await self.calling.end()
        finally:
            await self.watcher.stop()
            self.wizard.close()
            gc.unfreeze()
            if self._control is not None:
                await asyncio.to_thread(self._control.stop)
        self.services.store.end_session()

    @work(exclusive=True, group="session")
    async def _begin_session(self) -> None:
        from app.tui.calls.session import begin_session

        self._control = await begin_session(self, notice_seconds=NOTICE_SECONDS)

    # -- tools --------------------------------------------------------------------------------------------------------

    async def tools(self) -> ReadingTools:
        """The face finder and the candidates, loaded once in the background."""
        self.begin_loading_tools()
        assert self._tools is not None
        return await asyncio.shield(self._tools)

    def begin_loading_tools(self) -> None:
        """Have them loaded, where that has not begun."""
        if self._tools is None:
            self._tools = asyncio.create_task(asyncio.to_thread(self.services.load_tools))

    async def load_networks(self) -> list[Network]:
        """Every candidate's network that can be loaded; the others are named to the person (and by the doctor, why)."""
        from app.tui.services import load_candidates

        registry = (await self.tools()).registry
        networks, failures = await asyncio.to_thread(load_candidates, registry)
        why = {**{rejection.folder: str(rejection.reason) for rejection in registry.rejections}, **failures}
        for name, reason in why.items():
            self.log.error(name, reason)
            self.notify(
                _("{name} was left out: its files cannot be used. “calmline doctor” says why.").format(name=name)
            )
        return networks

    def card(self, candidate_id: str) -> Card | None:
        """The card of a candidate, once the candidates are loaded."""
        if self._tools is None or not self._tools.done():
            return None
        found = self._tools.result().registry.find(candidate_id)
        return None if found is None else found.card

    def called(self, candidate_id: str) -> str:
        """The name on a candidate's card; its id where no card is there, or none has been loaded yet."""
        card = self.card(candidate_id)
        return candidate_id if card is None else card.name

    def make_source(self) -> FrameSource:
        """The frame source in force, not opened."""
        return self.services.make_source()

    # -- the person's way ---------------------------------------------------------------------------------------------

    def show_step(self, step: Step) -> None:
        """Go to a step of the wizard or to the monitor; whatever is watched is closed by the screen that leaves."""
        self.remember("wizard_step", step.value)
        self._put_up(step)

    def _put_up(self, step: Step) -> None:
        self.current_step = step
        screen = self._make_screen(step)
        while len(self.screen_stack) > 2:  # settings or a dialog lie over the step that is left
            self.pop_screen()
        if len(self.screen_stack) > 1:
            self.switch_screen(screen)
            if step is Step.MONITOR:
                self.set_timer(GONE_SECONDS, self._give_memory_back)
        else:
            self.push_screen(screen)

    async def _give_memory_back(self) -> None:
        """What ten networks and their readings took in the wizard goes back to the system before the first call."""
        forget_widgets_gone()
        await asyncio.to_thread(give_free_memory_back)

    def on_call_ticked(self, message: CallTicked) -> None:
        """Tell the screens that show calls what a tick came to, also one that lies under another."""
        for screen in self.screen_stack:
            if isinstance(screen, CalmScreen):
                screen.show_call(message.update)

    @work(exclusive=True, group="call-broken")
    async def on_call_broken(self, message: CallBroken) -> None:
        """A call whose frames came to an end by themselves (a file has played, a part failed) is ended and said."""
        from app.words.errors import source_error_sentence

        if self.calling.running is None:
            return
        if message.end.failure is not None:
            self.log.error(message.end.failure)
            self.notify(_("Reading failed: {reason}. The call was ended and kept.").format(reason=message.end.failure))
        elif message.end.trouble is not None:
            self.notify(source_error_sentence(message.end.trouble))
        with self.store_errors_said():
            await self.end_call()
        self._call_changed()  # also where its end could not be kept

    async def start_call(self) -> CallRecord:
        """Start a call, from a key or from the control channel.

        Raises:
            CallError: it cannot be started.
            StoreError: it cannot be recorded.
        """
        record = await self.calling.start(await self.tools())
        left_out = self.calling.own_left_out
        if left_out is not None:
            from app.words.sentences import own_left_out_sentence

            self.notify(own_left_out_sentence(left_out.network.card.name), severity="warning", timeout=NOTICE_SECONDS)
        self._call_changed()
        gc.freeze()  # what is there stays until the call ends: to look through it for garbage twice a minute takes 4 % of a call
        return record

    async def on_microphone_told(self, message: MicrophoneTold) -> None:
        """Begin or end a call by who uses the microphone."""
        await self.by_themselves.told(message.users)

    async def end_call(self, *, at_last_face: bool = False) -> CallRecord | None:
        """End the call, if there is one; `at_last_face`: where its end was missed.

        Raises:
            StoreError: its end cannot be recorded.
        """
        forget_widgets_gone()
        record = await self.calling.end(at_last_face=at_last_face)
        self._call_changed()
        if record is not None:
            self.by_themselves.offer()
        return record

    async def pause_call(self, *, paused: bool) -> None:
        """Pause the call, if there is one, or go on with it."""
        await self.calling.pause(paused=paused)
        self._watching_changed()
        for screen in self.screen_stack:
            if isinstance(screen, CalmScreen):
                screen.call_paused()

    def _call_changed(self) -> None:
        self._watching_changed()
        for screen in self.screen_stack:
            if isinstance(screen, CalmScreen):
                screen.call_changed()

    def show_following(self, step: Step) -> None:
        """Go on from `step`."""
        self.show_step(following(step))

    def show_preceding(self, step: Step) -> None:
        """Go back from `step`; nothing happens at the first one."""
        before = preceding(step)
        if before is not None:
            self.show_step(before)

    def show_history(self, view: str = "calls") -> None:
        """What was recorded, with `view` first; a running call goes on behind it."""
        from app.tui.screens.history import HistoryScreen

        self._put_over(HistoryScreen(view))

    def show_settings(self, line: str | None = None) -> None:
        """What can be changed, with `line` pointed at; a running call goes on behind it."""
        from app.tui.screens.settings import SettingsScreen

        self._put_over(SettingsScreen(line))

    def _put_over(self, screen: CalmScreen) -> None:
        """Show `screen` over the monitor, in the place of whatever lies over it now."""
        if len(self.screen_stack) > 2:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    @work(exclusive=True, group="ask-to-leave")
    async def action_ask_to_leave(self) -> None:
        """Quit; in the middle of a call, or of the expressions, only after asking."""
        from app.tui.dialogs.ask import SureDialog

        question = ""
        if self.calling.running is not None:
            question = _("A call is running. End it and close Calmline?")
        elif self.wizard.calibration is not None and self.wizard.calibration.fitted_slots:
            question = _("Your expressions so far are kept only while Calmline is open. Close it all the same?")
        sure: bool | None = not question or await self.push_screen_wait(SureDialog(question))
        if sure:
            self.action_leave()

    def show_practice(self, *, alone: bool = False) -> None:
        """Interview practice; `alone`: the program was started for it and ends with it."""
        from app.tui.screens.coach import CoachScreen

        self.push_screen(CoachScreen(self.services.practice, alone=alone))

    async def obey_consent(self) -> None:
        """Look no longer where the person does not want it any more, whoever wrote that down."""
        with self.store_errors_said():
            answer = await asyncio.to_thread(self.services.store.consent)
            if answer is not None and answer.measure:
                return
            if self.calling.running is not None:
                await self.end_call()
                self.notify(_("You withdrew your consent, so the call was ended."), timeout=NOTICE_SECONDS)
            elif self.watcher.camera_is_on:
                await self.watcher.stop()
                self.notify(_("You withdrew your consent, so the camera is off."), timeout=NOTICE_SECONDS)

    def _watching_changed(self) -> None:
        if self.watcher.purpose is None and self.calling.running is None:
            self._consent_timer.pause()
        else:
            self._consent_timer.resume()
        self.show_state()

    # -- settings and state ---------------------------------------------------------------------------------------

    @contextmanager
    def store_errors_said(self) -> Iterator[None]:
        """What the record cannot do inside becomes a notice, and the program goes on behind the block."""
        from core.store.errors import StoreError

        try:
            yield
        except StoreError as error:
            from app.words.errors import store_error_sentence

            self.notify(store_error_sentence(error), severity="error", timeout=NOTICE_SECONDS)

    def remember(self, key: str, value: str) -> None:
        """Keep a setting; where the record cannot be written, it holds until the program ends."""
        with self.store_errors_said():
            self.services.store.set_setting(key, value)

    def show_state(self) -> None:
        """Tell every screen, also one behind a dialog, whether the camera is on and what time it is."""
        camera_on, demo, now = self.watcher.camera_is_on, self._banner(), self.services.clock.wall().astimezone()
        for screen in self.screen_stack:
            if isinstance(screen, CalmScreen):
                screen.show_state(camera_on=camera_on, demo=demo, now=now)

    def _banner(self) -> str:
        """What stands on every screen where it is not the person who is looked at; else empty."""
        services = self.services
        if services.demo is not None:
            return services.demo.banner
        return "" if services.origin is CallSource.CAMERA else not_you(services.origin)
