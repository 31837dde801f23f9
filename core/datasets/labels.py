"""What the sets call an expression, in one vocabulary, and the named mappings from it to the four classes."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from core.datasets.labelled import DataSetError, parse_label
from core.sources.tables import TableError, read_table

UNUSED = None
"""A mapping's value for what it does not use."""

_WORDS: Mapping[str, tuple[str, ...]] = {
    "joy": ("joy", "happy", "happiness", "smile", "smiling", "hap", "ha", "기쁨", "행복"),
    "neutral": ("neutral", "calm", "ne", "neu", "중립", "무표정", "평온"),
    "anger": ("anger", "angry", "an", "ang", "분노", "화남", "화"),
    "disgust": ("disgust", "disgusted", "di", "dis", "혐오"),
    "sadness": ("sadness", "sad", "sa", "슬픔"),
    "fear": ("fear", "afraid", "fearful", "scared", "af", "fea", "공포", "두려움"),
    "surprise": ("surprise", "surprised", "su", "sur", "놀람", "놀라움"),
    "contempt": ("contempt", "경멸"),
    "flustered": ("flustered", "panic", "embarrassed", "당황"),
    "anxiety": ("anxiety", "anxious", "불안"),
    "hurt": ("hurt", "pain", "상처"),
    "stress": ("stress",),
}

_VOCABULARY = {word: name for name, words in _WORDS.items() for word in words}


def source_word(text: str) -> str | None:
    """The vocabulary's name for a word of a set ("Happiness", "기쁨"), None where it names no expression."""
    return _VOCABULARY.get(unicodedata.normalize("NFC", text).strip().casefold())


_THESIS: Mapping[str, str | None] = {
    "joy": "happy",
    "neutral": "neutral",
    "anger": "stress",
    "disgust": "stress",
    "sadness": "stress",
    "fear": "surprise",
    "surprise": "surprise",
    "contempt": UNUSED,
    "stress": "stress",
}

_EMONET: Mapping[str, str] = {
    "happy": "Amusement, Elation, Thankfulness/Gratitude, Hope/Enthusiasm/Optimism, Triumph, Teasing",
    "happy|neutral": "Contentment, Affection, Infatuation, Pride, Relief",
    "neutral": "Contemplation, Emotional Numbness",
    "neutral|stress": "Concentration, Longing, Doubt, Confusion, Fatigue/Exhaustion",
    "stress": "Anger, Impatience and Irritability, Distress, Shame, Disappointment, Sadness, Bitterness, Disgust, Sourness, "
    "Pain, Helplessness, Hopelessness, Jealousy & Envy",
    "surprise": "Astonishment/Surprise, Awe, Fear",
    "": "Contempt, Embarrassment, Interest, Intoxication/Altered States of Consciousness, Malevolence/Malice, "
    "Pleasure/Ecstasy, Sexual Lust",
}
"""EmoNet-Face's 40 emotions by how such a face looks, our reading: as method.md 3 where that has a word for it, several
classes where any of them may be right, none ("") where a smile may mean it as well as a frown. What data/guide.json of the
makers calls Helplessness is Hopelessness in their list."""

MAPPINGS: Mapping[str, Mapping[str, str | None]] = {
    "emonet": {
        source_word(word) or word.casefold(): label or UNUSED
        for label, words in _EMONET.items()
        for word in words.split(", ")
    },
    "thesis": _THESIS,
    "aihub": {**_THESIS, "hurt": "neutral|stress", "flustered": "stress|surprise", "anxiety": "stress|surprise"},
    "interview": {"joy": "happy", "neutral": "neutral", "flustered": "stress", "anxiety": "stress"},
}
"""`thesis`: method.md 3. `aihub`: the same, and partial labels for AI Hub's own three (shared README). `interview`: [I]'s
joy, neutral, panic and anxiety. `emonet`: see above."""


def read_mapping(name: str) -> Mapping[str, str | None]:
    """A named mapping, or one from a CSV file with the columns source_label and label (an empty label: not used).

    Raises:
        DataSetError: there is no such mapping, or the file is none.
    """
    if name in MAPPINGS:
        return MAPPINGS[name]
    path = Path(name)
    if not path.is_file():
        raise DataSetError(
            "there is no mapping called {name!r}; there are: {mappings}, or a CSV file",
            name=name,
            mappings=", ".join(MAPPINGS),
        )
    with DataSetError.of(TableError):
        rows = read_table(path, ("source_label", "label"))
    mapping: dict[str, str | None] = {}
    for row in rows:
        word, label = row["source_label"], row["label"]
        if label:
            parse_label(label)
        if word:
            mapping[source_word(word) or word.casefold()] = label or UNUSED
    return mapping


def map_label(source_label: str, mapping: Mapping[str, str | None]) -> str | None:
    """The label of one picture: what the set's word is mapped to, or one of the four classes as it is; else None."""
    word = source_word(source_label) or source_label.strip().casefold()
    if word in mapping:
        return mapping[word]
    try:
        parse_label(source_label)
    except DataSetError:
        return UNUSED
    return source_label.strip()
