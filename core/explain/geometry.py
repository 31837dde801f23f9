"""Where the cells of a network's last map lie in the crop: read from the strides and paddings of its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.explain.file_graph import FileGraph, GraphError, Operation
from core.face.crop import CROP_SIZE

_WINDOWS = {"CONV_2D": True, "DEPTHWISE_CONV_2D": True, "MAX_POOL_2D": False, "AVERAGE_POOL_2D": False}
"""Operations that look through a window, and whether the window is that of a kernel."""

_PADS = ("PAD", "PADV2")
_SAME = 0
"""TensorFlow's "same" padding, as the schema numbers it."""


@dataclass(frozen=True, slots=True)
class MapGeometry:
    """Cell i of a map, counted along a side from 0, looks at the pixel `first` + i * `step` most.

    A network that pads only behind each stride, as MobileNetV2 does, has its first cell a third into the crop.
    """

    first: float
    step: float


def even_geometry(cells: int) -> MapGeometry:
    """A map whose cells share the crop evenly."""
    step = CROP_SIZE / cells
    return MapGeometry((step - 1) / 2, step)


def map_geometry(graph: FileGraph) -> MapGeometry | None:
    """The geometry of the map that a file tells; None where it tells none, or an unknown step lies before it.

    Branches that come together lie alike in all our networks: the first one is followed.
    """
    tensor = next((one for one in graph.outputs if graph.rank(one) == len(("n", "h", "w", "c"))), None)
    if tensor is None:
        return None
    first, step = 0.0, 1.0
    try:
        while (operation := graph.maker(tensor)) is not None:
            here, stride = _seen_by(graph, operation)
            first, step = first * stride + here, step * stride
            tensor = next(one for one in operation.inputs if graph.constant(one) is None)
    except (GraphError, StopIteration):
        return None
    return MapGeometry(first, step)


def _seen_by(graph: FileGraph, operation: Operation) -> tuple[float, int]:
    """Which place before an operation its first output looks at most, and how far apart its outputs look."""
    if operation.kind in _PADS:
        paddings = graph.constant(operation.inputs[1])
        if paddings is None:
            raise GraphError("a padding is computed")
        return -float(paddings[1, 0]), 1
    if operation.kind not in _WINDOWS:
        return 0.0, 1
    options: Any = operation.options
    stride = int(options.strideH)
    size = graph.shape(operation.inputs[1])[1] if _WINDOWS[operation.kind] else int(options.filterHeight)
    before = 0
    if int(options.padding) == _SAME:
        length = graph.shape(operation.inputs[0])[1]
        before = max(0, (-(-length // stride) - 1) * stride + size - length) // 2
    return (size - 1) / 2 - before, stride


def enlarge(coarse: NDArray[np.float32], geometry: MapGeometry | None) -> NDArray[np.float32]:
    """A map (h, w) at the size of the crop, bilinear, each cell where it looks; beyond the outermost it stays the same."""
    import cv2

    rows, columns = (_cells(count, geometry) for count in coarse.shape)
    across, down = np.meshgrid(columns, rows)
    placed = cv2.remap(coarse, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(placed, dtype=np.float32)


def _cells(count: int, geometry: MapGeometry | None) -> NDArray[np.float32]:
    """For each pixel of a side the cell that it belongs to, as a fraction."""
    known = geometry or even_geometry(count)
    return ((np.arange(CROP_SIZE) - known.first) / known.step).astype(np.float32)
