"""`calmline`: the group of commands. A command's module is imported when it is asked for, and not before."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import click

from app.cli.context import Setup
from app.version import __version__
from app.words.language import N_, _, language_names, preferred_language, use_language
from app.words.printable import printable_output
from app.words.spoken import SentenceError

LANGUAGE_VARIABLE = "CALMLINE_LANGUAGE"

COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("app.cli.demo:demo", N_("Try everything with an actor instead of your camera.")),
    "run": ("app.cli.monitor:run", N_("Open the screens on a video, or read it without screens.")),
    "call": ("app.cli.call:call", N_("Start, end or reset the call of a running Calmline.")),
    "consent": ("app.cli.consent:consent", N_("Show or change what you agreed to.")),
    "export": ("app.cli.export:export", N_("Write what you share, or your own copy of everything.")),
    "team": ("app.cli.team:team", N_("Merge many counsellors' exports into figures of groups.")),
    "keep": ("app.cli.keep:keep", N_("For how many days calls are kept.")),
    "erase": ("app.cli.erase:erase", N_("Remove a call, some days or everything, for good.")),
    "encrypt": ("app.cli.encrypt:encrypt", N_("Lock your record with a passphrase, or unlock it.")),
    "classify": ("app.cli.classify:classify", N_("What the networks read in pictures.")),
    "grade": ("app.cli.grade:grade", N_("Which network reads a person best, from pictures.")),
    "explain": ("app.cli.explain:explain", N_("Where a network looked, drawn over your own pictures.")),
    "coach": ("app.cli.coach:coach", N_("Practise for an interview: how you come across, for you alone.")),
    "data": ("app.cli.data:data", N_("Make data sets ready for training.")),
    "train": ("app.cli.train:train", N_("Train networks of your own and judge them.")),
    "candidates": ("app.cli.candidates:candidates", N_("The networks that come with Calmline.")),
    "bench": ("app.cli.bench:bench", N_("What Calmline costs on this computer.")),
    "doctor": ("app.cli.doctor:doctor", N_("Check this computer: one line each, and what to do.")),
    "paths": ("app.cli.paths:paths", N_("Where your record and the program's files are.")),
}
"""Commands in the order of the help: where each is, and its line there."""


_DECODING = ("classify", "grade", "explain", "coach")
"""Commands that decode files from anywhere: what decoders in C say of them goes to the log, not to the terminal."""


class LazyGroup(click.Group):
    """Knows its commands by name and one line; imports them on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _colon, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        _translate(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, without importing any."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(line)) for name, (_place, line) in COMMANDS.items()])


def _translate(command: click.Command) -> None:
    """Show a command's texts, which are marked with N_, in the language in use."""
    if command.help:
        command.help = _(command.help)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = _(parameter.help)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _translate(inner)


HELP = N_(
    "Calmline watches your face during calls and shows you, and only you, how strain comes and goes. "
    "Without a command it opens its screens."
)


@click.group(
    cls=LazyGroup, help=HELP, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option("--db", type=click.Path(path_type=Path), help=N_("Another file for your record (or CALMLINE_DB)."))
@click.option(
    "--language", type=click.Choice(list(language_names())), help=N_("Language of this run (or CALMLINE_LANGUAGE).")
)
@click.option("--source", help=N_("Look at this instead of the camera: 0, a video, a folder of pictures, actor."))
@click.option("--models", type=click.Path(path_type=Path), hidden=True)
@click.version_option(__version__, message="calmline %(version)s", help=N_("Show the version and stop."))
@click.pass_context
def cli(ctx: click.Context, db: Path | None, language: str | None, source: str | None, models: Path | None) -> None:
    """Open the screens, or hand on to a command."""
    ctx.obj = Setup(database=db, language=language, source=source, models=models)
    if ctx.invoked_subcommand in _DECODING:
        from app.terminal.stderr_guard import native_output_in_log

        ctx.with_resource(native_output_in_log(ctx.obj.locations.log_file))
    if ctx.invoked_subcommand is None:
        ctx.exit(ctx.obj.open_screens())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. Whatever is wrong becomes a sentence on standard error.

    0 done; 1 refused or failed, with the reason; 2 not understood; 130 broken off by Ctrl+C, and likewise 128 and the
    number of any other signal.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    use_language(_language_of(given))
    _translate(cli)
    with printable_output(), _ended_by_signals() as heard:
        code = _run(given)
        return 128 + heard[-1] if heard else code


@contextmanager
def _ended_by_signals() -> Iterator[list[int]]:
    """Have a signal that ends programs unwind this one, as Ctrl+C does: what is half written is removed on the way.

    Gives the numbers of the signals heard. On Windows, off the main thread, and for what nohup ignores, nothing changes.
    """
    heard: list[int] = []

    def hear(number: int, _frame: object) -> None:
        heard.append(number)
        raise KeyboardInterrupt

    ours = []
    if sys.platform != "win32" and threading.current_thread() is threading.main_thread():
        ours = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_DFL]
    for one in ours:
        signal.signal(one, hear)
    try:
        yield heard
    finally:
        for one in ours:
            signal.signal(one, signal.SIG_DFL)


def _run(given: list[str]) -> int:
    try:
        code = cli.main(given, prog_name="calmline", standalone_mode=False)
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
        # Whoever read our output has enough; Python must not complain about it once more at its own end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
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
    from app.words.sentences import known_error_sentence

    sentence = known_error_sentence(error)
    if sentence is not None:
        return sentence
    if os.environ.get("CALMLINE_DEBUG"):
        raise error
    return _("Something went wrong inside Calmline: {kind}: {text}. CALMLINE_DEBUG=1 shows where.").format(
        kind=type(error).__name__, text=error
    )


def _language_of(arguments: Sequence[str]) -> str:
    """The language asked for; help is shown in it, so it is found before click reads the rest."""
    for number, argument in enumerate(arguments):
        name, _equals, value = argument.partition("=")
        if name == "--language":
            wanted = value or (arguments[number + 1] if number + 1 < len(arguments) else "")
            if wanted in language_names():
                return wanted
    wanted = os.environ.get(LANGUAGE_VARIABLE, "")
    return wanted if wanted in language_names() else preferred_language()
