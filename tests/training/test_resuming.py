from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from core.method.experiments import find_experiment
from core.training.augmentation import MIXED_SETS, THESIS
from core.training.resuming import differences
from core.training.settings import RunSettings

SETTINGS = RunSettings(epochs=3, steps=2, shares={"mine": 2.0})
ONE, OTHER = ({"name": name, "sha256": name * 64} for name in "ab")


def asked(settings: RunSettings = SETTINGS, **changes: Any) -> dict[str, Any]:
    """What a run would say of itself, as it comes back from its file."""
    usual = {
        "experiment": asdict(find_experiment(1, "mobilenetv2")),
        "settings": asdict(settings),
        "augmentation": asdict(MIXED_SETS),
        "weights": "none",
        "weights_sha256": None,
        "data_hash": "0123",
        "taught": {"teachers": [ONE, OTHER], "votes": False},
    }
    read: dict[str, Any] = json.loads(json.dumps({**usual, **changes}))
    return read


def test_a_run_is_the_same_as_its_description_whatever_else_that_tells() -> None:
    assert differences(asked(), {**asked(), "commit": "unknown", "request": {"teachers": []}}) == []
    assert differences(asked(taught={"teachers": [OTHER, ONE], "votes": False}), asked()) == []


@pytest.mark.parametrize(
    ("then", "told"),
    [
        (asked(replace(SETTINGS, epochs=4)), "settings (epochs 4, now 3)"),
        (
            asked(replace(SETTINGS, accelerated=True, mixup=0.2)),
            "settings (mixup 0.2, now 0.0, accelerated True, now False)",
        ),
        (asked(replace(SETTINGS, shares={"mine": 1.0})), "settings (shares {'mine': 1.0}, now {'mine': 2.0})"),
        (asked(replace(SETTINGS, patience=2)), "settings (patience 2, now none)"),
        (asked(experiment=asdict(find_experiment(5, "mobilenetv2"))), "experiment (test 5, now 1, "),
        (asked(augmentation=asdict(replace(MIXED_SETS, grey=0.1))), "augmentation (grey 0.1, now 0.3)"),
        (asked(data_hash="4567"), "pictures"),
        (asked(weights="imagenet"), "starting weights (imagenet, now none)"),
        (asked(taught={"teachers": [ONE], "votes": False}), "teachers (a, now a, b)"),
        (
            asked(taught={"teachers": [ONE, {**OTHER, "sha256": "0"}], "votes": False}),
            "teachers (a, b, now others of that",
        ),
        (asked(taught={"teachers": [ONE, OTHER], "votes": True}), "votes (with them, now without)"),
    ],
)
def test_what_differs_is_named_with_what_it_was_and_what_it_is(then: dict[str, Any], told: str) -> None:
    [difference] = differences(asked(), then)
    assert difference.startswith(told)


def test_a_weights_file_is_known_by_its_content_and_by_its_name_where_that_is_all_there_is() -> None:
    began = asked(weights="own.npz", weights_sha256="aa")
    assert differences(asked(weights="moved.npz", weights_sha256="aa"), began) == []
    assert (
        differences(asked(weights="own.npz", weights_sha256=None), began) == []
    )  # it is gone, and not needed any more
    assert differences(asked(weights="own.npz", weights_sha256="bb"), began) == [
        "starting weights (own.npz, now another of that name)"
    ]
    assert differences(asked(weights="other.npz", weights_sha256=None), began)


def test_a_run_that_began_before_a_setting_or_a_teachers_name_was_kept_is_still_the_same() -> None:
    plain = RunSettings(epochs=3, steps=2)
    old = asked(plain)
    for name in ("accelerated", "mixup", "shares", "normalised", "adjustment", "speech"):
        del old["settings"][name]
    del old["taught"]
    assert differences(asked(plain), old) == []
    assert differences(asked(replace(plain, mixup=0.1)), old) == ["settings (mixup 0.0, now 0.1)"]
    old["request"] = {"teachers": ["models/a", "elsewhere/b/network.tflite"]}
    assert differences(asked(plain), old) == []
    old["request"]["teachers"] = ["models/a"]
    assert differences(asked(plain), old) == ["teachers (a, now a, b)"]
    old["settings"]["validate_on"] = 150
    assert differences(asked(plain), old) == ["teachers (a, now a, b)"]
    old["settings"]["a setting of later"] = 1
    assert "settings (a setting of later 1, now none)" in differences(asked(plain), old)


def test_a_description_that_lacks_what_it_should_hold_is_of_another_run() -> None:
    told = differences(asked(augmentation=asdict(THESIS)), {})
    assert [one.split(" (")[0] for one in told] == [
        "experiment",
        "settings",
        "augmentation",
        "pictures",
        "starting weights",
    ]
