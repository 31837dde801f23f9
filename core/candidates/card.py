"""A candidate's card: everything about a shipped network that is not in its weights."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from core.emotion import EMOTIONS

CARD_FILE = "card.json"
NETWORK_FILE = "network.tflite"
MAX_CARD_BYTES = 1_000_000

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class CardError(ValueError):
    """A card is missing, unreadable, or says something that cannot be right."""


@dataclass(frozen=True, slots=True)
class DataSetUse:
    """One data set that a network was trained on: its name, how many pictures, and its terms of use."""

    name: str
    pictures: int
    terms: str


@dataclass(frozen=True, slots=True)
class Card:
    """The card of one candidate.

    `network` is MobileNetV2, InceptionV3, Xception or VGG16-DenseNet; `head` 1 or 2 (method.md 4, 0 where neither);
    `test` the thesis's test number (None for the paper's network). The network takes (n, `input_size`, `input_size`, 3)
    float32 in `pixel_range` and `colour_order`, and gives probabilities in the order of `labels`; where
    `outputs` names more than "probabilities", they follow in that order. `scores` is {data set: {figure: value}}
    as measured on the shipped file. `size_bytes` and `sha256` are those of the network file.
    """

    id: str
    name: str
    network: str
    head: int
    test: int | None
    input_size: int
    colour_order: Literal["RGB", "BGR"]
    pixel_range: tuple[float, float]
    labels: tuple[str, ...]
    outputs: tuple[str, ...]
    training: tuple[DataSetUse, ...]
    terms: str
    recipe: str
    scores: Mapping[str, Mapping[str, float]]
    size_bytes: int
    sha256: str

    def to_json(self) -> str:
        """The card as indented JSON, keys in the order of the fields."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Card:
        """A card from what `to_json` wrote.

        Raises:
            CardError: a field is missing, unknown or of the wrong kind.
        """
        known = {field.name for field in fields(cls)}
        missing, unknown = known - data.keys(), data.keys() - known
        if missing or unknown:
            parts = [f"lacks {', '.join(sorted(missing))}"] if missing else []
            parts += [f"has the unknown {', '.join(sorted(unknown))}"] if unknown else []
            raise CardError(f"the card {' and '.join(parts)}")
        texts = ("id", "name", "network", "colour_order", "terms", "recipe", "sha256")
        not_texts = [name for name in texts if not isinstance(data[name], str)]
        if not_texts:
            raise CardError(f"these fields of the card are no texts: {', '.join(not_texts)}")
        try:
            values = dict(data)
            values["training"] = tuple(DataSetUse(**use) for use in data["training"])
            values["labels"] = tuple(str(label) for label in data["labels"])
            values["outputs"] = tuple(str(output) for output in data["outputs"])
            low, high = data["pixel_range"]
            values["pixel_range"] = (float(low), float(high))
            values["input_size"], values["size_bytes"] = int(data["input_size"]), int(data["size_bytes"])
            values["scores"] = {
                str(name): {str(figure): float(value) for figure, value in figures.items()}
                for name, figures in data["scores"].items()
            }
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            raise CardError(f"a field of the card has the wrong form: {error}") from error
        card = cls(**values)
        card._check()
        return card

    def _check(self) -> None:
        wanted = tuple(emotion.value for emotion in EMOTIONS)
        checks = [
            (bool(_ID.fullmatch(self.id)), f"its id {self.id!r} is not a plain name"),
            (sorted(self.labels) == sorted(wanted), f"its labels are {self.labels}, not {wanted} in some order"),
            (self.colour_order in ("RGB", "BGR"), f"its colour order is {self.colour_order!r}, not RGB or BGR"),
            (16 <= self.input_size <= 1024, f"its input size is {self.input_size}, not 16 to 1024"),
            (self.pixel_range[0] < self.pixel_range[1], f"its pixel range {self.pixel_range} is empty"),
            (bool(self.outputs) and self.outputs[0] == "probabilities", "its first output is not 'probabilities'"),
            (bool(_SHA256.fullmatch(self.sha256)), "its sha256 is not 64 hex digits"),
            (bool(self.training), "it names no training data: an untrained network is never used"),
        ]
        for holds, complaint in checks:
            if not holds:
                raise CardError(f"the card cannot be right: {complaint}")


def load_card(path: Path) -> Card:
    """Read and check a card file.

    Raises:
        CardError: missing, not a file, too large, not UTF-8 JSON, or wrong in a field.
    """
    try:
        if path.stat().st_size > MAX_CARD_BYTES:
            raise CardError(f"{path.name} is larger than {MAX_CARD_BYTES} bytes")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CardError(f"{path.name} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise CardError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise CardError(f"{path.name} holds no JSON object")
    return Card.from_mapping(data)
