"""How talking faces are read: shares of readings, and what they make of the level; untuned, and tuned to the speaker."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.adapt.blend import Blend, Floats, blended_ids, untuned
from core.adapt.examples import Examples, join, read_examples
from core.adapt.fitting import fit_blend
from core.adapt.network import HELD_SECONDS
from core.adapt.tuned import FITTED_FACES
from core.candidates.network import LiteRTNetwork
from core.evaluation.utterances import Utterance
from core.face.checked import CheckedFaceFinder
from core.face.crop import mirrored
from core.method.emotion import EMOTIONS, Outcome, Probabilities
from core.method.grading import TUNED
from core.method.level import READINGS_PER_SECOND, THOUSANDTHS, next_level
from core.method.reading import MEMORY_SECONDS
from core.method.speech import CALM_TEXT
from core.monitoring.memory import ReadingMemory
from core.monitoring.pipeline import FaceTracker
from core.sources.source import Pixels
from core.sources.video import VideoSource

FRAMES_PER_SECOND = 2 * READINGS_PER_SECOND
"""As in the wizard; what is judged is read at a call's clock, every second frame."""

LEVEL_SECONDS = 600
"""The level is taken after ten minutes of readings like these, one after the other, again and again."""


@dataclass(frozen=True, slots=True)
class TalkingResult:
    """How one reader read one utterance: shares of readings (0 to 1) and the level after ten minutes of such readings.

    `reader`: a candidate's id, several joined by "+", or "tuned". `fitted`: whether it learnt from the first half of the
    same utterance; then only the second half is judged, by whatever reader.
    """

    file: str
    reader: str
    memory_s: float
    fitted: bool
    shares: Mapping[Outcome, float]
    level_10_min: float


@dataclass(frozen=True, slots=True)
class _Seen:
    """What an utterance shows at calibration's rate: the moments, and which of the faces was seen then, if any."""

    moments: tuple[float, ...]
    faces: tuple[int | None, ...]
    crops: tuple[Pixels, ...]

    def between(self, since: float, until: float) -> list[int]:
        """The places of the moments from `since` to before `until`."""
        return [place for place, at in enumerate(self.moments) if since - 1e-9 <= at < until - 1e-9]


