"""One talking frame: the resting face bent to a mouth shape, with the inside of the mouth, under an expression's brows."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.actors.face import EYE_OUTLINES, Face, Moves, Points, glance

Picture = NDArray[np.uint8]
_Plane = NDArray[np.float32]
_GRID = 4
_FINER = 4
_CAVITY = (22, 15, 30)
"""BGR of the dark behind the teeth."""


def bend(picture: Picture, face: Face, moved: Moves, inside: Picture) -> Picture:
    """The picture with its landmarks moved; where the lips part, `inside` shows, shaded by the lips."""
    height, width = picture.shape[:2]
    upper = _pull(picture, _field(moved.upper_from, moved.upper_to, (height, width)))
    lower = _pull(picture, _field(moved.lower_from, moved.lower_to, (height, width)))
    share = _lower_share(moved, (height, width))
    face_now = upper * (1 - share) + lower * share
    mask = opening(moved, (height, width))
    shown = inside.astype(np.float32) * _shade(moved, face, (height, width))[..., None]
    return np.asarray(np.clip(face_now * (1 - mask) + shown * mask, 0, 255).round(), dtype=np.uint8)


def under_brows(lower: Picture, expression: Picture, face: Face) -> Picture:
    """The mouth of one frame in the face of another: they meet, softly, at the foot of the nose."""
    seam = face.points[[170, 172], 1].mean() - 0.02 * face.iod
    away = (np.arange(lower.shape[0])[:, None, None] - seam) / (0.035 * face.iod)
    share = 1 / (1 + np.exp(np.clip(-away, -50, 50)))
    return np.asarray((lower * share + expression * (1 - share)).round(), dtype=np.uint8)


def look_aside(picture: Picture, face: Face, sideways: float) -> Picture:
    """The eyes of a resting face turned by so many distances between them (right of the picture is positive)."""
    before, after = glance(face, sideways)
    height, width = picture.shape[:2]
    edge = np.array([(x, y) for x in (0, width) for y in (0, height)], dtype=np.float64)
    turned = _pull(picture, _field(np.vstack([before, edge]), np.vstack([after, edge]), (height, width)))
    mask = np.zeros((height, width), np.uint8)
    for lids in EYE_OUTLINES:
        cv2.fillPoly(mask, [np.rint(face.points[list(lids)]).astype(np.int32)], 255)
    share = cv2.GaussianBlur(mask, (0, 0), 0.8).astype(np.float32)[..., None] / 255
    return np.asarray(np.clip(turned * share + picture * (1 - share), 0, 255).round(), dtype=np.uint8)


def _field(before: Points, after: Points, shape: tuple[int, int]) -> _Plane:
    """(h, w, 2): for each place of the result, where in the picture it comes from (a thin plate through the points)."""
    rows, columns = shape[0] // _GRID + 1, shape[1] // _GRID + 1
    grid = np.stack(np.meshgrid(np.arange(columns) * _GRID, np.arange(rows) * _GRID), axis=-1).astype(np.float64)
    # Solved from the result back to the picture, so that nothing has to be inverted.
    source = _thin_plate(after, before, grid.reshape(-1, 2)).reshape(rows, columns, 2).astype(np.float32)
    x, y = np.meshgrid(np.arange(shape[1], dtype=np.float32), np.arange(shape[0], dtype=np.float32))
    return np.asarray(cv2.remap(source, x / _GRID, y / _GRID, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _thin_plate(at: Points, values: Points, wanted: Points) -> Points:
    """Values at `wanted` of the thin-plate spline that is `values` at `at` (nearly: a touch of smoothing)."""
    scale = 100.0
    at, wanted = at / scale, wanted / scale

    def kernel(one: Points, other: Points) -> NDArray[np.float64]:
        square = ((one[:, None] - other[None]) ** 2).sum(axis=-1)
        result: NDArray[np.float64] = square * np.log(np.maximum(square, 1e-12)) / 2
        return result

    count = len(at)
    flat = np.hstack([np.ones((count, 1)), at])
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = kernel(at, at) + 1e-4 * np.eye(count)
    system[:count, count:], system[count:, :count] = flat, flat.T
    solved = np.linalg.solve(system, np.vstack([values, np.zeros((3, 2))]))
    result: Points = (
        kernel(wanted, at) @ solved[:count] + np.hstack([np.ones((len(wanted), 1)), wanted]) @ solved[count:]
    )
    return result


def _pull(picture: Picture, source: _Plane) -> _Plane:
    pulled = cv2.remap(picture, source[..., 0], source[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(pulled, dtype=np.float32)


def _curve(points: Points, count: int = 120) -> Points:
    """A smooth curve through a lip's edge, as y over x: a cubic through the points."""
    x = np.linspace(points[0, 0], points[-1, 0], count)
    slopes = np.gradient(points[:, 1], points[:, 0])
    index = np.clip(np.searchsorted(points[:, 0], x) - 1, 0, len(points) - 2)
    step = points[index + 1, 0] - points[index, 0]
    t = (x - points[index, 0]) / step
    y = (
        (2 * t**3 - 3 * t**2 + 1) * points[index, 1]
        + (t**3 - 2 * t**2 + t) * step * slopes[index]
        + (3 * t**2 - 2 * t**3) * points[index + 1, 1]
        + (t**3 - t**2) * step * slopes[index + 1]
    )
    return np.stack([x, y], axis=1)


