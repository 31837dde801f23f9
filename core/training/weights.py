"""Starting weights: from ImageNet (Keras fetches them), from a Keras file, from our .npz, or none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class WeightsError(ValueError):
    """A weights file cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class StoredWeights:
    """What an .npz holds: the backbone's arrays in the order of `get_weights()`, and a head #1 where there is one."""

    backbone: list[NDArray[np.float32]]
    head_kernel: NDArray[np.float32] | None
    head_bias: NDArray[np.float32] | None


def read_npz(path: Path) -> StoredWeights:
    """Read an .npz with keys "000", "001", ... or "NNN.q" (int8) + "NNN.s" (scale), and "head.kernel", "head.bias".

    Raises:
        WeightsError: not such a file.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError) as error:
        raise WeightsError(f"{path.name} cannot be read as .npz: {error}") from error
    numbers = sorted({name.split(".")[0] for name in arrays if name[:3].isdigit()})
    if not numbers or numbers != [f"{i:03d}" for i in range(len(numbers))]:
        raise WeightsError(f"{path.name} lacks the keys 000, 001, ... of a backbone's weights")
    backbone = [_array(arrays, number) for number in numbers]
    kernel, bias = arrays.get("head.kernel"), arrays.get("head.bias")
    return StoredWeights(
        backbone,
        None if kernel is None else kernel.astype(np.float32),
        None if bias is None else bias.astype(np.float32),
    )


def _array(arrays: dict[str, NDArray[np.generic]], number: str) -> NDArray[np.float32]:
    if f"{number}.q" in arrays:
        return np.asarray(arrays[f"{number}.q"].astype(np.float32) * arrays[f"{number}.s"].astype(np.float32))
    return arrays[number].astype(np.float32)
