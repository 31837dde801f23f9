"""A network that a person brought along: what it takes and gives, tried out, and put beside the shipped ones."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.candidates.card import (
    LOGITS,
    NOT_TOLD,
    ONNX_FILE,
    PROBABILITIES,
    UNUSED,
    Card,
    CardError,
    DataSetUse,
    Signature,
)
from core.candidates.registry import MAX_NETWORK_BYTES
from core.datasets.labels import MAPPINGS, source_word
from core.method.emotion import Emotion
from core.shipping.trial import FEW_PROBLEM
from core.shipping.writing import write_candidate_folder
from core.system.files import FileError, read_plain_file
from core.system.json_records import JsonError, decode_json
from core.training.errors import ShippingError

KERAS_SUFFIXES = (".keras", ".h5", ".hdf5")
SUFFIXES = (*KERAS_SUFFIXES, ".onnx", ".tflite")
TRIAL_SECONDS = 300
_STAGING = ".adding"
OWN_TERMS = "brought along by you: use it as its maker allows"


class AddingError(ShippingError):
    """A file cannot become a candidate; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Ends:
    """What a file takes and gives: pixels a side (None: any), channels (None: either), and how many numbers."""

    size: int | None
    channels: int | None
    outputs: int


@dataclass(frozen=True, slots=True)
class BroughtNetwork:
    """A network file as it is kept: its bytes, in ONNX or LiteRT, and its ends. `source` is the file's own name."""

    source: str
    content: bytes
    is_onnx: bool
    ends: Ends


def open_file(path: Path, size: int | None = None) -> BroughtNetwork:
    """Read a whole Keras model (`KERAS_SUFFIXES`), an ONNX or a LiteRT file; Keras models are converted to LiteRT.

    Its ends are asked for in a process of its own: a damaged file may end the process that reads it. `size`: pixels a side
    for a Keras model that takes any.

    Raises:
        AddingError: it is none of these, or cannot be used.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise AddingError("it is none of {known}", known=", ".join(SUFFIXES))
    if suffix in KERAS_SUFFIXES:
        from core.shipping.whole_model import convert_whole_model

        content = convert_whole_model(path, size)
    else:
        with AddingError.of(FileError):
            content = read_plain_file(path, MAX_NETWORK_BYTES)
    is_onnx = suffix == ".onnx"
    told = _try("--ends", "onnx" if is_onnx else "tflite", given=content)
    return BroughtNetwork(path.name, content, is_onnx, Ends(told["size"], told["channels"], told["outputs"]))


def parse_labels(text: str) -> tuple[str, ...]:
    """What each output stands for, from names joined by commas: "angry" by method.md 3, or by hand as "bored=unused".

    Raises:
        AddingError: a name is not known, or one of the four classes has no output.
    """
    labels = []
    for part in text.split(","):
        word, _equals, chosen = (one.strip() for one in part.partition("="))
        known = source_word(word) or word.casefold()
        label = chosen or MAPPINGS["thesis"].get(known, known) or UNUSED
        if label not in (*Emotion, UNUSED):
            raise AddingError(
                "{word!r} is no expression that is known; say which class it is, such as {word}=stress", word=word
            )
        labels.append(str(label))
    missing = [emotion.value for emotion in Emotion if emotion.value not in labels]
    if missing:
        raise AddingError("no output stands for {labels}", labels=", ".join(missing))
    return tuple(labels)


def signature_of(
    network: BroughtNetwork, labels: str, colour: str, pixel_range: tuple[float, float], size: int | None
) -> Signature:
    """How the network is fed and understood, as a person says it: held against what the file says.

    `colour`: "rgb", "bgr" or "grey".

    Raises:
        AddingError: it does not go together.
    """
    parsed, ends = parse_labels(labels), network.ends
    if len(parsed) != ends.outputs:
        raise AddingError(
            "it gives {outputs} numbers, and {labels} labels are told", outputs=ends.outputs, labels=len(parsed)
        )
    side = ends.size or size
    if side is None:
        raise AddingError("it takes pictures of any size; say which with --size")
    if size not in (None, side):
        raise AddingError("it takes pictures of {side} x {side} pixels, not of {size}", side=side, size=size)
    wanted = Signature(side, colour.upper(), pixel_range, parsed, (PROBABILITIES,))  # type: ignore[arg-type]  # checked by its card
    if ends.channels not in (None, wanted.channels):
        raise AddingError(
            "its pictures have {channels} channels, and {colour} has {wanted}",
            channels=ends.channels,
            colour=colour,
            wanted=wanted.channels,
        )
    return wanted


def card_of(
    network: BroughtNetwork, signature: Signature, name: str, candidate_id: str, trained_on: str, terms: str
) -> Card:
    """The card of a network that was brought along, without scores yet.

    Raises:
        AddingError: it cannot be right.
    """
    card = Card(
        id=candidate_id or id_from(name),
        name=name,
        network="brought along",
        head=0,
        test=None,
        input_size=signature.input_size,
        colour_order=signature.colour_order,
        pixel_range=signature.pixel_range,
        labels=signature.labels,
        outputs=signature.outputs,
        training=(DataSetUse(NOT_TOLD, 0, trained_on),),
        terms=terms,
        recipe=f"brought along as {network.source}",
        scores={},
        size_bytes=len(network.content),
        sha256=hashlib.sha256(network.content).hexdigest(),
    )
    with AddingError.of(CardError):
        card.check()
    return card


def id_from(name: str) -> str:
    """A candidate's id from any name."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40] or "own"