def opening(moved: Moves, shape: tuple[int, int]) -> _Plane:
    """(h, w, 1) 0..1: where the lips are apart."""
    upper, lower = _curve(moved.opening_upper), _curve(moved.opening_lower)
    apart = lower[:, 1] - upper[:, 1] > 0.3
    upper, lower = upper[apart], lower[apart]
    mask = np.zeros((shape[0] * _FINER, shape[1] * _FINER), np.uint8)
    if len(upper) > 2:
        outline = (np.vstack([upper, lower[::-1]]) + 0.5) * _FINER
        cv2.fillPoly(mask, [np.rint(outline * 16).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=4)
    small = cv2.resize(mask, (shape[1], shape[0]), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.6), dtype=np.float32)[..., None]


def _lower_share(moved: Moves, shape: tuple[int, int]) -> _Plane:
    """(h, w, 1) 0..1: what belongs to the lower lip; sharp between the lips, soft beyond their corners."""
    upper, lower = _curve(moved.opening_upper), _curve(moved.opening_lower)
    x = np.arange(shape[1], dtype=np.float64)
    middle = np.interp(x, upper[:, 0], (upper[:, 1] + lower[:, 1]) / 2)
    beyond = np.maximum(np.maximum(upper[0, 0] - x, x - upper[-1, 0]), 0)
    softness = 0.7 + beyond * 0.5
    y = np.arange(shape[0], dtype=np.float64)[:, None]
    share = 1 / (1 + np.exp(np.clip(-(y - middle) / softness * 2, -50, 50)))
    return np.asarray(share, dtype=np.float32)[..., None]


def _shade(moved: Moves, face: Face, shape: tuple[int, int]) -> _Plane:
    """(h, w) 0..1: the lips' shadow on what is behind them; deepest at the corners and under the upper lip."""
    upper = _curve(moved.opening_upper)
    x, y = np.arange(shape[1], dtype=np.float64), np.arange(shape[0], dtype=np.float64)[:, None]
    top = np.interp(x, upper[:, 0], upper[:, 1])
    centre, half = (upper[0, 0] + upper[-1, 0]) / 2, (upper[-1, 0] - upper[0, 0]) / 2
    sideways = 1 - 0.75 * np.clip(np.abs(x - centre) / half, 0, 1) ** 2.5
    below = 0.55 + 0.45 * np.clip((y - top) / (0.06 * face.iod), 0, 1)
    return np.asarray(np.broadcast_to(sideways, shape) * below, dtype=np.float32)


def mouth_inside(laughing: Picture, laugh: Moves, raging: Picture, rage: Moves) -> Picture:
    """The inside of a mouth as a picture: teeth do not move with the lips, so other frames of the actor have them.

    Args:
        laughing: the actor's frame with the widest row of teeth over an open mouth.
        laugh: where its lips are.
        raging: the frame with the upper teeth bared to the gums.
        rage: where its lips are.
    """
    shape = laughing.shape[:2]
    inside = np.empty(laughing.shape, np.float32)
    inside[:] = _CAVITY
    bared = opening(rage, shape)
    upper_half = np.arange(shape[0], dtype=np.float32)[:, None, None] < rage.opening_upper[[0, -1], 1].mean()
    bared = bared * upper_half
    inside = inside * (1 - bared) + raging * bared
    wide = cv2.erode(opening(laugh, shape), np.ones((5, 5), np.uint8))[..., None]
    return np.asarray((inside * (1 - wide) + laughing * wide).round(), dtype=np.uint8)
