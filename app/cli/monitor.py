"""`calmline run`: the screens on a named source, or a clip read without screens."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from app.cli.context import Setup
from app.cli.form import note
from app.words.language import N_, _
from app.words.spoken import SentenceError

if TYPE_CHECKING:
    from core.monitoring.headless import HeadlessSample

HELP = N_(
    "Open the screens on a source, or with --headless read it without screens: one JSON object a reading on standard "
    "output (call, t_ms, emotion, level, face, tension, gap), and the calls are kept in your record like any other.\n\n"
    "Example: calmline run --headless --source clip.mp4 --calls 1"
)


@click.command(help=HELP)
@click.option("--headless", is_flag=True, help=N_("No screens: print the readings."))
@click.option("--source", help=N_("0 for a camera, a video, a folder of pictures, or actor."))
@click.option("--calls", type=click.IntRange(1, 1000), default=1, show_default=True, help=N_("How many calls to read."))
@click.option(
    "--candidate",
    help=N_("The network to read with (else: the one chosen for you, or the default); “a+b” reads two together."),
)
@click.option(
    "--seconds", type=click.FloatRange(min=1), help=N_("End each call after this long (a camera or actor needs it).")
)
@click.option("--realtime", is_flag=True, help=N_("Play a file at its own speed, not as fast as it can be read."))
@click.pass_obj
def run(
    setup: Setup,
    headless: bool,
    source: str | None,
    calls: int,
    candidate: str | None,
    seconds: float | None,
    realtime: bool,
) -> None:
    """Run the screens or a headless monitor."""
    named = source or setup.source
    if not headless:
        chosen = replace(setup, source=named)
        chosen.confine()
        click.get_current_context().exit(chosen.open_screens())
    if named is None:
        raise SentenceError(_("--headless needs a --source: 0 for a camera, a video, a folder of pictures, or actor."))
    replace(setup, source=named).confine(screens=False)
    _run_headless(setup, named, calls, candidate, seconds, realtime)


def _run_headless(
    setup: Setup, named: str, calls: int, candidate: str | None, seconds: float | None, realtime: bool
) -> None:
    from app.terminal.stderr_guard import native_output_in_log
    from app.words.figures import clock_text
    from app.words.sentences import notice_sentence
    from app.words.tension import call_tension_parts
    from core.monitoring.headless import monitor_calls
    from core.sources.opening import open_source
    from core.sources.pictures import PicturesSource
    from core.sources.source import Performer
    from core.store.settings import kept_days
    from core.system.clock import Clock, ManualClock, SystemClock
    from core.system.resources import ASSETS_FOLDER

    source = open_source(named, ASSETS_FOLDER)
    if seconds is None and (source.is_camera or isinstance(source, Performer)):
        raise SentenceError(_("This source has no end of its own: say how long a call lasts with --seconds."))
    live = source.is_camera or realtime
    clock: Clock = SystemClock() if live else ManualClock(SystemClock().wall())
    with native_output_in_log(setup.locations.log_file), setup.own_store(clock) as store:
        held = store.apply_retention(*kept_days(store)).notice
        if held is not None:
            click.echo(notice_sentence(held), err=True)
        if source.is_camera:
            answer = store.consent()
            if answer is None or not answer.measure:
                raise SentenceError(_("A camera is only read with your consent: “calmline consent set --measure”."))
        network = setup.reader(candidate) if candidate else setup.chosen_network(store.latest_calibration()).network
        done = monitor_calls(source, network, store, clock, calls=calls, seconds=seconds, write=_print)
        answer = store.consent()
    for call in done:
        length = clock_text(call.summary.duration_ms / 1000)
        said = (_("Call {number}").format(number=call.number), length, *call_tension_parts(call.summary))
        note("   ".join(said))
    if source.is_camera and answer is not None and not answer.measure:
        click.echo(_("You withdrew your consent, so the call was ended."), err=True)
    if isinstance(source, PicturesSource):
        for picture in source.skipped:
            click.echo(f"{picture.name}: {picture.problem}", err=True)


def _print(sample: HeadlessSample) -> None:
    record = {
        "call": sample.call,
        "t_ms": sample.t_ms,
        "emotion": sample.emotion,
        "level": sample.level,
        "face": sample.face,
        "tension": sample.tension,
        "gap": sample.gap,
    }
    sys.stdout.write(json.dumps(record) + "\n")
