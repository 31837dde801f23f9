"""What every command is given: where the record is, which networks there are, how to open the screens."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.terminal.stderr_guard import native_output_in_log
from app.words.language import _
from app.words.spoken import SentenceError
from core.system.clock import SystemClock
from core.system.resources import LANDMARKS_FOLDER, MODELS_FOLDER

if TYPE_CHECKING:
    from app.tui.services import DemoOptions, PracticeOptions
    from core.adapt.chosen import ChosenNetwork
    from core.candidates.network import LiteRTNetwork, Network
    from core.candidates.registry import Candidate, Registry
    from core.store.errors import Notice
    from core.store.locations import Locations
    from core.store.records import CalibrationRecord
    from core.store.store import Store
    from core.system.clock import Clock


PASSPHRASE_VARIABLE = "CALMLINE_PASSPHRASE"  # noqa: S105 - a name, not a passphrase
"""The environment variable that opens an encrypted record for scripts; an argument would show in lists of processes."""

PASSPHRASE_TRIES = 3


def only_landmarks_sentence() -> str:
    """Why nothing can be read where there is no network but the landmarks, and nobody that they were fitted to."""
    return _(
        "Without the networks there are only the landmarks of a face, and they read nobody before the set-up: "
        "start Calmline and make the expressions."
    )


def typed_passphrase(question: str, *, again: str | bool = False) -> str:
    """What the person types, unseen; `again`: asked for a second time with this text.

    Raises:
        StoreError: it is not text.
    """
    from core.store.errors import StoreError, StoreErrorCode

    try:
        return str(click.prompt(question, hide_input=True, confirmation_prompt=again, err=True))
    except UnicodeError as error:
        raise StoreError(StoreErrorCode.PASSPHRASE_NO_TEXT) from error


@dataclass(frozen=True, slots=True)
class Setup:
    """The options that stand before the command."""

    database: Path | None = None
    language: str | None = None
    source: str | None = None
    models: Path | None = None
    """A folder with the only candidates there are: for tests and measurements."""
    added: Path | None = None
    """A folder with more candidates."""
    clean: bool = False
    """Whether the networks that come with the program, trained on research-only pictures, are left alone."""
    typed: dict[Path, str] = field(default_factory=dict, repr=False, compare=False)
    """The passphrase of each record that was asked for it in this run, so that it is asked once."""
    found: dict[Path | None, Locations] = field(default_factory=dict, repr=False, compare=False)
    """Where things were found to be: confining this process changes what would be found afterwards."""
    is_program: bool = field(default=False, compare=False)
    """Whether this process is the program alone and not, say, a test in which a command runs: it may be confined."""

    @property
    def locations(self) -> Locations:
        """Every path of the program."""
        from core.store.locations import find_locations

        if self.database not in self.found:
            self.found[self.database] = find_locations(self.database, os.environ)
        return self.found[self.database]

    def confine(self, *writing: Path, reading: Sequence[Path] = (), screens: bool = True) -> None:
        """From now on this process reads and writes its own files alone and reaches nobody, where the system can see to it.

        To be called before anything that begins threads is imported (NumPy, OpenCV).

        Args:
            writing: folders besides our own in which files may be written.
            reading: files and folders of the person besides the source and the networks.
            screens: whether screens are to come.
        """
        if self.is_program:
            from app.cli.privacy.confining import confine_to
            from app.terminal.watching import watch_over

            if screens:
                watch_over(self.locations.log_file)
                import_module("app.tui.start")  # before, so that Python may keep what it compiles for the next start
            source = [Path(self.source.removeprefix("actor:"))] if self.source else []
            confine_to(self.locations, [*source, *self.model_folders, *reading], writing)

    @property
    def models_folder(self) -> Path:
        """Where the candidates lie that come with the program."""
        return self.models or MODELS_FOLDER

    @property
    def model_folders(self) -> tuple[Path, ...]:
        """Where all candidates lie: those of the program, those that the person added, and those of `--models`."""
        if self.models is not None:
            return (self.models,)
        shipped = (LANDMARKS_FOLDER,) if self.clean else (self.models_folder, LANDMARKS_FOLDER)
        return (*shipped, self.locations.networks, *([self.added] if self.added is not None else []))

    def read_store(self) -> Store:
        """The record, only to look at.

        Raises:
            StoreError: there is none, or it cannot be read.
        """
        return self._open(read_only=True)

    def shared_store(self) -> Store:
        """The record, to write a little beside a program that may be running.

        Raises:
            StoreError: there is none, or it cannot be written.
        """
        return self._open(shared=True)

    def own_store(self, clock: Clock | None = None, *, to_erase: bool = False) -> Store:
        """The record for this program alone, made where there is none; `to_erase`: all of it is going to be erased.

        Raises:
            StoreError: another program has it, or it cannot be opened.
        """
        return self._open(clock, self.locations.prepare(), to_erase=to_erase)

    def _open(self, clock: Clock | None = None, before: Sequence[Notice] = (), **how: bool) -> Store:
        """The record, after saying on standard error what was found `before`, and what opening it had to do."""
        from app.words.errors import notice_sentence
        from core.store.store import Store

        store = Store.open(self.locations.database, clock or SystemClock(), passphrase=self.passphrase(), **how)
        for notice in (*before, *store.notices):
            click.echo(notice_sentence(notice), err=True)
        return store

    def passphrase(self, path: Path | None = None) -> str | None:
        """What opens the record (or another file): from the environment, or typed now; None where it is not encrypted.

        Raises:
            StoreError: nobody is there to type it, or it was wrong three times.
        """
        from core.store.cipher import is_encrypted
        from core.store.encryption import opens
        from core.store.errors import StoreError, StoreErrorCode

        path = path or self.locations.database
        if not is_encrypted(path):
            return None
        known = os.environ.get(PASSPHRASE_VARIABLE) or self.typed.get(path)
        if known:
            return known
        if not sys.stdin.isatty():
            raise StoreError(StoreErrorCode.ENCRYPTED, str(path))
        for _try in range(PASSPHRASE_TRIES):
            given = typed_passphrase(_("Your passphrase"))
            if opens(path, given):
                self.typed[path] = given
                return given
            click.echo(_("That does not open your record."), err=True)
        raise StoreError(StoreErrorCode.WRONG_PASSPHRASE)

    def last_calibration(self) -> CalibrationRecord | None:
        """The calibration in use, for whoever only looks; None where there is none, or no record yet."""
        from core.system.files import is_file

        if not is_file(self.locations.database):
            return None
        with self.read_store() as store:
            return store.latest_calibration()

    def registry(self, *folders: Path) -> Registry:
        """All candidates, or those in `folders`.

        Raises:
            SentenceError: there is none.
        """
        from core.candidates.registry import read_registry

        registry = read_registry(*(folders or self.model_folders))
        if not registry.candidates and not registry.personal:
            raise SentenceError(_("There is no usable network in {folder}.").format(folder=self.models_folder))
        return registry

    def candidates(self, ids: tuple[str, ...] = ()) -> list[Candidate]:
        """These candidates; all that read anybody as they come without any id.

        Raises:
            SentenceError: a named one is not there, or none can be used.
        """
        registry = self.registry()
        if not registry.candidates:
            raise SentenceError(only_landmarks_sentence())
        unknown = [name for name in ids if name not in registry.ids]
        if unknown:
            raise SentenceError(self._unknown(unknown[0], registry))
        return [one for one in registry.candidates if not ids or one.card.id in ids]

    def networks(self, ids: tuple[str, ...] = ()) -> list[LiteRTNetwork]:
        """The networks of these candidates; of all without any id. One that cannot be loaded is an error if named.

        Raises:
            SentenceError: a named one is not there, or none can be used.
            NetworkError: a named one cannot be run.
        """
        chosen = self.candidates(ids)
        with native_output_in_log(self.locations.log_file):  # LiteRT greets whoever loads it
            return list(self._loaded(chosen, named=bool(ids)))

    def _loaded(self, chosen: Sequence[Candidate], *, named: bool) -> Iterator[LiteRTNetwork]:
        from app.words.errors import error_text
        from core.candidates.network import NetworkError

        for candidate in chosen:
            try:
                yield candidate.load()
            except NetworkError as error:
                if named:
                    raise
                click.echo(f"{candidate.card.id}: {error_text(error)}", err=True)

    def _unknown(self, name: str, registry: Registry) -> str:
        return _("There is no network called {name}. There are: {known}.").format(
            name=name, known=", ".join(registry.ids)
        )

    def reader(self, name: str) -> Network:
        """The network with this id, or several that are read together, joined by "+".

        Raises:
            SentenceError: one is not there, or they cannot be read together.
            NetworkError: one cannot be run.
        """
        from core.adapt.chosen import load_reader

        registry = self.registry()
        found = load_reader(registry, name)
        if found is None:
            raise SentenceError(self._unknown(name, registry))
        return found.network

    def chosen_network(self, calibration: CalibrationRecord | None) -> ChosenNetwork:
        """The network that this calibration chose, tuned to the person where it is; without a choice, the default.

        Raises:
            SentenceError: there is no network at all, or the chosen one is gone.
            NetworkError: it cannot be run.
        """
        from core.adapt.chosen import load_chosen, load_default

        registry = self.registry()
        chosen = load_chosen(registry, calibration)
        if chosen is None and calibration is not None and calibration.chosen is not None:
            raise SentenceError(self._unknown(calibration.chosen, registry))
        chosen = chosen or load_default(registry)
        if chosen is None:
            raise SentenceError(only_landmarks_sentence())
        if chosen.own_left_out:
            from app.words.sentences import own_left_out_sentence

            click.echo(own_left_out_sentence(chosen.network.card.name), err=True)
        return chosen

    def open_screens(self, demo: DemoOptions | None = None) -> int:
        """Run the screens until the person leaves; returns the exit code.

        Raises:
            SentenceError: this is no terminal.
            StoreError: the record cannot be opened.
            SourceError: the source named is none.
        """
        from app.terminal.checks import require_terminal

        require_terminal()
        if demo is None and self.source is None and self.needs_actor():
            from app.tui.services import DemoOptions

            demo = DemoOptions()
            click.echo(
                _(
                    "No camera was found, so an actor plays instead, and nothing is kept. With a camera, start Calmline again."
                ),
                err=True,
            )
        return self._run_screens(demo, None)

    def _run_screens(self, demo: DemoOptions | None, practice: PracticeOptions | None) -> int:
        passphrase = None if demo is not None else self.passphrase()
        with native_output_in_log(self.locations.log_file):
            from app.tui.start import ScreensPlan, run_screens

            return run_screens(
                ScreensPlan(
                    self.locations,
                    self.model_folders,
                    self.source,
                    self.language,
                    demo=demo,
                    passphrase=passphrase,
                    practice=practice,
                )
            )

    def open_practice(self, practice: PracticeOptions) -> int:
        """Run the practice screen, and nothing else, until the person leaves; returns the exit code.

        Raises:
            SentenceError: there is no camera, and no other source is named.
            SentenceError: this is no terminal.
            StoreError: the record cannot be opened.
            SourceError: the source named is none.
        """
        from app.terminal.checks import require_terminal
        from core.sources.devices import camera_present

        require_terminal()
        if self.source is None and camera_present() is False:
            raise SentenceError(_("No camera was found. Plug one in, or name a video of yourself: --source VIDEO."))
        return self._run_screens(None, practice)

    def needs_actor(self) -> bool:
        """Whether there is no camera, and nobody who has said yes before: a stranger then sees the program on the actor."""
        from core.sources.devices import camera_present
        from core.store.errors import StoreError, StoreErrorCode
        from core.system.files import is_file

        if camera_present() is not False or not is_file(self.locations.database):
            return camera_present() is False
        try:
            with self.read_store() as store:
                answer = store.consent()
        except StoreError as error:
            if error.code in (StoreErrorCode.OLDER_SCHEMA, StoreErrorCode.CORRUPT):
                return False  # the screens bring it up to date, or set it aside
            raise
        return answer is None or not answer.measure
