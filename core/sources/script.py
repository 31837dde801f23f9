"""The scripted calls of the demo: what an imagined counsellor's face does while the phone is ringing off the hook."""

from __future__ import annotations

import random
from dataclasses import dataclass

REST = "neutral"


@dataclass(frozen=True, slots=True)
class CallBeat:
    """A stretch of a call: a pose (an expression's id or "neutral") for some seconds, perhaps away.

    `talks` goes with the poses that a `Manner` of speech has: neutral, smile, frown, rage.
    """

    pose: str
    seconds: float
    talks: bool = False
    looks_away: bool = False


def call_script(call_number: int, seed: int) -> tuple[CallBeat, ...]:
    """The beats of call `call_number` (from 1): a greeting, a strain that grows, a look away, relief; half of it talking.

    About 80 to 110 seconds; the order of the parts is the same in every call, their lengths and the kind of strain
    are drawn from the number and the seed.
    """
    draw = random.Random(f"{seed}/{call_number}")
    strains = draw.sample(("frown", "rage", "open_frown", "crying"), k=3)

    def seconds(low: float, high: float) -> float:
        return round(draw.uniform(low, high), 1)

    return (
        CallBeat("smile", seconds(3, 5), talks=True),
        CallBeat(REST, seconds(5, 8), talks=True),
        CallBeat(REST, seconds(3, 5)),
        CallBeat("full_surprise", seconds(1.2, 2.2)),
        CallBeat(strains[0], seconds(5, 8)),
        CallBeat(REST, seconds(4, 7), talks=True),
        CallBeat(strains[1], seconds(6, 9)),
        CallBeat("frown", seconds(3, 5), talks=True),
        CallBeat(REST, seconds(3, 4), looks_away=True),
        CallBeat(strains[2], seconds(4, 7)),
        CallBeat(REST, seconds(8, 12), talks=True),
        CallBeat(REST, seconds(3, 5)),
        CallBeat("open_smile", seconds(4, 6)),
        CallBeat(REST, seconds(6, 9), talks=True),
        CallBeat("laugh", seconds(4, 6)),
        CallBeat("smile", seconds(4, 6), talks=True),
    )
