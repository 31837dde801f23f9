"""From a data set as its makers send it to `NAME.csv` + `NAME.zip` + manifest: found, cut, mapped, cleaned, split."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.datasets.duplicates import duplicate_groups, small_copy
from core.datasets.labelled import DataSetError
from core.datasets.labels import map_label, read_mapping
from core.datasets.layouts import DISAGREED, LAYOUTS, Facts, better_layout, detect_layout, read_aihub_votes
from core.datasets.manifest import LeftOut, Manifest
from core.datasets.splitting import VAL_SHARE, split_pictures
from core.face.box import FaceBox, FaceFinder
from core.face.crop import crop_face, resize_crop
from core.method.emotion import EMOTIONS
from core.sources.entries import Entry, EntryIndex, entries_beside, file_entry, iter_entries
from core.sources.pictures import OTHER_SUFFIXES, SUFFIXES, read_picture
from core.sources.tables import TableError, TableTooLongError, rows_of
from core.system.errors import TranslatableError
from core.system.files import FileError, fresh_file, write_file

AUTO, CSV = "auto", "csv"
SEARCH_SIDE = 640
"""Larger pictures are searched for a face at this size, a webcam's, and cut out of the original."""

WEBP_QUALITY = 95


@dataclass(frozen=True, slots=True)
class PrepareSettings:
    """How a set is prepared. `layout`: a key of `LAYOUTS`, "csv" or "auto"; `mapping`: see `read_mapping`.

    `split_by`: "person" keeps everybody on one side; "picture" draws all pictures alike (method.md 3). `consent`: who agreed
    to what use of their pictures, in words.
    """

    name: str
    layout: str = AUTO
    mapping: str = "thesis"
    cropped: bool = False
    val_share: float = VAL_SHARE
    seed: int = 1
    limit: int | None = None
    split_by: str = "person"
    consent: str = ""


@dataclass(slots=True)
class _Picture:
    """One usable picture: its crop as coded bytes, what it shows, and whether it stays."""

    name: str
    facts: Facts
    label: str
    coded: bytes
    small: NDArray[np.uint8]
    stays: bool = True


