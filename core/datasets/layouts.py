"""How each data set names its pictures: expression, person and split out of folders and file names (method.md 3)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.datasets.entries import PICTURE_SUFFIXES, Entry
from core.datasets.labelled import DataSetError
from core.datasets.labels import decode_text, rows_of_table, source_word

DISAGREED = "!"
"""The source label of a picture whose three annotators at AI Hub all say something else."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a picture's place tells: the set's own word for the expression, whose face it is ("" unknown), its split."""

    source_label: str
    subject: str = ""
    split: str = ""


Reader = Callable[[Entry], Facts | None]
"""The facts of one picture, None where its name tells no expression."""

_SPLITS = {
    "train": ("train", "training", "1.training"),
    "val": ("val", "valid", "validation", "2.validation", "test", "testing"),
}

_CFD = re.compile(r"CFD-([A-Z]{1,2}[FM]?)-(\d{3})-(\d{3})-(HC|HO|N|A|F)\b", re.IGNORECASE)
_CFD_WORDS = {"N": "neutral", "A": "anger", "F": "fear", "HC": "joy", "HO": "joy"}
_KDEF = re.compile(r"([AB])([FM])(\d{2})(AF|AN|DI|HA|NE|SA|SU)(FL|HL|S|HR|FR)", re.IGNORECASE)
_AIHUB = re.compile(r"(?P<who>.+?)_+(?:남|여|남자|여자|M|F)_+\d{2}대?_+(?P<emotion>[^_]+)_", re.IGNORECASE)
_ACTOR = re.compile(r"(?:actor|배우|speaker|person|subject|id|[fmpsw])?[ _-]?\d{1,4}", re.IGNORECASE)


def read_kdef(entry: Entry) -> Facts | None:
    """KDEF: AF01ANS = session A, woman 01, angry, straight. A person's two sessions are one person."""
    match = _KDEF.fullmatch(entry.stem.strip())
    if match is None:
        return None
    _session, sex, number, expression, _angle = (group.upper() for group in match.groups())
    return Facts(source_word(expression) or expression, f"kdef_{sex}{number}")


def read_cfd(entry: Entry) -> Facts | None:
    """CFD, CFD-MR and CFD-INDIA: CFD-AF-200-228-N = group and sex, person, picture, expression."""
    match = _CFD.search(entry.stem)
    if match is None:
        return None
    group, person, _picture, expression = (text.upper() for text in match.groups())
    return Facts(_CFD_WORDS[expression], f"cfd_{group}{person}")


def read_aihub(entry: Entry) -> Facts | None:
    """AI Hub and KETI: the uploader, sex, age and emotion in the file's name, else folders of emotions and actors."""
    match = _AIHUB.match(entry.stem)
    word = source_word(match["emotion"]) if match else None
    if match and word:
        return Facts(word, f"aihub_{match['who'].strip('_')}", _split_of(entry))
    return read_actors(entry)


def read_actors(entry: Entry) -> Facts | None:
    """KETI: an actor's folder and a folder or part of the name with the emotion, in whichever order."""
    word = _word_in(entry)
    if word is None:
        return None
    actors = [part for part in entry.parts if source_word(part) is None and _ACTOR.fullmatch(part.strip())]
    return Facts(word, f"actor_{actors[0].strip()}" if actors else "", _split_of(entry))


def read_folders(entry: Entry) -> Facts | None:
    """A folder for each class, perhaps below train and val; nobody is known. AGFD is kept like this, too."""
    word = _word_in(entry) or next((part for part in reversed(entry.parts) if _is_label(part)), None)
    return None if word is None else Facts(word, "", _split_of(entry))


LAYOUTS: Mapping[str, Reader] = {
    "kdef": read_kdef,
    "cfd": read_cfd,
    "aihub": read_aihub,
    "keti": read_actors,
    "folders": read_folders,
    "agfd": read_folders,
}


def detect_layout(entries: Sequence[Entry]) -> str:
    """The layout that understands most pictures, a stricter one first; those with people have to tell them.

    Raises:
        DataSetError: none understands any.
    """
    pictures = [entry for entry in entries if entry.suffix in PICTURE_SUFFIXES]
    told = {name: [reader(entry) for entry in pictures] for name, reader in LAYOUTS.items()}
    known = {
        name: sum(one is not None and (one.subject != "" or name == "folders") for one in facts)
        for name, facts in told.items()
    }
    best = max(known, key=lambda name: known[name], default=None)
    if best is None or not known[best]:
        raise DataSetError(
            "no picture's name or folder tells an expression; name folders after happy, neutral, stress and surprise, "
            "or give a CSV with file, label, subject, split"
        )
    return best


def read_aihub_votes(entries: Sequence[Entry]) -> dict[str, str]:
    """AI Hub's JSON files: for each picture's name what most of the three annotators say, `DISAGREED` where none does."""
    votes: dict[str, str] = {}
    for entry in entries:
        if entry.suffix != ".json":
            continue
        try:
            loaded = json.loads(decode_text(entry.name, entry.read()))
        except (OSError, ValueError, RecursionError):  # not every JSON file beside pictures is AI Hub's
            continue
        for record in loaded if isinstance(loaded, list) else [loaded]:
            if isinstance(record, dict) and isinstance(record.get("filename"), str):
                vote = _vote(record)
                if vote:
                    votes[record["filename"]] = vote
    return votes


def read_table(name: str, content: bytes) -> list[dict[str, str]]:
    """The rows of a `file,label,subject,split` CSV, whatever its encoding; unnamed cells are empty.

    Raises:
        DataSetError: it is no CSV, or has no column file or label, or no row.
    """
    rows = rows_of_table(name, decode_text(name, content))
    if not rows or not {"file", "label"} <= rows[0].keys():
        raise DataSetError(f"{name} needs the columns file and label (subject and split where known), and a row")
    return [{key: (value or "").strip() for key, value in row.items() if key} for row in rows]


def _vote(record: dict[str, Any]) -> str | None:
    said = [record.get(f"annot_{letter}") for letter in "ABC"]
    words = [source_word(str(one.get("faceExp", ""))) for one in said if isinstance(one, dict)]
    counts = Counter(word for word in words if word)
    if not counts:
        return source_word(str(record.get("faceExp_uploader", "")))
    word, count = counts.most_common(1)[0]
    return word if count > 1 or sum(counts.values()) == 1 else DISAGREED


def _word_in(entry: Entry) -> str | None:
    """The expression that a folder (the innermost first) or a part of the file's name tells."""
    for part in reversed(entry.parts):
        word = source_word(part) or _word_among(part)
        if word:
            return word
    return _word_among(entry.stem)


def _word_among(text: str) -> str | None:
    """The first piece that is a word for an expression; two Latin letters are too few to be meant as one."""
    pieces = (piece for piece in re.split(r"[ _\-\[\]().]+", text) if len(piece) > 2 or not piece.isascii())
    return next((word for piece in pieces if (word := source_word(piece))), None)


def _is_label(part: str) -> bool:
    return bool(part) and all(piece in ("happy", "neutral", "stress", "surprise") for piece in part.split("|"))


def _split_of(entry: Entry) -> str:
    parts = {part.strip().casefold() for part in entry.parts}
    return next((split for split, names in _SPLITS.items() if parts & set(names)), "")
