"""Draws the minute: faces on top, ten networks' levels below them, and the same minute after the wizard."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from core.method.emotion import Emotion
from core.sources.source import Pixels
from tests.minute.readings import MINUTE, Part

SIZE_INCHES = (11.5, 8.2)
DOTS_PER_INCH = 144

INK, GREY, FAINT, PAPER = "#22272e", "#6b7480", "#d5dae0", "#ffffff"
EMOTION_COLOURS = {Emotion.NEUTRAL: "#4a7fb5", Emotion.STRESS: "#c8473f", Emotion.HAPPY: "#4a9a5b"}
"""The thesis's own: happy green, neutral blue, stress red."""

FAMILIES = {"inceptionv3": "#d08a2e", "mobilenetv2": "#7a5ea8", "xception": "#2f8f8b", "vgg16-densenet": "#b0527c"}
TUNED_COLOUR = "#1d4f8c"

HANGUL_FONTS = ("NanumGothic", "Noto Sans KR", "Noto Sans CJK KR", "Apple SD Gothic Neo", "Malgun Gothic")
"""Tried in this order for the Korean picture."""


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of the picture in one language."""

    title: str
    subtitle: str
    parts: Mapping[Emotion, str]
    before: str
    before_note: str
    after: str
    after_note: str
    right: str
    tuned: str
    level: str
    seconds: str
    credit: str


ENGLISH = Words(
    title="One minute of one face, read by ten networks",
    subtitle="An actor talks: calmly, frowning, calmly, smiling, calmly. "
    "Stress should lift the level, a smile should lower it, talking should do neither.",
    parts={Emotion.NEUTRAL: "talks calmly", Emotion.STRESS: "talks frowning", Emotion.HAPPY: "talks smiling"},
    before="As they are shipped",
    before_note="the level that each of the ten networks counts, reading frame by frame",
    after="After the wizard",
    after_note="the same minute: the reader tuned to this face, each reading the mean of the last second",
    right="what is right",
    tuned="tuned reader",
    level="level",
    seconds="seconds",
    credit="The demo actor {actor} is an average of faces: nobody real is shown, and what it shows is no proof for real people. Level: the thesis's running sum, five readings a second.",
)

KOREAN = Words(
    title="한 얼굴의 1분을 신경망 열 개가 읽으면",
    subtitle="배우가 차분하게, 찡그리며, 차분하게, 웃으며, 다시 차분하게 말해요. "
    "찡그리면 수준이 오르고 웃으면 내려가야 하지만, 말하는 것만으로는 달라지지 않아야 해요.",
    parts={Emotion.NEUTRAL: "차분하게 말함", Emotion.STRESS: "찡그리며 말함", Emotion.HAPPY: "웃으며 말함"},
    before="처음 그대로",
    before_note="신경망 열 개가 한 장면씩 읽고 저마다 셈한 수준",
    after="처음 설정을 마친 뒤",
    after_note="같은 1분: 이 얼굴에 맞춘 판독기가 읽은 수준. 마지막 1초의 평균으로 읽어요",
    right="바른 값",
    tuned="맞춘 판독기",
    level="수준",
    seconds="초",
    credit="데모 배우 {actor}는 여러 얼굴의 평균이에요. 실제 인물이 아니고, 실제 사람에 대한 증거도 아니에요. "
    "수준: 논문의 누적 합, 1초에 다섯 번 읽음.",
)

WORDS = {"en": ENGLISH, "ko": KOREAN}


@dataclass(frozen=True, slots=True)
class Minute:
    """What is drawn: levels after each reading."""

    actor: str
    right: Sequence[float]
    networks: Mapping[str, Sequence[float]]
    tuned: Sequence[float]
    faces: Sequence[tuple[float, Pixels]]
    """When, and the frame (BGR)."""


def draw(minute: Minute, language: str, target: Path) -> None:
    """Write the picture to `target` (.svg or .png).

    Raises:
        SystemExit: there is no font with the letters that it needs.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    words = WORDS[language]
    settings: dict[str, Any] = {
        "font.family": [_font(language), "DejaVu Sans"],
        "svg.fonttype": "path",
        "svg.hashsalt": "calmline",
        "axes.unicode_minus": False,
        "text.color": INK,
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=SIZE_INCHES, facecolor=PAPER)
        FigureCanvasAgg(figure)
        _headings(figure, words, minute.actor)
        limits = _limits([minute.right, minute.tuned, *minute.networks.values()])
        _faces(figure, minute.faces, words)
        upper = _panel(figure, (0.065, 0.4, 0.795, 0.262), limits, words, words.before, words.before_note)
        _right(upper, minute.right, words)
        for name, values in minute.networks.items():
            _curve(upper, values, _colour(name), 1.7)
        ends = {name: (values[-1], _colour(name)) for name, values in minute.networks.items()}
        _ends(upper, ends, limits)
        lower = _panel(figure, (0.065, 0.075, 0.795, 0.26), limits, words, words.after, words.after_note)
        for values in minute.networks.values():
            _curve(lower, values, FAINT, 1.0)
        _right(lower, minute.right, words)
        _curve(lower, minute.tuned, TUNED_COLOUR, 3.0)
        _ends(lower, {words.tuned: (minute.tuned[-1], TUNED_COLOUR)}, limits)
        lower.set_xlabel(words.seconds, fontsize=9, color=GREY, labelpad=2)
        if target.suffix == ".svg":
            figure.savefig(target, dpi=DOTS_PER_INCH, metadata={"Date": None}, facecolor=PAPER)
        else:
            figure.savefig(target, dpi=DOTS_PER_INCH, pil_kwargs={"optimize": True}, facecolor=PAPER)


