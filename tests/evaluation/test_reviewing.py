from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.candidates.card import Signature
from core.candidates.runner import LiteRTRunner
from core.datasets.labelled import DataSetError, read_set
from core.evaluation.reviewing import label_support, remove_listed, review_page
from tests.cli.conftest import shell
from tests.cli.shell import COLOURS, Shell
from tests.tiny_network import tiny_network
from tests.training.made_up import png

__all__ = ["shell"]
WORDS = ("happy", "neutral", "stress", "surprise")
WRONG = ("set_02.png", "set_07.png")
"""Blue faces, which the tiny network reads as stress, that are called happy."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Ten faces of one colour, as the tiny network reads them, but for two wrong labels."""
    folder = tmp_path / "data"
    folder.mkdir()
    by_word = {emotion.value: np.full((100, 100, 3), colour[::-1], np.uint8) for emotion, colour in COLOURS.items()}
    lines = ["file,label,subject,split,source_label"]
    with zipfile.ZipFile(folder / "set.zip", "w") as archive:
        for number in range(10):
            file, word = f"set_{number:02d}.png", WORDS[number % 4]
            picture = by_word["stress" if file in WRONG else word]
            lines.append(
                f"{file},{'happy' if file in WRONG else word},p{number},{'val' if number > 7 else 'train'},{word}"
            )
            archive.writestr(file, png(picture))
    (folder / "set.csv").write_text("\n".join(lines) + "\n")
    (folder / "set.manifest.json").write_text(json.dumps({"name": "set"}))
    return folder


def test_a_label_that_the_networks_contradict_is_supported_least(data: Path) -> None:
    labelled = read_set(data, "set", "train")
    support, _ = label_support([LiteRTRunner(tiny_network(), Signature())], labelled)
    assert {labelled.files[number] for number in np.argsort(support)[:2]} == set(WRONG)
    assert 0 <= support.min() <= support.max() <= 1


def test_the_page_shows_the_doubtful_first_and_asks_nothing_of_anybody_else(data: Path, tmp_path: Path) -> None:
    assert review_page(data, "set", [LiteRTRunner(tiny_network())], tmp_path / "page.html", limit=6) == 6
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    shown = re.findall(r'data-file="([^"]+)"', page)
    assert len(shown) == 6
    assert set(shown[:2]) == set(WRONG)
    assert page.count("data:image/png;base64,") == 6
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!data:)", page)
    assert "http" not in page.replace("http-equiv", "")
    assert "default-src 'none'" in page
    assert "join('\\n')" in page


def test_what_was_marked_goes_and_the_manifest_says_which_and_why(data: Path, tmp_path: Path, shell: Shell) -> None:
    marked = tmp_path / "set.out.csv"
    marked.write_text('file,reason\n"set_02.png","wrong label"\n"set_09.png","ambiguous"\n')
    code, out, err = shell("train", "data", "review", "set", "--data", data, "--remove", marked)
    assert (code, "2 pictures went out of set" in out) == (0, True), err
    assert len(read_set(data, "set", "train")) + len(read_set(data, "set", "val")) == 8
    with zipfile.ZipFile(data / "set.zip") as archive:
        assert len(archive.namelist()) == 8
        assert not {"set_02.png", "set_09.png"} & set(archive.namelist())
    manifest = json.loads((data / "set.manifest.json").read_text())
    assert manifest == {
        "name": "set",
        "reviewed": [
            {"file": "set_02.png", "label": "happy", "reason": "wrong label"},
            {"file": "set_09.png", "label": "neutral", "reason": "ambiguous"},
        ],
    }
    marked.write_text("file,reason\nset_00.png,unnecessary\n")
    assert remove_listed(data, "set", marked) == 1
    assert len(json.loads((data / "set.manifest.json").read_text())["reviewed"]) == 3


def test_a_list_that_names_a_picture_which_is_not_there_changes_nothing(data: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    (tmp_path / "list.csv").write_text("file,reason\nset_99.png,ambiguous\n")
    with pytest.raises(DataSetError, match=r"set has no picture called 'set_99.png'"):
        remove_listed(data, "set", tmp_path / "list.csv")
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before


def test_the_command_writes_the_page_and_says_what_to_do_next(data: Path, tmp_path: Path, shell: Shell) -> None:
    code, out, err = shell("train", "data", "review", "set", "--data", data, "--out", tmp_path / "page.html")
    assert (code, "10 pictures are on" in out, "--remove LIST" in out) == (0, True, True), err
    code, _, err = shell("train", "data", "review", "none", "--data", data)
    assert (code, len(err.splitlines())) == (1, 1)
    assert "The set cannot be reviewed" in err
