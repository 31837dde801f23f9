"""The reader that the wizard tunes to a demo actor: eleven expressions, two takes, and two short texts read aloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from core.adapt.blend import blended_ids
from core.adapt.examples import Examples, examples_of, join
from core.adapt.fitting import fit_blend
from core.adapt.network import BlendedNetwork
from core.adapt.tuned import FITTED_FACES
from core.calibration.actor import capture_expression
from core.calibration.machine import Timing
from core.candidates.network import LiteRTNetwork
from core.face.haar import HaarFaceFinder
from core.method.emotion import EMOTIONS, EXPRESSIONS, Emotion
from core.monitoring.pipeline import FaceTracker
from core.sources.actor import TRANSITION_SECONDS, DemoActor
from core.sources.source import Pixels
from core.sources.speech import Manner

TAKES = (11, 12)
"""Seeds of the wizard's two takes: none of their frames is seen in the minute."""

TEXTS: tuple[tuple[Manner, frozenset[Emotion]], ...] = (
    (Manner.CALM, frozenset({Emotion.NEUTRAL})),
    (Manner.SMILING, frozenset({Emotion.NEUTRAL, Emotion.HAPPY})),
)
"""The texts read aloud: a factual one, and a kind one, in which either may be right."""

TEXT_SECONDS = 15.0
CAPTURES_PER_SECOND = 4


def tune_to(folder: Path, networks: Mapping[str, LiteRTNetwork]) -> BlendedNetwork:
    """The reader of an actor (a folder of `assets/actor`) after the wizard."""
    members = [networks[name] for name in blended_ids(list(networks))]
    shown = list(_expressions(folder))
    spoken = list(_texts(folder))
    read = [
        join([_expression_examples(network, shown), _speech_examples(network, spoken)]).thinned(FITTED_FACES)
        for network in members
    ]
    return BlendedNetwork(members, fit_blend([network.card for network in members], read))


def _expressions(folder: Path) -> Iterator[tuple[str, Pixels]]:
    """Each expression's id with the crops of its takes; a few a second, for neighbours are near copies."""
    timing = Timing()
    for seed in TAKES:
        actor, finder = DemoActor(folder, seed), HaarFaceFinder()
        for expression in EXPRESSIONS:
            for crop in capture_expression(actor, expression, finder, timing)[::3]:
                yield expression.id, crop


def _texts(folder: Path) -> Iterator[tuple[int, Pixels]]:
    """The number of each text in `TEXTS` with the crops of its reader."""
    for number, (manner, _) in enumerate(TEXTS):
        actor, tracker = DemoActor(folder, TAKES[0]), FaceTracker(HaarFaceFinder())
        actor.open()
        actor.frame_at(0.0)
        actor.perform_talk(manner)
        for tick in range(round(TEXT_SECONDS * CAPTURES_PER_SECOND)):
            frame = actor.frame_at(TRANSITION_SECONDS + tick / CAPTURES_PER_SECOND)
            assert frame is not None
            crop = tracker.crop(frame)
            if crop is not None:
                yield number, crop
        actor.close()


def _expression_examples(network: LiteRTNetwork, shown: list[tuple[str, Pixels]]) -> Examples:
    reading = network.read_features([crop for _, crop in shown])
    return examples_of([name for name, _ in shown], reading.readings, reading.pooled)


def _speech_examples(network: LiteRTNetwork, spoken: list[tuple[int, Pixels]]) -> Examples:
    reading = network.read_features([crop for _, crop in spoken])
    allowed = np.array([[emotion in TEXTS[number][1] for emotion in EMOTIONS] for number, _ in spoken])
    return Examples(
        pooled=reading.pooled.astype(np.float64),
        probabilities=np.array([one.as_tuple() for one in reading.readings]),
        candidate_labels=allowed,
        label_space=np.ones_like(allowed),
        groups=np.array([-1 - number for number, _ in spoken], dtype=np.int64),
    )