def evaluate_utterance(
    utterance: Utterance, networks: Sequence[LiteRTNetwork], expressions: Mapping[str, Examples] | None = None
) -> Iterator[TalkingResult]:
    """Every network, and the blend of them, with and without a memory of a second.

    With `expressions` (an actor's eleven as each network of the blend read them) the blend is tuned to them and to the first
    half of the utterance, and the second half alone is judged.

    Raises:
        SourceError: the video is missing or cannot be read.
        NetworkError: a network cannot be run.
        BlendError: the fit led to numbers beyond all measure.
    """
    seen = _watch(utterance)
    first, last = (seen.moments[0], seen.moments[-1] + 1 / FRAMES_PER_SECOND) if seen.moments else (0.0, 0.0)
    half = (first + last) / 2
    evaluated = seen.between(first if expressions is None else half, last)[:: FRAMES_PER_SECOND // READINGS_PER_SECOND]
    read = {network.card.id: _read(network, seen.crops, utterance) for network in networks} if seen.crops else {}
    in_call = _as_in_a_call(read, networks, seen, evaluated, utterance)
    members = blended_ids(sorted(read))
    cards = [network.card for name in members for network in networks if network.card.id == name]
    blends = {"+".join(members): untuned(cards)} if len(members) > 1 else {}
    if members and expressions is not None:
        learnt = [face for place in seen.between(first, half) if (face := seen.faces[place]) is not None]
        takes = [
            join(
                [
                    expressions[name].thinned(FITTED_FACES),
                    read[name].take(np.array(learnt, np.int64)).thinned(FITTED_FACES),
                ]
            )
            for name in members
        ]
        blends[TUNED] = fit_blend(cards, takes)
    for reader in [*read, *blends] or [network.card.id for network in networks]:
        for memory in (0.0, MEMORY_SECONDS):
            faces = in_call if memory else read
            probabilities = faces[reader].probabilities if reader in faces else None
            if reader in blends:
                standing = _standing_faces(seen, evaluated) if memory else None
                probabilities = _blended(blends[reader], [faces[name] for name in members], standing)
            outcomes = _outcomes(seen, evaluated, probabilities, memory)
            yield _result(utterance.file, reader, memory, outcomes, fitted=reader == TUNED)


def _watch(utterance: Utterance) -> _Seen:
    source, tracker = VideoSource(utterance.path), FaceTracker(CheckedFaceFinder())
    moments: list[float] = []
    faces: list[int | None] = []
    crops: list[Pixels] = []
    source.open()
    try:
        for tick in itertools.count():
            at = tick / FRAMES_PER_SECOND
            frame = source.frame_at(at)
            if source.ended or (utterance.end is not None and at >= utterance.end - 1e-9):
                break
            if at < utterance.start - 1e-9:
                continue
            crop = None if frame is None else tracker.crop(frame)
            moments.append(at)
            faces.append(None if crop is None else len(crops))
            crops += [] if crop is None else [crop]
    finally:
        source.close()
    return _Seen(tuple(moments), tuple(faces), tuple(crops))


def _read(network: LiteRTNetwork, crops: Sequence[Pixels], utterance: Utterance) -> Examples:
    """What the network read in the faces: speech in which the utterance's classes are right."""
    read = read_examples(network, {CALM_TEXT.id: crops})
    right = np.array([emotion in utterance.emotions for emotion in EMOTIONS])
    return replace(read, candidate_labels=np.tile(right, (len(read), 1)))


def _as_in_a_call(
    read: Mapping[str, Examples],
    networks: Sequence[LiteRTNetwork],
    seen: _Seen,
    places: Sequence[int],
    utterance: Utterance,
) -> Mapping[str, Examples]:
    """What was read in the faces, every second one of those at these places in a mirror (`core.monitoring.pipeline`)."""
    turned = [face for place in places if (face := seen.faces[place]) is not None][1::2]
    if not turned:
        return read
    rows = np.arange(len(seen.crops))
    rows[turned] = len(rows) + np.arange(len(turned))
    in_mirror = [mirrored(seen.crops[face]) for face in turned]
    return {
        network.card.id: join([read[network.card.id], _read(network, in_mirror, utterance)]).take(rows)
        for network in networks
    }


def _blended(blend: Blend, read: Sequence[Examples], standing: NDArray[np.int64] | None) -> Floats:
    """With `standing`, what the networks but the first read of a face is what they read of the one that stands for it."""
    held = [one if number == 0 or standing is None else one.take(standing) for number, one in enumerate(read)]
    return blend.apply([one.probabilities for one in held], [one.pooled for one in held])


def _standing_faces(seen: _Seen, places: Sequence[int]) -> NDArray[np.int64]:
    """For each face the one that a call's slower networks have read when it is seen (`BlendedNetwork.read_next`)."""
    standing, read_at = np.arange(len(seen.crops)), -math.inf
    last = 0
    for place in places:
        face, at = seen.faces[place], seen.moments[place]
        if face is None:
            continue
        if at - read_at >= HELD_SECONDS:
            last, read_at = face, at
        standing[face] = last
    return standing


def _outcomes(seen: _Seen, places: Sequence[int], probabilities: Floats | None, memory_s: float) -> list[Outcome]:
    """The outcome of each reading at these places, as a call reads."""
    memory, outcomes = ReadingMemory(memory_s), []
    for place in places:
        face = seen.faces[place]
        if face is None or probabilities is None:
            outcomes.append(Outcome.GAP)
        else:
            one = Probabilities.from_sequence(probabilities[face].tolist())
            outcomes.append(memory.mean_with(seen.moments[place], one).outcome())
    return outcomes


def _result(file: str, reader: str, memory_s: float, outcomes: Sequence[Outcome], *, fitted: bool) -> TalkingResult:
    counts, level = Counter(outcomes), 0
    for number in range(LEVEL_SECONDS * READINGS_PER_SECOND if outcomes else 0):
        level = next_level(level, outcomes[number % len(outcomes)])
    shares = {outcome: counts[outcome] / max(1, len(outcomes)) for outcome in Outcome}
    return TalkingResult(file, reader, memory_s, fitted, shares, level / THOUSANDTHS)
