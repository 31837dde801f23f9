"""The demo actor: plays the wizard's expressions and scripted calls from a folder of rendered frames.

What it shows at a moment depends only on its seed, its cues and the moment: the same demo twice is the same demo.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.method.emotion import Expression
from core.sources.pictures import read_picture
from core.sources.script import CallBeat, call_script
from core.sources.source import Frame, Pixels, SourceError, Trouble
from core.system.files import FileError, read_plain_file

TRANSITION_SECONDS = 0.6
"""How long a face takes from rest to a full expression."""

MAX_FRAMES_BYTES = 1_000_000
"""An actor's list of frames is a few lines."""

BLINK_EVERY = 4.3
BLINK_SECONDS = 0.16
MOUTH_SECONDS = 0.18
REST = "neutral"
_STRENGTHS = (25, 50, 75, 100)
_MOUTHS = ("talk_a", "talk_m", "talk_e", "talk_o")


class Flaw(StrEnum):
    """Ways to play badly, to show what the light check says."""

    DIM = "dim"
    SIDE_LIGHT = "side-light"
    BACKLIGHT = "backlight"
    FACE_AWAY = "face-away"
    TWO_PEOPLE = "two-people"


@dataclass(frozen=True, slots=True)
class _Cue:
    """From `since` on the face goes from `before` (a frame's name) towards `pose`."""

    since: float
    pose: str
    before: str


class DemoActor:
    """An actor's folder as a source. The folder has frames.csv and JPEGs named after expression and strength."""

    def __init__(self, folder: Path, seed: int = 0, flaw: Flaw | None = None) -> None:
        """Checks that the folder holds an actor; frames are read when they are first shown.

        Raises:
            SourceError: the folder holds no actor.
        """
        self._folder, self._seed, self._flaw = folder, seed, flaw
        try:
            text = read_plain_file(folder / "frames.csv", MAX_FRAMES_BYTES).decode("utf-8")
            rows = csv.DictReader(io.StringIO(text, newline=""))
            self._frames = {(row["file"] or "").removesuffix(".jpg") for row in rows}
        except (FileError, KeyError, UnicodeDecodeError, csv.Error) as error:
            raise SourceError(Trouble.NOT_FOUND, f"{folder} is no actor's folder") from error
        if REST not in self._frames:
            raise SourceError(Trouble.UNREADABLE, f"{folder} has no {REST}.jpg")
        self._load: Callable[[str], Pixels] = lru_cache(maxsize=32)(self._read)
        self._seconds = 0.0
        self._cue = _Cue(-1e9, REST, REST)
        self._script: tuple[CallBeat, ...] = ()
        self._script_began = 0.0
        self._noise = np.random.default_rng(seed).normal(0, 2.2, (512, 672, 3)).astype(np.int8)

    @property
    def name(self) -> str:
        """For example "demo actor (m_multi)"."""
        return f"demo actor ({self._folder.name})"

    @property
    def is_camera(self) -> bool:
        """Never."""
        return False

    @property
    def ended(self) -> bool:
        """Never: an actor goes on."""
        return False

    @property
    def trouble(self) -> Trouble | None:
        """None."""
        return None

    def open(self) -> None:
        """Begin at second 0 with a resting face."""
        self._seconds = 0.0
        self._cue = _Cue(-1e9, REST, REST)
        self._script = ()

    def close(self) -> None:
        """Nothing is held."""

    def perform(self, expression: Expression | None) -> None:
        """Move towards `expression` from now on; None: back to a resting face."""
        pose = expression.id if expression is not None else REST
        self._script = ()
        if pose != self._cue.pose:
            self._cue = _Cue(self._seconds, pose, self._cue.pose)

    def perform_call(self, call_number: int) -> None:
        """Play the scripted call with this number, from now on; it begins again when it has ended."""
        self._script = call_script(call_number, self._seed)
        self._script_began = self._seconds

    def frame_at(self, seconds: float) -> Frame | None:
        """The actor at this moment: 480 x 640 BGR."""
        self._seconds = seconds
        pixels = self._posed(seconds)
        pixels = self._moved(pixels, seconds)
        pixels = _flawed(pixels, self._flaw)
        return Frame(self._as_seen(pixels, seconds), seconds)

    def _posed(self, seconds: float) -> Pixels:
        """The face itself: expression, blinking, talking, looking away."""
        if self._script:
            into = (seconds - self._script_began) % sum(beat.seconds for beat in self._script)
            beat, before, since = _beat_at(self._script, into)
            if beat.looks_away:
                return _turned_away(self._load(REST))
            if beat.talks and beat.pose == REST and since > TRANSITION_SECONDS:
                return self._talking(seconds)
            return self._between(before, beat.pose, since / TRANSITION_SECONDS)
        share = (seconds - self._cue.since) / TRANSITION_SECONDS
        if self._cue.pose == REST and share >= 1 and _blinks(seconds, self._seed) and "blink" in self._frames:
            return self._load("blink")
        return self._between(self._cue.before, self._cue.pose, share)

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
            raise SourceError(Trouble.UNREADABLE, f"{self._folder} has no frame of {pose}")
        wanted = share * 100
        below = max((k for k in known if k[0] <= wanted), default=known[0])
        above = min((k for k in known if k[0] >= wanted), default=known[-1])
        if below == above:
            return self._load(below[1])
        weight = (wanted - below[0]) / (above[0] - below[0])
        return np.asarray(
            cv2.addWeighted(self._load(below[1]), 1 - weight, self._load(above[1]), weight, 0), dtype=np.uint8
        )

    def _talking(self, seconds: float) -> Pixels:
        mouths = [mouth for mouth in _MOUTHS if mouth in self._frames]
        if not mouths:
            return self._load(REST)
        step = int(seconds / MOUTH_SECONDS)
        draw = _hash(step, self._seed)
        return self._load(REST if draw % 3 == 0 else mouths[draw % len(mouths)])

    def _moved(self, pixels: Pixels, seconds: float) -> Pixels:
        """A living head is never quite still: slow small shift, turn and nearness."""
        height, width = pixels.shape[:2]
        phase = self._seed * 1.7
        angle = 1.1 * np.sin(seconds * 0.61 + phase)
        scale = 1 + 0.012 * np.sin(seconds * 0.43 + 2 * phase)
        matrix = cv2.getRotationMatrix2D((width / 2, height * 0.55), angle, scale)
        matrix[:, 2] += (5 * np.sin(seconds * 0.37 + phase), 3 * np.sin(seconds * 0.53 + 3 * phase))
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
        pixels = read_picture(self._folder / f"{name}.jpg", name).pixels
        if pixels is None or (name != REST and pixels.shape != self._load(REST).shape):
            raise SourceError(Trouble.UNREADABLE, f"{self._folder}/{name}.jpg")
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


