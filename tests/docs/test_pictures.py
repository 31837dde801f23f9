"""The README's moving picture: one run, picture after picture, with nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.pictures import FRAME_SECONDS, animated

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SVG = "{http://www.w3.org/2000/svg}"


def shown_at(picture: str, second: float) -> list[int]:
    """Which frames are visible then."""
    visible = []
    for number, group in enumerate(ET.fromstring(picture).findall(f"{SVG}g")):
        step = group.find(f"{SVG}animate")
        assert step is not None
        part = second / float(step.attrib["dur"].rstrip("s")) % 1
        times = [float(time) for time in step.attrib["keyTimes"].split(";")]
        values = step.attrib["values"].split(";")
        now = [value for time, value in zip(times, values, strict=True) if time <= part][-1]
        if now == "visible":
            visible.append(number)
    return visible


def test_one_picture_is_seen_at_a_time_in_their_order_and_again() -> None:
    frame = (
        '<svg class="rich-terminal" viewBox="0 0 10 10" xmlns="http://www.w3.org/2000/svg"><g><text>a</text></g></svg>'
    )
    moving = animated([frame] * 3)
    seen = [shown_at(moving, (number + 0.5) * FRAME_SECONDS) for number in range(5)]
    assert seen == [[0], [1], [2], [2], [0]]


def test_the_readme_begins_with_a_run_of_eight_screens_that_loads_nothing() -> None:
    picture = (PICTURES / "run.svg").read_text(encoding="utf-8")
    assert len(ET.fromstring(picture).findall(f"{SVG}g")) == 8
    assert len(picture) < 1_000_000
    links = set(re.findall(r"https?://[^\"'\s)<]+", picture))
    assert links <= {"http://www.w3.org/2000/svg", "https://www.textualize.io"}
    readme = (PICTURES.parents[1] / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"!\[[^]]*\]\(([^)]+)\)", readme)[0] == "docs/pictures/run.svg"
