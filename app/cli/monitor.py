"""`calmline run`: the screens on a named source, or a clip read without screens."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from app.cli.context import Setup
from app.cli.form import note
from app.terminal.stderr_guard import native_output_in_log
from app.words.language import N_, _
from app.words.spoken import SentenceError
from core.system.clock import Clock, ManualClock, SystemClock
from core.system.resources import ASSETS_FOLDER

if TYPE_CHECKING:
    from core.monitoring.headless import HeadlessSample
    from core.sources.source import FrameSource
    from core.store.store import Store


@click.command()
@click.option("--headless", is_flag=True, help=N_("No screens: print the readings."))
@click.option("--plain", is_flag=True, help=N_("No screens: a line of text when something changes."))
@click.option("--history", is_flag=True, help=N_("With --plain: your calls so far, a line each, and nothing else."))
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
    plain: bool,
    history: bool,
    source: str | None,
    calls: int,
    candidate: str | None,
    seconds: float | None,
    realtime: bool,
) -> None:
    """Open the screens on a source, or do without them: --plain says a call in lines of text, for screen readers and
    logs; --headless prints one JSON object a reading (call, t_ms, emotion, level, face, tension, gap). The calls are
    kept in your record like any other.

    Example: calmline run --headless --source clip.mp4
    """
    named = source or setup.source
    if history and not plain:
        raise SentenceError(_("--history goes with --plain."))
    if not headless and not plain:
        _refuse_what_screens_do_not_know(click.get_current_context())
        chosen = replace(setup, source=named)
        chosen.confine()
        click.get_current_context().exit(chosen.open_screens())
    if headless and (plain or named is None):
        raise SentenceError(
            _("--headless needs a --source: 0 for a camera, a video, a folder of pictures, or actor.")
            if named is None
            else _("Choose one: --headless or --plain.")
        )
    replace(setup, source=named).confine(screens=False)
    if history:
        from app.cli.plain import say_history

        with setup.read_store() as store:
            say_history(store)
        return
    _run_without_screens(setup, named, calls, candidate, seconds, realtime=realtime, plain=plain)


def _run_without_screens(
    setup: Setup,
    named: str | None,
    calls: int,
    candidate: str | None,
    seconds: float | None,
    *,
    realtime: bool,
    plain: bool,
) -> None:
    from app.cli.plain import CallLines, ended_line, say, say_beginning
    from app.tui.services import chosen_camera
    from app.words.errors import notice_sentence
    from core.monitoring.headless import monitor_calls
    from core.sources.opening import open_source
    from core.sources.pictures import PicturesSource
    from core.store.settings import kept_days

    source = None if named is None else open_source(named, ASSETS_FOLDER)
    if source is not None and seconds is None:
        _refuse_without_end(source, plain=plain)
    live = source is None or source.is_camera or realtime
    clock: Clock = SystemClock() if live else ManualClock(SystemClock().wall())
    with native_output_in_log(setup.locations.log_file), setup.own_store(clock) as store:
        held = store.apply_retention(*kept_days(store)).notice
        if held is not None:
            click.echo(notice_sentence(held), err=True)
        source = source or open_source(chosen_camera(store), ASSETS_FOLDER)
        if source.is_camera:
            _refuse_without_consent(store, asks=plain)
        network = setup.reader(candidate) if candidate else setup.chosen_network(store.latest_calibration()).network
        if plain:
            say_beginning(store, network.card)
        write = CallLines(source.name) if plain else _print
        try:
            done = monitor_calls(source, network, store, clock, calls=calls, seconds=seconds, write=write)
        except KeyboardInterrupt:
            if plain:
                say(ended_line(store.calls()[-1]))
            raise
        answer = store.consent()
    for call in done:
        if plain:
            say(ended_line(call))
        else:
            note(ended_line(call))
    if source.is_camera and answer is not None and not answer.measure:
        click.echo(_("You withdrew your consent, so the call was ended."), err=True)
    if isinstance(source, PicturesSource):
        from app.words.errors import error_text

        for picture in source.skipped:
            click.echo(f"{picture.name}: {error_text(picture.problem)}", err=True)


def _refuse_what_screens_do_not_know(context: click.Context) -> None:
    for option in ("calls", "candidate", "seconds", "realtime"):
        if context.get_parameter_source(option) is ParameterSource.COMMANDLINE:
            raise SentenceError(_("--{option} goes with --plain or --headless.").format(option=option))


def _refuse_without_end(source: FrameSource, *, plain: bool) -> None:
    from core.sources.source import Performer

    if isinstance(source, Performer) or (source.is_camera and not plain):
        raise SentenceError(_("This source has no end of its own: say how long a call lasts with --seconds."))


def _refuse_without_consent(store: Store, *, asks: bool) -> None:
    """Let nobody be measured who has not agreed; `asks`: who was never asked is asked now, where somebody is there."""
    from app.cli.plain import ask_for_consent

    answer = store.consent()
    if answer is None and asks and sys.stdin.isatty():
        answer = ask_for_consent(store)
    if answer is None or not answer.measure:
        raise SentenceError(_("A camera is only read with your consent: “calmline consent set --measure”."))


def _print(sample: HeadlessSample) -> None:
    fields = ("call", "t_ms", "emotion", "level", "face", "tension", "gap")
    sys.stdout.write(json.dumps({name: getattr(sample, name) for name in fields}) + "\n")