def _hash(step: int, seed: int) -> int:
    """A number that looks random but depends on its two arguments only."""
    mixed = (step * 2654435761 + seed * 40503 + 12345) & 0xFFFFFFFF
    return (mixed ^ (mixed >> 15)) & 0x7FFFFFFF


def _flawed(pixels: Pixels, flaw: Flaw | None) -> Pixels:
    if flaw is None:
        return pixels
    height, width = pixels.shape[:2]
    if flaw is Flaw.DIM:
        return np.asarray(cv2.convertScaleAbs(pixels, alpha=0.22), dtype=np.uint8)
    if flaw is Flaw.SIDE_LIGHT:
        across = np.linspace(-1, 1, width, dtype=np.float32)
        ramp = 0.22 + 0.95 / (1 + np.exp(-9 * across))
        return np.asarray(np.clip(pixels * ramp[None, :, None], 0, 255), dtype=np.uint8)
    if flaw is Flaw.BACKLIGHT:
        return _against_window(pixels)
    if flaw is Flaw.FACE_AWAY:
        return _turned_away(pixels)
    half = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    top = height // 4
    both = np.empty_like(pixels)
    both[:] = pixels[4, 4]
    both[top : top + height // 2, : width // 2] = half
    both[top : top + height // 2, width // 2 : width // 2 * 2] = half[:, ::-1]
    return both


def _turned_away(pixels: Pixels) -> Pixels:
    """The head moved out of the picture, as when somebody turns to a colleague."""
    height, width = pixels.shape[:2]
    matrix = np.array([[1, 0, width * 0.62], [0, 1, height * 0.12]], dtype=np.float32)
    moved = cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.uint8)


def _against_window(pixels: Pixels) -> Pixels:
    """Dark in the middle, glaring around: a window behind the head."""
    height, width = pixels.shape[:2]
    mask: NDArray[np.uint8] = np.zeros((height, width), np.uint8)
    cv2.ellipse(mask, (width // 2, int(height * 0.5)), (int(width * 0.24), int(height * 0.40)), 0, 0, 360, 255, -1)
    cv2.rectangle(mask, (int(width * 0.2), int(height * 0.82)), (int(width * 0.8), height), 255, -1)
    soft = cv2.GaussianBlur(mask, (0, 0), 9).astype(np.float32)[..., None] / 255
    dark = pixels.astype(np.float32) * 0.3
    glare = 215 + pixels.astype(np.float32) * 0.15
    return np.asarray(np.clip(dark * soft + glare * (1 - soft), 0, 255), dtype=np.uint8)
