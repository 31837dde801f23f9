"""What a prepared set holds, and what was left out and why: for a reader and for a program."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from core.method.emotion import EMOTIONS
from core.system.errors import TranslatableError
from core.system.tables import markdown

EXAMPLES = 20
"""Of what was left out for one reason, so many names are kept."""


@dataclass(slots=True)
class LeftOut:
    """Pictures left out: how many for each reason, and the first names."""

    counts: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, TranslatableError] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, reason: TranslatableError) -> None:
        """One more, with the reason as a sentence part."""
        told = str(reason)
        self.reasons[told] = reason
        self.counts[told] += 1
        if len(self.examples[told]) < EXAMPLES:
            self.examples[told].append(name)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One prepared set. `counts`: pictures by label and split; `files`: what was there, `lists` of them lists."""

    name: str
    layout: str
    mapping: str
    how_cut: str
    files: int
    lists: int
    pictures: int
    people: int
    counts: Mapping[str, Mapping[str, int]]
    source_labels: Mapping[str, int]
    empty_classes: tuple[str, ...]
    moved_to_train: tuple[str, ...]
    left_out: Mapping[str, int]
    examples: Mapping[str, Sequence[str]]
    settings: Mapping[str, object]

    def to_json(self) -> str:
        """The manifest as indented JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    def to_markdown(self) -> str:
        """A table like method.md 3's, and a list of what was left out."""
        partial = sorted(label for label in self.counts if "|" in label)
        columns = [*(emotion.value for emotion in EMOTIONS), *partial]
        head = ["set", "pictures", "people", *columns, "train", "val"]
        cells = [
            self.name,
            f"{self.pictures:,}",
            f"{self.people:,}" if self.people else "unknown",
            *(f"{sum(self.counts.get(label, {}).values()):,}" for label in columns),
            *(f"{sum(one.get(split, 0) for one in self.counts.values()):,}" for split in ("train", "val")),
        ]
        lines = [
            *markdown(head, [cells]),
            "",
            f"Read as {self.layout}, labels by {self.mapping}, faces {self.how_cut}.",
        ]
        if self.settings.get("consent"):
            lines += ["", f"Consent: {self.settings['consent']}"]
        if self.empty_classes:
            lines += ["", f"No picture for: {', '.join(self.empty_classes)}."]
        if self.moved_to_train:
            lines += ["", f"In both splits before, now in training only: {', '.join(self.moved_to_train)}."]
        lines += ["", f"Of {self.files:,} files, {self.pictures:,} are in the set and {self.lists:,} tell of them."]
        rest = self.files - self.pictures - self.lists
        lines.append("Nothing was left out." if not rest else f"Left out: {rest:,}.")
        for reason, count in sorted(self.left_out.items(), key=lambda item: -item[1]):
            lines.append(f"- {count:,}: {reason} ({', '.join(self.examples[reason][:3])})")
        return "\n".join(lines) + "\n"
