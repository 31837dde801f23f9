"""Pictures in, probabilities or grades out: what `classify` and `grade` do, in batches and with little memory."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from core.candidates.network import Network
from core.face.box import FaceFinder
from core.face.crop import crop_face, resize_crop
from core.method.emotion import EXPRESSIONS, GapReason, Probabilities
from core.method.expression_words import expression_named
from core.method.grading import MIN_FRAMES, CandidateResult, grade_frames
from core.sources.entries import clean_name, entries_beside
from core.sources.pictures import NamedPicture, picture_entries, read_picture
from core.sources.source import Pixels, SourceError, SourceProblem
from core.sources.tables import TableError, read_table
from core.system.files import FileError, is_file

BATCH = 32


@dataclass(frozen=True, slots=True)
class Classified:
    """What one candidate read in one picture; `probabilities` is None where there was no face, and `gap` says why."""

    file: str
    candidate_id: str
    probabilities: Probabilities | None
    gap: GapReason | None = None

    @property
    def face_found(self) -> bool:
        """Whether there was a face that can be read."""
        return self.gap is None


@dataclass(frozen=True, slots=True)
class ClassifiedBatch:
    """The lines of some pictures, and how many pictures they were, broken ones included."""

    lines: tuple[Classified, ...]
    pictures: int


def face_crop(pixels: Pixels, finder: FaceFinder | None) -> Pixels | GapReason:
    """The face in a picture as a crop, or why there is none; without a finder the whole picture is the face."""
    if finder is None:
        return resize_crop(pixels)
    box = finder.find(pixels)
    return finder.gap or GapReason.NO_FACE if box is None else crop_face(pixels, box)


def classify_pictures(
    pictures: Iterable[NamedPicture],
    networks: Sequence[Network],
    finder: FaceFinder | None,
    broken: Callable[[NamedPicture], None],
) -> Iterator[ClassifiedBatch]:
    """Read pictures with every network, in batches, in their order; what is not read, or in part, goes to `broken`."""
    rest = iter(pictures)
    while True:
        crops: list[tuple[str, Pixels | GapReason]] = []
        count = 0
        for picture in islice(rest, BATCH):  # only the crops are kept: thirty-two photographs would be gigabytes
            count += 1
            if picture.problem is not None:
                broken(picture)
            if picture.pixels is not None:
                crops.append((picture.name, face_crop(picture.pixels, finder)))
        if not count:
            return
        yield ClassifiedBatch(tuple(_lines(crops, networks)), count)


def _lines(crops: Sequence[tuple[str, Pixels | GapReason]], networks: Sequence[Network]) -> Iterator[Classified]:
    faces = [crop for _, crop in crops if not isinstance(crop, GapReason)]
    read = {network.card.id: iter(network.read(faces)) for network in networks}
    for name, crop in crops:
        for candidate_id, answers in read.items():
            gap = crop if isinstance(crop, GapReason) else None
            yield Classified(name, candidate_id, None if gap else next(answers), gap)


class GradeInputError(Exception):
    """What was given to be graded cannot be; `code` says why, `detail` names the file or the word."""

    def __init__(self, code: str, detail: str | TableError) -> None:
        """`code`: not_found, no_expression, bad_csv, unknown_expression or unreadable."""
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class ExpressionPicture:
    """A picture and the id of the expression that it shows."""

    expression_id: str
    picture: NamedPicture


@dataclass(slots=True)
class Graded:
    """Results, one per candidate; pictures that could not be read; how many showed no face to read, by the reason."""

    results: list[CandidateResult]
    broken: list[NamedPicture] = field(default_factory=list)
    without_face: Counter[GapReason] = field(default_factory=Counter)


def iter_expression_pictures(path: Path) -> Iterator[ExpressionPicture]:
    """The pictures of a folder or zip with one folder per expression, or of a CSV `file,expression`.

    Folders and the list call an expression as people do, see `expression_named`. A list's files lie in a zip of the same
    name, beside it, or below; instead of the list its zip or its folder may be named. Pictures in a folder that tells no
    expression come with their reason.

    Raises:
        GradeInputError: there is nothing there that can be graded.
    """
    try:
        if is_file(path) and path.suffix.lower() != ".zip":
            yield from _iter_list(path)
        else:
            yield from _iter_folders(path)
    except TableError as error:
        raise GradeInputError("bad_csv", error) from error
    except SourceError as error:
        code = "not_found" if error.trouble is SourceProblem.MISSING else "unreadable"
        raise GradeInputError(code, error.detail) from error


def people_in(path: Path) -> list[Path]:
    """The folders of several people, each with folders of expressions in it; [] where there is one person, or none."""
    folders = sorted(one for one in path.glob("*/") if one.is_dir())
    if any(expression_named(one.name) for one in folders):
        return []
    return [one for one in folders if any(expression_named(inner.name) for inner in one.glob("*/"))]


def _iter_folders(path: Path) -> Iterator[ExpressionPicture]:
    entries = picture_entries(path)
    named = {part: expression_named(part) for entry in entries for part in entry.parts}
    empty = [place.name for place in path.glob("*/")]
    if not any(named.values()) and not any(map(expression_named, empty)):
        lists = [one for one in (path.iterdir() if path.is_dir() else [path.with_suffix(".csv")]) if _is_list(one)]
        if len(lists) != 1:
            raise GradeInputError("no_expression", clean_name(str(path)))
        yield from _iter_list(lists[0])
        return
    unknown: set[str] = set()
    for entry in entries:
        expression = next((one for part in reversed(entry.parts) if (one := named[part])), None)
        place = "".join(f"{part}/" for part in entry.parts) or entry.name
        if expression is not None:
            yield ExpressionPicture(expression.id, read_picture(entry))
        elif not entry.parts and (alone := read_picture(entry)).pixels is None:
            yield ExpressionPicture("", alone)
        elif place not in unknown:
            unknown.add(place)
            yield ExpressionPicture("", NamedPicture(place, None, FileError("left out: no expression is called so")))


def _is_list(path: Path) -> bool:
    return path.suffix.lower() == ".csv" and is_file(path)


def _iter_list(path: Path) -> Iterator[ExpressionPicture]:
    rows = [(row["file"], row["expression"]) for row in read_table(path, ("file", "expression"))]
    named = {word: expression_named(word) for _, word in rows}
    for word, expression in named.items():
        if expression is None:
            raise GradeInputError("unknown_expression", word)
    index = entries_beside(path)
    for file, word in rows:
        entry, expression = index.find(file), named[word]
        assert expression is not None
        missing = NamedPicture(clean_name(file), None, FileError("it is not there, neither beside the list nor below"))
        yield ExpressionPicture(expression.id, missing if entry is None else read_picture(entry))


@dataclass(slots=True)
class ExpressionCrops:
    """The faces (100 x 100 x 3 uint8 BGR) of each expression, and what had none, as in `Graded`."""

    by_expression: dict[str, list[Pixels]] = field(default_factory=dict)
    broken: list[NamedPicture] = field(default_factory=list)
    without_face: Counter[GapReason] = field(default_factory=Counter)


def crop_expressions(pictures: Iterable[ExpressionPicture], finder: FaceFinder | None) -> ExpressionCrops:
    """Cut the face out of every picture; they stay in memory, 30 kB each.

    Raises:
        GradeInputError: passed on from `pictures`.
    """
    found = ExpressionCrops()
    for one in pictures:
        if one.picture.problem is not None:
            found.broken.append(one.picture)
        if one.picture.pixels is None:
            continue
        crop = face_crop(one.picture.pixels, finder)
        if isinstance(crop, GapReason):
            found.without_face[crop] += 1
        else:
            found.by_expression.setdefault(one.expression_id, []).append(crop)
    return found


def grade_pictures(
    pictures: Iterable[ExpressionPicture],
    networks: Sequence[Network],
    finder: FaceFinder | None,
    min_frames: int = MIN_FRAMES,
) -> Graded:
    """Grade one person's pictures by every network (method.md 6).

    Raises:
        GradeInputError: passed on from `pictures`.
        NetworkError: a network cannot read.
    """
    graded = Graded([])
    read: dict[str, dict[str, list[Probabilities]]] = {network.card.id: {} for network in networks}
    milliseconds: dict[str, list[float]] = {network.card.id: [] for network in networks}
    rest = iter(pictures)
    while batch := list(islice(rest, BATCH)):
        cut = crop_expressions(batch, finder)
        graded.broken += cut.broken
        graded.without_face += cut.without_face
        faces = [(name, crop) for name, crops in cut.by_expression.items() for crop in crops]
        for network in networks if faces else ():
            began = time.perf_counter()
            answers = network.read([crop for _, crop in faces])
            milliseconds[network.card.id].append((time.perf_counter() - began) * 1000 / len(faces))
            for (name, _), probabilities in zip(faces, answers, strict=True):
                read[network.card.id].setdefault(name, []).append(probabilities)
    graded.results = [
        grade_frames(name, [(one, found.get(one.id, [])) for one in EXPRESSIONS], milliseconds[name], min_frames)
        for name, found in read.items()
    ]
    return graded
