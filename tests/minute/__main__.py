"""Makes docs/pictures/minute: `python3 -m tests.minute [--actor NAME] [--into FOLDER]`.

One minute of talk of a demo actor as each shipped network reads it, and as it is read after the wizard. The levels lie
beside the pictures, in minute.json, with the hashes of the networks that they come from. Needs matplotlib (the extra
`train`) and, for the Korean picture, a font with Hangul.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.bootstrap import RUN, enter

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
LEVELS = "minute.json"
ACTOR, SEED = "f_white", 7
FACES_AT = (2.8, 9.2, 15.2, 21.0, 27.0, 33.4, 40.2, 48.0, 56.2)
"""Seconds of the minute whose faces are shown."""


def read_minute(actor: str, ids: Sequence[str] | None = None) -> dict[str, Any]:
    """The levels that each network (or those of `ids`) and the tuned reader make of the minute."""
    from core.candidates.registry import read_registry
    from core.method.reading import MEMORY_SECONDS
    from core.sources.actor import DemoActor
    from core.system.resources import ASSETS_FOLDER, MODELS_FOLDER
    from tests.minute.readings import levels, outcomes, play, right_outcomes
    from tests.minute.wizard import tune_to

    folder = ASSETS_FOLDER / "actor" / actor
    seen = [(at, crop) for at, crop, _ in play(DemoActor(folder, SEED))]
    registry = read_registry(MODELS_FOLDER)
    networks = {one.card.id: one.load() for one in registry.candidates if ids is None or one.card.id in ids}
    read = {name: levels(outcomes(network, seen, 0.0)) for name, network in networks.items()}
    tuned = levels(outcomes(tune_to(folder, networks), seen, MEMORY_SECONDS))
    return {
        "actor": actor,
        "hashes": {name: network.card.reading_sha256 for name, network in networks.items()},
        "right": levels(right_outcomes()),
        "networks": read,
        "tuned": tuned,
    }


def draw_minute(read: dict[str, Any], into: Path) -> list[Path]:
    """Draw what `read_minute` returned, as SVG and PNG in each language; returns the pictures."""
    from core.sources.actor import DemoActor
    from core.system.resources import ASSETS_FOLDER
    from tests.minute.drawing import WORDS, Minute, draw
    from tests.minute.readings import play

    wanted = list(FACES_AT)
    faces = []
    for at, _, pixels in play(DemoActor(ASSETS_FOLDER / "actor" / read["actor"], SEED)):
        if wanted and at >= wanted[0]:
            faces.append((wanted.pop(0), pixels))
    minute = Minute(read["actor"], read["right"], read["networks"], read["tuned"], faces)
    made = []
    for language in WORDS:
        for ending in ("svg", "png"):
            target = into / f"minute{'' if language == 'en' else '.' + language}.{ending}"
            draw(minute, language, target)
            made.append(target)
    return made


def main() -> int:
    """Read the minute, keep the levels, draw."""
    enter(RUN, "tests.minute")
    parser = argparse.ArgumentParser(prog="python3 -m tests.minute", description=__doc__)
    parser.add_argument("--actor", default=ACTOR, help="whose minute")
    parser.add_argument("--into", type=Path, default=PICTURES, help="where the pictures go")
    options = parser.parse_args()
    if find_spec("matplotlib") is None:
        raise SystemExit("The pictures are drawn with matplotlib: pip install matplotlib, or calmline[train].")
    options.into.mkdir(parents=True, exist_ok=True)
    read = read_minute(options.actor)
    (options.into / LEVELS).write_text(json.dumps(read) + "\n", encoding="ascii")
    for picture in draw_minute(read, options.into):
        print(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
