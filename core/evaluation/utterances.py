"""Videos of people who talk, and what may rightly be read in them: a list, or a folder named as RAVDESS or CREMA-D are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from core.method.emotion import Emotion
from core.sources.tables import TableError, read_table
from core.system.errors import TranslatableError
from core.system.files import is_folder

_RAVDESS = re.compile(r"(?P<modality>\d\d)-(?P<channel>\d\d)-(?P<emotion>\d\d)-\d\d-\d\d-\d\d-(?P<actor>\d\d)")
_RAVDESS_EMOTIONS = {
    "01": Emotion.NEUTRAL,
    "02": Emotion.NEUTRAL,  # calm
    "03": Emotion.HAPPY,
    "04": Emotion.STRESS,  # sad
    "05": Emotion.STRESS,  # angry
    "06": Emotion.SURPRISE,  # fearful
    "07": Emotion.STRESS,  # disgust
    "08": Emotion.SURPRISE,
}
_WITH_PICTURE, _SPOKEN = ("01", "02"), "01"
"""RAVDESS: full audio-visual and video-only files; 02 as vocal channel is song."""

_CREMA = re.compile(r"(?P<actor>\d{4})_[A-Z]{3}_(?P<emotion>[A-Z]{3})_[A-Z]{2}")
_CREMA_EMOTIONS = {
    "NEU": Emotion.NEUTRAL,
    "HAP": Emotion.HAPPY,
    "ANG": Emotion.STRESS,
    "DIS": Emotion.STRESS,
    "SAD": Emotion.STRESS,
    "FEA": Emotion.SURPRISE,
}
VIDEO_SUFFIXES = (".mp4", ".flv", ".mov", ".avi", ".mkv", ".webm")


class UtteranceError(TranslatableError):
    """A list or a folder of videos cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of a video, and the classes of which any is right. `file` is its name in the list; `end` may be open."""

    file: str
    path: Path
    start: float
    end: float | None
    emotions: tuple[Emotion, ...]


def read_utterances(path: Path) -> list[Utterance]:
    """The rows of a list `file,start_s,end_s,label` (files relative to it), or the videos of a folder by their names.

    Classes are joined by |; an empty time is the video's beginning or end. Anger, disgust and sadness are stress, fear is
    surprise (method.md 3).

    Raises:
        UtteranceError: nothing there can be used, or a row is wrong.
    """
    return _read_folder(path) if is_folder(path) else _read_list(path)


def _read_list(path: Path) -> list[Utterance]:
    with UtteranceError.of(TableError):
        rows = read_table(path, ("file", "start_s", "end_s", "label"))
    return [_utterance(path, number, row) for number, row in enumerate(rows, start=2)]


def _utterance(path: Path, number: int, row: dict[str, str]) -> Utterance:
    where = f"{path.name}, line {number}"
    try:
        start, end = (float(row[name]) if row[name] else None for name in ("start_s", "end_s"))
    except ValueError as error:
        raise UtteranceError("{where}: a time is no number of seconds", where=where) from error
    labels = [label.strip() for label in row["label"].split("|")]
    unknown = [label for label in labels if label not in tuple(Emotion)]
    if unknown:
        raise UtteranceError(
            "{where}: {label!r} is no class; there are: {known}",
            where=where,
            label=unknown[0],
            known=", ".join(Emotion),
        )
    start = start or 0.0
    if not 0 <= start < (float("inf") if end is None else end):
        raise UtteranceError("{where}: it ends before it begins", where=where)
    return Utterance(row["file"], path.parent / row["file"], start, end, tuple(Emotion(label) for label in labels))


def _read_folder(folder: Path) -> list[Utterance]:
    found = []
    for path in sorted(folder.rglob("*")):
        emotion = _emotion_of(path.stem) if path.suffix.lower() in VIDEO_SUFFIXES else None
        if emotion is not None:
            found.append(Utterance(path.relative_to(folder).as_posix(), path, 0.0, None, (emotion,)))
    if not found:
        raise UtteranceError("{folder} holds no video that is named as those of RAVDESS or CREMA-D are", folder=folder)
    return found


def _emotion_of(stem: str) -> Emotion | None:
    """What a file's name says that is spoken; None for what is sung, only heard, or named in another way."""
    if (found := _RAVDESS.fullmatch(stem)) is not None:
        spoken = found["modality"] in _WITH_PICTURE and found["channel"] == _SPOKEN
        return _RAVDESS_EMOTIONS.get(found["emotion"]) if spoken else None
    found = _CREMA.fullmatch(stem)
    return None if found is None else _CREMA_EMOTIONS.get(found["emotion"])
