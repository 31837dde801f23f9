"""`calmline doctor --cost`: what Calmline costs on this computer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from app.cli.context import Setup
from app.cli.form import format_option, note
from app.cli.options import KNOWN_FILE, PATH
from app.terminal.pseudo_terminal import terminals_are_there
from app.terminal.stderr_guard import native_output_in_log
from app.words.language import N_, _
from app.words.spoken import SentenceError
from core.system.files import write_file


@click.command()
@format_option("table", "json")
@click.option("--out", type=PATH, help=N_("Also keep it as a dated JSON file in this folder."))
@click.option(
    "--clip",
    type=KNOWN_FILE,
    help=N_("A video with a face (else one of the demo actor)."),
)
@click.option("--quick", is_flag=True, help=N_("Only see that everything can be measured: rough figures."))
@click.option("--without-keras", is_flag=True, help=N_("Leave out the thesis's own way."))
@click.option(
    "--soak",
    type=click.IntRange(1, 1000),
    is_flag=False,
    flag_value=60,
    help=N_("Instead: so many calls of six minutes at file speed (60, eight hours, if no number is given)."),
)
@click.pass_obj
def bench(
    setup: Setup,
    form: str,
    out: Path | None,
    clip: Path | None,
    quick: bool,
    without_keras: bool,
    soak: int | None,
) -> None:
    """What Calmline costs on this computer: every stage of a frame, every network, a call with the screens drawn,
    waiting between calls, starting, grading, the record; and the thesis's own way beside it where Keras is installed.
    It takes some minutes: leave the computer alone meanwhile.

    Example: calmline doctor --cost
    """
    report = _soak(setup, soak) if soak is not None else _bench(setup, clip, quick, without_keras)
    from app.bench.verdicts import table

    click.echo(json.dumps(report, indent=2) if form == "json" else table(report))
    if out is not None:
        path = _keep(report, out, "soak" if soak is not None else "bench")
        note(_("Kept as {path}.").format(path=path))


def _bench(setup: Setup, clip: Path | None, quick: bool, without_keras: bool) -> dict[str, Any]:
    from app.bench.run import QUICK, BenchPlan, run_bench
    from app.bench.terminal import TerminalRunError

    if not terminals_are_there():
        click.echo(_("This system has no pseudo-terminals: calls and first paints are left out."), err=True)
    plan = replace(QUICK if quick else BenchPlan(), clip=clip, keras=not without_keras and not quick)
    candidates = setup.registry(setup.models_folder).candidates
    try:
        with native_output_in_log(setup.locations.log_file):
            return run_bench(plan, candidates, setup.models_folder, lambda name: note(f"... {name}"))
    except TerminalRunError as error:
        raise SentenceError(_("The program could not be measured: {reason}").format(reason=error)) from error


def _soak(setup: Setup, calls: int) -> dict[str, Any]:
    from app.bench.run import lightest, run_soak
    from app.bench.terminal import TerminalRunError

    if not terminals_are_there():
        raise SentenceError(_("This system has no pseudo-terminals, so calls cannot be measured here."))
    try:
        return run_soak(lightest(setup.registry(setup.models_folder).candidates), setup.models_folder, calls)
    except TerminalRunError as error:
        raise SentenceError(_("The program could not be measured: {reason}").format(reason=error)) from error


def _keep(report: dict[str, Any], folder: Path, name: str) -> Path:
    """Write the report into `folder`, under its date; an earlier one of the same day is replaced.

    Raises:
        SentenceError: it cannot be written.
    """
    day = date.fromisoformat(report["host"]["measured_at"][:10])
    path = folder / f"{name}-{day.isoformat()}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_file(path, json.dumps(report, indent=2) + "\n")
    except OSError as error:
        raise SentenceError(_("{path} cannot be written: {reason}").format(path=path, reason=error.strerror)) from error
    return path
