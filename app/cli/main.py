"""`calmline`: the group of commands. A command's module is imported when it is asked for, and not before."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from app.cli.click_words import speak
from app.cli.context import Setup
from app.cli.groups import Commands, lazy_group, translate
from app.terminal.stderr_guard import native_output_in_log
from app.terminal.surroundings import (
    discard_output,
    ended_by_signals,
    leave_impossible_time_zone,
    open_missing_streams,
)
from app.version import __version__
from app.words.language import N_, _, language_for, language_names, program, use_language
from app.words.printable import OutputError, printable_output
from app.words.spoken import SentenceError

COMPLETION_VARIABLE = "_CALMLINE_COMPLETE"
"""By it a shell asks for its script (bash_source, zsh_source, fish_source), and for what may come next."""

_PROGRAM = object()
"""What click hands on where this process is the program alone."""

COMMANDS: Commands = {
    "demo": ("app.cli.demo:demo", N_("Try everything with an actor instead of your camera.")),
    "run": ("app.cli.monitor:run", N_("Open the screens on a video, or read it without screens.")),
    "call": ("app.cli.call:call", N_("Start, end or pause the call of a running Calmline.")),
    "consent": ("app.cli.consent:consent", N_("Show or change what you agreed to.")),
    "export": ("app.cli.export:export", N_("Write what you share, or your own copy of everything.")),
    "record": ("app.cli.record:record", N_("Your record: where it is, how long it is kept, erase, lock.")),
    "networks": ("app.cli.networks:networks", N_("The networks, and what they read in pictures.")),
    "coach": ("app.cli.coach:coach", N_("Practise for an interview: how you come across, for you alone.")),
    "train": ("app.cli.train:train", N_("Train your own networks and evaluate them.")),
    "doctor": ("app.cli.doctor:doctor", N_("Check this computer: one line each, and what to do.")),
    # The names of before, for a release.
    "team": ("app.cli.team:team", ""),
    "keep": ("app.cli.retention:retention", ""),
    "erase": ("app.cli.erase:erase", ""),
    "encrypt": ("app.cli.encrypt:encrypt", ""),
    "classify": ("app.cli.classify:classify", ""),
    "grade": ("app.cli.grade:grade", ""),
    "explain": ("app.cli.explain:explain", ""),
    "data": ("app.cli.data:data", ""),
    "candidates": ("app.cli.candidates:candidates", ""),
    "bench": ("app.cli.bench:bench", ""),
    "paths": ("app.cli.paths:paths", ""),
}
"""Commands in the order of the help: where each is, and its line there."""


_NATIVE = ("networks", "classify", "grade", "explain", "coach", "train")
"""Commands in which libraries in C speak (decoders, TensorFlow): what they say goes to the log, not to the terminal."""


@lazy_group(COMMANDS, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--db", type=click.Path(path_type=Path), help=N_("Another file for your record (or CALMLINE_DB)."))
@click.option(
    "--language", type=click.Choice(list(language_names())), help=N_("Language of this run (or CALMLINE_LANGUAGE).")
)
@click.option("--source", help=N_("Instead of the camera: 0, a video, pictures, actor."))
@click.option("--quiet", "-q", is_flag=True, hidden=True, help=N_("Say only what is wrong or was left out."))
@click.option("--no-color", is_flag=True, hidden=True)  # docs/commands.md tells of both: the help fits 80x24
@click.option("--models", "added", type=click.Path(path_type=Path), help=N_("Also use the networks in this folder."))
@click.option("--clean", is_flag=True, help=N_("Without the networks that only research may use."))
@click.option("--only-models", type=click.Path(path_type=Path), hidden=True)
@click.version_option(__version__, message="calmline %(version)s", help=N_("Show the version and stop."))
@click.pass_context
def cli(
    ctx: click.Context,
    db: Path | None,
    language: str | None,
    source: str | None,
    quiet: bool,  # noqa: ARG001 - whoever has a note to say looks for it (app.cli.form)
    no_color: bool,
    added: Path | None,
    clean: bool,
    only_models: Path | None,
) -> None:
    """How tense your calls are, for you alone. Without a command the screens open."""
    if no_color:
        os.environ["NO_COLOR"] = "1"  # Textual looks for it
        ctx.color = False
    ctx.obj = Setup(
        database=db,
        language=language,
        source=source,
        models=only_models,
        added=added,
        clean=clean,
        is_program=ctx.obj is _PROGRAM,
    )
    if ctx.invoked_subcommand in _NATIVE:
        ctx.with_resource(native_output_in_log(ctx.obj.locations.log_file))
    if ctx.invoked_subcommand is None:
        ctx.obj.confine()
        ctx.exit(ctx.obj.open_screens())


def run(arguments: Sequence[str] | None = None, *, is_program: bool = False) -> int:
    """Run the command line; returns the exit code. Whatever is wrong becomes a sentence on standard error.

    0 done; 1 refused or failed, with the reason; 2 not understood; 3 to 5 what `call` alone tells; 130 broken off by Ctrl+C, and
    likewise 128 and the number of any other signal.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    use_language(language_for(given))
    speak()
    translate(cli)
    if COMPLETION_VARIABLE in os.environ:
        return _complete(given)
    open_missing_streams()
    with printable_output(), ended_by_signals() as heard:
        impossible = leave_impossible_time_zone()
        if impossible is not None:
            said = _("No place has the time zone {name}; times are shown in UTC. Set TZ to one such as Asia/Seoul.")
            click.echo(said.format(name=impossible), err=True)
        code = _run(given, is_program)
        return 128 + heard[-1] if heard else code


def _complete(given: list[str]) -> int:
    """Answer the shell: click writes bytes, and nothing but our own names."""
    try:
        cli.main(given, prog_name="calmline", standalone_mode=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def _run(given: list[str], is_program: bool) -> int:
    try:
        code = cli.main(given, prog_name=program(), standalone_mode=False, obj=_PROGRAM if is_program else None)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.UsageError as error:
        error.show()
        return 2
    except click.ClickException as error:
        error.show()
        return 1
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        discard_output()  # whoever read it has enough
        return 0
    except OutputError as error:
        discard_output()
        click.echo(_("What there is to print cannot be written: {reason}.").format(reason=error), err=True)
        return 1
    except Exception as error:  # noqa: BLE001 - the last place where a traceback can become a sentence
        click.echo(sentence_of(error), err=True)
        return 1


def sentence_of(error: Exception) -> str:
    """What went wrong and what to do, for every error that `core` raises; anything else is named as a fault of ours.

    Raises:
        Exception: `error` itself, where CALMLINE_DEBUG is set.
    """
    if isinstance(error, SentenceError):
        return str(error)
    from app.words.errors import known_error_sentence

    sentence = known_error_sentence(error)
    if sentence is not None:
        return sentence
    if os.environ.get("CALMLINE_DEBUG"):
        raise error
    return _("Something went wrong inside Calmline: {kind}: {text}. CALMLINE_DEBUG=1 shows where.").format(
        kind=type(error).__name__, text=error
    )
