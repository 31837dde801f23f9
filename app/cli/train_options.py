"""The options of `calmline train` that one run and the grid share, and what they ask of `core.training`."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from app.cli.groups import renamed_option
from app.cli.options import KNOWN_PATH, data_option, seed_option
from app.words.language import N_, _
from app.words.spoken import SentenceError

if TYPE_CHECKING:
    from core.training.session import Request

LIMIT = click.option(
    "--limit", type=click.IntRange(1), help=N_("Only so many pictures of each set, to try things out.")
)

QUANTIZATION = renamed_option(
    "--quantization",
    formerly=["--weights-as"],
    type=click.Choice(["best", "int8", "float16"]),
    default="best",
    show_default=True,
    help=N_("How weights are kept: best takes int8 where it loses half a point at most."),
)

NOT_AS_THESIS = (
    *("steps", "size_schedule", "teachers", "augmentation", "mixup", "shares"),
    *("weight_decay", "average", "distillation", "adjustment", "speech", "votes"),
)
"""Options of which the thesis's experiments have nothing."""


def training_options(command: Any) -> Any:
    """The options that one run and the grid share."""
    options = [
        data_option,
        click.option("--set", "sets", multiple=True, help=N_("Only this data set (several times).")),
        click.option("--epochs", type=click.IntRange(1), default=100, show_default=True, help=N_("How many epochs.")),
        click.option(
            "--steps",
            type=click.IntRange(1),
            help=N_(
                "Batches in an epoch (as many as show as many pictures as there are, if you say nothing). Pictures are "
                "drawn: some come several times in an epoch and some not at all, but for --as-thesis."
            ),
        ),
        renamed_option(
            "--batch-size",
            "batch",
            formerly=["--batch"],
            type=click.IntRange(1),
            default=32,
            show_default=True,
            help=N_("Pictures in a batch."),
        ),
        click.option(
            "--as-thesis",
            is_flag=True,
            help=N_(
                "Train as the thesis did: plain Adam or SGD at a constant rate, its changes of pictures, every picture "
                "once an epoch. The options that would say otherwise are refused."
            ),
        ),
        click.option(
            "--validate-every",
            type=click.IntRange(1),
            default=1,
            show_default=True,
            metavar="EPOCHS",
            help=N_("Read all validation pictures after so many epochs."),
        ),
        LIMIT,
        seed_option,
        click.option(
            "--weights",
            default="none",
            show_default=True,
            help=N_(
                "Begin from imagenet, none, a weights file, a run's folder or a candidate's; for several networks, "
                "mobilenetv2=FILE,xception=none."
            ),
        ),
        click.option(
            "--frozen-random",
            is_flag=True,
            help=N_("Without starting weights, too, run the tests that leave layers untrained: these stay as drawn."),
        ),
        click.option("--size-schedule", help=N_("SIZE:EPOCHS, the first epochs with smaller pictures, such as 64:20.")),
        click.option(
            "--teacher",
            "teachers",
            type=KNOWN_PATH,
            multiple=True,
            help=N_("Learn from what this candidate says, too (several times)."),
        ),
        click.option(
            "--precision",
            type=click.Choice(["float32", "mixed_bfloat16"]),
            default="float32",
            show_default=True,
            help=N_("How numbers are kept while training."),
        ),
        click.option(
            "--patience", type=click.IntRange(1), help=N_("Stop after so many epochs without a better validation.")
        ),
        click.option(
            "--augmentation",
            type=click.Choice(["mixed", "wide", "thesis", "paper"]),
            default="mixed",
            show_default=True,
            help=N_(
                "How pictures are changed: wide turns and moves them a little more than mixed, thesis and paper as these did."
            ),
        ),
        click.option(
            "--accelerated",
            is_flag=True,
            help=N_(
                "Keep the pictures on the accelerator (a GPU) and change them there: many times faster. Needs JAX with "
                "the extra of your accelerator, and KERAS_BACKEND=jax."
            ),
        ),
        click.option(
            "--mixup",
            type=click.FloatRange(0, 1),
            default=0.0,
            show_default=True,
            metavar="ALPHA",
            help=N_("Blend pairs of pictures, 0 to 1 (only with --accelerated)."),
        ),
        renamed_option(
            "--sampling-weight",
            "shares",
            formerly=["--share"],
            multiple=True,
            metavar="SET=NUMBER",
            help=N_("How much this data set is drawn beside the others, such as rafdb=0.4 (several times)."),
        ),
        click.option(
            "--weight-decay",
            type=click.FloatRange(0, 1),
            default=1e-4,
            show_default=True,
            help=N_("How strongly weights are pulled towards nothing."),
        ),
        renamed_option(
            "--ema-decay",
            "average",
            formerly=["--average"],
            type=click.FloatRange(0, 1, max_open=True),
            default=0.998,
            show_default=True,
            help=N_("How slowly the average of the weights follows them; it is what is judged and shipped."),
        ),
        click.option(
            "--distillation",
            type=click.FloatRange(0, 1),
            help=N_("How much --teacher and --soft-labels count beside the labels, 0 to 1 (0.6, if you say nothing)."),
        ),
        renamed_option(
            "--logit-adjustment",
            "adjustment",
            formerly=["--adjustment"],
            type=click.FloatRange(0, 1),
            default=0.0,
            show_default=True,
            help=N_(
                "How far to leave out of the network how frequent an expression is in a data set, 0 (not at all) to 1."
            ),
        ),
        click.option(
            "--speech",
            type=click.FloatRange(0, 1),
            default=0.0,
            show_default=True,
            metavar="SHARE",
            help=N_("Move the mouth as in speech in this share of the pictures, or hide it, 0 to 1."),
        ),
        renamed_option(
            "--soft-labels",
            "votes",
            formerly=["--votes"],
            is_flag=True,
            help=N_("Learn from people's votes, too, where a data set keeps them."),
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def request_of(options: dict[str, Any], **more: Any) -> Request:
    """What `training_options` took, as `core.training` takes it; `more` are further fields.

    Raises:
        SentenceError: options do not go together, or one cannot be understood.
    """
    from core.training.session import Request

    small_size, small_epochs = _size_schedule(options.pop("size_schedule"))
    if options["mixup"] and not options["accelerated"]:
        raise SentenceError(_("--mixup blends pictures on the accelerator: say --accelerated, too."))
    if options["speech"] and options["accelerated"]:
        raise SentenceError(_("--speech moves mouths on the processor: leave --accelerated out."))
    if options["distillation"] is not None and not (options["teachers"] or options["votes"]):
        raise SentenceError(_("--distillation needs someone to learn from: say --teacher or --soft-labels, too."))
    if options["as_thesis"]:
        _refuse_what_the_thesis_lacks()
    shares = tuple(_share(text) for text in options.pop("shares"))
    return Request(**options, **more, shares=shares, small_size=small_size, small_epochs=small_epochs)


def _refuse_what_the_thesis_lacks() -> None:
    context = click.get_current_context()
    for option in context.command.params:
        if option.name in NOT_AS_THESIS and context.get_parameter_source(option.name) is not ParameterSource.DEFAULT:
            raise SentenceError(
                _("--as-thesis leaves no choice there: leave {option} out.").format(option=option.opts[0])
            )


def _size_schedule(text: str | None) -> tuple[int, int]:
    """The size of small pictures and for how many epochs."""
    if text is None:
        return 100, 0
    size, colon, epochs = text.partition(":")
    if not (colon and size.isdecimal() and epochs.isdecimal() and 32 <= int(size) <= 100):
        raise SentenceError(_("--size-schedule is SIZE:EPOCHS with a size of 32 to 100, such as 64:20."))
    return int(size), int(epochs)


def _share(text: str) -> tuple[str, float]:
    """A data set and how much it is drawn."""
    name, _equals, number = text.partition("=")
    try:
        share = float(number)
    except ValueError:
        share = 0.0
    if not (name and 0 < share < inf):
        raise SentenceError(_("--sampling-weight is SET=NUMBER with a number above 0, such as rafdb=0.4."))
    return name, share
