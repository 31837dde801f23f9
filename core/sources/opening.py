"""From what a person names ("0", "actor:f_multi", a path) to a source, not opened yet."""

from __future__ import annotations

from pathlib import Path

from core.sources.source import FrameSource, SourceError, SourceProblem
from core.system.files import is_file, is_folder, own_path

DEFAULT_ACTOR = "m_multi"
DEFAULT_SEED = 7


def open_source(text: str, assets: Path) -> FrameSource:
    """The source that `text` names.

    "0" to "99": that camera. "actor", "actor:ID" or "actor:ID:FLAW": the demo actor of `assets`/actor, or of a folder
    given as ID. Anything else: a picture, a folder or zip of pictures, or a video file.

    Raises:
        SourceError: it names nothing that exists, or an actor or flaw that there is not.
    """
    if text.isdigit() and len(text) <= 2:
        from core.sources.camera import CameraSource

        return CameraSource(int(text))
    if text == "actor" or text.startswith("actor:"):
        return _actor(text, assets)
    from core.sources.entries import clean_name
    from core.sources.pictures import SUFFIXES, PicturesSource
    from core.sources.video import VideoSource

    path = own_path(Path(text))
    suffix = path.suffix.lower()
    if is_folder(path) or (suffix in (*SUFFIXES, ".zip") and suffix != ".gif"):
        return PicturesSource(path)
    if not is_file(path):
        raise SourceError(SourceProblem.MISSING, clean_name(text))
    return VideoSource(path)


def _actor(text: str, assets: Path) -> FrameSource:
    from core.sources.actor import DemoActor
    from core.sources.flaws import Flaw

    _, _, rest = text.partition(":")
    name, _, flaw = rest.partition(":")
    folder = Path(name) if name and is_folder(Path(name)) else assets / "actor" / (name or DEFAULT_ACTOR)
    try:
        return DemoActor(folder, seed=DEFAULT_SEED, flaw=Flaw(flaw) if flaw else None)
    except ValueError as error:
        flaws = ", ".join(one.value for one in Flaw)
        raise SourceError(SourceProblem.NOT_FOUND, f"{text} (flaws are: {flaws})") from error
