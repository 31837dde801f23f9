"""Networks that a person brings along: any four or seven classes, in any of three forms."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from app.cli.privacy.report import strange_in
from core.candidates.card import load_card
from core.candidates.registry import read_registry
from core.method.emotion import Emotion
from core.privacy.landlock import kernel_abi
from core.shipping.adding import AddingError, add, card_of, open_file, parse_labels, signature_of
from core.store.locations import find_locations
from core.training.errors import ShippingError
from tests.cli.shell import Shell, record, write_colour
from tests.tiny_network import card_for, tiny_network, write_candidate

SEVEN = "angry,disgust,fear,happy,sad,surprise,neutral"
BRIGHT = (
    (0.0, 0.0, 8.0),
    (0.0, 0.0, 0.0),
    (0.0, 0.0, 0.0),
    (8.0, 0.0, 0.0),
    (0.0, 0.0, 0.0),
    (0.0, 0.0, 0.0),
    (0.0, 8.0, 0.0),
)
"""Weights of seven outputs: blue is anger, red happy, green neutral; the surprise of the dark is the bias."""
DARK = (0.0, -9.0, -9.0, 0.0, -9.0, 4.0, 0.0)


def seven_class_file(path: Path, ending: str = "softmax") -> Path:
    path.write_bytes(tiny_network(classes=7, weights=BRIGHT, bias=DARK, ending=ending))  # type: ignore[arg-type]
    return path


def onnx_file(path: Path, size: int = 32) -> Path:
    """The same network in ONNX, as PyTorch exports: channels first, logits, pictures 0..255."""
    kind = TensorProto.FLOAT
    nodes = [
        helper.make_node("GlobalAveragePool", ["face"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weights", "bias"], ["logits"], transB=1),
    ]
    weights = helper.make_tensor("weights", kind, (7, 3), (np.array(BRIGHT, np.float32) / 255).ravel())
    bias = helper.make_tensor("bias", kind, (7,), np.array(DARK, np.float32))
    face = helper.make_tensor_value_info("face", kind, ["batch", 3, size, size])
    logits = helper.make_tensor_value_info("logits", kind, ["batch", 7])
    graph = helper.make_graph(nodes, "seven", [face], [logits], [weights, bias])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def added(file: Path, folder: Path, colour: str = "rgb", pixel_range: tuple[float, float] = (0.0, 1.0)) -> Any:
    network = open_file(file)
    signature = signature_of(network, SEVEN, colour, pixel_range, None)
    add(network, card_of(network, signature, file.stem, "", "faces", "free"), folder)
    [candidate] = read_registry(folder).candidates
    return candidate


def colours_read_by(candidate: Any) -> list[Emotion]:
    """What the candidate makes of a red, a green, a blue and a dark face."""
    faces = np.zeros((4, 100, 100, 3), np.uint8)
    for number in range(3):
        faces[number, ..., 2 - number] = 255  # BGR, as the camera gives it
    return [reading.best for reading in candidate.load().read(list(faces))]


FOUR = [Emotion.HAPPY, Emotion.NEUTRAL, Emotion.STRESS, Emotion.SURPRISE]


class TestLabels:
    def test_the_usual_seven_are_the_four_of_the_thesis(self) -> None:
        assert parse_labels(SEVEN) == ("stress", "stress", "surprise", "happy", "stress", "surprise", "neutral")

    def test_an_eighth_is_not_used_and_any_other_word_is_said_by_hand(self) -> None:
        assert parse_labels("Happy, neutral,anger,surprise,contempt,bored=unused,tense=stress")[4:] == (
            "unused",
            "unused",
            "stress",
        )

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("happy,neutral,bored,surprise", "'bored' is no expression that is known; say which class it is"),
            ("happy,neutral,angry", "no output stands for surprise"),
        ],
    )
    def test_what_is_not_known_or_missing_is_said(self, text: str, reason: str) -> None:
        with pytest.raises(AddingError, match=reason):
            parse_labels(text)


class TestAFile:
    def test_of_litert_with_seven_classes_reads_as_it_did(self, tmp_path: Path) -> None:
        candidate = added(seven_class_file(tmp_path / "seven.tflite"), tmp_path / "own")
        assert colours_read_by(candidate) == FOUR
        assert candidate.card.outputs == ("probabilities",)
        assert candidate.card.scores["actors"]["pictures"] > 80

    @pytest.mark.thorough
    def test_that_answers_with_logits_is_found_out(self, tmp_path: Path) -> None:
        candidate = added(seven_class_file(tmp_path / "logits.tflite", ending="logits"), tmp_path / "own")
        assert candidate.card.outputs == ("logits",)
        assert colours_read_by(candidate) == FOUR

    def test_of_onnx_with_channels_first_is_run_by_onnxruntime(self, tmp_path: Path) -> None:
        candidate = added(onnx_file(tmp_path / "torch.onnx"), tmp_path / "own", pixel_range=(0.0, 255.0))
        assert candidate.path.name == "network.onnx"
        assert (candidate.card.input_size, candidate.card.outputs) == (32, ("logits",))
        assert colours_read_by(candidate) == FOUR
        assert not candidate.load().tells_map

    def test_of_keras_is_converted_with_its_head(self, tmp_path: Path) -> None:
        keras = pytest.importorskip("keras", reason="needs the extra `train`")
        pytest.importorskip("tensorflow", reason="needs the extra `train`")
        head = keras.layers.Dense(7, activation="softmax")
        model = keras.Sequential([keras.Input((48, 48, 1)), keras.layers.GlobalAveragePooling2D(), head])
        head.set_weights([np.array([[0, 0, 0, 9, 0, 0, 0]], np.float32), np.array([0, 0, 0, -5, 0, 1, 0], np.float32)])
        model.save(tmp_path / "mine.keras")
        candidate = added(tmp_path / "mine.keras", tmp_path / "own", colour="grey")
        assert (candidate.card.input_size, candidate.card.colour_order) == (48, "GREY")
        light, dark = (np.full((100, 100, 3), value, np.uint8) for value in (255, 0))
        assert [reading.best for reading in candidate.load().read([light, dark])] == [Emotion.HAPPY, Emotion.SURPRISE]

    def test_of_keras_that_would_run_code_is_refused(self, tmp_path: Path) -> None:
        keras = pytest.importorskip("keras", reason="needs the extra `train`")
        pytest.importorskip("tensorflow", reason="needs the extra `train`")
        layers = [keras.Input((48, 48, 1)), keras.layers.Lambda(lambda x: x + 1), keras.layers.Flatten()]
        keras.Sequential(layers).save(tmp_path / "code.keras")
        with pytest.raises(Exception, match="Keras cannot read it as a whole model") as told:
            open_file(tmp_path / "code.keras")
        assert isinstance(told.value, ShippingError)


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ("name", "content", "reason"),
        [
            ("mine.pth", b"x", "it is none of .keras, .h5"),
            ("mine.tflite", b"no network at all", "LiteRT cannot run it"),
            ("mine.tflite", tiny_network(outputs=2), "it gives 2 things at once, not one row of numbers"),
            ("mine.tflite", tiny_network(ending="int8"), "it works on int8; export it with float32 at both ends"),
        ],
        ids=["another ending", "no network", "two outputs", "int8"],
    )
    def test_is_said_of_this_file(self, name: str, content: bytes, reason: str, tmp_path: Path) -> None:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(AddingError, match=reason):
            open_file(tmp_path / name)

    @pytest.mark.parametrize(
        ("labels", "colour", "size", "reason"),
        [
            ("happy,neutral,angry,surprise", "rgb", None, "it gives 7 numbers, and 4 labels are told"),
            (SEVEN, "grey", None, "its pictures have 3 channels, and grey has 1"),
            (SEVEN, "rgb", 48, "it takes pictures of 100 x 100 pixels, not of 48"),
        ],
    )
    def test_with_what_was_told_is_said(
        self, labels: str, colour: str, size: int | None, reason: str, tmp_path: Path
    ) -> None:
        network = open_file(seven_class_file(tmp_path / "seven.tflite"))
        with pytest.raises(AddingError, match=reason):
            signature_of(network, labels, colour, (0.0, 1.0), size)

    def test_a_file_that_ends_the_process_that_reads_it_ends_no_other_and_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        network = open_file(seven_class_file(tmp_path / "seven.tflite"))
        signature = signature_of(network, SEVEN, "rgb", (0.0, 1.0), None)
        card = card_of(network, signature, "seven", "", "faces", "free")
        monkeypatch.setattr("sys.executable", "/bin/false")
        with pytest.raises(AddingError, match="ended the process that tried it"):
            add(network, card, tmp_path / "own")
        assert list((tmp_path / "own").iterdir()) == []


class TestTheCommand:
    def test_puts_the_network_into_the_persons_own_folder_beside_the_shipped_ones(
        self, own_shell: Shell, tmp_path: Path
    ) -> None:
        file = seven_class_file(tmp_path / "My Net.tflite")
        code, out, err = own_shell("networks", "add", file, "--labels", SEVEN, "--colour", "rgb", "--range", "0,1")
        assert code == 0, err
        assert "pictures rightly (actors)" in out
        place = tmp_path / "data" / "networks" / "my-net"
        assert load_card(place / "card.json").name == "My Net"
        _, out, _ = own_shell("networks", "list", "--format", "json")
        assert [one["id"] for one in json.loads(out)] == ["tiny-1", "tiny-2", "my-net", "landmarks"]
        picture = write_colour(tmp_path / "blue.png", Emotion.STRESS)
        _, out, _ = own_shell("networks", "classify", "--cropped", "--candidate", "my-net", "--format", "json", picture)
        assert json.loads(out)[0]["emotion"] == "stress"

    @pytest.mark.thorough
    def test_replaces_nothing_unasked_and_never_a_shipped_one(self, own_shell: Shell, tmp_path: Path) -> None:
        file = seven_class_file(tmp_path / "seven.tflite")
        told = ("--labels", SEVEN, "--colour", "rgb", "--range", "0,1")
        assert own_shell("networks", "add", file, *told)[0] == 0
        code, _, err = own_shell("networks", "add", file, *told)
        assert (code, "There is a network called seven already" in err) == (1, True)
        assert own_shell("networks", "add", file, *told, "--replace")[0] == 0
        code, _, err = own_shell("networks", "add", file, *told, "--id", "tiny-1", "--replace")
        assert (code, "There is a network called tiny-1 already" in err) == (1, True)

    def test_asks_for_what_the_file_does_not_tell(self, own_shell: Shell, tmp_path: Path) -> None:
        file = seven_class_file(tmp_path / "seven.tflite")
        for given, option in (((), "--colour"), (("--colour", "rgb"), "--labels")):
            code, _, err = own_shell("networks", "add", file, *given)
            assert (code, f"Say it with {option}." in err) == (1, True), err
        code, _, err = own_shell("networks", "add", file, "--colour", "rgb", "--labels", SEVEN, "--range", "much")
        assert (code, "--range is LOW,HIGH" in err) == (1, True)

    def test_warns_where_little_more_than_guessed_comes_out(self, own_shell: Shell, tmp_path: Path) -> None:
        file = seven_class_file(tmp_path / "seven.tflite")
        told = ("--labels", SEVEN, "--colour", "rgb", "--range", "0,1")
        assert "That is little more than guessed" in own_shell("networks", "add", file, *told)[2]

    def test_says_what_is_wrong_with_this_file(self, own_shell: Shell, tmp_path: Path) -> None:
        (tmp_path / "broken.tflite").write_bytes(b"no network at all")
        code, _, err = own_shell("networks", "add", tmp_path / "broken.tflite")
        assert (code, "broken.tflite was not added: LiteRT cannot run it" in err) == (1, True)


@pytest.mark.thorough
def test_two_networks_of_one_name_are_one_and_a_word_on_the_other(tmp_path: Path) -> None:
    file = seven_class_file(tmp_path / "seven.tflite")
    first = added(file, tmp_path / "a")
    added(file, tmp_path / "b")
    registry = read_registry(tmp_path / "a", tmp_path / "b")
    assert [one.path for one in registry.candidates] == [first.path]
    assert "there is a network of this name already" in str(registry.rejections[0].reason)


_CONFINED = """
import sys
from pathlib import Path
from app.cli.context import Setup
folder = Path(sys.argv[1])
setup = Setup(database=folder / "data" / "calmline.db", added=folder / "more", is_program=True)
setup.confine(screens=False)
try:
    (folder / "outside.txt").read_text()
    print("open")