def _font(language: str) -> str:
    from matplotlib import font_manager

    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # it names every weight that a font lacks
    package = find_spec("koreanize_matplotlib")
    for place in (package.submodule_search_locations or []) if package else []:
        for file in ((Path(place) / "fonts" / f"NanumGothic{weight}.ttf") for weight in ("", "Bold")):
            font_manager.fontManager.addfont(file)
    known = {font.name for font in font_manager.fontManager.ttflist}
    found = next((name for name in HANGUL_FONTS if name in known), None)
    if found is None and language == "ko":
        raise SystemExit("No font with Hangul is installed; `pip install koreanize-matplotlib` brings one.")
    return found or "DejaVu Sans"


def _headings(figure: Any, words: Words, actor: str) -> None:
    figure.text(0.035, 0.955, words.title, fontsize=19, fontweight=600, va="center")
    figure.text(0.035, 0.917, words.subtitle, fontsize=10, color=GREY, va="center")
    figure.text(0.035, 0.014, words.credit.format(actor=actor), fontsize=7.5, color=GREY, va="center")


def _faces(figure: Any, faces: Sequence[tuple[float, Pixels]], words: Words) -> None:
    strip = figure.add_axes((0.065, 0.755, 0.795, 0.13))
    for at, pixels in faces:
        small = cv2.resize(pixels[90:390, 193:447], None, fx=0.62, fy=0.62, interpolation=cv2.INTER_AREA)
        cut = np.ascontiguousarray(small[..., ::-1])
        strip.imshow(cut, extent=(at - 2.9, at + 2.9, 0, 1), aspect="auto", interpolation="lanczos")
    strip.set(xlim=(0, 60), ylim=(0, 1))
    strip.axis("off")
    band = figure.add_axes((0.065, 0.72, 0.795, 0.027))
    band.set(xlim=(0, 60), ylim=(0, 1))
    band.axis("off")
    for part in MINUTE:
        colour = EMOTION_COLOURS[part.emotion]
        band.axvspan(part.start + 0.12, part.end - 0.12, color=colour, lw=0)
        middle = (part.start + part.end) / 2
        text = words.parts[part.emotion]
        band.text(middle, 0.46, text, ha="center", va="center", fontsize=8.5, color="white", fontweight=600)


def _panel(
    figure: Any, place: tuple[float, ...], limits: tuple[float, float], words: Words, title: str, note: str
) -> Any:
    axes = figure.add_axes(place)
    axes.set(xlim=(0, 60), ylim=limits)
    for part in MINUTE:
        axes.axvspan(part.start, part.end, color=EMOTION_COLOURS[part.emotion], alpha=_tint(part), lw=0)
    axes.axhline(0, color=GREY, lw=0.8)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=8, colors=GREY)
    axes.set_xticks(range(0, 61, 10))
    axes.yaxis.set_major_locator(_whole_steps(limits))
    axes.grid(axis="y", color="#e8ebef", lw=0.7)
    axes.set_axisbelow(True)
    axes.set_ylabel(words.level, fontsize=9, color=GREY, labelpad=2)
    titled = axes.annotate(title, (0, 1), (0, 7), xycoords="axes fraction", textcoords="offset points", fontsize=12)
    titled.set_fontweight(600)
    axes.annotate(note, (1, 0), (9, 0.8), xycoords=titled, textcoords="offset points", fontsize=9, color=GREY)
    return axes


def _tint(part: Part) -> float:
    return 0.04 if part.emotion is Emotion.NEUTRAL else 0.10


def _whole_steps(limits: tuple[float, float]) -> Any:
    from matplotlib.ticker import MultipleLocator

    return MultipleLocator(1 if limits[1] - limits[0] > 2.5 else 0.5)


def _limits(curves: Sequence[Sequence[float]]) -> tuple[float, float]:
    low, high = min(min(curve) for curve in curves), max(max(curve) for curve in curves)
    margin = 0.06 * (high - low)
    return low - margin, high + margin


def _times(values: Sequence[float]) -> list[float]:
    return [(place + 1) / 5 for place in range(len(values))]


def _curve(axes: Any, values: Sequence[float], colour: str, width: float) -> None:
    axes.plot([0, *_times(values)], [0, *values], color=colour, lw=width, solid_joinstyle="round", clip_on=False)


def _right(axes: Any, values: Sequence[float], words: Words) -> None:
    from matplotlib.patheffects import withStroke

    axes.plot([0, *_times(values)], [0, *values], color=INK, lw=1.6, ls=(0, (4, 2.2)))
    place = 29 * 5
    axes.annotate(
        words.right,
        (29, values[place]),
        (-10, 4),
        textcoords="offset points",
        fontsize=9,
        color=INK,
        ha="right",
        path_effects=[withStroke(linewidth=3, foreground=PAPER)],
    )


def _ends(axes: Any, ends: Mapping[str, tuple[float, str]], limits: tuple[float, float]) -> None:
    """Names at the right ends of the curves, moved apart where they would cover each other."""
    gap = (limits[1] - limits[0]) * 0.082
    ordered = sorted(ends, key=lambda name: ends[name][0])
    places: list[float] = []
    for name in ordered:
        places.append(max(ends[name][0], places[-1] + gap) if places else ends[name][0])
    overshoot = places[-1] - limits[1]
    if overshoot > 0:
        places[-1] = limits[1]
        for below in range(len(places) - 2, -1, -1):
            places[below] = min(places[below], places[below + 1] - gap)
    for name, place in zip(ordered, places, strict=True):
        value, colour = ends[name]
        axes.plot([60, 60.9, 61.5], [value, place, place], color=colour, lw=0.8, clip_on=False)
        axes.text(61.9, place, name, fontsize=8.5, color=colour, va="center", clip_on=False)


def _colour(network: str) -> str:
    return next((colour for family, colour in FAMILIES.items() if network.startswith(family)), GREY)
