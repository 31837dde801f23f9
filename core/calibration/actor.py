"""What the candidates read in each expression of a demo actor: the same frames, crops and grades as the wizard's."""

from __future__ import annotations

import time
from collections.abc import Sequence

from core.calibration.machine import CAPTURES_PER_SECOND, Timing
from core.candidates.network import Network
from core.face.box import FaceFinder
from core.method.emotion import EXPRESSIONS, Expression, Probabilities
from core.method.grading import CandidateResult, grade_frames
from core.monitoring.pipeline import FaceTracker
from core.sources.actor import DemoActor
from core.sources.source import Pixels


def capture_expression(actor: DemoActor, expression: Expression, finder: FaceFinder, timing: Timing) -> list[Pixels]:
    """The crops of the graded take of one expression, as the wizard captures them."""
    tracker, crops = FaceTracker(finder), []
    actor.open()
    actor.frame_at(0.0)
    actor.perform(expression)
    for number in range(round(timing.hold * CAPTURES_PER_SECOND)):
        frame = actor.frame_at(timing.get_ready + number / CAPTURES_PER_SECOND)
        crop = None if frame is None else tracker.crop(frame)
        if crop is not None:
            crops.append(crop)
    actor.close()
    return crops


def grade_actor(actor: DemoActor, networks: Sequence[Network], finder: FaceFinder) -> list[CandidateResult]:
    """How every candidate grades the actor's eleven expressions.

    Raises:
        SourceError: a frame of the actor is missing or broken.
        NetworkError: a network cannot read.
    """
    read: dict[str, list[tuple[Expression, list[Probabilities]]]] = {network.card.id: [] for network in networks}
    milliseconds: dict[str, list[float]] = {network.card.id: [] for network in networks}
    for expression in EXPRESSIONS:
        crops = capture_expression(actor, expression, finder, Timing())
        for network in networks if crops else ():
            began = time.perf_counter()
            read[network.card.id].append((expression, network.read(crops)))
            milliseconds[network.card.id].append((time.perf_counter() - began) * 1000 / len(crops))
    return [grade_frames(name, frames, milliseconds[name]) for name, frames in read.items()]
