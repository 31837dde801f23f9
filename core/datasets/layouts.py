"""How each data set names its pictures: expression, person and split out of folders and file names (method.md 3)."""

from __future__ import annotations

import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.datasets.labelled import DataSetError
from core.datasets.labels import source_word
from core.method.expression_words import expression_named
from core.sources.entries import Entry
from core.sources.pictures import SUFFIXES
from core.sources.tables import TableError, decode_text, rows_of
from core.system.errors import TranslatableError
from core.system.files import FileError
from core.system.json_records import JsonError, decode_json

DISAGREED = "!"
"""The source label of a picture whose three annotators at AI Hub all say something else."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a picture's place tells: the set's own word for the expression, whose face it is ("" unknown), its split.

    `expression`: which of the eleven it shows (method.md 5), "" where that is not told.
    """

    source_label: str
    subject: str = ""
    split: str = ""
    expression: str = ""


Reader = Callable[[Entry], Facts | None]
"""The facts of one picture, None where its name tells no expression."""

_SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "test", "testing"), "val"),
}

_CFD = re.compile(r"CFD-([A-Z]{1,2}[FM]?)-(\d{3})-(\d{3})-(HC|HO|N|A|F)\b", re.IGNORECASE)
_CFD_WORDS = {"N": "neutral", "A": "anger", "F": "fear", "HC": "joy", "HO": "joy"}
_KDEF = re.compile(r"([AB])([FM])(\d{2})(AF|AN|DI|HA|NE|SA|SU)(FL|HL|S|HR|FR)", re.IGNORECASE)
_AIHUB = re.compile(r"(?P<who>.+?)_+(?:남|여|남자|여자|M|F)_+\d{2}대?_+(?P<emotion>[^_]+)_", re.IGNORECASE)
_RAF = re.compile(r"(?P<picture>(?P<part>train|test)_\d{4,5})(_aligned)?", re.IGNORECASE)
_RAF_LINE = re.compile(r"(\S+)\.\w+\s+([1-7])")
_RAF_WORDS = dict(zip("1234567", ("surprise", "fear", "disgust", "joy", "sadness", "anger", "neutral"), strict=True))
_AFFECTNET_WORDS = dict(
    zip("01234567", ("neutral", "joy", "sadness", "surprise", "fear", "disgust", "anger", "contempt"), strict=True)
)
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
    """A folder for each class or each of the eleven expressions, perhaps below train and val; nobody is known.

    AGFD is kept like this, too.
    """
    named = next((one for part in reversed(entry.parts) if (one := expression_named(part)) is not None), None)
    word = next((part for part in reversed(entry.parts) if _is_label(part)), None)
    word = _word_in(entry) or word or (named.emotion.value if named is not None else None)
    return None if word is None else Facts(word, "", _split_of(entry), named.id if named is not None else "")


def rafdb_reader(entries: Sequence[Entry]) -> Reader:
    """RAF-DB: train_00001_aligned.jpg in a folder 1 to 7 (Kaggle), or in the makers' list_patition_label.txt."""
    listed: dict[str, str] = {}
    for entry in entries:
        if entry.suffix == ".txt":
            listed |= dict(_RAF_LINE.findall(_text_of(entry)))

    def read(entry: Entry) -> Facts | None:
        match = _RAF.fullmatch(entry.stem)
        if match is None:
            return None
        number = listed.get(match["picture"]) or next(
            (part for part in reversed(entry.parts) if part in _RAF_WORDS), ""
        )
        return Facts(_RAF_WORDS[number], "", _SPLITS[match["part"].casefold()]) if number else None

    return read


def affectnet_reader(entries: Sequence[Entry]) -> Reader:
    """AffectNet: N_exp.npy in `annotations` beside `images`, a row of training.csv, or a folder 0 to 7."""
    annotated = {entry.name: entry for entry in entries if _is_annotation(entry)}
    listed = {path: fact for entry in entries for path, fact in _affectnet_rows(entry)}

    def read(entry: Entry) -> Facts | None:
        row = listed.get("/".join((*entry.parts[-1:], entry.last)))
        beside = annotated.get("/".join((*entry.parts[:-1], "annotations", f"{entry.stem}_exp.npy")))
        if row is not None:
            return row
        number = _number_in(beside) if beside else next((p for p in reversed(entry.parts) if p in _AFFECTNET_WORDS), "")
        word = _AFFECTNET_WORDS.get(number)
        return Facts(word, "", _split_of(entry)) if word else None

    return read


def _affectnet_rows(entry: Entry) -> list[tuple[str, Facts]]:
    rows = _rows_with(entry, ("subdirectory_filepath", "expression"))
    split = _SPLITS.get(entry.stem.casefold(), "")
    facts = ((row["subdirectory_filepath"], _AFFECTNET_WORDS.get(row["expression"])) for row in rows)
    return [(path, Facts(word, "", split)) for path, word in facts if word]


