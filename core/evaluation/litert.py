"""LiteRT files on the training side, without Keras: what they answer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.candidates.temperature import Temperature

BATCH = 32
"""Pictures in one invocation; larger batches cost memory and gain nothing on a processor."""


def predict_converted(
    content: bytes, pictures: NDArray[np.uint8], batch_size: int = BATCH, *, temperature: Temperature | None = None
) -> NDArray[np.float64]:
    """Probabilities (n, 4) of pictures (n, 100, 100, 3) uint8 RGB by a LiteRT file with our two outputs.

    `temperature`: that of its card, where it has one; without it, as the file says them.
    """
    probabilities, pooled = read_converted(content, pictures, batch_size)
    return probabilities if temperature is None else temperature.apply(probabilities, pooled)


def read_converted(
    content: bytes, pictures: NDArray[np.uint8], batch_size: int = BATCH
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """As the file says them: probabilities (n, 4), and the pooled feature map (n, channels; 0 of a file without a map)."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    entry = interpreter.get_input_details()[0]["index"]
    outputs = interpreter.get_output_details()
    said, seen = (next((o["index"] for o in outputs if len(o["shape"]) == rank), None) for rank in (2, 4))
    probabilities, pooled = [], []
    for start in range(0, len(pictures), batch_size):
        batch = pictures[start : start + batch_size].astype(np.float32) / 255.0
        interpreter.resize_tensor_input(entry, batch.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(entry, batch)
        interpreter.invoke()
        probabilities.append(interpreter.get_tensor(said).astype(np.float64))
        maps = np.zeros((len(batch), 1, 1, 0)) if seen is None else interpreter.get_tensor(seen)
        pooled.append(maps.mean(axis=(1, 2), dtype=np.float32))
    return np.concatenate(probabilities), np.concatenate(pooled)
