"""What candidates say of pictures, asked once and kept: tables are then a matter of seconds."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.candidates.temperature import Temperature
from core.evaluation.litert import predict_converted

TIMED_PICTURES = 30


def kept_predictions(
    content: bytes, pictures: NDArray[np.uint8], cache: Path, temperature: Temperature | None = None
) -> NDArray[np.float64]:
    """Probabilities (n, 4) of pictures (n, 100, 100, 3) uint8 RGB by a LiteRT file, kept below `cache`.

    `temperature`: that of its card. The name of what is kept is made of the network, the temperature and the pictures
    themselves, so nothing old can be taken for new.
    """
    digest = hashlib.sha256(hashlib.sha256(content).digest())
    digest.update(repr(temperature).encode())
    digest.update(np.ascontiguousarray(pictures).tobytes())
    kept = cache / f"{digest.hexdigest()[:32]}.npy"
    if kept.is_file():
        return np.asarray(np.load(kept, allow_pickle=False), dtype=np.float64)
    cache.mkdir(parents=True, exist_ok=True)
    said = predict_converted(content, pictures, temperature=temperature)
    fresh = kept.with_name(f"fresh.{kept.name}")
    np.save(fresh, said)
    fresh.replace(kept)
    return said


def milliseconds_a_picture(contents: Sequence[bytes], pictures: NDArray[np.uint8]) -> list[float]:
    """For each LiteRT file the median time of one picture; files take turns, so that a busy moment strikes all alike."""
    from ai_edge_litert.interpreter import Interpreter

    interpreters = [Interpreter(model_content=content, num_threads=1) for content in contents]
    entries = []
    for interpreter in interpreters:
        entry = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(entry, (1, *pictures.shape[1:]))
        interpreter.allocate_tensors()
        entries.append(entry)
    seconds: list[list[float]] = [[] for _content in contents]
    for picture in pictures[:TIMED_PICTURES]:
        for number, (interpreter, entry) in enumerate(zip(interpreters, entries, strict=True)):
            interpreter.set_tensor(entry, picture[None].astype(np.float32) / 255.0)
            began = time.perf_counter()
            interpreter.invoke()
            seconds[number].append(time.perf_counter() - began)
    return [float(np.median(one)) * 1000 for one in seconds]
