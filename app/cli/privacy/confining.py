"""What the screens, `run`, `coach` and `demo` may touch on this computer."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from core.privacy.confinement import Confinement, Reach, confine
from core.store.errors import StoreError
from core.store.files import make_private_folder
from core.store.locations import Locations

NOTE = "privacy: "
"""How lines begin in the log that tell of something strange."""


def confine_to(locations: Locations, reading: Iterable[Path] = (), writing: Iterable[Path] = ()) -> Confinement:
    """Make our folders and confine this process to them; what Python code then still tries goes to the log.

    Args:
        locations: our own folders, all written in.
        reading: what else is read.
        writing: what else is written in.
    """
    for folder in (locations.data, *locations.own_folders, locations.exports):
        with suppress(StoreError):  # said when the record is opened, or something is exported
            make_private_folder(folder)
    return confine(reach_of(locations, reading, writing), _note)


def reach_of(locations: Locations, reading: Iterable[Path] = (), writing: Iterable[Path] = ()) -> Reach:
    """The folders of this record, and what a sound server's own library reads to be asked who uses the microphone."""
    home, runtime = Path.home(), os.environ.get("XDG_RUNTIME_DIR")
    sound = [home / ".config/pulse", home / ".pulse", *([Path(runtime) / "pulse"] if runtime else [])]
    own = (locations.data, Path(os.path.realpath(locations.database)).parent, *locations.own_folders, locations.exports)
    return Reach((*sound, *reading), tuple(dict.fromkeys([*own, *writing])), locations.temporary)


def _note(line: str) -> None:
    """Descriptor 2 leads to the log while screens are shown, and to whoever called otherwise."""
    with suppress(OSError):  # it may be closed
        os.write(2, f"{NOTE}{line}\n".encode(errors="backslashreplace"))
