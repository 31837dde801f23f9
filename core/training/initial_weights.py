"""What a training may begin from: a Keras weights file, our .npz, another run, or a shipped candidate."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import h5py
import keras
import numpy as np
from numpy.typing import NDArray

from core.candidates.card import CARD_FILE, NETWORK_FILE, CardError, load_card
from core.candidates.registry import MAX_NETWORK_BYTES
from core.explain.head import Head, HeadError, read_head
from core.face.crop import CROP_SIZE
from core.method.emotion import EMOTIONS
from core.method.experiments import Experiment, NetworkName
from core.system.files import FileError, read_plain_file
from core.training.architectures import VGG16_NETWORKS, backbone_of, build_network, head_of
from core.training.checkpoints import load_finished_or_last
from core.training.settings import CONFIG_FILE, read_experiment, was_normalised
from core.training.weights import WeightsError, read_npz
from core.training.weights_from_litert import rebuild_backbone

VGG16_END = "block5_pool"
"""VGG16's last layer: weights of VGG16 alone are put before it, the blocks behind begin from nothing."""


def build_initialised(
    experiment: Experiment,
    weights: str | Path,
    *,
    size: int | None = CROP_SIZE,
    pictures: NDArray[np.uint8] | None = None,
    normalised: bool = False,
) -> Any:
    """The Keras model of an experiment with its initial weights: "imagenet", "none", or a path.

    See `build_network` for the model and `load_initial_weights` for what may lie at a path.

    Raises:
        WeightsError, RunError: what lies at the path does not fit this network.
    """
    fetched: Literal["imagenet", "none"] = "imagenet" if weights == "imagenet" else "none"
    try:
        model = build_network(experiment, fetched, size=size, normalised=normalised)
    except Exception as error:  # Keras raises nothing narrower where a file cannot be fetched
        if weights != "imagenet":
            raise
        raise WeightsError(
            "ImageNet's weights for {network} cannot be fetched ({reason}); fetch the file elsewhere and name it with --weights",
            network=experiment.network,
            reason=error,
        ) from error
    if isinstance(weights, Path):
        load_initial_weights(model, experiment, weights, pictures)
    return model


def load_initial_weights(
    model: Any, experiment: Experiment, path: Path, pictures: NDArray[np.uint8] | None = None
) -> None:
    """Give a fresh model what lies at `path`: the backbone, and the head where it is of the same kind.

    A run or a file of VGG16 may also begin VGG16 with dense blocks, which then begin from nothing.

    `path` is a run's folder (finished or not), a candidate's folder or .tflite, an .npz, or a Keras weights file of the
    backbone. `pictures`: see `rebuild_backbone`.

    Raises:
        WeightsError: it cannot be read, or belongs to another network; the message names both.
        RunError: it is a run's folder with a description that cannot be right.
    """
    if (path / CONFIG_FILE).is_file():
        _from_run(model, experiment, path)
    elif path.suffix == ".tflite" or (path / NETWORK_FILE).is_file():
        _from_candidate(model, path if path.is_file() else path / NETWORK_FILE, pictures)
    elif path.suffix == ".npz":
        _from_npz(model, experiment, path)
    elif path.is_file():
        _from_keras_file(model, path)
    else:
        raise WeightsError("{path} is neither a weights file nor a folder with a run or a candidate", path=path)


def _from_run(model: Any, experiment: Experiment, folder: Path) -> None:
    source = read_experiment(folder)
    same = source.network == experiment.network
    if not same and (source.network, experiment.network) != (NetworkName.VGG16, NetworkName.VGG16_DENSENET):
        raise WeightsError(
            "{run} is a run of {its_network}, not of {network}",
            run=folder.name,
            its_network=source.network,
            network=experiment.network,
        )
    trained = build_network(source, size=None, normalised=was_normalised(folder))
    load_finished_or_last(trained, folder)
    learnt = backbone_of(trained).get_weights()
    part = _parts(backbone_of(model))[0 if same else 1]
    if [one.shape for one in learnt] != [tuple(one.shape) for one in part.weights]:
        raise WeightsError(
            "one of {run} and this run has batch normalisation in its convolutions, one has not", run=folder.name
        )
    part.set_weights(learnt)
    if same and source.head == experiment.head:
        for layer, other in zip(head_of(model), head_of(trained), strict=True):
            layer.set_weights(other.get_weights())


