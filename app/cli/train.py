"""`calmline train`: the thesis's experiments run, judged, and made into candidates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.bootstrap import CHECKOUT
from app.cli.add import refuse_taken
from app.cli.context import Setup
from app.cli.data import data
from app.cli.groups import renamed_option
from app.cli.options import KNOWN_FOLDER, PATH, candidates_option, data_option, out_option
from app.cli.progress import progress
from app.cli.train_options import LIMIT, QUANTIZATION, request_of, training_options
from app.words.errors import error_text
from app.words.figures import clock_text
from app.words.language import N_, _
from app.words.printable import printable
from app.words.spoken import SentenceError
from core.system.versions import install_command

if TYPE_CHECKING:
    from core.candidates.card import Card
    from core.training.epochs import EpochReport
    from core.training.session import ProgressCallbacks


@click.group()
def train() -> None:
    """Train your own networks, evaluate them, and make candidates of them."""


@train.command()
@click.option(
    "--test", type=click.IntRange(1, 13), required=True, help=N_("The thesis's test, 1 to 12; 13 is the paper's.")
)
@click.option(
    "--network",
    type=click.Choice(["inceptionv3", "xception", "mobilenetv2", "vgg16-densenet", "vgg16"]),
    required=True,
    help=N_("Which network."),
)
@renamed_option(
    "--learning-rate",
    "rate",
    formerly=["--rate"],
    type=click.FloatRange(0, min_open=True),
    help=N_("Another learning rate than the test's."),
)
@out_option(None, N_("The run's folder (runs/NETWORK-TEST, if you say nothing)."))
@training_options
def run(test: int, network: str, rate: float | None, out: Path | None, **options: Any) -> None:
    """Train one network by one of the thesis's tests (method: 1 to 12, 13 is the paper's). Broken off, the same command
    goes on where it was.

    Example: calmline train run --test 5 --network xception --data data --weights imagenet
    """
    require_training(accelerated=options["accelerated"])
    from core.method.experiments import find_experiment
    from core.training.session import run_one

    with _speaking():
        experiment = find_experiment(test, network)
    if experiment.trainable_layers == 0:
        click.echo(
            _(
                "Only the head trains. Every picture still goes through the whole network: it is changed anew each time, so "
                "nothing can be kept."
            ),
            err=True,
        )
    place = out or Path("runs") / (network if test == 13 else f"{network}-{test}")
    request = request_of(options, out=place, rate=rate)
    with _progress() as told, _speaking():
        result = run_one(test, network, request, told)
    click.echo(_scores_table([result]))
    _tell_run(place)


@train.command()
@out_option("runs", N_("Folder of the runs."))
@training_options
def grid(out: Path, **options: Any) -> None:
    """Train all 29 runs of the thesis and the paper's one. Broken off, the same command goes on where it was.

    Example: calmline train grid --data data --epochs 1 --limit 64
    """
    require_training(accelerated=options["accelerated"])
    from core.evaluation.report import table_7, table_8_of_runs
    from core.training.session import run_grid

    request = request_of(options, out=out)
    failures: list[str] = []
    with _progress() as told, _speaking():
        results = run_grid(
            request,
            told,
            lambda experiment: click.echo(experiment.id, err=True),
            lambda experiment, reason: failures.append(f"{experiment.id}: {reason}"),
        )
    for table in (table_7(results), table_8_of_runs(results)):
        click.echo(table.to_markdown())
    for failure in failures:
        click.echo(failure, err=True)
    click.get_current_context().exit(1 if failures else 0)


@train.command()
@click.argument("run_folder", metavar="RUN", type=KNOWN_FOLDER)
@data_option
@out_option(None, N_("Write the network into this folder (your own, if you say nothing)."), formerly=["--models"])
@QUANTIZATION
@click.option("--id", "candidate_id", help=N_("What the network is called (as its experiment, if you say nothing)."))
@click.pass_obj
def ship(
    setup: Setup, run_folder: Path, data: Path, out: Path | None, quantization: str, candidate_id: str | None
) -> None:
    """Make a candidate of a run: calibrate it, convert it, measure the file, write its card. It lies in your own folder
    and is graded with the others from then on.

    Example: calmline train ship runs/xception-5 --data data --id mine
    """
    require_training()
    from core.shipping.export import ship_from_data
    from core.training.settings import read_experiment

    with _speaking():
        refuse_taken(setup, candidate_id or read_experiment(run_folder).id)
        place = out or setup.locations.networks
        _tell_card(ship_from_data(run_folder, data, place, quantization, candidate_id))


@train.command()
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=KNOWN_FOLDER)
@data_option
@click.option("--out", required=True, type=PATH, help=N_("The mean's folder."))
def average(runs: tuple[Path, ...], data: Path, out: Path) -> None:
    """Make one run of several that began from the same weights: the mean of theirs, which is often better than each.

    Example: calmline train average runs/one runs/other --out runs/mean --data data
    """
    require_training()
    from core.training.averaging import average_checkpoints

    with _speaking():
        average_checkpoints(runs, data, out)
    _tell_run(out)


@train.command()
@click.argument("candidates", metavar="CANDIDATE...", nargs=-1, required=True)
@data_option
@click.pass_obj
def calibrate(setup: Setup, candidates: tuple[str, ...], data: Path) -> None:
    """Fit a candidate's temperature anew, so that its confidence is its accuracy. Only its card changes.

    Example: calmline train calibrate mobilenetv2-1 --data data
    """
    from core.shipping.reconvert import calibrate_candidate

    with _speaking():
        cards = [calibrate_candidate(one, data) for one in setup.candidates(candidates)]
    click.echo(_scores_table([{"id": card.id, "scores": card.scores} for card in cards]))


@train.command()
@click.argument("name", metavar="CANDIDATE")
@data_option
@out_option("converted", formerly=["--models"])
@QUANTIZATION
@click.pass_obj
def convert(setup: Setup, name: str, data: Path, out: Path, quantization: str) -> None:
    """Convert a candidate's own weights anew, calibrate it and write its card; nothing is trained.

    Example: calmline train convert xception-1 --data data --out converted
    """
    require_training()
    from core.shipping.reconvert import convert_candidate

    [candidate] = setup.candidates((name,))
    with _speaking():
        _tell_card(convert_candidate(candidate, data, out, quantization))


@train.command()
@data_option
@candidates_option
@click.option(
    "--run", "runs", type=KNOWN_FOLDER, multiple=True, help=N_("Also this run's result, for table 7 (several times).")
)
@click.option(
    "--clips",
    type=KNOWN_FOLDER,
    help=N_("Folder of videos with NAME.labels.csv, for faces cut by our own detector."),
)
@out_option("report")
@LIMIT
@click.pass_obj
def evaluate(
    setup: Setup,
    data: Path,
    candidate: tuple[str, ...],
    runs: tuple[Path, ...],
    clips: Path | None,
    out: Path,
    limit: int | None,
) -> None:
    """Judge candidates on the validation pictures: tables as Markdown and CSV, and plots. What a network said is kept,
    so that a second time is fast.

    Example: calmline train evaluate --data data --out report
    """
    from core.evaluation.report import write_report

    chosen = setup.candidates(candidate)
    with _speaking():
        written = write_report(
            chosen, data, out, runs=runs, clips=clips, limit=limit, progress=lambda text: click.echo(text, err=True)
        )
    click.echo(written.read_text(encoding="utf-8"))
    click.echo(_("Written to {folder}.").format(folder=out))
    if find_spec("matplotlib") is None:
        click.echo(_("There are no plots: {sentence}").format(sentence=_install_sentence()), err=True)


@train.command()
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=KNOWN_FOLDER)
@out_option("report")
def plot(runs: tuple[Path, ...], out: Path) -> None:
    """Draw how runs went: accuracy and loss of training and validation, epoch by epoch, here and as a PNG for each
    network (the thesis's figures 15 to 17); with a table of how far each came, and tables 7 and 8 of those that are
    finished.

    Example: calmline train plot runs/mobilenetv2-1 runs/mobilenetv2-2 --out report
    """
    from core.evaluation.report import table_7, table_8_of_runs
    from core.evaluation.results import read_result
    from core.system.tables import joined
    from core.training.curves import course_table, draw_curves, read_runs, terminal_curves

    with _speaking():
        read = read_runs(runs)
    for run in read:
        click.echo(terminal_curves(run))
    tables = [course_table(read)]
    if finished := [result for folder in runs if (result := read_result(folder)) is not None]:
        tables += [table_7(finished), table_8_of_runs(finished)]
    click.echo(joined(tables))
    if find_spec("matplotlib") is None:
        click.echo(_("There are no plots: {sentence}").format(sentence=_install_sentence()), err=True)
        return
    with _speaking():
        paths = [*draw_curves(read, out), *(table.write_csv(out) for table in tables)]
    for path in paths:
        click.echo(_("Written to {folder}.").format(folder=path))


def require_training(*, accelerated: bool = False) -> None:
    """Make sure that what trains is installed, and JAX where the run is to be `accelerated`.

    Raises:
        SentenceError: it is not, with what to do.
    """
    if find_spec("keras") is None:
        raise SentenceError(_install_sentence())
    if not accelerated:
        return
    if find_spec("jax") is None:
        raise SentenceError(
            _(
                "--accelerated needs JAX: install it into the environment that trains, with the extra of your accelerator, "
                "such as: {command}"
            ).format(command=install_command('"jax[cuda12]"'))
        )
    from core.training.session import keras_backend

    if keras_backend() != "jax":
        raise SentenceError(
            _("--accelerated needs Keras on JAX, and here it runs on {backend}: set KERAS_BACKEND=jax.").format(
                backend=keras_backend()
            )
        )


def _install_sentence() -> str:
    lock = CHECKOUT / "requirements" / "train.lock"
    packages = f'-r "{lock}"' if lock.is_file() else '"calmline[train]"'
    return _("Training needs more packages. Install them: {command}").format(command=install_command(packages))


@contextmanager
def _speaking() -> Iterator[None]:
    """What `core.training` finds wrong inside becomes a sentence."""
    from core.training.errors import TRAINING_ERRORS

    try:
        yield
    except TRAINING_ERRORS as error:
        raise SentenceError(_("Training stopped: {detail}.").format(detail=error_text(error))) from error


@contextmanager
def _progress() -> Iterator[ProgressCallbacks]:
    """A bar for the steps of each epoch, and a line after it."""
    from core.training.session import ProgressCallbacks

    def on_epoch(report: EpochReport) -> None:
        left = (report.epochs - report.epoch) * report.seconds
        predictions = printable(", ".join(f"{name} {value:.1%}" for name, value in report.validation.items()))
        click.echo(
            f"{report.epoch} / {report.epochs}: {report.loss:.3f}, {report.accuracy:.1%}; {predictions}; "
            + _("{time} left").format(time=clock_text(left)),
            err=True,
        )

    with progress() as counted:
        yield ProgressCallbacks(on_epoch, lambda _epoch, step, steps: counted(step, steps))


def _tell_run(folder: Path) -> None:
    click.echo(
        _("The run is in {folder}; “calmline train ship {folder}” makes a candidate of it.").format(folder=folder)
    )


def _tell_card(card: Card) -> None:
    click.echo(_scores_table([{"id": card.id, "scores": card.scores}]))
    click.echo(f"{card.id}: {card.size_bytes / 1e6:.1f} MB; {card.recipe}")


def _scores_table(results: list[dict[str, Any]]) -> str:
    from core.evaluation.report import scores_table

    return scores_table(results).to_markdown()


train.add_command(data)
