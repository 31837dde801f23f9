"""Looking through a set by hand: a page with the most doubtful pictures first, and what was marked taken out."""

from __future__ import annotations

import base64
import csv
import html
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.candidates.runner import Runner
from core.datasets.labelled import DataSetError, LabelledSet, read_rows, read_splits
from core.method.emotion import EMOTIONS
from core.sources.tables import TableError, read_table
from core.system.files import fresh_file, write_file
from core.system.json_records import JsonError, decode_json

REASONS = ("unnecessary", "ambiguous", "wrong label", "no face")
"""Why a picture goes; method.md 3 takes out the first two."""

REVIEWED = "reviewed"
"""Under which name the manifest keeps what went: [{"file", "label", "reason"}]."""

_PAGE = Path(__file__).with_name("review.html")
_FIGURE = """<figure><img src="data:image/png;base64,{picture}" alt=""><figcaption><b>{label}</b>, read as {read}
({support:.0%} for the label)<br>{file}<br><select data-file="{file}" aria-label="{file}"><option value="">stays</option>{reasons}</select>
</figcaption></figure>
"""


def label_support(runners: Sequence[Runner], labelled: LabelledSet) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far the networks support each label, (n,) from 0 to 1, and their mean probabilities (n, 4).

    The support is the mean probability of the classes that the label allows, less the mean support that its class has in
    the whole set: a class of which the networks are never sure is not doubted as a whole (confident learning's
    normalisation, Northcutt et al. 2021). It is moved back into 0 to 1.

    Raises:
        NetworkError: a network cannot be run.
    """
    read = [runner.predict(labelled.pictures, with_maps=False).probabilities for runner in runners]
    probabilities = np.asarray(np.mean(read, axis=0))
    support = (probabilities * labelled.candidate_labels).sum(axis=1)
    combination = labelled.candidate_labels @ (1 << np.arange(len(EMOTIONS)))
    for one in np.unique(combination):
        here = combination == one
        support[here] -= support[here].mean()
    return np.asarray((support + 1) / 2), probabilities


def review_page(folder: Path, name: str, runners: Sequence[Runner], out: Path, limit: int) -> int:
    """Write the page of a set; returns how many pictures are on it.

    Raises:
        DataSetError: the set cannot be read.
        NetworkError: a network cannot be run.
    """
    figures: list[tuple[float, str]] = []
    reasons = "".join(f"<option>{html.escape(reason)}</option>" for reason in REASONS)
    for split in ("train", "val"):
        for labelled in read_splits(folder, [name], split):
            support, probabilities = label_support(runners, labelled)
            for number in np.argsort(support)[:limit]:
                allowed = [
                    one.value for one, is_it in zip(EMOTIONS, labelled.candidate_labels[number], strict=True) if is_it
                ]
                told = float((probabilities[number] * labelled.candidate_labels[number]).sum())
                shown = _FIGURE.format(
                    picture=_as_png(labelled.pictures[number]),
                    label=" or ".join(allowed),
                    read=EMOTIONS[int(probabilities[number].argmax())].value,
                    support=told,
                    file=html.escape(labelled.files[number], quote=True),
                    reasons=reasons,
                )
                figures.append((float(support[number]), shown))
    if not figures:
        raise DataSetError("{name} has no picture to look at", name=name)
    figures = sorted(figures, key=lambda one: one[0])[:limit]
    page = Template(_PAGE.read_text(encoding="utf-8")).substitute(
        title=html.escape(f"{name}: what shall go?"),
        figures="".join(shown for _support, shown in figures),
        list_name=json.dumps(f"{name}.out.csv").replace("<", "\\u003c"),
    )
    write_file(out, page)
    return len(figures)


def remove_listed(folder: Path, name: str, listed: Path) -> int:
    """Take the pictures that a list (file, reason) names out of a set; the manifest keeps them with the reason.

    Raises:
        DataSetError: the list or the set cannot be read, or the set has no such picture.
        OSError: the set cannot be written.
    """
    with DataSetError.of(TableError):
        reasons = {row["file"]: row["reason"] for row in read_table(listed, ("file", "reason"))}
    rows = read_rows(folder, name)
    known = {row["file"]: row["label"] for row in rows}
    unknown = [file for file in reasons if file not in known]
    if unknown:
        raise DataSetError("{name} has no picture called {picture!r}", name=name, picture=unknown[0])
    manifest = folder / f"{name}.manifest.json"
    try:
        told = decode_json(manifest.read_bytes(), dict[str, Any]) if manifest.is_file() else {}
    except JsonError as error:
        raise DataSetError("{file} is no manifest", file=manifest.name) from error
    gone = [{"file": file, "label": known[file], "reason": reason} for file, reason in reasons.items()]
    told[REVIEWED] = [*told.get(REVIEWED, []), *gone]
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for row in rows if row["file"] not in reasons)
    with (
        fresh_file(folder / f"{name}.zip") as fresh,
        zipfile.ZipFile(folder / f"{name}.zip") as before,
        zipfile.ZipFile(fresh, "w", zipfile.ZIP_STORED) as after,
    ):
        for member in before.infolist():
            if member.filename not in reasons:
                after.writestr(member, before.read(member))
        write_file(manifest, json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        write_file(folder / f"{name}.csv", table.getvalue())
    return len(gone)


def _as_png(picture: NDArray[np.uint8]) -> str:
    _done, coded = cv2.imencode(".png", picture[..., ::-1])
    return base64.b64encode(coded.tobytes()).decode("ascii")
