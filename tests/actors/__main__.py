"""Renders the talking frames of the demo actors: `python3 -m tests.actors [--into FOLDER] [--sheets FOLDER] [ACTOR ...]`.

Each of the ten talks with a calm face, smiling, frowning and in rage, from its own resting frame: see face.py for
where the numbers come from. The same frames come out each time.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import cv2
import numpy as np

from app.bootstrap import DEVELOP, enter

CAME_WITH_THE_ACTOR = {
    name: frozenset({"talk_a", "talk_o", "talk_m", "talk_e", "look_left", "look_right"})
    for name in ("f_multi", "m_multi")
}
"""Frames that were rendered in three dimensions and are kept."""


def render_actor(folder: Path, into: Path, sheets: Path | None) -> int:
    """Render what the actor in `folder` lacks into `into`, and its table with it; returns how many frames."""
    from core.face.haar import HaarFaceFinder
    from tests.actors.frames import JPEG_QUALITY, ActorRenderer, frames_to_render, row_of

    into.mkdir(parents=True, exist_ok=True)
    frames = list(frames_to_render(CAME_WITH_THE_ACTOR.get(folder.name, frozenset())))
    with (folder / "frames.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    new_files = {f"{frame.name}.jpg" for frame in frames}
    rows = [row for row in rows if row["file"] not in new_files]
    eyes = {key: value for key, value in rows[0].items() if key.startswith("eye_")}
    renderer, finder, shown = ActorRenderer(folder), HaarFaceFinder(), []
    for frame in frames:
        pixels = renderer.render(frame)
        place = into / f"{frame.name}.jpg"
        cv2.imwrite(str(place), pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        stored = np.asarray(cv2.imread(str(place)), dtype=np.uint8)
        rows.append(row_of(frame, stored, eyes, finder))
        shown.append(stored)
    with (into / "frames.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    if sheets is not None:
        sheets.mkdir(parents=True, exist_ok=True)
        cropped = [pixels[70:420, 180:460] for pixels in shown]
        cropped += [np.zeros_like(cropped[0])] * (-len(cropped) % 6)
        lines = [np.hstack(cropped[start : start + 6]) for start in range(0, len(cropped), 6)]
        cv2.imwrite(str(sheets / f"{folder.name}.png"), np.vstack(lines))
    return len(frames)


def main() -> int:
    """Render the actors that are named, or all."""
    enter(DEVELOP, "tests.actors")
    from core.sources.actor import list_actors
    from core.system.resources import ASSETS_FOLDER

    parser = argparse.ArgumentParser(prog="python3 -m tests.actors", description=__doc__)
    parser.add_argument("actors", nargs="*", default=list_actors(ASSETS_FOLDER), metavar="ACTOR")
    parser.add_argument("--into", type=Path, default=ASSETS_FOLDER / "actor", help="the folder of the actors' folders")
    parser.add_argument("--sheets", type=Path, help="where a contact sheet of each actor goes")
    options = parser.parse_args()
    for name in options.actors:
        count = render_actor(ASSETS_FOLDER / "actor" / name, options.into / name, options.sheets)
        print(f"{name}: {count} frames", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
