"""What went into a network, on what terms, and the same as a model card for Hugging Face: a README.md with YAML before it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from core.candidates.card import Card, DataSetUse
from core.system.tables import markdown

WEIGHT_TERMS = {
    "mobilenetv2_imagenet_notop.npz": "weights trained on ImageNet, rebuilt from an 8-bit release under the Apache License 2.0",
    "mobilenetv2_faces_wide.npz": "weights trained on the six sets that research alone may use, from MobileNetV2's ImageNet "
    "weights (rebuilt from an 8-bit release under the Apache License 2.0)",
    "inceptionv3_imagenet_notop.npz": "weights trained on ImageNet, 8 bit; whose release they are was not told",
}
"""The starting weights that the recipes name."""

TEST_MEANING = (
    "The number of the name is the thesis's test whose head and starting rate the network has; the rest of its training "
    "is what stands above, not the thesis's."
)
"""What a card says of a network that is named after a test."""

APACHE = "Apache License 2.0"

_WEIGHTS = re.compile(r"[\w.-]+\.npz")


def ingredients(card: Card) -> Iterator[DataSetUse]:
    """Every set and every starting weight that went into a network file, each with its terms."""
    yield from card.training
    for name in dict.fromkeys(_WEIGHTS.findall(card.recipe)):
        yield DataSetUse(name, 0, WEIGHT_TERMS.get(name, "terms not told"))


def model_card(card: Card) -> str:
    """The card as README.md of a model repository.

    Values of the YAML are written as JSON, which is YAML as well.
    """
    free = card.terms.startswith(APACHE)
    kind = "research-only-data" if any("research" in use.terms for use in card.training) else "terms-of-its-data"
    metadata: dict[str, object] = {
        "license": "apache-2.0" if free else "other",
        **({} if free else {"license_name": kind}),
        "library_name": "tflite",
        "pipeline_tag": "image-feature-extraction" if card.is_personal else "image-classification",
        "tags": ["facial-expression-recognition", "litert", "calmline"],
    }
    if card.scores:
        metadata["model-index"] = [{"name": card.id, "results": [_result(card, name) for name in card.scores]}]
    front = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in metadata.items()]
    used = [(one.name, f"{one.pictures:,}" if one.pictures else "-", one.terms) for one in ingredients(card)]
    scores = [
        (name, f"{int(figures['pictures']):,}", f"{figures['accuracy']:.1%}")
        for name, figures in card.scores.items()
        if {"pictures", "accuracy"} <= figures.keys()
    ]
    low, high = card.pixel_range
    channels = 1 if card.colour_order == "GREY" else 3
    fed = f"({card.input_size}, {card.input_size}, {channels}) {card.colour_order}, {low:g} to {high:g}"
    return "\n".join(
        [
            *("---", *front, "---", "", f"# {card.name}", ""),
            *(f"{card.network}. Terms: {card.terms}.", ""),
            *(f"Input: {fed}. Classes, in order: {', '.join(card.labels)}. Outputs: {', '.join(card.outputs)}.", ""),
            *("## What went into it", "", *markdown(("what", "pictures", "terms"), used), ""),
            *(f"How: {card.recipe}.", ""),
            *((TEST_MEANING, "") if card.test else ()),
            *(("## Scores", "", *markdown(("set", "pictures", "accuracy"), scores), "") if scores else ()),
            f"sha256 {card.sha256}, {card.size_bytes:,} bytes.",
            "",
        ]
    )


def _result(card: Card, name: str) -> dict[str, object]:
    """One data set's figures as `model-index` wants them."""
    metrics = [{"type": figure, "value": value} for figure, value in card.scores[name].items() if figure != "pictures"]
    return {
        "task": {"type": "image-classification"},
        "dataset": {"type": name, "name": name},
        "metrics": metrics,
    }
