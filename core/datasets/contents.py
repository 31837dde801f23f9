"""What prepared sets hold: pictures by label and split, and how many people (the thesis's tables 2 and 3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.datasets.labelled import read_rows


@dataclass(frozen=True, slots=True)
class SetContents:
    """`counts`: pictures by (label, split); a partial label stands as it is written, "neutral|stress"."""

    counts: Mapping[tuple[str, str], int]
    people: int

    def labelled(self, label: str) -> int:
        """How many pictures have this label."""
        return sum(count for (one, _split), count in self.counts.items() if one == label)

    def in_split(self, split: str) -> int:
        """How many pictures are in this split."""
        return sum(count for (_label, one), count in self.counts.items() if one == split)


def read_contents(folder: Path, name: str) -> SetContents:
    """What the list of a set tells.

    Raises:
        DataSetError: it cannot be read.
    """
    rows = read_rows(folder, name)
    people = {row["subject"] for row in rows if row.get("subject")}
    return SetContents(Counter((row["label"], row["split"]) for row in rows), len(people))