def add(network: BroughtNetwork, card: Card, folder: Path, data: Path | None = None, sets: Sequence[str] = ()) -> Card:
    """Try the network on the ten actors, and on the validation pictures of `sets` in `data`; put it into `folder`.

    Whether it answers with logits is found out. The card gets the scores.

    Raises:
        AddingError: it cannot be run, or ends the process that runs it; nothing is left behind.
    """
    staging = folder / _STAGING / card.id  # no candidate's name begins with a dot
    try:
        try:
            scores = _trial(network, card, staging, data, sets)
        except AddingError as error:
            if error.facts.get("kind") != FEW_PROBLEM:
                raise
            card = replace(card, outputs=(LOGITS,))
            scores = _trial(network, card, staging, data, sets)
        card = replace(card, scores=scores)
        _write(network, card, staging)
        shutil.rmtree(folder / card.id, ignore_errors=True)
        staging.rename(folder / card.id)
    finally:
        shutil.rmtree(staging.parent, ignore_errors=True)
    return card


def _trial(
    network: BroughtNetwork, card: Card, staging: Path, data: Path | None, sets: Sequence[str]
) -> dict[str, Any]:
    _write(network, card, staging)
    scores: dict[str, Any] = _try("--scores", str(staging), *([str(data), *sets] if data is not None else []))
    return scores


def _write(network: BroughtNetwork, card: Card, place: Path) -> None:
    if network.is_onnx:
        write_candidate_folder(place, card, network.content, ONNX_FILE)
    else:
        write_candidate_folder(place, card, network.content)


def _try(*arguments: str, given: bytes = b"") -> dict[str, Any]:
    """Run `core.shipping.trial` in a process of its own; what it found.

    Raises:
        AddingError: something is wrong with the file, or it ended the process.
    """
    command = [sys.executable, "-m", "core.shipping.trial", *arguments]
    try:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            timeout=TRIAL_SECONDS,
            check=False,
            cwd=Path(__file__).resolve().parents[2],
        )
    except subprocess.TimeoutExpired as error:
        raise AddingError("reading with it took more than {seconds} seconds", seconds=TRIAL_SECONDS) from error
    try:
        told = decode_json(done.stdout.splitlines()[-1], dict[str, Any])
    except (JsonError, IndexError) as error:
        raise AddingError(
            "reading with it ended the process that tried it (code {code})", code=done.returncode
        ) from error
    if "problem" in told:
        template = told["problem"]
        raise AddingError(template, **told["facts"], kind=told.get("kind", ""))
    return told
