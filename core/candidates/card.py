"""A candidate's card: everything about a shipped network that is not in its weights."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from core.method.emotion import EMOTIONS
from core.system.errors import TranslatableError
from core.system.files import FileError, read_plain_file
from core.system.json_records import JsonError, decode_json, record_of

CARD_FILE = "card.json"
NETWORK_FILE = "network.tflite"
ONNX_FILE = "network.onnx"
MAX_CARD_BYTES = 1_000_000
LARGEST_TEMPERATURE = 8.0
"""No temperature lies outside 1/8 to 8: more would be a fault or a forgery."""

UNUSED = "unused"
"""The label of an output that stands for none of the four classes (contempt)."""

NOT_TOLD = "not told"
"""The name of the training data of a network that was brought along, where nobody said what it was."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class CardError(TranslatableError):
    """A card is missing, unreadable, or says something that cannot be right."""


@dataclass(frozen=True, slots=True)
class DataSetUse:
    """One data set that a network was trained on: its name, how many pictures, and its terms of use."""

    name: str
    pictures: int
    terms: str

    @property
    def is_complete(self) -> bool:
        """Whether it has a name, at least one picture (where that is told), and terms."""
        told = self.pictures > 0 or self.name == NOT_TOLD
        return self.name.strip() != "" and told and self.terms.strip() != ""


PROBABILITIES, LOGITS, BLENDSHAPES = OUTPUTS = ("probabilities", "logits", "blendshapes")
ColourOrder = Literal["RGB", "BGR", "GREY"]


@dataclass(frozen=True, slots=True)
class Signature:
    """How a network file is to be fed and understood; the fields are those of the `Card`.

    The default is what `core.shipping.conversion` makes: RGB 0..1, the classes in the order of `EMOTIONS`. Without
    declared `outputs` a second output is taken for the feature map.
    """

    input_size: int = 100
    colour_order: ColourOrder = "RGB"
    pixel_range: tuple[float, float] = (0.0, 1.0)
    labels: tuple[str, ...] = tuple(emotion.value for emotion in EMOTIONS)
    outputs: tuple[str, ...] = ()
    temperature: float = 1.0

    @property
    def channels(self) -> int:
        """How many numbers a pixel has."""
        return 1 if self.colour_order == "GREY" else 3


