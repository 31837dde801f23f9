"""The demo actor: plays the wizard's expressions and scripted calls from a folder of rendered frames.

What it shows at a moment depends only on its seed, its cues and the moment: the same demo twice is the same demo.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.method.emotion import Expression
from core.sources.entries import file_entry
from core.sources.flaws import Flaw, show_flaw, turn_away
from core.sources.pictures import read_picture
from core.sources.script import CallBeat, call_script
from core.sources.source import Frame, Pixels, SourceError, SourceProblem
from core.sources.speech import Manner, Speech
from core.system.files import FileError, read_plain_file

TRANSITION_SECONDS = 0.6
"""How long a face takes from rest to a full expression."""

MAX_FRAMES_BYTES = 1_000_000
"""An actor's list of frames is a few lines."""

BLINK_EVERY = 4.3
BLINK_SECONDS = 0.16
GLANCE_EVERY = 7.1
GLANCE_SECONDS = 0.8
REST = "neutral"
AWAY = "away"
_STRENGTHS = (25, 50, 75, 100)


@dataclass(frozen=True, slots=True)
class _Cue:
    """From `since` on the face goes from `before` (a frame's name) towards `pose`, and perhaps talks."""

    since: float
    pose: str
    before: str
    talks: bool = False


class DemoActor:
    """An actor's folder as a source. The folder has frames.csv and JPEGs named after expression and strength."""

    is_camera = False
    ended = False
    trouble: SourceProblem | None = None

    def __init__(self, folder: Path, seed: int = 0, flaw: Flaw | None = None) -> None:
        """Checks that the folder holds an actor; frames are read when they are first shown.

        Raises:
            SourceError: the folder holds no actor.
        """
        self._folder, self._seed, self._flaw = folder, seed, flaw
        self.name = f"demo actor ({folder.name})"
        try:
            text = read_plain_file(folder / "frames.csv", MAX_FRAMES_BYTES).decode("utf-8")
            rows = list(csv.DictReader(io.StringIO(text, newline="")))
            self._frames = {(row["file"] or "").removesuffix(".jpg") for row in rows}
            self._eyes = _eyes_in(rows)
        except (FileError, KeyError, ValueError, csv.Error) as error:
            raise SourceError(SourceProblem.NOT_FOUND, f"{folder} is no actor's folder") from error
        if REST not in self._frames:
            raise SourceError(SourceProblem.UNREADABLE, f"{folder} has no {REST}.jpg")
        self._load: Callable[[str], Pixels] = lru_cache(maxsize=32)(self._read)
        self._speech = Speech(seed)
        self._seconds = 0.0
        self._cue = _Cue(-1e9, REST, REST)
        self._script: tuple[CallBeat, ...] = ()
        self._script_began = 0.0
        self._noise = np.random.default_rng(seed).normal(0, 2.2, (512, 672, 3)).astype(np.int8)

    def open(self) -> None:
        """Begin at second 0 with a resting face."""
        self._seconds = 0.0
        self._cue = _Cue(-1e9, REST, REST)
        self._script = ()

    def close(self) -> None:
        """Do nothing: no device is held."""

    def perform(self, expression: Expression | None) -> None:
        """Move towards `expression` from now on; None: back to a resting face."""
        self._turn_to(expression.id if expression is not None else REST, talks=False)

    def perform_talk(self, manner: Manner) -> None:
        """Talk with this face from now on, until told otherwise."""
        self._turn_to(manner.value, talks=True)

    def perform_call(self, call_number: int) -> None:
        """Play the scripted call with this number, from now on; it begins again when it has ended."""
        self._script = call_script(call_number, self._seed)
        self._script_began = self._seconds

    def frame_at(self, seconds: float) -> Frame | None:
        """The actor at this moment: 480 x 640 BGR."""
        self._seconds = seconds
        cue = self._cue_at(seconds)
        pixels = self._moved(self._posed(cue, seconds), seconds, _nod(seconds - cue.since) if cue.talks else 0.0)
        return Frame(self._as_seen(show_flaw(pixels, self._flaw), seconds), seconds)

    def _turn_to(self, pose: str, *, talks: bool) -> None:
        self._script = ()
        if (pose, talks) != (self._cue.pose, self._cue.talks):
            self._cue = _Cue(self._seconds, pose, self._cue.pose, talks)

    def _cue_at(self, seconds: float) -> _Cue:
        """What the face is doing: as it was told last, or as the script has it."""
        if not self._script:
            return self._cue
        into = (seconds - self._script_began) % sum(beat.seconds for beat in self._script)
        beat, before, since = _beat_at(self._script, into)
        return _Cue(seconds - since, AWAY if beat.looks_away else beat.pose, before, beat.talks)

    def _posed(self, cue: _Cue, seconds: float) -> Pixels:
        """The face itself: expression, blinking, talking, looking away."""
        share = (seconds - cue.since) / TRANSITION_SECONDS
        if cue.pose == AWAY:
            return turn_away(self._load(REST))
        if cue.talks and (share >= 1 or cue.before == cue.pose):
            return self._talking(seconds, Manner(cue.pose))
        if cue.pose == REST and share >= 1 and _blinks(seconds, self._seed) and "blink" in self._frames:
            return self._load("blink")
        return self._between(cue.before, cue.pose, share)

    def _between(self, before: str, after: str, share: float) -> Pixels:
        """The way from one pose to another: down to rest in the first half where both are expressions, then up."""
        if share >= 1 or before == after:
            return self._strength(after, 1.0)
        share = max(0.0, share)
        if before == REST:
            return self._strength(after, share)
        if after == REST:
            return self._strength(before, 1 - share)
        return self._strength(before, 1 - 2 * share) if share < 0.5 else self._strength(after, 2 * share - 1)

    def _strength(self, pose: str, share: float) -> Pixels:
        """A pose at a strength of 0 to 1, from the nearest rendered frames; dissolved where there is no frame between."""
        if pose == REST or share <= 0:
            return self._load(REST)
        known = [(0, REST)] + [(s, f"{pose}_{s:03d}") for s in _STRENGTHS if f"{pose}_{s:03d}" in self._frames]
        if len(known) == 1:
            raise SourceError(SourceProblem.UNREADABLE, f"{self._folder} has no frame of {pose}")
        wanted = share * 100
        below = max((k for k in known if k[0] <= wanted), default=known[0])
        above = min((k for k in known if k[0] >= wanted), default=known[-1])
        if below == above:
            return self._load(below[1])
        weight = (wanted - below[0]) / (above[0] - below[0])
        return np.asarray(
            cv2.addWeighted(self._load(below[1]), 1 - weight, self._load(above[1]), weight, 0), dtype=np.uint8
        )

    def _talking(self, seconds: float, manner: Manner) -> Pixels:
        """A talking face: the mouth of this moment, blinks, and now and then a glance aside."""
        mouth = self._speech.mouth_at(seconds)
        before, after = (self._load(self._mouth_frame(shape, manner)) for shape in (mouth.before, mouth.after))
        face = np.asarray(cv2.addWeighted(before, 1 - mouth.share, after, mouth.share, 0), dtype=np.uint8)
        if _blinks(seconds, self._seed):
            return self._with_eyes_of("blink", face)
        count, into = divmod(seconds + self._seed * 1.3, GLANCE_EVERY)
        if manner is Manner.CALM and into < GLANCE_SECONDS:
            return self._with_eyes_of(("look_left", "look_right")[_hash(int(count), self._seed) % 2], face)
        return face

    def _mouth_frame(self, shape: str | None, manner: Manner) -> str:
        """The frame of a mouth shape, or the nearest that the actor has: an actor of one's own may have none."""
        middle = "" if manner is Manner.CALM else f"{manner.value}_"
        rest = "talk_rage_m" if manner is Manner.ANGRY else f"{manner.value}_100"
        wanted = [f"talk_{middle}{shape}", f"talk_{middle}{shape[0]}"] if shape else []
        return next((name for name in (*wanted, rest) if name in self._frames), REST)

    def _with_eyes_of(self, name: str, face: Pixels) -> Pixels:
        """The face with the eyes of another frame, where the actor has it and says where its eyes are."""
        if name not in self._frames or not self._eyes:
            return face
        share = _around_eyes(self._eyes, face.shape[0], face.shape[1])
        return np.asarray((face + (self._load(name).astype(np.float32) - face) * share).round(), dtype=np.uint8)

    def _moved(self, pixels: Pixels, seconds: float, nod: float) -> Pixels:
        """A living head is never quite still: slow small shift, turn and nearness; small nods go with speech."""
        height, width = pixels.shape[:2]
        phase = self._seed * 1.7
        angle = 1.1 * np.sin(seconds * 0.61 + phase)
        scale = 1 + 0.012 * np.sin(seconds * 0.43 + 2 * phase)
        matrix = cv2.getRotationMatrix2D((width / 2, height * 0.55), angle, scale)
        matrix[:, 2] += (5 * np.sin(seconds * 0.37 + phase), 3 * np.sin(seconds * 0.53 + 3 * phase) + nod)
        moved = cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, dtype=np.uint8)

    def _as_seen(self, pixels: Pixels, seconds: float) -> Pixels:
        """What a webcam adds: slow change of light, and noise."""
        height, width = pixels.shape[:2]
        light = 1 + 0.03 * np.sin(seconds * 0.23 + self._seed)
        draw = _hash(int(seconds * 30), self._seed)
        top, left = draw % max(1, 512 - height), (draw // 97) % max(1, 672 - width)
        noise = self._noise[top : top + height, left : left + width]
        lit = cv2.convertScaleAbs(pixels, alpha=light)
        if noise.shape[:2] != (height, width):
            return np.asarray(lit, dtype=np.uint8)
        return np.asarray(cv2.add(lit, noise.astype(np.int16), dtype=cv2.CV_8U), dtype=np.uint8)

    def _read(self, name: str) -> Pixels:
        pixels = read_picture(file_entry(self._folder / f"{name}.jpg", name)).pixels
        if pixels is None or (name != REST and pixels.shape != self._load(REST).shape):
            raise SourceError(SourceProblem.UNREADABLE, f"{self._folder}/{name}.jpg")
        return pixels


def list_actors(assets: Path) -> list[str]:
    """The ids of the actors below `assets`/actor, sorted."""
    return sorted(place.parent.name for place in (assets / "actor").glob("*/frames.csv"))


def _beat_at(script: tuple[CallBeat, ...], into: float) -> tuple[CallBeat, str, float]:
    """The beat at `into` seconds of the script, the pose before it, and the seconds since it began."""
    before, began = script[-1].pose, 0.0
    for beat in script:
        if into < began + beat.seconds:
            return beat, before, into - began
        before, began = beat.pose, began + beat.seconds
    return script[-1], before, 0.0


def _blinks(seconds: float, seed: int) -> bool:
    return (seconds + seed * 0.7) % BLINK_EVERY < BLINK_SECONDS


def _nod(talked: float) -> float:
    """Pixels by which a head is lower after so many seconds of talk."""
    return float(2.5 * np.sin(talked * 4.1) * np.sin(talked * 0.9))


def _eyes_in(rows: list[dict[str, str]]) -> tuple[float, ...]:
    """Left x, left y, right x, right y of the resting eyes in pixels; empty where the table does not say."""
    columns = ("eye_left_x", "eye_left_y", "eye_right_x", "eye_right_y")
    return tuple(float(rows[0][column]) for column in columns if rows and rows[0].get(column))


@lru_cache(maxsize=16)
def _around_eyes(eyes: tuple[float, ...], height: int, width: int) -> NDArray[np.float32]:
    """(height, width, 1) 0..1: what is eye, with soft edges that leave the brows out."""
    apart = eyes[2] - eyes[0]
    mask: NDArray[np.uint8] = np.zeros((height, width), np.uint8)
    for x, y in (eyes[:2], eyes[2:]):
        cv2.ellipse(mask, (round(x), round(y)), (round(apart * 0.25), round(apart * 0.15)), 0, 0, 360, 255, -1)
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), apart * 0.03), dtype=np.float32)
    return soft[..., None] / np.float32(255)


def _hash(step: int, seed: int) -> int:
    """A number that looks random but depends on its two arguments only."""
    mixed = (step * 2654435761 + seed * 40503 + 12345) & 0xFFFFFFFF
    return (mixed ^ (mixed >> 15)) & 0x7FFFFFFF
