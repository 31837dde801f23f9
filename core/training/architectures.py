"""The networks: backbones, heads #1 and #2, and which layers train (method.md 4)."""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import layers

from core.face.crop import CROP_SIZE
from core.method.experiments import ALL_LAYERS, Experiment, NetworkName

CLASSES = 4
BATCH_NORM_MOMENTUM = 0.95
"""Keras gives MobileNetV2 0.999, whose moving averages lag behind in short trainings (shared README)."""

VGG16_NETWORKS = (NetworkName.VGG16, NetworkName.VGG16_DENSENET)
_VGG16_BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
"""How many convolutions of how many channels (Simonyan and Zisserman 2015, configuration D)."""

_Shape = tuple[int | None, int | None, int]

FEATURE_MAP = "feature_map"
LOGITS = "logits"


def build_network(
    experiment: Experiment,
    weights: Literal["imagenet", "none"] = "none",
    *,
    size: int | None = CROP_SIZE,
    normalised: bool = False,
) -> Any:
    """The Keras model of an experiment: (n, size, size, 3) float32 RGB 0..1 to logits (n, 4); size None takes any.

    `weights`: "imagenet" (Keras fetches the file) or "none"; other files are loaded into the model afterwards, see
    `core.training.initial_weights`. The last feature map is the output of the layer `feature_map`. Scaling to -1..1
    happens inside. `normalised`: a VGG16 has batch normalisation behind each convolution, without which it hardly learns
    from nothing; in the shipped file it is part of the convolutions. Networks other than the two VGG16s ignore it.
    """
    inputs = keras.Input((size, size, 3), name="face")
    scaled = layers.Rescaling(2.0, offset=-1.0, name="scale")(inputs)
    imagenet = "imagenet" if weights == "imagenet" else None
    # Built for any size, whatever goes in: MobileNetV2 pads by the size it is built for, and a run, which may train on
    # pictures of two sizes, would be another network than the one that is shipped.
    backbone = _backbone(experiment.network, None, imagenet, normalised=normalised)
    _set_trainable(backbone, experiment.trainable_layers)
    feature_map = layers.Activation("linear", name=FEATURE_MAP)(backbone(scaled))
    pooled = layers.GlobalAveragePooling2D(name="pool")(feature_map)
    if experiment.head == 2:
        hidden = layers.Dense(1024, activation="relu", name="hidden")(layers.Flatten(name="flatten")(pooled))
        pooled = layers.Dropout(0.3, name="dropout")(hidden)
    logits = layers.Dense(CLASSES, name=LOGITS, dtype="float32")(pooled)
    return keras.Model(inputs, logits, name=experiment.id.replace("-", "_"))


def backbone_of(model: Any) -> Any:
    """The backbone inside a model that `build_network` made."""
    return next(layer for layer in model.layers if isinstance(layer, keras.Model))


def head_of(model: Any) -> list[Any]:
    """The Dense layers behind the backbone, in order."""
    return [layer for layer in model.layers if isinstance(layer, layers.Dense)]


def _backbone(network: NetworkName, size: int | None, weights: str | None, *, normalised: bool = False) -> Any:
    shape = (size, size, 3)
    if network in VGG16_NETWORKS:
        base = _normalised_vgg16(shape) if normalised else _plain_vgg16(shape, weights)
        return base if network is NetworkName.VGG16 else _with_dense_blocks(base)
    applications = {
        NetworkName.MOBILENET_V2: keras.applications.MobileNetV2,
        NetworkName.INCEPTION_V3: keras.applications.InceptionV3,
        NetworkName.XCEPTION: keras.applications.Xception,
    }
    backbone = applications[network](include_top=False, weights=weights, input_shape=shape)
    for layer in backbone.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = BATCH_NORM_MOMENTUM
    return backbone


def _plain_vgg16(shape: _Shape, weights: str | None) -> Any:
    """VGG16 without its top. It has no batch normalisation."""
    return keras.applications.VGG16(include_top=False, weights=weights, input_shape=shape)


def _normalised_vgg16(shape: _Shape) -> Any:
    """VGG16 without its top and with batch normalisation between each convolution and its ReLU."""
    inputs = x = keras.Input(shape)
    for block, (count, width) in enumerate(_VGG16_BLOCKS, start=1):
        for number in range(1, count + 1):
            name = f"block{block}_conv{number}"
            x = layers.Conv2D(width, 3, padding="same", kernel_initializer="he_normal", name=name)(x)
            x = layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=f"block{block}_norm{number}")(x)
            x = layers.Activation("relu")(x)
        x = layers.MaxPooling2D(2, 2, name=f"block{block}_pool")(x)
    return keras.Model(inputs, x, name="vgg16")


def _with_dense_blocks(base: Any) -> Any:
    """VGG16 and two DenseNet blocks behind it ([I] in method.md 4; the blocks' size is our reading)."""
    x = base.output
    for block in range(2):
        x = layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=f"dense{block}_in")(x)
        for number in range(4):
            name = f"dense{block}_{number}"
            y = layers.Conv2D(128, 1, use_bias=False, name=f"{name}_narrow")(layers.Activation("relu")(x))
            y = layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=f"{name}_norm")(y)
            y = layers.Conv2D(32, 3, padding="same", use_bias=False, name=f"{name}_grow")(layers.Activation("relu")(y))
            x = layers.Concatenate(name=f"{name}_join")([x, y])
    x = layers.Activation("relu")(layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name="dense_out")(x))
    return keras.Model(base.input, x, name="vgg16_densenet")


def _set_trainable(backbone: Any, count: int) -> None:
    """Train all layers, none, or the last `count` of the backbone."""
    backbone.trainable = count != 0
    if count not in (0, ALL_LAYERS):
        for layer in backbone.layers[:-count]:
            layer.trainable = False
