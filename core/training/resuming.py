"""Whether a run that is asked for is the one that began in its folder: what differs, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.candidates.card import NETWORK_FILE
from core.training.augmentation import AugmentationRanges
from core.training.settings import RunSettings

SOFT_TARGETS = "taught"
"""Under which name a run's description keeps who teaches it: {"teachers": [{"name", "sha256"}], "votes"}."""

RETIRED = ("validate_on",)
"""Settings that descriptions of old name and that change no weight: how many validation pictures were looked at."""

_NOBODY: Mapping[str, Any] = {"teachers": [], "votes": False}


def differences(asked: Mapping[str, Any], described: Mapping[str, Any]) -> list[str]:
    """What of a run is not as its folder describes it, each as "settings (seed 1, now 2)"; [] where all agrees.

    `asked` is what the description would say if the run began now, with `TAUGHT`. What a description of old does not
    name is as it was then.
    """
    now = json.loads(json.dumps(asked))
    usual_settings = {
        name: value for name, value in _plain(RunSettings(0, 0)).items() if name not in ("epochs", "steps")
    }
    told = [
        _told_fields("experiment", now["experiment"], described.get("experiment")),
        _told_fields("settings", now["settings"], described.get("settings"), usual_settings),
        _told_fields("augmentation", now["augmentation"], described.get("augmentation"), _plain(AugmentationRanges())),
        "" if now["data_hash"] == described.get("data_hash") else "pictures",
        _told_weights(now, described),
        *_soft_target_differences(now[SOFT_TARGETS], _soft_targets_of(described)),
    ]
    return [one for one in told if one]


def _plain(value: Any) -> dict[str, Any]:
    """A dataclass as it comes back from JSON."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(value)))
    return plain


def _told_fields(what: str, now: Mapping[str, Any], then: object, usual: Mapping[str, Any] | None = None) -> str:
    before = {**(usual or {}), **then} if isinstance(then, Mapping) else {}
    known = [name for name in dict.fromkeys([*now, *before]) if name not in RETIRED]
    names = [name for name in known if now.get(name) != before.get(name)]
    return f"{what} ({', '.join(_change(name, before.get(name), now.get(name)) for name in names)})" if names else ""


def _change(name: str, before: object, now: object) -> str:
    then, today = ("none" if value is None else str(value) for value in (before, now))
    return f"{name} {then}, now {today}"


def _told_weights(now: Mapping[str, Any], then: Mapping[str, Any]) -> str:
    """A file is known by its content where that is known, and else by its name: it may be gone by now."""
    before, today = then.get("weights"), now["weights"]
    contents = then.get("weights_sha256"), now["weights_sha256"]
    same = contents[0] == contents[1] if all(contents) else before == today
    if same:
        return ""
    return f"starting weights ({before}, now {today if today != before else 'another of that name'})"


def _soft_targets_of(described: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Who taught a run; of one that began before this was kept, as far as its request tells; None where nothing does."""
    if isinstance(described.get(SOFT_TARGETS), Mapping):
        return {**_NOBODY, **described[SOFT_TARGETS]}
    request = described.get("request")
    if not isinstance(request, Mapping):
        return None
    teachers = [{"name": teacher_name(Path(str(one)))} for one in request.get("teachers", ())]
    return {"teachers": teachers, "votes": bool(request.get("votes", False))}


def teacher_name(place: Path) -> str:
    """A teacher's name for people: its candidate's folder, or its file's name."""
    return place.parent.name if place.name == NETWORK_FILE else place.name


def _soft_target_differences(now: Mapping[str, Any], then: Mapping[str, Any] | None) -> list[str]:
    if then is None:
        return []
    told = []
    if not _are_same_teachers(now["teachers"], then["teachers"]):
        before, today = (
            ", ".join(str(one["name"]) for one in who) or "none" for who in (then["teachers"], now["teachers"])
        )
        told.append(f"teachers ({before}, now {today if today != before else 'others of that name'})")
    if now["votes"] != then["votes"]:
        told.append("votes (with them, now without)" if then["votes"] else "votes (without them, now with)")
    return told


def _are_same_teachers(now: Sequence[Mapping[str, str]], then: Sequence[Mapping[str, str]]) -> bool:
    """In whatever order: their mean teaches."""
    by = "sha256" if all("sha256" in one for one in then) else "name"
    return sorted(one[by] for one in now) == sorted(one[by] for one in then)
