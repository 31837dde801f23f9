"""Who or what a call looks at."""

from __future__ import annotations

from core.sources.source import FrameSource, Performer
from core.store.records import CallSource


def origin_of(source: FrameSource) -> CallSource:
    """What the record calls a source: only what comes from a camera can be the person."""
    if source.is_camera:
        return CallSource.CAMERA
    return CallSource.ACTOR if isinstance(source, Performer) else CallSource.FILE
