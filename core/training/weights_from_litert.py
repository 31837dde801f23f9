"""A shipped network back as a Keras model, so that a person can train on from what is shipped.

A LiteRT file keeps each convolution with its batch normalisation folded in. The folded kernel is put back into the
Keras convolution, and the batch normalisation is set so that inference is the file's own function, while its moving
statistics are those of real pictures: then training mode agrees with inference, and training goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from core.explain.file_graph import FileGraph, GraphError, Operation
from core.training.weights import WeightsError

_RELU_KINDS = ("RELU", "RELU6")
_MAY_BE_FUSED = (((layers.Activation, layers.ReLU), _RELU_KINDS), ((layers.ZeroPadding2D,), ("PAD", "PADV2")))
"""Layers that the converter may make part of the operation before or behind them."""

_POOL_KINDS = ("MAX_POOL_2D", "AVERAGE_POOL_2D")
_KERNELS = (layers.Conv2D, layers.SeparableConv2D, layers.DepthwiseConv2D)
_STATISTICS_BATCH = 32


@dataclass(frozen=True, slots=True)
class Affine:
    """What a batch normalisation has to do in inference: `slope` * x + `offset`, each per channel."""

    slope: NDArray[np.float32]
    offset: NDArray[np.float32]


def rebuild_backbone(backbone: Any, content: bytes, pictures: NDArray[np.uint8] | None) -> None:
    """Give `backbone` the weights of a LiteRT file of the same network.

    `pictures` (n, 100, 100, 3) uint8 RGB are seen once, for the moving statistics; without them training mode
    differs from inference until it has seen enough.

    Raises:
        WeightsError: the file is of another network.
    """
    try:
        targets = _Walk(FileGraph(content), backbone).run()
    except GraphError as error:
        raise WeightsError(
            "it cannot be turned back into {network}: {reason}", network=backbone.name, reason=error
        ) from error
    for layer, affine in targets.items():
        _set_normalisation(layer, affine, np.zeros_like(affine.offset), np.ones_like(affine.offset))
    if pictures is not None and targets:
        means, variances = _statistics(backbone, list(targets), pictures)
        for (layer, affine), mean, variance in zip(targets.items(), means, variances, strict=True):
            _set_normalisation(layer, affine, mean, variance)


def _set_normalisation(layer: Any, affine: Affine, mean: NDArray[np.float32], variance: NDArray[np.float32]) -> None:
    """Set moving statistics, and scale and centre so that inference stays the affine map.

    One without a scale (InceptionV3's) cannot take any variance: its kernel was widened by sqrt(1 + epsilon), so 1 is
    the variance that leaves inference as it is.
    """
    if not layer.scale:
        layer.set_weights([affine.offset + mean / np.sqrt(1 + layer.epsilon), mean, np.ones_like(variance)])
        return
    deviation = np.sqrt(variance + layer.epsilon)
    layer.set_weights([affine.slope * deviation, affine.offset + affine.slope * mean, mean, variance])


def _statistics(
    backbone: Any, normalisations: list[Any], pictures: NDArray[np.uint8]
) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """Mean and variance per channel of what each batch normalisation gets, over all pictures."""
    probe = keras.Model(backbone.input, [layer.input for layer in normalisations])
    sums: list[Any] = [0.0] * len(normalisations)
    squares: list[Any] = [0.0] * len(normalisations)
    batches = 0
    for start in range(0, len(pictures), _STATISTICS_BATCH):
        batch = pictures[start : start + _STATISTICS_BATCH].astype(np.float32) / 127.5 - 1.0
        outputs = probe.predict_on_batch(batch)
        for number, output in enumerate(outputs if isinstance(outputs, list | tuple) else [outputs]):
            values = keras.ops.convert_to_numpy(output).astype(np.float64)
            sums[number] = sums[number] + values.mean(axis=(0, 1, 2)) * len(batch)
            squares[number] = squares[number] + np.square(values).mean(axis=(0, 1, 2)) * len(batch)
        batches += len(batch)
    means = [total / batches for total in sums]
    variances = [np.maximum(total / batches - mean**2, 0) for total, mean in zip(squares, means, strict=True)]
    return [mean.astype(np.float32) for mean in means], [one.astype(np.float32) for one in variances]


class _Walk:
    """Goes back from the feature map through the Keras graph and the file's graph at the same time."""

    def __init__(self, graph: FileGraph, backbone: Any) -> None:
        self._graph, self._backbone = graph, backbone
        self._targets: dict[Any, Affine] = {}
        self._folded: dict[int, Any] = {}

    def run(self) -> dict[Any, Affine]:
        """Sets all kernels; returns what each batch normalisation has to do."""
        end = next((tensor for tensor in self._graph.outputs if self._graph.rank(tensor) == 4), None)
        if end is None:
            raise GraphError("it tells no feature map")
        waiting, seen = [(self._backbone.output, end)], set()
        while waiting:
            keras_tensor, tensor = waiting.pop()
            layer, node, _index = keras_tensor._keras_history  # noqa: SLF001 - the only way back through a Keras graph
            if isinstance(layer, layers.InputLayer) or (id(layer), tensor) in seen:
                continue
            seen.add((id(layer), tensor))
            sources = layer._inbound_nodes[node].input_tensors  # noqa: SLF001
            waiting += zip(sources, self._back(layer, tensor, len(sources)), strict=True)
        missing = [
            layer.name
            for layer in self._backbone.layers
            if isinstance(layer, layers.BatchNormalization) and layer not in self._targets
        ]
        if missing:
            raise GraphError("nothing was found for {layer}", layer=missing[0])
        return self._targets

    def _back(self, layer: Any, tensor: int, sources: int) -> list[int]:
        """The file's tensors that `layer` takes, given the one that it makes."""
        made = self._graph.maker(tensor)
        if made is None:
            raise GraphError("it ends where {layer} should be", layer=layer.name)
        if isinstance(layer, layers.BatchNormalization):
            return [self._normalisation(layer, tensor, made)]
        if isinstance(layer, _KERNELS):
            return [self._kernel(layer, self._behind_relu(made))]
        for layers_of_it, kinds in _MAY_BE_FUSED:
            if isinstance(layer, layers_of_it):
                return [made.inputs[0] if made.kind in kinds else tensor]
        kinds = _POOL_KINDS if sources == 1 else ("ADD", "CONCATENATION")
        if made.kind not in kinds or len(made.inputs) < sources:
            raise GraphError("it has {found} where {layer} should be", found=made.kind, layer=layer.name)
        return list(made.inputs[:sources])

    def _behind_relu(self, made: Operation) -> Operation:
        before = self._graph.maker(made.inputs[0]) if made.kind in _RELU_KINDS else made
        if before is None:
            raise GraphError("a ReLU stands at its beginning")
        return before

    def _normalisation(self, layer: Any, tensor: int, made: Operation) -> int:
        """Folded into the convolution before it, or a multiplication and an addition of its own."""
        offset = self._constant(made.inputs[1]) if made.kind == "ADD" else None
        if offset is None:
            self._folded[tensor] = layer
            return tensor
        multiplied = self._graph.maker(made.inputs[0])
        slope = self._constant(multiplied.inputs[1]) if multiplied and multiplied.kind == "MUL" else None
        if multiplied is None or slope is None:
            raise GraphError("it has no scale for {layer}", layer=layer.name)
        self._targets[layer] = Affine(slope.ravel(), offset.ravel())
        return multiplied.inputs[0]

    def _kernel(self, layer: Any, made: Operation) -> int:
        """Set a convolution's kernel (and bias, or the offset of the batch normalisation folded into it)."""
        depthwise = isinstance(layer, layers.DepthwiseConv2D)
        kernel, bias = self._weights(layer, made, "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D")
        normalisation = self._folded.get(made.outputs[0])
        if isinstance(layer.input._keras_history[0], layers.InputLayer):  # noqa: SLF001
            kernel, bias = self._without_scaling(kernel, bias, made.inputs[0])
        weights = [_as_depthwise(kernel, layer) if depthwise else kernel.transpose(1, 2, 3, 0)]
        entry = made.inputs[0]
        if isinstance(layer, layers.SeparableConv2D):
            before = self._graph.maker(entry)
            first, _none = self._weights(layer, before, "DEPTHWISE_CONV_2D")
            weights.insert(0, _as_depthwise(first, layer))
            assert before is not None
            entry = before.inputs[0]
        if normalisation is not None:
            self._targets[normalisation] = Affine(np.ones_like(bias), bias)
            if not normalisation.scale:
                weights[-1] = weights[-1] * np.float32(np.sqrt(1 + normalisation.epsilon))
        weights += [bias] if layer.use_bias else []
        if [one.shape for one in weights] != [tuple(one.shape) for one in layer.weights]:
            raise GraphError("{layer} has other sizes there", layer=layer.name)
        layer.set_weights(weights)
        return entry

    def _without_scaling(
        self, kernel: NDArray[np.float32], bias: NDArray[np.float32], entry: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The first convolution for pictures of -1..1, where the converter made the scaling from 0..1 part of it."""
        before = self._graph.maker(entry)
        if before is not None and before.kind in ("ADD", "SUB"):
            return kernel, bias
        sums = np.asarray(kernel.reshape(len(kernel), -1).sum(axis=1), np.float32)
        if before is not None and before.kind == "MUL":
            return kernel, bias + sums
        half = np.float32(0.5)
        return kernel * half, bias + sums * half

    def _constant(self, tensor: int) -> NDArray[np.float32] | None:
        found = self._graph.constant(tensor)
        return None if found is None else found.astype(np.float32)

    def _weights(
        self, layer: Any, made: Operation | None, kind: str
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        kernel = self._constant(made.inputs[1]) if made is not None and made.kind == kind else None
        if made is None or kernel is None:
            raise GraphError(
                "it has {found} where {layer} should be", found=made.kind if made else "-", layer=layer.name
            )
        bias = self._constant(made.inputs[2]) if len(made.inputs) > 2 else None
        width = kernel.shape[-1] if kind == "DEPTHWISE_CONV_2D" else kernel.shape[0]
        return kernel, np.zeros(width, np.float32) if bias is None else bias.ravel()


def _as_depthwise(kernel: NDArray[np.float32], layer: Any) -> NDArray[np.float32]:
    """(1, h, w, channels * multiplier) as Keras keeps it: (h, w, channels, multiplier)."""
    return np.asarray(kernel[0].reshape(*kernel.shape[1:3], -1, layer.depth_multiplier), np.float32)
