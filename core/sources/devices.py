"""Which cameras there seem to be, without opening any."""

from __future__ import annotations

import sys
from pathlib import Path


def camera_present() -> bool | None:
    """Whether a camera seems to be there, without opening one; None where the system does not tell."""
    if sys.platform.startswith("linux"):
        return any(Path("/dev").glob("video*"))
    return None


def list_cameras(probe: int = 4) -> list[tuple[int, str]]:
    """Cameras as (index, name), without opening any: names on Linux, the first `probe` numbers elsewhere."""
    if not sys.platform.startswith("linux"):
        return [(index, "") for index in range(probe)]
    found: list[tuple[int, str]] = []
    for device in sorted(Path("/sys/class/video4linux").glob("video*")):
        try:
            name = (device / "name").read_text(encoding="utf-8").strip()
            number = int((device / "index").read_text(encoding="ascii"))
        except (OSError, ValueError):
            name, number = "", 0
        if number == 0:  # a camera shows up once more for its metadata, with a higher number
            found.append((int(device.name.removeprefix("video")), name))
    return found
