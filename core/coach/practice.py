"""Reading a video of one's own practice, and finding its key moments again for the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.candidates.network import Network
from core.coach.session import Session
from core.coach.valence import Moment
from core.face.checked import CheckedFaceFinder
from core.face.gaze import GazeReader
from core.method.level import READINGS_PER_SECOND
from core.monitoring.pipeline import FaceTracker, Pipeline
from core.sources.source import FrameSource, Performer, Pixels


def practise_video(
    source: FrameSource,
    network: Network,
    questions: Sequence[str] = (),
    marks: Sequence[float] = (),
    *,
    seconds: float | None = None,
    tell: Callable[[Moment, Session], None] | None = None,
) -> Session:
    """Read a source from its beginning at the clock's rate, as fast as it goes, until it ends or `seconds` passed.

    `marks`: when the second and each further question begins, in seconds. `tell` hears of every reading.

    Raises:
        SourceError: the source cannot be opened.
        NetworkError: the network cannot read.
    """
    tracker, gaze = FaceTracker(CheckedFaceFinder()), GazeReader()
    session, pipeline = Session(questions), Pipeline(tracker, network)
    waiting = sorted(marks)
    source.open()
    try:
        if isinstance(source, Performer):
            source.perform_call(1)
        number = 0
        while seconds is None or number / READINGS_PER_SECOND < seconds:
            at = number / READINGS_PER_SECOND
            frame = source.frame_at(at)
            if source.ended:
                break
            while waiting and waiting[0] <= at:
                session.next_question(waiting.pop(0))
            reading = pipeline.read(frame)
            looked = None if frame is None or tracker.box is None else gaze.read(frame.pixels, tracker.box)
            moment = Moment(at, reading.outcome, reading.probabilities, looked)
            session.add(moment)
            if tell is not None:
                tell(moment, session)
            number += 1
    finally:
        source.close()
    return session


def crops_at(source: FrameSource, moments: Sequence[float]) -> dict[float, Pixels]:
    """The face crops (100 x 100 x 3 uint8 BGR) at these seconds of a file; a moment without a face is left out.

    Raises:
        SourceError: the source cannot be opened.
    """
    tracker, crops = FaceTracker(CheckedFaceFinder()), {}
    source.open()
    try:
        for at in sorted(set(moments)):
            frame = source.frame_at(at)
            crop = None if frame is None else tracker.crop(frame)
            if crop is not None:
                crops[at] = crop
    finally:
        source.close()
    return crops
