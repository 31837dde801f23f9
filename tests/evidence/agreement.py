"""Heat maps on LiteRT against Grad-CAM in TensorFlow: `python -m tests.evidence.agreement DATA_FOLDER`.

A developer's command: it needs the extra `train`, and labelled sets that are not part of the program.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.context import Setup
from app.cli.options import KNOWN_FOLDER, KNOWN_PATH

if TYPE_CHECKING:
    from core.candidates.network import LiteRTNetwork
    from core.sources.source import Pixels

WITHIN = 0.02
"""The largest difference that counts as the same map (issue 12)."""


@click.command()
@click.argument("data", type=KNOWN_FOLDER)
@click.option("--set", "name", default="rafdb", show_default=True, help="Data set whose validation crops are read.")
@click.option("--crops", type=click.IntRange(1), default=100, show_default=True)
@click.option("--candidate", multiple=True, help="Only this one (several times); without it, all with head #1.")
@click.option("--run", type=KNOWN_PATH, help="Weights as trained (a run's final.weights.h5).")
@click.option(
    "--float16", is_flag=True, help="Not the shipped file: the reference, converted anew with 16-bit weights."
)
def agreement(data: Path, name: str, crops: int, candidate: tuple[str, ...], run: Path | None, float16: bool) -> None:
    """Largest difference of the two maps, each normalised to 0..1, for what each crop was read as.

    Without --run the reference is the shipped file's own weights in TensorFlow, in 32 bit: that shows what LiteRT's
    arithmetic does. With --run it is the network as trained: that adds what rounding the weights did.
    """
    from tests.evidence.crops import read_validation_crops

    pictures = read_validation_crops(data, name, crops)
    click.echo("| candidate | weights | crops | largest difference | mean of the largest | crops within 0.02 |")
    click.echo("|---|---|---|---|---|---|")
    for network in Setup().networks(candidate):
        if network.card.head != 1:
            continue
        if _is_covered(network, pictures[0]):
            click.echo(f"{network.card.id}: its last map tells no place; it is explained by covering instead", err=True)
            continue
        differences = _differences(network, pictures, run, float16=float16)
        within = sum(value <= WITHIN for value in differences) / len(differences)
        weights = "float16, anew" if float16 else network.card.recipe.rpartition("weights kept as ")[2]
        click.echo(
            f"| {network.card.id} | {weights} | {len(differences)} | {max(differences):.4f} | "
            f"{sum(differences) / len(differences):.4f} | {within:.0%} |"
        )


def _is_covered(network: LiteRTNetwork, crop: Pixels) -> bool:
    """Whether heat maps of this network are made by covering, so that there is no gradient to compare with."""
    from core.explain.saliency import Explainer, SaliencyMethod

    return Explainer(network).method(network.read_features([crop]).maps[0]) is SaliencyMethod.OCCLUSION


def _differences(network: LiteRTNetwork, pictures: Sequence[Pixels], run: Path | None, *, float16: bool) -> list[float]:
    import numpy as np

    from core.candidates.network import LiteRTNetwork
    from core.explain.saliency import Explainer
    from core.shipping.reconvert import reference_model
    from tests.evidence.gradcam import gradcam

    model = reference_model(network.card, network.content, run)
    if float16:
        from core.shipping.conversion import convert

        network = LiteRTNetwork(network.card, convert(model, half=True))
    explainer = Explainer(network)
    found = []
    for crop in pictures:
        explained = explainer.explain(crop)
        row = network.card.labels.index(explained.emotion.value)
        reference = gradcam(model, crop[..., ::-1].astype(np.float32) / 255.0, row, explainer.geometry)
        found.append(float(np.abs(explained.saliency - reference).max()))
    return found


if __name__ == "__main__":
    sys.exit(agreement())
