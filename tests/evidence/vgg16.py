"""The VGG16 inside the shipped VGG16 + DenseNet as a weights file: `python -m tests.evidence.vgg16 FILE.weights.h5`.

A developer's command: it needs the extra `train`. Both networks of the second paper's comparison begin from the file
(docs/evidence/paper.md).
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.cli.options import PATH
from core.system.resources import MODELS_FOLDER


@click.command()
@click.argument("out", type=PATH)
def vgg16(out: Path) -> None:
    """Write the layers of VGG16 alone, as a Keras weights file that `train run --weights` takes."""
    write_vgg16(MODELS_FOLDER / "vgg16-densenet", out)
    click.echo(f"Written to {out}.")


def write_vgg16(shipped: Path, out: Path) -> None:
    """The VGG16 of a shipped VGG16 with dense blocks (a candidate's folder), without these, as a weights file.

    Raises:
        WeightsError: the candidate is of another network.
    """
    from core.method.experiments import PAPER_BASELINE, PAPER_EXPERIMENT
    from core.training.architectures import backbone_of, build_network
    from core.training.initial_weights import build_initialised

    learnt = backbone_of(build_initialised(PAPER_EXPERIMENT, shipped))
    alone = backbone_of(build_network(PAPER_BASELINE))
    for layer in (one for one in alone.layers if one.weights):
        layer.set_weights(learnt.get_layer(layer.name).get_weights())
    alone.save_weights(out)


if __name__ == "__main__":
    sys.exit(vgg16())
