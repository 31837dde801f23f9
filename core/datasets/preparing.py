"""From a data set as its makers send it to `NAME.csv` + `NAME.zip` + manifest: found, cut, mapped, cleaned, split."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.datasets.duplicates import duplicate_groups, small_copy
from core.datasets.entries import OTHER_PICTURES, PICTURE_SUFFIXES, Entry, iter_entries
from core.datasets.labelled import DataSetError
from core.datasets.labels import map_label, read_mapping
from core.datasets.layouts import (
    DISAGREED,
    LAYOUTS,
    Facts,
    detect_layout,
    read_aihub_votes,
    read_table,
)
from core.datasets.manifest import LeftOut, Manifest
from core.datasets.splitting import VAL_SHARE, split_pictures
from core.face.box import FaceBox, FaceFinder
from core.face.crop import crop_face, resize_crop
from core.method.emotion import EMOTIONS
from core.sources.pictures import decode_picture
from core.system.files import fresh_file, write_file

AUTO, CSV = "auto", "csv"
SEARCH_SIDE = 640
"""Larger pictures are searched for a face at this size, a webcam's, and cut out of the original."""

WEBP_QUALITY = 95


@dataclass(frozen=True, slots=True)
class PrepareSettings:
    """How a set is prepared. `layout`: a key of `LAYOUTS`, "csv" or "auto"; `mapping`: see `read_mapping`."""

    name: str
    layout: str = AUTO
    mapping: str = "thesis"
    as_cut: bool = False
    val_share: float = VAL_SHARE
    seed: int = 1
    limit: int | None = None


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
) -> Manifest:
    """Write `out`/NAME.csv, NAME.zip, NAME.manifest.json and NAME.manifest.md; returns the manifest.

    `finder` cuts the face (None: pictures are taken as they are cut). `on_picture` is told how many are done of how
    many. What cannot be used is counted with its reason, and never stops the rest.

    Raises:
        DataSetError: nothing usable is there, or the layout or mapping is unknown.
        OSError: `out` cannot be written.
    """
    mapping, left_out = read_mapping(settings.mapping), LeftOut()
    broken: list[tuple[str, str]] = []
    entries = _entries(source, broken)
    for name, reason in broken:
        left_out.add(name, reason)
    layout, facts = _facts(entries, settings.layout, left_out)
    by_name = {entry.name: entry for entry in entries}
    wanted = [by_name[name] for name in facts]  # in the order of a CSV, where there is one
    wanted = wanted if settings.limit is None else wanted[:: max(1, len(wanted) // settings.limit)][: settings.limit]
    pictures = []
    for number, entry in enumerate(wanted, start=1):
        picture = _take(entry, facts[entry.name], mapping, settings, finder, left_out)
        if picture is not None:
            pictures.append(picture)
        if on_picture is not None:
            on_picture(number, len(wanted))
    pictures = _without_duplicates(pictures, left_out)
    if not pictures:
        reasons = ", ".join(f"{reason} ({count})" for reason, count in left_out.counts.most_common(3))
        raise DataSetError(f"no usable picture is left of {source}: {reasons or 'there is no picture'}")
    return _write(out, settings, layout, pictures, left_out)


def _entries(source: Path, broken: list[tuple[str, str]]) -> list[Entry]:
    """All files; for a CSV itself and the pictures of the zip or the folder that it stands beside."""
    place = source.with_suffix(".zip") if source.suffix.lower() == ".csv" else source
    if source.suffix.lower() != ".csv":
        return list(iter_entries(source, broken))
    beside = place if place.is_file() else source.parent
    table = Entry(source.name, source.read_bytes)
    return [table, *(entry for entry in iter_entries(beside, broken) if entry.suffix != ".csv")]


def _facts(entries: Sequence[Entry], layout: str, left_out: LeftOut) -> tuple[str, dict[str, Facts]]:
    """The layout that was used, and what it tells of each picture; what it cannot tell is left out and counted."""
    tables = [entry for entry in entries if entry.suffix == ".csv" and "/" not in entry.name]
    if layout == CSV or (layout == AUTO and tables):
        return CSV, _facts_of_table(entries, tables, left_out)
    if layout not in (AUTO, *LAYOUTS):
        raise DataSetError(f"there is no layout called {layout!r}; there are: {', '.join((AUTO, CSV, *LAYOUTS))}")
    used = detect_layout(entries) if layout == AUTO else layout
    votes = read_aihub_votes(entries) if used == "aihub" else {}
    facts: dict[str, Facts] = {}
    for entry in entries:
        told = LAYOUTS[used](entry) if _is_picture(entry, left_out) else None
        voted = votes.get(entry.name.rsplit("/", 1)[-1])
        if told is not None and voted == DISAGREED:
            left_out.add(entry.name, "the three annotators disagree")
        elif told is not None:
            facts[entry.name] = Facts(voted or told.source_label, told.subject, told.split)
        elif entry.suffix in PICTURE_SUFFIXES:
            left_out.add(entry.name, "neither its name nor its folder tells an expression")
    return used, facts


def _facts_of_table(entries: Sequence[Entry], tables: Sequence[Entry], left_out: LeftOut) -> dict[str, Facts]:
    if not tables:
        raise DataSetError("there is no CSV with the columns file, label, subject, split")
    by_name = {entry.name.rsplit("/", 1)[-1]: entry for entry in entries}
    by_name |= {entry.name: entry for entry in entries}
    facts: dict[str, Facts] = {}
    for table in tables:
        try:
            content = table.read()
        except OSError as error:
            raise DataSetError(f"{table.name} cannot be read: {error.strerror or error}") from error
        for row in read_table(table.name, content):
            entry = by_name.get(row["file"]) or by_name.get(Path(row["file"]).name)
            if entry is None:
                left_out.add(row["file"], "the CSV names it, and it is not there")
            elif _is_picture(entry, left_out):
                facts[entry.name] = Facts(row["label"], row.get("subject", ""), row.get("split", ""))
    return facts


def _is_picture(entry: Entry, left_out: LeftOut) -> bool:
    if entry.suffix in OTHER_PICTURES:
        left_out.add(entry.name, f"{entry.suffix[1:].upper()} is not read; convert it to JPEG or PNG")
    return entry.suffix in PICTURE_SUFFIXES


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
        left_out.add(entry.name, f"the mapping {settings.mapping} does not use {facts.source_label!r}")
        return None
    try:
        decoded = decode_picture(entry.name, entry.read())
    except OSError as error:
        left_out.add(entry.name, f"it cannot be read: {error.strerror or error}")
        return None
    if decoded.pixels is None:
        left_out.add(entry.name, decoded.problem)
        return None
    crop = resize_crop(decoded.pixels) if finder is None else _cut(decoded.pixels, finder)
    if crop is None:
        left_out.add(entry.name, "no face was found")
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
                left_out.add(pictures[number].name, "the same picture is there with another label")
            elif place:
                left_out.add(pictures[number].name, "the same picture is there already")
            pictures[number].stays = not conflict and place == 0
    return [picture for picture in pictures if picture.stays]


def _write(
    out: Path, settings: PrepareSettings, layout: str, pictures: Sequence[_Picture], left_out: LeftOut
) -> Manifest:
    labels, subjects = [one.label for one in pictures], [one.facts.subject for one in pictures]
    splits, torn = split_pictures(
        labels, subjects, [one.facts.split for one in pictures], settings.val_share, settings.seed
    )
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for label, split in zip(labels, splits, strict=True):
        counts[label][split] += 1
    manifest = Manifest(
        name=settings.name,
        layout=layout,
        mapping=settings.mapping,
        how_cut="taken as they are cut" if settings.as_cut else "cut by the product's own detector",
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
    rows.writerow(["file", "label", "subject", "split", "source_label"])
    with (
        fresh_file(out / f"{settings.name}.zip") as fresh,
        zipfile.ZipFile(fresh, "w", zipfile.ZIP_STORED) as archive,
    ):
        for number, (picture, split) in enumerate(zip(pictures, splits, strict=True)):
            file = f"{settings.name}_{number:06d}.webp"
            archive.writestr(file, picture.coded)
            rows.writerow([file, picture.label, picture.facts.subject, split, picture.facts.source_label])
    for ending, text in (
        (".csv", table.getvalue()),
        (".manifest.json", manifest.to_json()),
        (".manifest.md", manifest.to_markdown()),
    ):
        write_file(out / f"{settings.name}{ending}", text)
    return manifest
