"""Practice as it happens: ticks of a source become moments, while another thread asks questions and looks on.

Crops are read, a few are explained, and all are dropped at once: what stays, until the practice is closed, are numbers.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.adapt.chosen import ChosenNetwork
from core.coach.session import QuestionSummary, Run, Session
from core.coach.valence import Moment, Valence, valence_of
from core.explain.attribution import Attribution, attribution_of
from core.explain.saliency import COARSE_STRIDE, Explainer, SaliencyMethod
from core.face.crop import crop_face
from core.face.gaze import GazeReader
from core.method.emotion import UNSURE_BELOW, Emotion, Outcome, Probabilities
from core.method.level import READINGS_PER_SECOND
from core.monitoring.pipeline import FaceTracker
from core.sources.loop import Tick
from core.sources.source import Pixels, SourceProblem

EXPLAIN_EVERY = 2.0
"""Of each valence, a reading is explained at most once in so many seconds; tense ones always where it costs little."""

LOOK_WITHIN = 2.0
"""Where a network looked at a moment is told by the nearest explained one, at most so many seconds away."""


@dataclass(frozen=True, slots=True)
class PracticeView:
    """What a screen shows of one moment. `seconds` are of practice, pauses left out; `recent` are the last moments.

    `answering` is for how many of these seconds the question has been answered.
    """

    seconds: float
    number: int
    question: str
    shares: dict[Valence, float]
    emotion_shares: dict[Emotion, float]
    answering: float
    run: Run | None
    face_seen: bool
    trouble: SourceProblem | None
    recent: tuple[Moment, ...]


class LivePractice:
    """One practice. `handle` runs on the analysis thread, everything else on any."""

    def __init__(self, tracker: FaceTracker, chosen: ChosenNetwork, questions: Sequence[str] = ()) -> None:
        """Begins with the first question at the first tick that has a frame."""
        self._tracker, self._chosen = tracker, chosen
        self._session = Session(questions)
        self._gaze = GazeReader()
        self._lock = threading.Lock()
        self._explainer: Explainer | None = None
        self._attributions: list[tuple[float, Attribution]] = []
        self._explained: dict[Valence | None, float] = {}
        self._began: float | None = None
        self._seconds = 0.0
        self.paused = False
        """Whether nothing is read for the moment."""
        self._face_seen = False
        self._trouble: SourceProblem | None = None

    def handle(self, tick: Tick) -> None:
        """Take one tick; before the first frame and in a pause it counts nothing."""
        with self._lock:
            self._trouble = tick.trouble
            if self.paused or (self._began is None and tick.frame is None):
                return
        box = None if tick.frame is None else self._tracker.locate(tick.frame)
        crop = gaze = None
        if tick.frame is not None and box is not None:
            crop, gaze = crop_face(tick.frame.pixels, box), self._gaze.read(tick.frame.pixels, box)
        probabilities, feature_map = (None, None) if crop is None else self._read(crop)
        outcome = Outcome.GAP if probabilities is None else probabilities.outcome(UNSURE_BELOW)
        with self._lock:
            if self.paused:
                return
            at = self._moment_of(tick.now)
            self._face_seen = crop is not None
            self._session.add(Moment(at, outcome, probabilities, gaze))
        if crop is not None and probabilities is not None and valence_of(outcome) is not None:
            self._explain(at, crop, probabilities, feature_map)

    def view(self, recent: int = 0) -> PracticeView:
        """This moment, with the last `recent` moments of the question that is being answered."""
        with self._lock:
            session = self._session
            return PracticeView(
                self._seconds,
                session.question_number,
                session.question,
                session.shares,
                session.emotion_shares,
                max(0.0, self._seconds - session.question_began),
                session.current_run,
                self._face_seen,
                self._trouble,
                session.recent(recent),
            )

    def next_question(self) -> None:
        """The next question begins now: behind the last reading, before the next one."""
        with self._lock:
            half = 0.5 / READINGS_PER_SECOND if self._session.has_moments else 0.0
            self._session.next_question(self._seconds + half)

    def pause(self) -> None:
        """Read nothing until `resume`; the time in between does not count."""
        with self._lock:
            self.paused, self._began = True, None

    def resume(self) -> None:
        """Go on with the next tick."""
        with self._lock:
            self.paused = False

    def summaries(self) -> list[QuestionSummary]:
        """One for each question so far."""
        with self._lock:
            return self._session.summaries()

    def attribution(self, moment: Moment) -> Attribution | None:
        """Where the network looked at this moment, or near it at one of its valence; None where none near was explained."""
        valence = valence_of(moment.outcome)
        with self._lock:
            near = [
                (abs(at - moment.at), attribution)
                for at, attribution in self._attributions
                if abs(at - moment.at) <= LOOK_WITHIN and valence_of(Outcome(attribution.emotion.value)) is valence
            ]
        return min(near, key=lambda pair: pair[0])[1] if near else None

    def _moment_of(self, now: float) -> float:
        """Seconds of practice at `now` of the loop's clock; a pause is joined as if one tick had passed."""
        if self._began is None:
            step = 1 / READINGS_PER_SECOND if self._session.has_moments else 0.0
            self._began = now - self._seconds - step
        self._seconds = max(self._seconds, now - self._began)
        return self._seconds

    def _read(self, crop: Pixels) -> tuple[Probabilities, NDArray[np.float32] | None]:
        if not self._chosen.explained.tells_map:
            return self._chosen.network.read([crop])[0], None
        reading = self._chosen.network.read_features([crop])
        return reading.readings[0], reading.maps[0]

    def _explain(
        self, at: float, crop: Pixels, probabilities: Probabilities, feature_map: NDArray[np.float32] | None
    ) -> None:
        if self._explainer is None:
            self._explainer = Explainer(self._chosen.explained)
        valence = valence_of(Outcome(probabilities.best.value))
        always = valence is Valence.NEGATIVE and self._explainer.method(feature_map) is not SaliencyMethod.OCCLUSION
        if not always and at - self._explained.get(valence, -EXPLAIN_EVERY) < EXPLAIN_EVERY:
            return
        self._explained[valence] = at
        found = self._explainer.explain_reading(crop, probabilities, feature_map, stride=COARSE_STRIDE)
        with self._lock:
            self._attributions.append((at, attribution_of(found)))