def prepare(
    source: Path,
    out: Path,
    settings: PrepareSettings,
    finder: FaceFinder | None,
    on_picture: Callable[[int, int], None] | None = None,
    on_warning: Callable[[TranslatableError], None] | None = None,
) -> Manifest:
    """Write `out`/NAME.csv, NAME.zip, NAME.manifest.json and NAME.manifest.md; returns the manifest.

    `finder` cuts the face (None: pictures are taken as they are cut). `on_picture` is told how many are done of how
    many, `on_warning` at once what may be wrong with the set as a whole. What cannot be used is counted with its reason, and never stops the rest.

    Raises:
        DataSetError: nothing usable is there, or the layout or mapping is unknown.
        SourceError: `source` is not there, or cannot be looked into.
        OSError: `out` cannot be written.
    """
    mapping, left_out = read_mapping(settings.mapping), LeftOut()
    layout, facts = _told(source, settings.layout, left_out)
    if on_warning is not None:
        for warning in _warnings(layout, facts):
            on_warning(warning)
    wanted = list(facts.told)
    if settings.limit is not None:
        wanted = wanted[:: max(1, len(wanted) // settings.limit)][: settings.limit]
        for entry in facts.told.keys() - set(wanted):
            left_out.add(entry.name, DataSetError("over the limit of {limit}", limit=settings.limit))
    pictures = []
    for number, entry in enumerate(wanted, start=1):
        picture = _take(entry, facts.told[entry], mapping, settings, finder, left_out)
        if picture is not None:
            pictures.append(picture)
        if on_picture is not None:
            on_picture(number, len(wanted))
    pictures = _without_duplicates(pictures, left_out)
    if not pictures:
        reasons = [
            DataSetError("{reason} ({count})", reason=left_out.reasons[told], count=count)
            for told, count in left_out.counts.most_common(3)
        ]
        raise DataSetError(
            "no usable picture is left of {source}: {reasons}",
            source=source,
            reasons=reasons or [DataSetError("there is no picture")],
        )
    return _write(out, settings, layout, facts, pictures, left_out)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of each picture, in the order of a list where there is one; a hint at a layout that would fit better.

    `files`: how many files were there, `lists` of them being lists (of several: those that a list names).
    """

    told: dict[Entry, Facts]
    files: int
    lists: int
    hint: TranslatableError | None = None


def _told(source: Path, layout: str, left_out: LeftOut) -> tuple[str, _Told]:
    """The layout that was used, and what it tells of each picture; everything else is left out and counted."""
    if layout not in (AUTO, CSV, *LAYOUTS):
        raise DataSetError(
            "there is no layout called {layout!r}; there are: {layouts}",
            layout=layout,
            layouts=", ".join((AUTO, CSV, *LAYOUTS)),
        )
    broken: list[tuple[str, FileError]] = []
    with DataSetError.of(TableError):
        if source.suffix.lower() == ".csv":
            return CSV, _of_lists([file_entry(source, source.name)], entries_beside(source), left_out)
        entries = list(iter_entries(source, broken))
    for name, reason in broken:
        left_out.add(name, reason)
    files = len(entries) + len(broken)
    lists = [entry for entry in entries if entry.suffix == ".csv" and not entry.parts and _is_list(entry, layout)]
    if layout == CSV or (layout == AUTO and lists):
        told = _of_lists(lists, EntryIndex(entries), left_out)
        unnamed = [entry for entry in entries if entry not in told.told and entry not in lists]
        for entry in unnamed:
            left_out.add(
                entry.name, DataSetError("the list does not name it") if entry.suffix in SUFFIXES else _not_read(entry)
            )
        return CSV, replace(told, files=files)
    used = detect_layout(entries) if layout == AUTO else layout
    return used, replace(_of_names(entries, used, left_out), files=files)


def _is_list(entry: Entry, layout: str) -> bool:
    """Whether a CSV is a list of ours; the makers' own tables are none, unless that is asked for."""
    try:
        rows = rows_of(entry.name, entry.read(), ())
    except FileError as error:
        raise DataSetError("{file}: {reason}", file=entry.name, reason=error) from error
    except TableTooLongError as error:
        raise DataSetError("{reason}", reason=error) from error
    except TableError:
        return layout == CSV
    return layout == CSV or {"file", "label"} <= rows[0].keys()


def _of_names(entries: Sequence[Entry], used: str, left_out: LeftOut) -> _Told:
    """What names and folders tell."""
    votes = read_aihub_votes(entries) if used == "aihub" else {}
    read, told, lists = LAYOUTS[used](entries), dict[Entry, Facts](), 0
    for entry in entries:
        if entry.suffix not in SUFFIXES:
            lists += entry.suffix == ".json" and bool(votes)
            if not (entry.suffix == ".json" and votes):
                left_out.add(entry.name, _not_read(entry))
            continue
        facts, voted = read(entry), votes.get(entry.last)
        if facts is None:
            left_out.add(
                entry.name,
                DataSetError("neither its name nor its folder tells an expression as in {layout}", layout=used),
            )
        elif voted == DISAGREED:
            left_out.add(entry.name, DataSetError("the three annotators disagree"))
        else:
            told[entry] = replace(facts, source_label=voted or facts.source_label)
    hint = better_layout(entries, used)
    if not told:
        problem = DataSetError("no picture is named as in {layout}", layout=used)
        raise DataSetError("{problem}; {hint}", problem=problem, hint=hint) if hint else problem
    return _Told(told, len(entries), lists, hint)


def _of_lists(lists: Sequence[Entry], index: EntryIndex, left_out: LeftOut) -> _Told:
    """What lists with file and label tell."""
    if not lists:
        raise DataSetError("there is no CSV with the columns file, label, subject, split")
    told, missing = dict[Entry, Facts](), 0
    for table in lists:
        try:
            rows = rows_of(table.name, table.read(), ("file", "label"))
        except FileError as error:
            raise DataSetError("{file}: {reason}", file=table.name, reason=error) from error
        except TableError as error:
            raise DataSetError("{reason}", reason=error) from error
        for row in rows:
            entry = index.find(row["file"])
            if entry is None:
                missing += 1
                left_out.add(row["file"], DataSetError("the list names it, and it is not there"))
            else:
                told[entry] = Facts(
                    row["label"], row.get("subject", ""), row.get("split", "").casefold(), row.get("expression", "")
                )
    return _Told(told, len(told) + missing + len(lists), len(lists))


def _not_read(entry: Entry) -> DataSetError:
    """Why a file is not even looked at as a picture."""
    if entry.suffix in OTHER_SUFFIXES:
        return DataSetError("{kind} is not read; save it as JPEG or PNG", kind=entry.suffix[1:].upper())
    return DataSetError("it is no picture ({name})", name=entry.suffix or entry.last)


def _warnings(layout: str, facts: _Told) -> Iterator[TranslatableError]:
    """What is better known before hours are spent."""
    splits = {one.split for one in facts.told.values()}
    if splits == {"train"}:
        yield TranslatableError(
            "All of it is the makers' training part: there is nothing to validate on. Put the validation part beside it."
        )
    if facts.hint:
        yield TranslatableError("Read as {layout}; {hint}.", layout=layout, hint=facts.hint)


def _take(
    entry: Entry,
    facts: Facts,
    mapping: Mapping[str, str | None],
    settings: PrepareSettings,
    finder: FaceFinder | None,
    left_out: LeftOut,
) -> _Picture | None:
    label = map_label(facts.source_label, mapping)
    if label is None:
        left_out.add(
            entry.name,
            DataSetError("the mapping {name} does not use {label!r}", name=settings.mapping, label=facts.source_label),
        )
        return None
    decoded = read_picture(entry)
    if decoded.pixels is None:
        left_out.add(entry.name, decoded.problem or DataSetError("there is no picture"))
        return None
    if decoded.problem is not None:
        left_out.add(entry.name, DataSetError("it is animated; save the picture that is meant as JPEG or PNG"))
        return None
    crop = resize_crop(decoded.pixels) if finder is None else _cut(decoded.pixels, finder)
    if crop is None:
        left_out.add(entry.name, DataSetError("no face was found"))
        return None
    _done, coded = cv2.imencode(".webp", crop, [cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY])
    return _Picture(entry.name, facts, label, coded.tobytes(), small_copy(crop))


def _cut(pixels: NDArray[np.uint8], finder: FaceFinder) -> NDArray[np.uint8] | None:
    """The face by the product's own finder and crop function (method.md 2); None without one."""
    height, width = pixels.shape[:2]
    scale = max(1.0, max(height, width) / SEARCH_SIDE)
    size = (round(width / scale), round(height / scale))
    searched = pixels if scale == 1.0 else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    found = finder.find(searched)
    if found is None:
        return None
    return crop_face(pixels, FaceBox(*(round(side * scale) for side in (found.x, found.y, found.width, found.height))))


def _without_duplicates(pictures: Sequence[_Picture], left_out: LeftOut) -> list[_Picture]:
    for group in duplicate_groups([picture.small for picture in pictures]):
        conflict = len({pictures[number].label for number in group}) > 1
        for place, number in enumerate(group):
            if conflict:
                left_out.add(pictures[number].name, DataSetError("the same picture is there with another label"))
            elif place:
                left_out.add(pictures[number].name, DataSetError("the same picture is there already"))
            pictures[number].stays = not conflict and place == 0
    return [picture for picture in pictures if picture.stays]


def _write(
    out: Path, settings: PrepareSettings, layout: str, told: _Told, pictures: Sequence[_Picture], left_out: LeftOut
) -> Manifest:
    labels, subjects = [one.label for one in pictures], [one.facts.subject for one in pictures]
    by_picture, nobody = settings.split_by == "picture", [""] * len(pictures)
    given = nobody if by_picture else [one.facts.split for one in pictures]
    splits, torn = split_pictures(labels, nobody if by_picture else subjects, given, settings.val_share, settings.seed)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for label, split in zip(labels, splits, strict=True):
        counts[label][split] += 1
    manifest = Manifest(
        name=settings.name,
        layout=layout,
        mapping=settings.mapping,
        how_cut="taken as they are cut" if settings.cropped else "cut by the product's own detector",
        files=told.files,
        lists=told.lists,
        pictures=len(pictures),
        people=len(set(subjects) - {""}),
        counts={label: dict(one) for label, one in sorted(counts.items())},
        source_labels=dict(Counter(one.facts.source_label for one in pictures)),
        empty_classes=tuple(e.value for e in EMOTIONS if not any(e.value in label.split("|") for label in counts)),
        moved_to_train=tuple(torn),
        left_out=dict(left_out.counts),
        examples={reason: list(names) for reason, names in left_out.examples.items()},
        settings=asdict(settings),
    )
    out.mkdir(parents=True, exist_ok=True)
    table = io.StringIO(newline="")
    rows = csv.writer(table, lineterminator="\n")
    eleven = any(picture.facts.expression for picture in pictures)
    rows.writerow(["file", "label", "subject", "split", "source_label", *(["expression"] if eleven else [])])
    with (
        fresh_file(out / f"{settings.name}.zip") as fresh,
        zipfile.ZipFile(fresh, "w", zipfile.ZIP_STORED) as archive,
    ):
        for number, (picture, split) in enumerate(zip(pictures, splits, strict=True)):
            file = f"{settings.name}_{number:06d}.webp"
            archive.writestr(file, picture.coded)
            facts = picture.facts
            more = [facts.expression] if eleven else []
            rows.writerow([file, picture.label, facts.subject, split, facts.source_label, *more])
    for ending, text in (
        (".csv", table.getvalue()),
        (".manifest.json", manifest.to_json()),
        (".manifest.md", manifest.to_markdown()),
    ):
        write_file(out / f"{settings.name}{ending}", text)
    return manifest
