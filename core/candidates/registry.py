"""The registry: reads whatever candidates lie in folders, checks all of each, and leaves out what is not right."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from core.candidates.card import (
    CARD_FILE,
    NETWORK_FILE,
    ONNX_FILE,
    Card,
    CardError,
    load_card,
)
from core.candidates.landmark_runner import FILES as LANDMARK_FILES
from core.candidates.landmark_runner import LandmarkRunner
from core.candidates.network import LiteRTNetwork, NetworkError
from core.candidates.runner import LiteRTRunner, Runner
from core.system.errors import TranslatableError
from core.system.files import FileError, read_plain_file
from core.system.resources import MODELS_FOLDER, NETWORK_PACKAGES

MAX_NETWORK_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Rejection:
    """A folder that looks like a candidate but cannot be used, and the reason as a sentence part."""

    folder: str
    reason: TranslatableError


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate whose card is right and whose file has the card's size and hash."""

    card: Card
    path: Path

    def load(self, threads: int = 1) -> LiteRTNetwork:
        """The network on `threads` threads, checked against the card's hash once more at the moment it is read.

        Raises:
            NetworkError: the file changed, cannot be read or run, or has another shape than its card says.
        """
        content = self._checked_content()
        return LiteRTNetwork(self.card, content, runner=self._open(content, threads), reread=self._checked_content)

    def load_runner(self) -> Runner:
        """The network as it reads arrays of pictures; see `load`.

        Raises:
            NetworkError: see `load`.
        """
        return self._open(self._checked_content(), threads=1)

    def _open(self, content: bytes, threads: int) -> Runner:
        if self.card.is_personal:
            return LandmarkRunner(self.path.parent, self.card.signature, threads)
        if self.path.name == ONNX_FILE:
            from core.candidates.onnx_runner import OnnxRunner

            return OnnxRunner(content, self.card.signature, threads)
        return LiteRTRunner(content, self.card.signature, threads)

    def _checked_content(self) -> bytes:
        content = _read_network(self.path.parent, self.card)
        problem = _difference(self.card, content)
        if problem:
            raise problem
        return content


@dataclass(frozen=True, slots=True)
class Registry:
    """All candidates of some folders, those of each ordered by id, and those that were left out.

    `personal` are those that read a person only once they are fitted to them (`Card.is_personal`), and none of `candidates`.
    """

    candidates: tuple[Candidate, ...]
    rejections: tuple[Rejection, ...]
    personal: tuple[Candidate, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the usable candidates."""
        return tuple(candidate.card.id for candidate in self.candidates)

    def find(self, candidate_id: str) -> Candidate | None:
        """The candidate with this id, also a personal one, or None."""
        everyone = (*self.candidates, *self.personal)
        return next((candidate for candidate in everyone if candidate.card.id == candidate_id), None)


def read_registry(*folders: Path) -> Registry:
    """Check every candidate folder below `folders`; a missing folder has none, one with a card is a candidate itself.

    Of two candidates of one name the first is taken. Of the folder that comes with the program, networks whose package is
    not installed are among the rejections. Shapes are checked when a network is loaded (`Candidate.load`), since that is
    the only moment LiteRT is needed.
    """
    candidates: dict[str, Candidate] = {}
    rejections: list[Rejection] = []
    for folder in folders:
        try:
            places = _candidate_folders(folder)
        except OSError as error:
            rejections.append(
                Rejection(folder.name, NetworkError("the folder cannot be read: {reason}", reason=error.strerror))
            )
            continue
        if folder == MODELS_FOLDER and places:
            there = {place.name for place in places}
            for package, names in NETWORK_PACKAGES.items():
                rejections += [
                    Rejection(name, NetworkError("the package {package} is not installed", package=package))
                    for name in names
                    if name not in there
                ]
        for place in places:
            try:
                found = _read_candidate(place)
            except (CardError, NetworkError) as error:
                rejections.append(Rejection(place.name, error))
                continue
            if candidates.setdefault(found.card.id, found) is not found:
                taken = NetworkError("there is a network of this name already, other than {folder}", folder=place)
                rejections.append(Rejection(place.name, taken))
    personal = tuple(one for one in candidates.values() if one.card.is_personal)
    return Registry(tuple(one for one in candidates.values() if one not in personal), tuple(rejections), personal)


def _read_candidate(place: Path) -> Candidate:
    """The candidate in a folder.

    Raises:
        CardError, NetworkError: its card or its file is not right.
    """
    card = load_card(place / CARD_FILE)
    problem = _difference(card, _read_network(place, card)) or _name_problem(card, place)
    if problem:
        raise problem
    return Candidate(card, place / _file_names(place, card)[0])


def _file_names(place: Path, card: Card) -> tuple[str, ...]:
    """The files of a network; `Card.sha256` is that of all of them, one after the other."""
    if card.is_personal:
        return LANDMARK_FILES
    return (ONNX_FILE,) if (place / ONNX_FILE).is_file() else (NETWORK_FILE,)


def _candidate_folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    if (folder / CARD_FILE).is_file():
        return [folder]
    return sorted(place for place in folder.iterdir() if place.is_dir() and not place.name.startswith("."))


def _read_network(place: Path, card: Card) -> bytes:
    with NetworkError.of(FileError):
        return b"".join(read_plain_file(place / name, MAX_NETWORK_BYTES) for name in _file_names(place, card))


def _difference(card: Card, content: bytes) -> NetworkError | None:
    if len(content) != card.size_bytes:
        return NetworkError(
            "{file} has {bytes} bytes; its card says {told}",
            file=NETWORK_FILE,
            bytes=len(content),
            told=card.size_bytes,
        )
    if hashlib.sha256(content).hexdigest() != card.sha256:
        return NetworkError("{file} is not the file that its card describes (the sha256 differs)", file=NETWORK_FILE)
    return None


def _name_problem(card: Card, place: Path) -> NetworkError | None:
    if card.id == place.name:
        return None
    return NetworkError("its card says {name!r}, its folder {folder!r}", name=card.id, folder=place.name)
