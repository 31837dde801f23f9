"""LiteRT files on the training side, without Keras: what they answer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BATCH = 32
"""Pictures in one invocation; larger batches cost memory and gain nothing on a processor."""


def predict_converted(content: bytes, pictures: NDArray[np.uint8], batch_size: int = BATCH) -> NDArray[np.float64]:
    """Probabilities (n, 4) of pictures (n, 100, 100, 3) uint8 RGB by a LiteRT file with our two outputs."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    entry = interpreter.get_input_details()[0]["index"]
    exit_ = next(o["index"] for o in interpreter.get_output_details() if len(o["shape"]) == 2)
    parts = []
    for start in range(0, len(pictures), batch_size):
        batch = pictures[start : start + batch_size].astype(np.float32) / 255.0
        interpreter.resize_tensor_input(entry, batch.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(entry, batch)
        interpreter.invoke()
        parts.append(interpreter.get_tensor(exit_).astype(np.float64))
    return np.concatenate(parts)
