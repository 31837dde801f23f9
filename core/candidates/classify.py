"""Pictures in, probabilities or grades out: what `classify` and `grade` do, in batches and with little memory."""

from __future__ import annotations

import csv
import io
import statistics
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePath

from core.candidates.network import Network
from core.face.box import FaceFinder
from core.face.crop import crop_face, resize_crop
from core.method.emotion import EXPRESSIONS, GapReason, Probabilities, expression_by_id
from core.method.grading import MIN_FRAMES, CandidateResult, grade_expression
from core.sources.pictures import (
    SUFFIXES,
    ZIP_ERRORS,
    NamedPicture,
    iter_pictures,
    picture_files,
    read_picture,
    read_zip_member,
)
from core.sources.source import Pixels
from core.system.files import FileError, is_file, is_folder, read_plain_file

BATCH = 32
MAX_LIST_BYTES = 32 * 1024 * 1024
"""A list of pictures is lines of text; hundreds of thousands fit into this."""


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


def count_pictures(path: Path) -> int:
    """How many pictures `iter_pictures` will give, without reading any; 0 for what it will refuse."""
    if is_folder(path):
        return len(picture_files(path))
    if path.suffix.lower() == ".zip" and is_file(path):
        try:
            with zipfile.ZipFile(path) as archive:
                return sum(name.lower().endswith(SUFFIXES) for name in archive.namelist())
        except ZIP_ERRORS:
            return 0
    return 1


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
    """Read pictures with every network, in batches, in their order; what cannot be decoded goes to `broken`."""
    rest = iter(pictures)
    while True:
        crops: list[tuple[str, Pixels | GapReason]] = []
        count = 0
        for picture in islice(rest, BATCH):  # only the crops are kept: thirty-two photographs would be gigabytes
            count += 1
            if picture.pixels is None:
                broken(picture)
            else:
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

    def __init__(self, code: str, detail: str) -> None:
        """`code`: not_found, no_expression, bad_csv, unknown_expression or bad_zip."""
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
    """The pictures of a folder with one folder per expression, or of a CSV `file,expression`.

    A CSV's files lie beside it, or in a zip of the same name.

    Raises:
        GradeInputError: there is nothing there that can be graded.
    """
    if is_folder(path):
        yield from _iter_folders(path)
    elif is_file(path):
        yield from _iter_csv(path)
    else:
        raise GradeInputError("not_found", str(path))


def _iter_folders(path: Path) -> Iterator[ExpressionPicture]:
    folders = [(expression.id, path / expression.id) for expression in EXPRESSIONS if (path / expression.id).is_dir()]
    if not folders:
        raise GradeInputError("no_expression", str(path))
    for name, folder in folders:
        for picture in iter_pictures(folder):
            yield ExpressionPicture(name, picture)


def _iter_csv(path: Path) -> Iterator[ExpressionPicture]:
    rows = _read_rows(path)
    archive_path = path.with_suffix(".zip")
    if not is_file(archive_path):
        for file, name in rows:
            yield ExpressionPicture(name, _read_beside(path.parent, file))
        return
    try:
        archive = zipfile.ZipFile(archive_path)
    except ZIP_ERRORS as error:
        raise GradeInputError("bad_zip", str(archive_path)) from error
    with archive:
        for file, name in rows:
            yield ExpressionPicture(name, read_zip_member(archive, file))


def _read_rows(path: Path) -> list[tuple[str, str]]:
    try:
        text = read_plain_file(path, MAX_LIST_BYTES).decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""))
        if not {"file", "expression"} <= set(reader.fieldnames or ()):
            raise GradeInputError("bad_csv", str(path))
        rows = [(row["file"] or "", row["expression"] or "") for row in reader]
    except (FileError, UnicodeDecodeError, csv.Error) as error:
        raise GradeInputError("bad_csv", str(path)) from error
    for _, name in rows:
        try:
            expression_by_id(name)
        except ValueError as error:
            raise GradeInputError("unknown_expression", name) from error
    return rows


def _read_beside(folder: Path, file: str) -> NamedPicture:
    """The picture that a list names; only one that lies beside the list or below it, as the list promises."""
    named = Path(file)
    if not file or not lies_below(named):
        return NamedPicture(file, None, "it does not lie beside the list")
    if not is_file(folder / named):
        return NamedPicture(file, None, "it is not there")
    return read_picture(folder / named, file)


def lies_below(named: PurePath) -> bool:
    """Whether a path leads to something below the folder that it is put behind: it names no drive, no root, no way up."""
    return named.anchor == "" and ".." not in named.parts


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
        if one.picture.pixels is None:
            found.broken.append(one.picture)
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
        _result(name, by_expression, milliseconds[name], min_frames) for name, by_expression in read.items()
    ]
    return graded


def _result(
    candidate_id: str, read: dict[str, list[Probabilities]], milliseconds: list[float], min_frames: int
) -> CandidateResult:
    grades = {
        expression.id: grade
        for expression in EXPRESSIONS
        if (grade := grade_expression(expression, read.get(expression.id, []), min_frames)) is not None
    }
    return CandidateResult(candidate_id, grades, statistics.median(milliseconds) if milliseconds else 0.0)
