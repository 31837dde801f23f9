"""Who or what a call looks at, and how it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.method.grading import OWN_READERS
from core.sources.source import FrameSource, Performer
from core.store.records import CalibrationRecord, CallSource, CallStart

if TYPE_CHECKING:
    from core.candidates.network import Network
    from core.face.box import FaceFinder
    from core.monitoring.pipeline import Pipeline
    from core.store.settings import ReadingSettings


def origin_of(source: FrameSource) -> CallSource:
    """What the record calls a source: only what comes from a camera can be the person."""
    if source.is_camera:
        return CallSource.CAMERA
    return CallSource.ACTOR if isinstance(source, Performer) else CallSource.FILE


def call_start(
    candidate_id: str, source: FrameSource, settings: ReadingSettings, calibration: CalibrationRecord | None
) -> CallStart:
    """With what a call begins, for the record; `calibration` is the last one."""
    tuned = calibration is not None and candidate_id in OWN_READERS
    return CallStart(
        candidate_id,
        profile=settings.profile.name,
        unsure_below=settings.unsure_below,
        source=origin_of(source),
        memory_seconds=settings.memory_seconds,
        knows_speech=tuned and calibration is not None and calibration.knows_speech,
    )


def pipeline_of(finder: FaceFinder, network: Network, settings: ReadingSettings) -> Pipeline:
    """How the frames of a call are read."""
    from core.monitoring.pipeline import FaceTracker, Pipeline

    return Pipeline(FaceTracker(finder), network, settings.unsure_below, settings.memory_seconds)
