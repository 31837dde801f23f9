"""Makes clips of the demo actors talking: `python3 -m tests.talking FOLDER [--seed N] [--seconds S] [ACTOR ...]`.

Each actor talks with a calm face, smiling, frowning and angrily; LIST.csv says what is right in each clip
(file, start_s, end_s, label). The same seed gives the same clips; another seed another take of the same faces.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.bootstrap import DEVELOP, enter

if TYPE_CHECKING:
    from core.sources.source import Pixels
    from core.sources.speech import Manner

SEED, SECONDS, FRAMES_PER_SECOND = 7, 20.0, 15
CODEC = "mp4v"


def talking_frames(
    folder: Path, manner: Manner, *, seed: int = SEED, seconds: float = SECONDS, rate: float = FRAMES_PER_SECOND
) -> Iterator[Pixels]:
    """An actor who talks from the first frame on: 480 x 640 BGR, `rate` a second.

    Args:
        folder: a folder of `assets/actor`.
        manner: with which face.
        seed: which take.
        seconds: how long.
        rate: frames a second.
    """
    from core.sources.actor import TRANSITION_SECONDS, DemoActor

    actor = DemoActor(folder, seed)
    actor.open()
    actor.frame_at(0.0)
    actor.perform_talk(manner)
    for number in range(round(seconds * rate)):
        frame = actor.frame_at(TRANSITION_SECONDS + number / rate)
        assert frame is not None
        yield frame.pixels
    actor.close()


def write_clips(actors: list[Path], into: Path, *, seed: int, seconds: float) -> Path:
    """Write a clip of each actor in each manner, and LIST.csv beside them; returns the list's path."""
    import cv2

    from core.method.emotion import expression_by_id
    from core.sources.speech import Manner

    into.mkdir(parents=True, exist_ok=True)
    rows = []
    for folder in actors:
        for manner in Manner:
            name = f"{folder.name}_{manner.name.lower()}.mp4"
            writer = cv2.VideoWriter(
                str(into / name), cv2.VideoWriter.fourcc(*CODEC), float(FRAMES_PER_SECOND), (640, 480)
            )
            if not writer.isOpened():
                raise SystemExit(f"{into / name} cannot be written")
            for pixels in talking_frames(folder, manner, seed=seed, seconds=seconds):
                writer.write(pixels)
            writer.release()
            label = "neutral" if manner is Manner.CALM else expression_by_id(manner.value).emotion.value
            rows.append((name, 0, seconds, label))
            print(name, flush=True)
    listed = into / "LIST.csv"
    with listed.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("file", "start_s", "end_s", "label"), *rows])
    return listed


def main() -> int:
    """Write the clips of the actors that are named, or of all."""
    enter(DEVELOP, "tests.talking")
    from core.sources.actor import list_actors
    from core.system.resources import ASSETS_FOLDER

    parser = argparse.ArgumentParser(prog="python3 -m tests.talking", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the clips go")
    parser.add_argument("actors", nargs="*", default=list_actors(ASSETS_FOLDER), metavar="ACTOR")
    parser.add_argument("--seed", type=int, default=SEED, help="another number is another take")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each clip is")
    options = parser.parse_args()
    folders = [ASSETS_FOLDER / "actor" / name for name in options.actors]
    print(write_clips(folders, options.folder, seed=options.seed, seconds=options.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
