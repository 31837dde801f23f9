from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.candidates import registry as registry_module
from core.candidates.card import CARD_FILE, NETWORK_FILE
from core.candidates.network import NetworkError
from core.candidates.registry import Rejection, read_registry
from core.face.landmarks import BLENDSHAPES_FILE
from core.system.resources import LANDMARKS_FOLDER
from tests.doubles import grey_crop
from tests.tiny_network import card_for, check_networks, tiny_network, write_candidate

CONTENT = tiny_network()
GOOD = card_for(CONTENT, "good-1")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with one good candidate."""
    write_candidate(tmp_path / "models", GOOD, CONTENT)
    return tmp_path / "models"


def _only_rejection(models: Path) -> Rejection:
    """The one candidate that was left out, while the good one stays."""
    registry = check_networks(read_registry(models))
    assert registry.ids == ("good-1",)
    [rejection] = registry.rejections
    return rejection


def _change_card(place: Path, **changes: object) -> None:
    card = json.loads((place / CARD_FILE).read_text(encoding="utf-8"))
    (place / CARD_FILE).write_text(json.dumps({**card, **changes}), encoding="utf-8")


def _flip_last_byte(place: Path) -> None:
    content = (place / NETWORK_FILE).read_bytes()
    (place / NETWORK_FILE).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def _empty_network_with_right_card(place: Path) -> None:
    (place / NETWORK_FILE).write_bytes(b"")
    _change_card(place, size_bytes=0, sha256=card_for(b"").sha256)


def _truncated_network_with_right_card(place: Path) -> None:
    content = CONTENT[: len(CONTENT) // 2]
    (place / NETWORK_FILE).write_bytes(content)
    _change_card(place, size_bytes=len(content), sha256=card_for(content).sha256)


def _folder_as_network(place: Path) -> None:
    (place / NETWORK_FILE).unlink()
    (place / NETWORK_FILE).mkdir()


Damage = Callable[[Path], object]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (_flip_last_byte, "network.tflite is not the file that its card describes (the sha256 differs)"),
        (lambda place: _change_card(place, sha256="0" * 64), "(the sha256 differs)"),
        (lambda place: _change_card(place, size_bytes=5), f"network.tflite has {len(CONTENT)} bytes; its card says 5"),
        (lambda place: (place / NETWORK_FILE).write_bytes(b""), "network.tflite has 0 bytes"),
        (lambda place: (place / NETWORK_FILE).write_bytes(CONTENT[:100]), "network.tflite has 100 bytes"),
        (lambda place: (place / NETWORK_FILE).unlink(), "network.tflite cannot be read: No such file or directory"),
        (_folder_as_network, "network.tflite is not a file"),
        (_empty_network_with_right_card, "LiteRT cannot run it"),
        (_truncated_network_with_right_card, "LiteRT cannot run it"),
        (lambda place: _change_card(place, input_size=96), "its input is not (n, 96, 96, 3) float32"),
        (
            lambda place: _change_card(place, outputs=["probabilities", "feature_map"]),
            "it has 1 outputs; its card names 2",
        ),
        (lambda place: _change_card(place, labels=["happy", "neutral", "stress"]), "its labels are"),
        (lambda place: _change_card(place, training=[]), "an untrained network is never used"),
        (lambda place: _change_card(place, id="other-1"), "its card says 'other-1', its folder 'bad-1'"),
        (lambda place: _change_card(place, id="good-1"), "its card says 'good-1', its folder 'bad-1'"),
        (lambda place: (place / CARD_FILE).write_text("not json"), "the card cannot be read: "),
        (lambda place: (place / CARD_FILE).unlink(), "card.json cannot be read: No such file or directory"),
    ],
)
def test_a_damaged_candidate_is_left_out_with_its_reason_and_the_rest_goes_on(
    models: Path, damage: Damage, reason: str
) -> None:
    place = write_candidate(models, card_for(CONTENT, "bad-1"), CONTENT)
    damage(place)
    rejection = _only_rejection(models)
    assert rejection.folder == "bad-1"
    assert reason in str(rejection.reason)


def test_two_outputs_that_the_card_does_not_name_are_left_out(models: Path) -> None:
    content = tiny_network(outputs=2)
    write_candidate(models, card_for(content, "bad-1"), content)
    assert str(_only_rejection(models).reason) == "it has 2 outputs; its card names 1"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this account may read everything")
def test_files_and_folders_that_may_not_be_read_are_left_out(models: Path) -> None:
    place = write_candidate(models, card_for(CONTENT, "bad-1"), CONTENT)
    (place / NETWORK_FILE).chmod(0)
    assert "Permission denied" in str(_only_rejection(models).reason)
    models.chmod(0)
    try:
        [rejection] = read_registry(models).rejections
    finally:
        models.chmod(0o700)
    assert (rejection.folder, str(rejection.reason)) == ("models", "the folder cannot be read: Permission denied")


def test_a_folder_that_the_system_does_not_let_us_list_is_one_rejection(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    registry = read_registry(models)
    assert registry.candidates == ()
    [rejection] = registry.rejections
    assert (rejection.folder, str(rejection.reason)) == ("models", "the folder cannot be read: Permission denied")


def test_a_network_larger_than_any_of_ours_is_not_read(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_module, "MAX_NETWORK_BYTES", len(CONTENT) + 10)
    write_candidate(models, card_for(CONTENT, "bad-1"), CONTENT + b"\0" * 20)
    assert str(_only_rejection(models).reason) == f"network.tflite is larger than {len(CONTENT) + 10} bytes"


def test_files_and_hidden_folders_beside_the_candidates_are_not_candidates(models: Path) -> None:
    (models / "README.md").write_text("about these")
    (models / ".git").mkdir()
    assert read_registry(models).rejections == ()


@pytest.mark.parametrize("exists", [True, False])
def test_an_empty_or_missing_folder_is_an_empty_registry(tmp_path: Path, exists: bool) -> None:
    folder = tmp_path / "models"
    if exists:
        folder.mkdir()
    registry = read_registry(folder)
    assert (registry.candidates, registry.rejections) == ((), ())


def test_candidates_are_ordered_and_found_by_their_id(models: Path) -> None:
    for name in ("z-1", "a-1"):
        write_candidate(models, card_for(CONTENT, name), CONTENT)
    registry = read_registry(models)
    assert registry.ids == ("a-1", "good-1", "z-1")
    found = registry.find("z-1")
    assert found is not None
    assert found.card.id == "z-1"
    assert registry.find("nobody") is None


def test_a_candidate_reads_faces_once_it_is_loaded(models: Path) -> None:
    [candidate] = read_registry(models).candidates
    network = candidate.load()
    assert network.card == GOOD
    assert len(network.read([grey_crop()] * 3)) == 3


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (_flip_last_byte, "the sha256 differs"),
        (lambda place: (place / NETWORK_FILE).unlink(), "cannot be read: No such file"),
    ],
)
def test_a_network_that_changed_since_it_was_checked_is_not_loaded(
    models: Path, damage: Damage, complaint: str
) -> None:
    [candidate] = read_registry(models).candidates
    damage(models / "good-1")
    with pytest.raises(NetworkError, match=complaint):
        candidate.load()


@settings(max_examples=80)
@given(position=st.integers(0, len(CONTENT) - 1), bit=st.integers(0, 7))
def test_no_change_of_a_single_bit_goes_unnoticed(
    tmp_path_factory: pytest.TempPathFactory, position: int, bit: int
) -> None:
    place = tmp_path_factory.mktemp("models")
    content = bytearray(CONTENT)
    content[position] ^= 1 << bit
    write_candidate(place, GOOD, bytes(content))
    registry = read_registry(place)
    assert registry.candidates == ()
    assert "the sha256 differs" in str(registry.rejections[0].reason)


def test_a_network_whose_package_is_not_installed_is_named_with_the_package(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_registry(models).rejections == ()
    monkeypatch.setattr(registry_module, "MODELS_FOLDER", models)
    monkeypatch.setattr(registry_module, "NETWORK_PACKAGES", {"calmline-more": ("good-1", "good-2")})
    registry = read_registry(models)
    assert registry.ids == ("good-1",)
    [rejection] = registry.rejections
    assert (rejection.folder, str(rejection.reason)) == ("good-2", "the package calmline-more is not installed")


def test_a_folder_with_a_card_is_a_candidate_itself_and_the_landmarks_are_personal_not_offered() -> None:
    registry = read_registry(LANDMARKS_FOLDER)
    assert registry.rejections == ()
    assert registry.ids == ()
    [landmarks] = registry.personal
    assert registry.find("landmarks") is landmarks
    assert landmarks.card.is_personal
    assert "never offered untuned" in landmarks.card.terms
    assert not GOOD.is_personal


def test_landmark_files_that_are_not_those_of_their_card_are_left_out(tmp_path: Path) -> None:
    place = tmp_path / "landmarks"
    shutil.copytree(LANDMARKS_FOLDER, place)
    content = bytearray((place / BLENDSHAPES_FILE.name).read_bytes())
    content[-1] ^= 0xFF
    (place / BLENDSHAPES_FILE.name).write_bytes(content)
    registry = read_registry(place)
    assert registry.personal == ()
    assert "the sha256 differs" in str(registry.rejections[0].reason)


def test_without_any_network_in_its_folder_no_package_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_module, "MODELS_FOLDER", tmp_path)
    assert read_registry(tmp_path).rejections == ()
