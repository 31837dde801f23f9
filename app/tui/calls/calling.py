"""The running call: it belongs to the app, so that looking at the history in the middle of it does not end it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from app.tui.calls.watcher import Purpose, Watcher
from app.tui.services import Services
from core.method.level import READINGS_PER_SECOND
from core.method.sample import Sample
from core.method.tension import high_threshold
from core.monitoring.call import Call, CallPhase, CallUpdate, stepping
from core.monitoring.origin import call_start, pipeline_of
from core.sources.source import FrameSource, SourceError
from core.store.records import CallRecord
from core.store.settings import reading_settings
from core.system.memory import give_free_memory_back

if TYPE_CHECKING:
    from app.tui.services import ReadingTools
    from core.adapt.chosen import ChosenNetwork
    from core.sources.loop import LoopEnd


class CallError(Exception):
    """A call cannot be started; `code` is "no_consent", "no_candidate", "in_call", "no_network" or "no_source"."""

    def __init__(self, code: str, detail: str = "") -> None:
        """`detail` is for the sentence."""
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


@dataclass
class CallTicked(Message):
    """A tick of the running call has been read; `update` is what it came to."""

    update: CallUpdate


@dataclass
class CallBroken(Message):
    """The frames of a call have come to an end by themselves, or because it was ended; `end` says why."""

    end: LoopEnd


class Calling:
    """Starts and ends calls. Every method runs on the app's thread."""

    def __init__(self, services: Services, watcher: Watcher, tell: Callable[[Message], object]) -> None:
        """`tell` is told, on the analysis thread, of each `CallTicked` and of a `CallBroken`."""
        self._services, self._watcher, self._tell = services, watcher, tell
        self._network: tuple[object, ChosenNetwork] | None = None
        self._switch = asyncio.Lock()
        self.running: Call | None = None
        self.record: CallRecord | None = None
        """The running call's row, or the last one's."""

    @property
    def paused(self) -> bool:
        """Whether a call is running and paused."""
        return self.running is not None and self.running.phase is CallPhase.PAUSED

    @property
    def own_left_out(self) -> ChosenNetwork | None:
        """The network of the last call, where the person's own model did not fit it and was left out; else None."""
        return self._network[1] if self._network is not None and self._network[1].own_left_out else None

    @property
    def seconds(self) -> float:
        """How long the running call has lasted; 0 between calls."""
        return 0.0 if self.running is None else self.running.elapsed(self._services.clock.monotonic())

    @property
    def level(self) -> int:
        """The running call's level in thousandths; 0 between calls."""
        return 0 if self.running is None else self.running.level

    async def start(self, tools: ReadingTools) -> CallRecord:
        """Begin a call at level 0; the camera opens.

        Raises:
            CallError: a call is running, or consent, a chosen candidate, its network or the source is missing.
            StoreError: the call cannot be recorded.
        """
        async with self._switch:
            if self.running is not None:
                raise CallError("in_call")
            chosen = await self._load_network(tools)
            return await self._begin(tools, chosen)

    async def end(self, *, at_last_face: bool = False) -> CallRecord | None:
        """End the call and close the camera; returns what it came to, None where there was none.

        `at_last_face`: its end was missed, so it ended when a face was last seen.

        Raises:
            StoreError: it cannot be written; it is closed as interrupted at the next start.
        """
        async with self._switch:
            running, self.running = self.running, None
            if running is None:
                return None
            await self._watcher.stop()
            running.end()
            duration = round(running.elapsed(running.last_face) * 1000) if at_last_face else None
            end = partial(self._services.store.end_call, running.call_id, duration_ms=duration)
            self.record = await asyncio.to_thread(end)
            await asyncio.to_thread(give_free_memory_back)
            return self.record

    async def pause(self, *, paused: bool) -> None:
        """Pause the call and close the camera, or open it and go on; nothing happens between calls, or where it is so.

        A file or an actor plays on meanwhile, unread: opened anew it would begin at its beginning.
        """
        async with self._switch:
            running, record = self.running, self.record
            if running is None or record is None or paused == self.paused:
                return
            if paused:
                running.pause()
                if self._watcher.source is not None and self._watcher.source.is_camera:
                    await self._watcher.stop()
                return
            running.resume(self._services.clock.monotonic())
            if self._watcher.source is None:
                await self._watch(running, self._services.make_source(), record.number)

    def reset(self) -> None:
        """Set the level back to 0; nothing happens between calls."""
        if self.running is not None:
            self.running.reset()

    @property
    def moment(self) -> tuple[int, int] | None:
        """The running call's id and how many milliseconds it has lasted; None between calls."""
        return None if self.running is None else (self.running.call_id, round(self.seconds * 1000))

    async def note(self, moment: tuple[int, int], text: str) -> None:
        """Keep a quick note with a moment of a call, also where the call has ended meanwhile.

        Raises:
            StoreError: it cannot be written.
        """
        call_id, t_ms = moment
        await asyncio.to_thread(self._services.store.add_note, call_id, t_ms, text)

    def samples(self) -> list[Sample]:
        """The samples of the running call that are stored so far."""
        return [] if self.running is None else self._services.store.samples(self.running.call_id)

    async def _load_network(self, tools: ReadingTools) -> ChosenNetwork:
        store = self._services.store
        consent = store.consent()
        if consent is None or not consent.measure:
            raise CallError("no_consent")
        calibration = store.latest_calibration()
        key = None if calibration is None else (calibration.id, calibration.chosen)
        if self._network is None or self._network[0] != key:
            from app.words.errors import error_text
            from core.adapt.chosen import load_chosen
            from core.candidates.network import NetworkError
            from core.candidates.threads import load_with_chosen_threads

            self._network = None  # never two at once
            try:
                load = partial(load_with_chosen_threads, memory=store)
                chosen = await asyncio.to_thread(load_chosen, tools.registry, calibration, load)
            except NetworkError as error:
                raise CallError("no_network", error_text(error)) from error
            if chosen is None:
                raise CallError("no_candidate")
            self._network = (key, chosen)
        return self._network[1]

    async def _begin(self, tools: ReadingTools, chosen: ChosenNetwork) -> CallRecord:
        services = self._services
        try:
            source = services.make_source()
        except SourceError as error:  # a video that was there at the start has gone
            raise CallError("no_source", error.detail) from error
        settings = reading_settings(services.store)
        high_from = high_threshold(await asyncio.to_thread(services.store.recent_peaks))
        start = call_start(chosen.network.card.id, source, settings, services.store.latest_calibration())
        self.record = await asyncio.to_thread(services.store.begin_call, start)
        pipeline = pipeline_of(tools.finder, chosen.network, settings)
        began = services.clock.monotonic()
        self.running = Call(self.record.id, pipeline, services.store, began, settings.profile, high_from)
        await self._watch(self.running, source, self.record.number)
        return self.record

    async def _watch(self, running: Call, source: FrameSource, number: int) -> None:
        def ended(end: LoopEnd) -> None:
            if not (source.is_camera and running.phase is CallPhase.PAUSED):  # closed by the pause, and by nothing else
                self._tell(CallBroken(end))

        handle = stepping(running, source, number, lambda update, _tick: self._tell(CallTicked(update)))
        await self._watcher.start(Purpose.CALL, source, handle, rate=READINGS_PER_SECOND, on_end=ended)