except PermissionError:
    print("refused")
from core.candidates.registry import read_registry
found = read_registry(*setup.model_folders[1:])
print(",".join(found.ids), sum(one.load().card.input_size for one in found.candidates))
"""


@pytest.mark.thorough
@pytest.mark.skipif(kernel_abi() == 0, reason="this kernel confines nothing")
def test_a_confined_program_reads_the_persons_own_networks_and_those_of_models_and_nothing_else(tmp_path: Path) -> None:
    added(seven_class_file(tmp_path / "seven.tflite"), tmp_path / "data" / "networks")
    write_candidate(tmp_path / "more", card_for(tiny_network(), "tiny-3"), tiny_network())
    (tmp_path / "outside.txt").write_text("a letter")
    home = {**os.environ, "HOME": str(tmp_path / "home"), "PYTHONPATH": os.pathsep.join([".", *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", _CONFINED, str(tmp_path)], env=home, capture_output=True, text=True, check=False
    )
    assert done.stdout.split("\n")[:2] == ["refused", "seven,tiny-3 200"], done.stderr


@pytest.mark.thorough
def test_the_doctor_finds_the_folder_of_networks_no_strange_thing_and_erasing_says_that_it_stays(
    own_shell: Shell, tmp_path: Path
) -> None:
    told = ("--labels", SEVEN, "--colour", "rgb", "--range", "0,1")
    assert own_shell("networks", "add", seven_class_file(tmp_path / "seven.tflite"), *told)[0] == 0
    record(own_shell)
    assert strange_in(find_locations(own_shell.database, os.environ)) == []
    code, _, err = own_shell("record", "erase", "--everything", "--yes")
    assert code == 0, err
    assert f"they stay in {tmp_path / 'data' / 'networks'} until you remove it" in err
