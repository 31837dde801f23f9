"""What a practice needs before it can begin, how far it has come, and what its thread tells the screen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from textual.message import Message

from app.tui.calls.watcher import NewestOnly
from app.words.language import N_, _
from app.words.sentences import own_left_out_sentence

if TYPE_CHECKING:
    from app.tui.services import PracticeOptions
    from app.tui.shell import Shell
    from core.coach.live import LivePractice
    from core.sources.loop import LoopEnd
    from core.sources.source import FrameSource

EXPLANATION = N_(
    "Your face is read five times a second, as positive, neutral or tense. n marks the next question; at the end you see "
    "each answer, and where the network looked."
)
PROMISE = N_("Yours alone, never for whoever may hire you. Nothing of it is kept.")


class PracticeState(StrEnum):
    """Before it has begun, while it runs, in a pause, and after its end."""

    BEFORE = "before"
    RUNNING = "running"
    PAUSED = "paused"
    AFTER = "after"


class PracticeTicked(NewestOnly):
    """A tick of the practice has been read."""


@dataclass
class PracticeEnded(Message):
    """Watching `source` came to an end: a file has played, the camera failed, or it was stopped; `end` says why."""

    end: LoopEnd
    source: FrameSource


def call_runs(app: Shell) -> str:
    """Why no practice can watch now, as a sentence; "" between calls."""
    return "" if app.calling.running is None else _("A call is running. End it first.")


async def prepare_practice(app: Shell, options: PracticeOptions) -> tuple[LivePractice | None, str]:
    """A practice that can begin, or None and the sentence why not. A camera is read only with consent to be measured."""
    consent = app.services.store.consent()
    if app.make_source().is_camera and (consent is None or not consent.measure):
        return None, _("A camera is only read with your consent: “calmline consent set --measure”.")
    if refusal := call_runs(app):
        return None, refusal
    tools = await app.tools()
    from core.candidates.network import NetworkError
    from core.coach.live import LivePractice
    from core.coach.network import load_practice_network
    from core.monitoring.pipeline import FaceTracker

    calibration = app.services.store.latest_calibration()
    try:
        chosen = await asyncio.to_thread(load_practice_network, tools.registry, calibration, options.candidate)
    except NetworkError:
        return None, _("The network cannot be used. “calmline doctor” says why.")
    if chosen is None and tools.registry.personal:
        return None, _("Make the expressions first: the landmarks of a face read nobody before that.")
    if chosen is None:
        return None, _("There is no network that could read you. “calmline doctor” says why.")
    if chosen.own_left_out:
        app.notify(own_left_out_sentence(chosen.network.card.name), severity="warning", timeout=10)
    return LivePractice(FaceTracker(tools.finder), chosen, options.questions), ""
