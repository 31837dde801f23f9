"""A network file in ONNX, run by onnxruntime (extra `onnx`)."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.candidates.card import Signature
from core.candidates.runner import MAX_BATCH, NetworkError, Runner
from core.system.versions import install_command


class OnnxRunner(Runner):
    """A network with one input of pictures, channels last or first, and one output."""

    def __init__(self, content: bytes, signature: Signature, threads: int = 1) -> None:
        """Builds the session from a file's bytes.

        Raises:
            NetworkError: onnxruntime is not installed or cannot read the file, or its ends differ from the signature.
        """
        session = open_session(content, threads)
        self.signature, self._session = signature, session
        [taken, *more] = session.get_inputs()
        batch, *shape = taken.shape
        size, channels = signature.input_size, signature.channels
        self._channels_first = shape[:1] == [channels] and shape[-1:] != [channels]
        expected = [channels, size, size] if self._channels_first else [size, size, channels]
        known = [one if isinstance(one, int) else wanted for one, wanted in zip(shape, expected, strict=False)]
        if more or known != expected or taken.type != "tensor(float)":
            raise NetworkError(
                "its input is not (n, {shape}) float32, as its card says", shape=", ".join(map(str, expected))
            )
        if isinstance(batch, int) and batch != 1:
            raise NetworkError("it takes {count} faces at once and no other number", count=batch)
        self._input, self.max_batch = taken.name, 1 if batch == 1 else MAX_BATCH

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float64]:
        """Numbers of a prepared batch, see `Runner.run`."""
        fed = batch.transpose(0, 3, 1, 2) if self._channels_first else batch
        try:
            [answer, *_more] = self._session.run(None, {self._input: np.ascontiguousarray(fed)})
        except Exception as error:  # its errors have no class of their own below Exception
            raise NetworkError("onnxruntime cannot run it: {reason}", reason=str(error).splitlines()[0]) from error
        return np.asarray(answer, dtype=np.float64).reshape(len(batch), -1)


def open_session(content: bytes, threads: int = 1) -> Any:
    """The network of an ONNX file.

    Raises:
        NetworkError: onnxruntime is not installed, or cannot read it.
    """
    if find_spec("onnxruntime") is None:
        raise NetworkError(
            "it is in ONNX, and onnxruntime is not installed; this installs it: {command}",
            command=install_command("onnxruntime"),
        )
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 4
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no class of their own below Exception
        raise NetworkError("onnxruntime cannot read it: {reason}", reason=str(error).splitlines()[0]) from error
