"""The only door between screens and frames: one analysis loop at a time, for one purpose, closed on every way out."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from textual.message import Message

from core.sources.loop import AnalysisLoop, LoopEnd, TickHandler
from core.sources.source import FrameSource
from core.system.clock import Clock


class Purpose(StrEnum):
    """What frames may be read for. There is no other purpose."""

    LIGHT = "light"
    CALIBRATION = "calibration"
    CALL = "call"
    PRACTICE = "practice"


class NewestOnly(Message):
    """Something that has been seen: where several wait, only the newest matters."""

    def can_replace(self, message: Message) -> bool:
        """Whether `message`, which waits, is of the same kind."""
        return isinstance(message, type(self))


@dataclass
class WatchEnded(Message):
    """Watching came to an end by itself; `end` says why."""

    end: LoopEnd


class Watcher:
    """Starts and stops the analysis loop. Lives in the app, so that a change of screen cannot lose it."""

    def __init__(self, clock: Clock, changed: Callable[[], None]) -> None:
        """`changed` is called (on the app's thread) when watching begins or ends, and when a source opens or closes."""
        self._clock = clock
        self._changed = changed
        self._loop: AnalysisLoop | None = None
        self._source: FrameSource | None = None
        self.purpose: Purpose | None = None
        """What is being watched for; None while no source is open."""
        self._switch = asyncio.Lock()

    @property
    def source(self) -> FrameSource | None:
        """The source being watched, or None."""
        return self._source if self.purpose is not None else None

    @property
    def camera_is_on(self) -> bool:
        """Whether a real camera is open or being opened at this moment."""
        return (
            self._loop is not None and self._loop.holds_source and self._source is not None and self._source.is_camera
        )

    async def start(
        self,
        purpose: Purpose,
        source: FrameSource,
        handle: TickHandler,
        *,
        rate: float,
        on_end: Callable[[LoopEnd], object] | None = None,
        looks: Callable[[], bool] | None = None,
    ) -> None:
        """Watch `source` at `rate` ticks a second; whatever was watched before is closed first.

        `handle`, `on_end` and `looks` (whether a frame is wanted) run on the loop's thread: they may only post messages.
        """
        async with self._switch:
            await self._end_loop()
            tell = self._teller()
            self._loop = AnalysisLoop(source, handle, self._clock, rate=rate, on_end=on_end, on_hold=tell, looks=looks)
            self._source, self.purpose = source, purpose
            sys.audit("calmline.watch_begin", purpose.value)
            self._loop.start()
        self._changed()

    async def stop(self) -> None:
        """Close the source and wait until it is closed. Nothing happens where nothing is watched."""
        async with self._switch:
            was_watching = self.purpose is not None
            await self._end_loop()
        if was_watching:
            self._changed()

    def _teller(self) -> Callable[[], None]:
        """Calls `changed` on the app's thread, from any; the app may be gone by then."""
        app_loop, context = asyncio.get_running_loop(), contextvars.copy_context()

        def tell() -> None:
            with suppress(RuntimeError):
                app_loop.call_soon_threadsafe(self._changed, context=context)

        return tell

    async def _end_loop(self) -> None:
        self.purpose = None
        if self._loop is None:
            return
        try:
            await asyncio.to_thread(self._loop.stop)
            sys.audit("calmline.watch_end")
        finally:
            self._loop = None
