"""Training and validation pictures: nobody is in both where people are known (method.md 4 on flattering figures)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

VAL_SHARE = 0.2
"""Method.md 3: 80 % training, 20 % validation."""


def split_pictures(
    labels: Sequence[str], subjects: Sequence[str], given: Sequence[str], share: float = VAL_SHARE, seed: int = 1
) -> tuple[list[str], list[str]]:
    """Tells "train" or "val" for each picture, and the people who had been in both and are now in training only.

    Pictures with a split keep it, people in both excepted. Of the others, people are drawn for validation until about
    `share` of the pictures is reached; pictures of nobody known are drawn evenly over the labels.
    """
    random = np.random.default_rng(seed)
    splits = list(given)
    torn = _people_in_both(subjects, given)
    for number, subject in enumerate(subjects):
        if subject in torn:
            splits[number] = "train"
    open_ = [number for number, split in enumerate(splits) if split not in ("train", "val")]
    known = [number for number in open_ if subjects[number]]
    for number in _draw_people([subjects[number] for number in known], share, random):
        splits[known[number]] = "val"
    by_label: dict[str, list[int]] = defaultdict(list)
    for number in open_:
        if not subjects[number]:
            by_label[labels[number]].append(number)
    for label in sorted(by_label):
        places = random.permutation(by_label[label])
        for number in places[: round(len(places) * share)]:
            splits[int(number)] = "val"
    return [split if split in ("train", "val") else "train" for split in splits], sorted(torn)


def _people_in_both(subjects: Sequence[str], given: Sequence[str]) -> set[str]:
    of: dict[str, set[str]] = defaultdict(set)
    for subject, split in zip(subjects, given, strict=True):
        if subject and split in ("train", "val"):
            of[subject].add(split)
    return {subject for subject, splits in of.items() if len(splits) > 1}


def _draw_people(subjects: Sequence[str], share: float, random: np.random.Generator) -> list[int]:
    counts = Counter(subjects)
    wanted, reached = len(subjects) * share, 0
    drawn: set[str] = set()
    for subject in random.permutation(sorted(counts)):
        name = str(subject)
        # One person more only where that comes closer to the share than stopping does.
        if len(counts) - len(drawn) > 1 and abs(reached + counts[name] - wanted) < abs(reached - wanted):
            drawn.add(name)
            reached += counts[name]
    return [number for number, subject in enumerate(subjects) if subject in drawn]
