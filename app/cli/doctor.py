"""`calmline doctor`: one line each, and what to do where something is not right."""

from __future__ import annotations

import json
import locale
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import click

from app.cli.context import Setup
from app.cli.form import format_option
from app.terminal.checks import terminal_problem
from app.terminal.stderr_guard import native_output_in_log
from app.version import __version__
from app.words.figures import padded
from app.words.language import N_, _, current_language, language_names, ngettext

HANGUL = "한글"
DRAWN = "─╭▁█░⣿"
"""Of each kind of letter that screens and reports are drawn with, one: lines, bars, curves."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, whether it is right, and what is there or what to do."""

    name: str
    good: bool
    text: str


@click.command()
@click.option(
    "--privacy", is_flag=True, help=N_("Show what keeps each promise here: the system, a watch, or our word.")
)
@click.option("--cost", is_flag=True, help=N_("Measure what Calmline costs on this computer; it takes some minutes."))
@format_option("text", "json")
@click.pass_obj
def doctor(setup: Setup, privacy: bool, cost: bool, form: str) -> None:
    """Check this computer: terminal, language, camera, networks, record. No camera is opened. With --privacy: what
    keeps each of our promises on this computer, and whether your record holds what it should and nothing else.

    Example: calmline doctor --privacy
    """
    if cost:
        from app.cli.bench import bench

        click.get_current_context().invoke(bench, form=form)
        return
    if privacy:
        from app.cli.privacy.report import print_privacy

        click.get_current_context().exit(0 if print_privacy(setup, form) else 1)
    good, told = True, []
    for finding in _findings(setup):
        good = good and finding.good
        told.append(asdict(finding))
        if form != "json":
            click.echo(f"{'ok' if finding.good else '!!'}  {padded(finding.name, 10)} {finding.text}")
    if form == "json":
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    click.get_current_context().exit(0 if good else 1)


def _findings(setup: Setup) -> Iterator[Finding]:
    yield Finding(
        "calmline", True, f"{__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    )
    yield _terminal()
    yield _language()
    yield _camera()
    yield from _candidates(setup)
    yield _record(setup)
    yield _rights(setup)


def _terminal() -> Finding:
    problem = terminal_problem()
    if problem is not None:
        return Finding(_("terminal"), False, problem)
    size = shutil.get_terminal_size()
    colours = _("no colours (NO_COLOR)") if os.environ.get("NO_COLOR") else os.environ.get("TERM", "")
    text = f"{size.columns}x{size.lines}, {colours}"
    if size.columns < 80 or size.lines < 24:
        return Finding(_("terminal"), False, text + ": " + _("make the window at least 80x24."))
    return Finding(_("terminal"), True, text)


def _language() -> Finding:
    encoding = (sys.stdout.encoding or locale.getpreferredencoding()).lower()
    told = f"{language_names()[current_language()]}, {encoding}"
    if not _can_show(HANGUL, encoding):
        return Finding(_("language"), False, told + ": " + _("set the terminal to UTF-8, or Hangul will not show."))
    if not _can_show(DRAWN, encoding):
        return Finding(
            _("language"), False, told + ": " + _("set the terminal to UTF-8, or lines, bars and curves will not show.")
        )
    return Finding(_("language"), True, told)


def _can_show(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _camera() -> Finding:
    from core.sources.devices import camera_present, list_cameras

    present = camera_present()
    if present is None:
        return Finding(_("camera"), True, _("this system does not tell; the light check will try it."))
    if not present:
        return Finding(_("camera"), False, _("none was found. Plug one in, or try “calmline demo”."))
    return Finding(_("camera"), True, ", ".join(f"{number} {name}".strip() for number, name in list_cameras()))


def _candidates(setup: Setup) -> Iterator[Finding]:
    from app.words.errors import error_text
    from core.candidates.network import NetworkError
    from core.candidates.registry import read_registry

    registry = read_registry(*setup.model_folders)
    good = []
    for candidate in (*registry.candidates, *registry.personal):
        try:
            with native_output_in_log(setup.locations.log_file):  # LiteRT greets whoever loads it
                candidate.load()
            good.append(candidate.card.id)
        except NetworkError as error:
            yield Finding(_("network"), False, f"{candidate.card.id}: {error_text(error)}")
    for rejection in registry.rejections:
        yield Finding(_("network"), False, f"{rejection.folder}: {error_text(rejection.reason)}")
    if good:
        yield Finding(_("networks"), True, f"{len(good)}: {', '.join(good)}")
    else:
        yield Finding(
            _("networks"),
            False,
            _("none can be used in {folder}. Install Calmline again.").format(folder=setup.models_folder),
        )


def _rights(setup: Setup) -> Finding:
    from core.store.files import open_to_others
    from core.store.opening import SIDECAR_SUFFIXES

    locations = setup.locations
    database = locations.database
    beside = [database.with_name(database.name + companion) for companion in (*SIDECAR_SUFFIXES, ".lock")]
    own = (*locations.own_folders, database, *beside, locations.log_file, locations.control_key)
    wide = [str(path) for path in own if open_to_others(path)]
    if wide:
        return Finding(
            _("access"),
            False,
            _("others may open {paths}. Calmline mends it when it starts.").format(paths=", ".join(wide)),
        )
    return Finding(_("access"), True, _("folders and files are yours alone"))


def _record(setup: Setup) -> Finding:
    from app.words.errors import store_error_sentence
    from core.store.cipher import is_encrypted
    from core.store.errors import StoreError, StoreErrorCode

    path = setup.locations.database
    locked = is_encrypted(path)
    try:
        with setup.read_store() as store:
            problems = store.integrity()
            count = len(store.calls())
    except StoreError as error:
        if error.code is StoreErrorCode.NOT_FOUND:
            return Finding(_("record"), True, _("none yet; it will be {path}").format(path=path))
        if error.code is StoreErrorCode.ENCRYPTED:
            return Finding(
                _("record"), True, _("encrypted, in {path}; CALMLINE_PASSPHRASE lets it be checked").format(path=path)
            )
        return Finding(_("record"), False, store_error_sentence(error))
    if problems:
        return Finding(_("record"), False, f"{path}: {problems[0]}")
    found = ngettext("{count} call in {path}", "{count} calls in {path}", count).format(count=count, path=path)
    return Finding(_("record"), True, found + ", " + (_("encrypted") if locked else _("not encrypted")))