def begins_normalised(experiment: Experiment, weights: str | Path) -> bool:
    """Whether a run that begins from `weights` trains a VGG16 with batch normalisation in its convolutions.

    It does from nothing, where without it it hardly learns, and from a run that did; what ImageNet's weights, weights
    files and candidates hold has none.
    """
    if experiment.network not in VGG16_NETWORKS:
        return False
    return weights == "none" or (isinstance(weights, Path) and was_normalised(weights))


def _from_candidate(model: Any, path: Path, pictures: NDArray[np.uint8] | None) -> None:
    try:
        content = read_plain_file(path, MAX_NETWORK_BYTES)
        labels = load_card(path.parent / CARD_FILE).labels if (path.parent / CARD_FILE).is_file() else None
        head = read_head(content)
    except (FileError, CardError, HeadError) as error:
        raise WeightsError("{path} cannot be trained on: {reason}", path=path, reason=error) from error
    give_weights(model, content, head, labels, pictures)


def give_weights(
    model: Any, content: bytes, head: Head, labels: Sequence[str] | None, pictures: NDArray[np.uint8] | None = None
) -> None:
    """Give a model the weights of a LiteRT file: the backbone, and the file's `head` where it has as many layers.

    `labels`: the order of the file's outputs (None: that of `EMOTIONS`). `pictures`: see `rebuild_backbone`.

    Raises:
        WeightsError: the file is of another network.
    """
    rebuild_backbone(backbone_of(model), content, pictures)
    dense = head_of(model)
    if len(dense) == len(head.layers):
        order = list(range(len(EMOTIONS))) if labels is None else _rows(labels)
        for layer, stored in zip(dense, head.layers, strict=True):
            rows = order if layer is dense[-1] else slice(None)
            layer.set_weights([stored.kernel[rows].T, stored.bias[rows]])


def _rows(labels: Sequence[str]) -> list[int]:
    return [labels.index(emotion.value) for emotion in EMOTIONS]


def _from_npz(model: Any, experiment: Experiment, path: Path) -> None:
    stored = read_npz(path)
    backbone = backbone_of(model)
    shapes = [tuple(array.shape) for array in stored.backbone]
    for part in _parts(backbone):
        if shapes == [tuple(array.shape) for array in part.get_weights()]:
            part.set_weights(stored.backbone)
            break
    else:
        raise WeightsError(
            "{file} holds weights of another network than {network}", file=path.name, network=backbone.name
        )
    if experiment.head == 1 and stored.head_kernel is not None and stored.head_bias is not None:
        head_of(model)[-1].set_weights([stored.head_kernel, stored.head_bias])


def _from_keras_file(model: Any, path: Path) -> None:
    if _is_whole_model(path):
        raise WeightsError(
            "{file} is a whole model, and its head would be lost; `calmline networks add` takes it as it is, and its backbone saved with save_weights can be trained on",
            file=path.name,
        )
    backbone = backbone_of(model)
    reasons = []
    for part in _parts(backbone):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", UserWarning)  # no more than a warning tells of layers that are not in it
                part.load_weights(path)
        except (OSError, ValueError, UserWarning) as error:  # another network, or no weights file at all
            reasons.append(str(error))
        else:
            return
    raise WeightsError(
        "{file} does not fit {network}: {reason}",
        file=path.name,
        network=backbone.name,
        reason=reasons[0].splitlines()[0],
    )


def _is_whole_model(path: Path) -> bool:
    if path.suffix == ".keras":
        return True
    try:
        with h5py.File(path) as file:
            return "model_config" in file.attrs
    except OSError:
        return False  # what is wrong with it is said where its weights are read


def _parts(backbone: Any) -> list[Any]:
    """What a file or a run may hold: the whole backbone, or for the paper's network VGG16 alone."""
    if backbone.name.replace("_", "-") != NetworkName.VGG16_DENSENET.value:
        return [backbone]
    return [backbone, keras.Model(backbone.input, backbone.get_layer(VGG16_END).output)]
