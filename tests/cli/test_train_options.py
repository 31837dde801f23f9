from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner

from app.cli import classify, data, explain, grade, train
from app.cli.train_options import request_of, training_options
from app.words.spoken import SentenceError

ON_JAX = SimpleNamespace(Request=dict, keras_backend=lambda: "jax")


@pytest.fixture(autouse=True)
def _without_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "core.training.session", ON_JAX)


def asked(*arguments: str) -> Any:
    """What is asked of `core.training` on these arguments."""
    taken: list[Any] = []

    @click.command()
    @training_options
    def command(**options: Any) -> None:
        taken.append(request_of(options, out=Path("out")))

    done = CliRunner().invoke(command, arguments)
    if isinstance(done.exception, SentenceError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return taken[0]


def test_without_options_a_run_is_as_ever() -> None:
    request = asked()
    usual = {"accelerated": False, "mixup": 0.0, "shares": (), "distillation": None, "votes": False, "adjustment": 0.0}
    assert {**usual, "speech": 0.0}.items() <= request.items()
    assert (request["weight_decay"], request["average"]) == (1e-4, 0.998)
    assert (request["small_size"], request["small_epochs"]) == (100, 0)


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ("--batch", "--batch-size", "8"),
        ("--average", "--ema-decay", "0.9"),
        ("--adjustment", "--logit-adjustment", "0.5"),
        ("--share", "--sampling-weight", "rafdb=0.4"),
        ("--votes", "--soft-labels", ""),
    ],
)
def test_an_option_is_still_understood_by_its_old_name_and_shown_by_its_new_one(old: str, new: str, value: str) -> None:
    words = [value] if value else []
    assert asked(old, *words) == asked(new, *words) != asked()
    command = click.command("train")(training_options(lambda **_options: None))
    shown = command.get_help(click.Context(command)).split()
    assert new in shown
    assert old not in shown


def test_a_run_of_the_head_alone_says_what_it_costs_and_another_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(train, "require_training", lambda **_more: None)
    monkeypatch.setattr(ON_JAX, "run_one", lambda *_: {"id": "x", "scores": {}}, raising=False)
    monkeypatch.setattr(ON_JAX, "ProgressCallbacks", lambda *_: None, raising=False)
    for test, says in (("2", True), ("1", False)):
        arguments = ["--test", test, "--network", "mobilenetv2", "--out", str(tmp_path)]
        train.run.main(arguments, standalone_mode=False)
        assert ("Only the head trains." in capsys.readouterr().err) is says


@pytest.mark.parametrize(
    ("command", "old", "new"),
    [
        (train.run, "--rate", "--learning-rate"),
        (train.ship, "--weights-as", "--quantization"),
        (train.convert, "--weights-as", "--quantization"),
        (classify.classify, "--crops", "--cropped"),
        (grade.grade, "--crops", "--cropped"),
        (explain.explain, "--crops", "--cropped"),
        (data.prepare, "--as-cut", "--cropped"),
    ],
    ids=lambda one: one if isinstance(one, str) else one.name,
)
def test_each_command_takes_the_old_name_and_shows_the_new(command: click.Command, old: str, new: str) -> None:
    shown = command.get_help(click.Context(command)).split()
    assert new in shown
    assert old not in shown
    parser = command.make_parser(click.Context(command))
    assert parser._long_opt[old].obj is parser._long_opt[new].obj


def test_as_the_thesis_made_it_leaves_no_choice_in_what_the_thesis_has_nothing_of() -> None:
    request = asked("--as-thesis", "--batch-size", "16", "--validate-every", "5")
    assert (request["as_thesis"], request["batch"], request["validate_every"]) == (True, 16, 5)
    for given in (["--steps", "5"], ["--ema-decay", "0.9"], ["--augmentation", "mixed"], ["--soft-labels"]):
        with pytest.raises(SentenceError, match=f"leaves no choice there: leave {given[0]} out"):
            asked("--as-thesis", *given)


def test_the_share_of_pictures_that_speak_reaches_training() -> None:
    assert asked("--speech", "0.4")["speech"] == 0.4


def test_every_option_of_an_accelerated_run_reaches_training() -> None:
    request = asked(
        *"--accelerated --mixup 0.2 --share rafdb=0.4 --share ferplus=0.24 --weight-decay 0.05 --average 0.999".split(),
        *"--distillation 0.5 --votes --augmentation wide --size-schedule 64:5 --adjustment 0.7".split(),
    )
    assert request["shares"] == (("rafdb", 0.4), ("ferplus", 0.24))
    expected = {"accelerated": True, "mixup": 0.2, "weight_decay": 0.05, "average": 0.999, "distillation": 0.5}
    assert {
        **expected,
        "votes": True,
        "adjustment": 0.7,
        "augmentation": "wide",
        "small_size": 64,
    }.items() <= request.items()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--mixup", "0.2"), "--mixup blends pictures on the accelerator: say --accelerated, too."),
        (
            ("--speech", "0.5", "--accelerated"),
            "--speech moves mouths on the processor: leave --accelerated out.",
        ),
        (("--distillation", "0.5"), "--distillation needs someone to learn from: say --teacher or --soft-labels, too."),
        *(
            (("--share", text), "--sampling-weight is SET=NUMBER with a number above 0, such as rafdb=0.4.")
            for text in ("rafdb", "=1", "rafdb=", "rafdb=much", "rafdb=0", "rafdb=-1", "rafdb=inf", "rafdb=nan")
        ),
    ],
)
def test_options_that_cannot_be_meant_are_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(SentenceError) as told:
        asked(*arguments)
    assert str(told.value) == sentence


def test_an_accelerated_run_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"keras", "jax"}
    monkeypatch.setattr(train, "find_spec", lambda name: name if name in there else None)
    train.require_training(accelerated=True)
    monkeypatch.setattr(ON_JAX, "keras_backend", lambda: "tensorflow")
    with pytest.raises(SentenceError, match=r"runs on tensorflow: set KERAS_BACKEND=jax\.$"):
        train.require_training(accelerated=True)
    there.remove("jax")
    with pytest.raises(SentenceError, match="--accelerated needs JAX: install it"):
        train.require_training(accelerated=True)
    train.require_training()
    there.clear()
    with pytest.raises(SentenceError, match="Training needs more packages"):
        train.require_training(accelerated=True)
