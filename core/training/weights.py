"""Starting weights: from ImageNet (Keras fetches them), from a Keras file, from our .npz, or none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.sources.entries import ZIP_ERRORS
from core.system.errors import TranslatableError


class WeightsError(TranslatableError):
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
    arrays = _arrays(path)
    numbers = sorted({name.split(".")[0] for name in arrays if name[:3].isdigit()})
    if not numbers or numbers != [f"{i:03d}" for i in range(len(numbers))]:
        raise WeightsError("{file} lacks the keys 000, 001, ... of a backbone's weights", file=path.name)
    try:
        backbone = [_array(arrays, number) for number in numbers]
        kernel, bias = (
            arrays[name].astype(np.float32) if name in arrays else None for name in ("head.kernel", "head.bias")
        )
    except KeyError as error:
        raise WeightsError("{file} lacks the key {key}", file=path.name, key=error.args[0]) from error
    except (TypeError, ValueError) as error:  # texts, or a scale that does not fit
        raise WeightsError(
            "{file} holds something else than weights: {reason}", file=path.name, reason=error
        ) from error
    return StoredWeights(backbone, kernel, bias)


def _arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    try:
        with path.open("rb") as file:  # of its own: NumPy leaves a broken one open
            loaded = np.load(file, allow_pickle=False)
            archive = loaded if isinstance(loaded, np.lib.npyio.NpzFile) else {}
            arrays = {name: archive[name] for name in archive}
    except (*ZIP_ERRORS, MemoryError) as error:  # a broken header may claim any size
        raise WeightsError("{file} cannot be read as .npz: {reason}", file=path.name, reason=error) from error
    if not arrays:
        raise WeightsError("{file} is not an archive of several arrays, as np.savez writes it", file=path.name)
    return arrays


def _array(arrays: dict[str, NDArray[np.generic]], number: str) -> NDArray[np.float32]:
    if f"{number}.q" in arrays:
        return np.asarray(arrays[f"{number}.q"].astype(np.float32) * arrays[f"{number}.s"].astype(np.float32))
    return arrays[number].astype(np.float32)