def emonet_reader(entries: Sequence[Entry]) -> Reader:
    """EmoNet-Face Binary: pictures called by their number, and the makers' list of what each expert saw in them.

    The list is data/binary.csv of github.com/LAION-AI/emonet-face: path, annotator, value (True or False), emotion. A picture
    shows an emotion when everybody who was asked for it saw it; pictures with none or several are not used.
    """
    asked: dict[str, dict[str, bool]] = defaultdict(dict)
    for entry in entries:
        for row in _rows_with(entry, ("path", "value", "emotion")):
            seen = asked[row["path"]]
            seen[row["emotion"]] = seen.get(row["emotion"], True) and row["value"].casefold() == "true"

    def read(entry: Entry) -> Facts | None:
        emotions = [emotion for emotion, seen in asked.get(entry.stem, {}).items() if seen]
        return Facts(emotions[0]) if len(emotions) == 1 else None

    return read


def _rows_with(entry: Entry, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of the makers' table with these columns; nothing where it is another file."""
    if entry.suffix != ".csv":
        return []
    try:
        return list(rows_of(entry.name, entry.read(), columns))
    except (FileError, TableError):  # not every CSV beside pictures is the one
        return []


def _is_annotation(entry: Entry) -> bool:
    return entry.last.endswith("_exp.npy")


def _number_in(entry: Entry) -> str:
    try:
        return str(np.load(io.BytesIO(entry.read()), allow_pickle=False).item())
    except (FileError, ValueError, EOFError):
        return ""


def _text_of(entry: Entry) -> str:
    try:
        return decode_text(entry.name, entry.read())
    except (FileError, TableError):  # a text beside pictures that is no list of theirs
        return ""


LAYOUTS: Mapping[str, Callable[[Sequence[Entry]], Reader]] = {
    "kdef": lambda _: read_kdef,
    "cfd": lambda _: read_cfd,
    "rafdb": rafdb_reader,
    "affectnet": affectnet_reader,
    "emonet": emonet_reader,
    "aihub": lambda _: read_aihub,
    "keti": lambda _: read_actors,
    "folders": lambda _: read_folders,
    "agfd": lambda _: read_folders,
}
_NOBODY_KNOWN = ("rafdb", "affectnet", "emonet", "folders", "agfd")
"""Layouts that are believed although they tell no person."""


def count_fitting(entries: Sequence[Entry]) -> dict[str, int]:
    """How many pictures each layout understands; those with people have to tell them."""
    pictures = [entry for entry in entries if entry.suffix in SUFFIXES]
    fitting = {}
    for name, make in LAYOUTS.items():
        told = map(make(entries), pictures)
        fitting[name] = sum(one is not None and (one.subject != "" or name in _NOBODY_KNOWN) for one in told)
    return fitting


def detect_layout(entries: Sequence[Entry]) -> str:
    """The layout that understands most pictures, a stricter one first.

    Raises:
        DataSetError: none understands any; the text names one that would, where only its numbers are not proof enough.
    """
    fitting = count_fitting(entries)
    numbers = fitting["affectnet"]
    if not any(_is_annotation(entry) or _affectnet_rows(entry) for entry in entries):
        fitting["affectnet"] = 0  # folders called 0 to 7 may be anybody's
    best = max(fitting, key=lambda name: fitting[name])
    if fitting[best]:
        return best
    problem = DataSetError(
        "no picture's name or folder tells an expression; name folders after happy, neutral, stress and surprise, "
        "or give a CSV with file, label, subject, split"
    )
    if not numbers:
        raise problem
    raise DataSetError(
        "{problem}; --layout affectnet would fit {numbers} of them, if these are AffectNet's numbers",
        problem=problem,
        numbers=f"{numbers:,}",
    )


def better_layout(entries: Sequence[Entry], used: str) -> TranslatableError | None:
    """A hint at a layout that would understand more pictures than `used`; None where there is none."""
    fitting = count_fitting(entries)
    best = max(fitting, key=lambda name: fitting[name])
    pictures = sum(entry.suffix in SUFFIXES for entry in entries)
    if fitting[best] <= fitting[used]:
        return None
    return TranslatableError(
        "--layout {layout} would fit {fitting:,} of {pictures:,}", layout=best, fitting=fitting[best], pictures=pictures
    )


def read_aihub_votes(entries: Sequence[Entry]) -> dict[str, str]:
    """AI Hub's JSON files: for each picture's name what most of the three annotators say, `DISAGREED` where none does."""
    votes: dict[str, str] = {}
    for entry in entries:
        if entry.suffix != ".json":
            continue
        try:
            loaded = decode_json(decode_text(entry.name, entry.read()), Any)
        except (FileError, TableError, JsonError):  # not every JSON file beside pictures is AI Hub's
            continue
        for record in loaded if isinstance(loaded, list) else [loaded]:
            if isinstance(record, dict) and isinstance(record.get("filename"), str):
                vote = _vote(record)
                if vote:
                    votes[record["filename"]] = vote
    return votes


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
    """The official part that a folder's or zip's name tells, the innermost first ("[원천]EMOIMG_기쁨_VALID")."""
    pieces = (piece for part in reversed(entry.parts) for piece in re.split(r"[\W_]+", part.casefold()))
    return next((_SPLITS[piece] for piece in pieces if piece in _SPLITS), "")