@dataclass(frozen=True, slots=True)
class Card:
    """The card of one candidate.

    `network` is MobileNetV2, InceptionV3, Xception, VGG16 or VGG16-DenseNet; `head` 1 or 2 (method.md 4, 0 where neither);
    `test` the thesis's test number (None for the paper's networks). The network takes (n, `input_size`, `input_size`, 3)
    float32 in `pixel_range` and `colour_order` (one channel where that is GREY), and gives one number for each of
    `labels`: the class that it stands for, several for the same class being added up, or `UNUSED`. The first of `outputs`
    says whether these are "probabilities" or "logits"; others follow in that order. With "blendshapes" it reads nobody as it
    comes (see `is_personal`). `scores` is {data set: {figure: value}}
    as measured on the shipped file. `size_bytes` and `sha256` are those of the network file. `temperature` divides the
    logits (Guo et al. 2017): calibration needs no new file.
    """

    id: str
    name: str
    network: str
    head: int
    test: int | None
    input_size: int
    colour_order: ColourOrder
    pixel_range: tuple[float, float]
    labels: tuple[str, ...]
    outputs: tuple[str, ...]
    training: tuple[DataSetUse, ...]
    terms: str
    recipe: str
    scores: Mapping[str, Mapping[str, float]]
    size_bytes: int
    sha256: str
    temperature: float = 1.0

    @property
    def is_personal(self) -> bool:
        """Whether it tells features alone: it reads a person only through a head that is fitted to them, never untuned."""
        return self.outputs[0] == BLENDSHAPES

    @property
    def reading_sha256(self) -> str:
        """64 hex digits for what a reading depends on: the file and the temperature.

        What was fitted on top of a network's readings belongs to these readings and to no others.
        """
        return hashlib.sha256(f"{self.sha256} {self.temperature}".encode()).hexdigest()

    @property
    def signature(self) -> Signature:
        """What a runner of the network file has to know."""
        return Signature(
            self.input_size, self.colour_order, self.pixel_range, self.labels, self.outputs, self.temperature
        )

    def to_json(self) -> str:
        """The card as indented JSON, keys in the order of the fields."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, content: bytes | str) -> Card:
        """A card from what `to_json` wrote.

        Raises:
            CardError: it is no JSON, or a field is missing, unknown or wrong.
        """
        try:
            data = decode_json(content, dict[str, Any])
            card = record_of(data, cls)
        except JsonError as error:
            raise CardError("the card cannot be read: {reason}", reason=error) from error
        if unknown := data.keys() - {field.name for field in fields(cls)}:
            raise CardError("the card has the unknown {fields}", fields=", ".join(sorted(unknown)))
        card.check()
        return card

    def _texts(self) -> Iterator[str]:
        """Every text that is ever shown."""
        yield from (self.name, self.network, self.terms, self.recipe, *self.outputs)
        yield from (text for use in self.training for text in (use.name, use.terms))
        yield from (text for name, figures in self.scores.items() for text in (name, *figures))

    def check(self) -> None:
        """Raises CardError where a field says something that cannot be right."""
        wanted = tuple(emotion.value for emotion in EMOTIONS)
        checks = [
            (bool(_ID.fullmatch(self.id)), CardError("its id {name!r} is not a plain name", name=self.id)),
            (
                set(self.labels) - {UNUSED} == set(wanted),
                CardError(
                    "its labels are {labels}, not {wanted} in some order, {unused} ones besides",
                    labels=self.labels,
                    wanted=wanted,
                    unused=UNUSED,
                ),
            ),
            (
                16 <= self.input_size <= 1024,
                CardError("its input size is {size}, not 16 to 1024", size=self.input_size),
            ),
            (
                -math.inf < self.pixel_range[0] < self.pixel_range[1] < math.inf,
                CardError("its pixel range is {range}", range=self.pixel_range),
            ),
            (
                1 / LARGEST_TEMPERATURE <= self.temperature <= LARGEST_TEMPERATURE,
                CardError(
                    "its temperature is {temperature:g}, not {least:g} to {most:g}",
                    temperature=self.temperature,
                    least=1 / LARGEST_TEMPERATURE,
                    most=LARGEST_TEMPERATURE,
                ),
            ),
            (self.name.strip() != "", CardError("its empty name cannot be shown")),
            (
                all(text.isprintable() for text in self._texts()),
                CardError("one of its texts cannot be shown: it holds an escape code or the like"),
            ),
            (self.terms.strip() != "", CardError("it does not say on what terms it may be used")),
            (
                bool(self.outputs) and self.outputs[0] in OUTPUTS,
                CardError("its first output is none of {known}", known=", ".join(OUTPUTS)),
            ),
            (bool(_SHA256.fullmatch(self.sha256)), CardError("its sha256 is not 64 hex digits")),
            (
                bool(self.training) and all(use.is_complete for use in self.training),
                CardError("it does not name its training data, pictures and terms: an untrained network is never used"),
            ),
        ]
        for holds, complaint in checks:
            if not holds:
                raise CardError("the card cannot be right: {faults}", faults=[complaint])


def mean_accuracies(cards: Iterable[Card]) -> dict[str, float]:
    """By candidate its accuracy (0 to 1), the mean over the data sets on which all of these cards have one; else nothing."""
    found = {
        card.id: {name: one["accuracy"] for name, one in card.scores.items() if "accuracy" in one} for card in cards
    }
    shared = set.intersection(*map(set, found.values())) if found else set()
    return {name: sum(scores[one] for one in sorted(shared)) / len(shared) for name, scores in found.items() if shared}


def load_card(path: Path) -> Card:
    """Read and check a card file.

    Raises:
        CardError: missing, not a file, too large, not UTF-8 JSON, or wrong in a field.
    """
    with CardError.of(FileError):
        content = read_plain_file(path, MAX_CARD_BYTES)
    return Card.from_json(content)
