"""`calmline networks add`: a network from elsewhere, tried out and put beside those that come with Calmline."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.cli.context import Setup
from app.cli.options import KNOWN_FILE, PATH
from app.words.errors import error_text
from app.words.language import N_, _
from app.words.spoken import SentenceError

LITTLE_MORE_THAN_GUESSED = 0.4
"""Of four classes; a network that reads the actors no better was probably told wrongly what it takes."""


@click.command()
@click.argument("file", type=KNOWN_FILE)
@click.option(
    "--labels",
    help=N_(
        "What its outputs stand for, in their order, joined by commas; by hand as WORD=CLASS, such as bored=unused."
    ),
)
@click.option("--colour", type=click.Choice(["rgb", "bgr", "grey"]), help=N_("The order of its colours."))
@click.option(
    "--range", "pixel_range", metavar="LOW,HIGH", help=N_("Black and white as it takes them: 0,1 or 0,255 or -1,1.")
)
@click.option("--size", type=click.IntRange(16, 1024), help=N_("Pixels a side, for a network that takes any."))
@click.option("--name", help=N_("What people read (the file's name, if you say nothing)."))
@click.option("--id", "candidate_id", help=N_("What commands call it (made of the name, if you say nothing)."))
@click.option("--trained-on", default="nobody said", help=N_("What it was trained on, in words, for its card."))
@click.option("--terms", help=N_("On what terms it may be used, for its card."))
@click.option("--data", type=PATH, help=N_("Also measure it on the data sets in this folder."))
@click.option("--replace", is_flag=True, help=N_("Replace the network of this id in your folder."))
@click.pass_obj
def add(
    setup: Setup,
    file: Path,
    labels: str | None,
    colour: str | None,
    pixel_range: str | None,
    size: int | None,
    name: str | None,
    candidate_id: str | None,
    trained_on: str,
    terms: str | None,
    data: Path | None,
    replace: bool,
) -> None:
    """Bring a network of your own along. FILE is a whole Keras model (.keras, .h5), ONNX or LiteRT (.tflite) that takes
    one face and gives one number for each of its expressions, such as the usual seven. It is tried out on the ten
    actors, put into your own folder, and graded beside the others from then on. What FILE does not tell is asked for.

    Example: calmline networks add fer.onnx --labels angry,disgust,fear,happy,sad,surprise,neutral --colour grey --range
    0,1
    """
    from core.datasets.labelled import DataSetError
    from core.evaluation.results import find_sets
    from core.shipping.adding import OWN_TERMS, add, card_of, id_from, open_file, signature_of
    from core.training.errors import ShippingError

    place = setup.locations.networks
    called = name or file.stem
    refuse_taken(setup, candidate_id or id_from(called), replace=replace)
    try:
        sets = find_sets(data) if data is not None else ()
        network = open_file(file, size)
        colour = "grey" if network.ends.channels == 1 else _asked(colour, "--colour", _("Its colours (rgb, bgr, grey)"))
        signature = signature_of(
            network,
            _asked(labels, "--labels", _("Its {count} labels, joined by commas").format(count=network.ends.outputs)),
            colour,
            _range_of(_asked(pixel_range, "--range", _("Black and white as it takes them, such as 0,1"))),
            size,
        )
        card = card_of(network, signature, called, candidate_id or "", trained_on, terms or OWN_TERMS)
        card = add(network, card, place, data, sets)
    except (ShippingError, DataSetError) as error:
        raise SentenceError(
            _("{file} was not added: {reason}.").format(file=file.name, reason=error_text(error))
        ) from error
    for name_of_set, scores in card.scores.items():
        click.echo(
            _("{name} reads {accuracy:.0%} of {count:.0f} pictures rightly ({set}).").format(
                name=card.id, accuracy=scores["accuracy"], count=scores["pictures"], set=name_of_set
            )
        )
    if card.scores["actors"]["accuracy"] < LITTLE_MORE_THAN_GUESSED:
        click.echo(
            _("That is little more than guessed: are --labels, --colour and --range what it was trained with?"),
            err=True,
        )
    click.echo(_("It lies in {folder} and is graded with the others from now on.").format(folder=place / card.id))


def refuse_taken(setup: Setup, candidate_id: str, *, replace: bool = False) -> None:
    """Go on where no network is called so, or one in the person's own folder, which may be replaced.

    Raises:
        SentenceError: one is.
    """
    from core.candidates.registry import read_registry

    known = read_registry(*setup.model_folders).find(candidate_id)
    if known is not None and not (replace and known.path.parent.parent == setup.locations.networks):
        raise SentenceError(
            _("There is a network called {name} already. Give yours another --id.").format(name=candidate_id)
        )


def _asked(given: str | None, option: str, question: str) -> str:
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise SentenceError(
            _("This file does not tell: {question}. Say it with {option}.").format(question=question, option=option)
        )
    return str(click.prompt(question, err=True))


def _range_of(text: str) -> tuple[float, float]:
    try:
        low, high = (float(one) for one in text.split(","))
    except ValueError as error:
        raise SentenceError(_("--range is LOW,HIGH, such as 0,1 or -1,1.")) from error
    return low, high
