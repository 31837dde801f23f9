"""Data sets as their makers and as Kaggle lay them on disk."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from app.cli.main import run
from core.datasets.labelled import DataSetError, read_set
from core.datasets.labels import map_label, read_mapping
from core.datasets.manifest import Manifest
from core.datasets.preparing import PrepareSettings, prepare
from core.method.emotion import Emotion
from tests.cases import CASES
from tests.cli.shell import write_colour
from tests.sources.test_files import write_animation
from tests.training.made_up import drawn_face, png


def laid(folder: Path, pictures: Mapping[str, str], others: Mapping[str, bytes | str] | None = None) -> Path:
    """Drawn faces: path → emotion. `others`: files beside them."""
    for number, (name, emotion) in enumerate(pictures.items()):
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(png(drawn_face(emotion, number)))
    for name, content in (others or {}).items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def made(source: Path, out: Path, layout: str = "auto", mapping: str = "thesis") -> tuple[Manifest, list[str]]:
    warnings: list[str] = []
    settings = PrepareSettings("set", layout, mapping, cropped=True)
    return prepare(source, out, settings, None, on_warning=lambda warning: warnings.append(str(warning))), warnings


def accounted(manifest: Manifest) -> bool:
    """Whether every file that was there is in the set, a list, or left out with a reason."""
    return manifest.files == manifest.pictures + manifest.lists + sum(manifest.left_out.values())


class TestRafDb:
    def test_kaggle_has_folders_of_numbers_and_tables_of_the_makers_beside_them(self, tmp_path: Path) -> None:
        pictures = {
            "DATASET/train/4/train_00001_aligned.jpg": "happy",
            "DATASET/train/7/train_00002_aligned.jpg": "neutral",
            "DATASET/test/1/test_0001_aligned.jpg": "surprise",
            "DATASET/test/6/test_0002_aligned.jpg": "stress",
        }
        table = "image,label\ntrain_00001_aligned.jpg,4\n"
        source = laid(tmp_path / "raf", pictures, {"train_labels.csv": table, "test_labels.csv": table})
        manifest, warnings = made(source, tmp_path / "out")
        assert (manifest.layout, warnings) == ("rafdb", [])
        assert manifest.source_labels == {"surprise": 1, "anger": 1, "joy": 1, "neutral": 1}
        assert manifest.counts["surprise"] == {"val": 1}
        assert manifest.left_out == {"it is no picture (.csv)": 2}
        assert accounted(manifest)

    def test_the_makers_have_one_folder_and_a_list_of_numbers(self, tmp_path: Path) -> None:
        pictures = {
            "basic/Image/aligned/train_00001_aligned.jpg": "stress",
            "basic/Image/aligned/test_0001_aligned.jpg": "happy",
        }
        listed = "train_00001.jpg 3\ntest_0001.jpg 4\n"
        source = laid(tmp_path / "raf", pictures, {"basic/EmoLabel/list_patition_label.txt": listed})
        manifest, _ = made(source, tmp_path / "out")
        assert manifest.layout == "rafdb"
        assert manifest.counts == {"happy": {"val": 1}, "stress": {"train": 1}}


class TestAffectNet:
    def test_the_makers_annotations_lie_in_arrays_beside_the_pictures(self, tmp_path: Path) -> None:
        def annotation(number: int) -> bytes:
            content = io.BytesIO()
            np.save(content, np.array(str(number)))
            return content.getvalue()

        pictures = {"train_set/images/7.jpg": "happy", "val_set/images/8.jpg": "stress"}
        source = laid(
            tmp_path / "affect",
            pictures,
            {"train_set/annotations/7_exp.npy": annotation(1), "val_set/annotations/8_exp.npy": annotation(6)},
        )
        manifest, _ = made(source, tmp_path / "out")
        assert (manifest.layout, manifest.counts) == ("affectnet", {"happy": {"train": 1}, "stress": {"val": 1}})

    def test_the_first_editions_tables_tell_of_numbered_folders(self, tmp_path: Path) -> None:
        source = laid(
            tmp_path / "affect",
            {"Manually_Annotated_Images/689/ab.jpg": "happy", "Manually_Annotated_Images/690/cd.jpg": "neutral"},
            {
                "training.csv": "subDirectory_filePath,face_x,expression\n689/ab.jpg,1,1\n",
                "validation.csv": "subDirectory_filePath,face_x,expression\n690/cd.jpg,1,0\n",
            },
        )
        manifest, _ = made(source, tmp_path / "out")
        assert (manifest.layout, manifest.counts) == ("affectnet", {"happy": {"train": 1}, "neutral": {"val": 1}})

    def test_folders_of_words_beside_a_table_of_kaggles_are_read_by_their_words(self, tmp_path: Path) -> None:
        pictures = {"happy/image0000006.jpg": "happy", "fear/image0000007.jpg": "surprise"}
        source = laid(
            tmp_path / "affect", pictures, {"labels.csv": ",pth,label,relFCs\n0,happy/image0000006.jpg,happy,1\n"}
        )
        manifest, _ = made(source, tmp_path / "out")
        assert (manifest.layout, set(manifest.counts)) == ("folders", {"happy", "surprise"})

    def test_folders_of_mere_numbers_are_not_guessed_but_the_layout_is_named(self, tmp_path: Path) -> None:
        source = laid(tmp_path / "numbers", {"0/a.jpg": "neutral", "1/b.jpg": "happy"})
        with pytest.raises(DataSetError, match="--layout affectnet would fit 2 of them"):
            made(source, tmp_path / "out")
        manifest, _ = made(source, tmp_path / "out", "affectnet")
        assert set(manifest.counts) == {"happy", "neutral"}


class TestEmoNet:
    LIST = (
        "path,annotator,value,emotion\n00000,human-1,True,Anger\n00000,human-3,False,Contentment\n"
        "00001,human-1,True,Elation\n00001,human-4,True,Elation\n00002,human-1,True,Anger\n00002,human-4,False,Anger\n"
        "00003,human-1,True,Astonishment/Surprise\n00004,human-1,True,Contemplation\n00004,human-5,True,Confusion\n"
        "00005,human-1,True,Fatigue/Exhaustion\n00006,human-1,True,Sexual Lust\n"
    )
    """In the form of data/binary.csv of github.com/LAION-AI/emonet-face."""

    def laid(self, folder: Path) -> Path:
        pictures = {
            f"images/{number:05}.jpg": word
            for number, word in enumerate(
                ("stress", "happy", "stress", "surprise", "neutral", "stress", "happy", "neutral")
            )
        }
        return laid(folder, pictures, {"binary.csv": self.LIST})

    def test_a_picture_is_what_every_expert_who_was_asked_saw_and_nothing_where_they_differ(
        self, tmp_path: Path
    ) -> None:
        manifest, _ = made(self.laid(tmp_path / "in"), tmp_path / "out", "emonet", "emonet")
        counts = {label: sum(parts.values()) for label, parts in manifest.counts.items()}
        assert counts == {"stress": 1, "happy": 1, "surprise": 1, "neutral|stress": 1}
        assert manifest.left_out["neither its name nor its folder tells an expression as in emonet"] == 3
        assert manifest.left_out["the mapping emonet does not use 'Sexual Lust'"] == 1
        assert accounted(manifest)

    def test_the_command_takes_its_own_mapping_where_none_is_named(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        source, out = self.laid(tmp_path / "in"), tmp_path / "out"
        arguments = ["train", "data", "prepare", str(source), "--layout", "emonet", "--cropped", "--out", str(out)]
        assert run(arguments) == 0, capsys.readouterr().err
        assert "labels by emonet" in (out / "emonet.manifest.md").read_text(encoding="utf-8")

    def test_every_one_of_the_forty_emotions_has_its_place(self) -> None:
        mapping = read_mapping("emonet")
        assert len(mapping) == 41, "one has two names"
        assert map_label("Jealousy & Envy", mapping) == "stress"
        assert map_label("Hope/Enthusiasm/Optimism", mapping) == "happy"
        assert map_label("Pain", mapping) == "stress"
        assert map_label("Contempt", mapping) is None
        assert {one for label in mapping.values() if label for one in label.split("|")} == {
            "happy",
            "neutral",
            "stress",
            "surprise",
        }


class TestAiHub:
    NAME = "a{who}_여_30_{word}_도심 환경_20201205-001-{who}.jpg"

    def zips(self, folder: Path, *names: str) -> Path:
        folder.mkdir()
        for number, name in enumerate(names):
            with zipfile.ZipFile(folder / name, "w") as archive:
                for who in range(2):
                    path = self.NAME.format(who=10 * number + who, word="기쁨")
                    archive.writestr(path, png(drawn_face("happy", 10 * number + who)))
        return folder

    def test_the_official_validation_part_is_kept_where_all_zips_lie_in_one_folder(self, tmp_path: Path) -> None:
        source = self.zips(tmp_path / "in", "[원천]EMOIMG_기쁨_TRAIN_01.zip", "[원천]EMOIMG_기쁨_VALID.zip")
        manifest, warnings = made(source, tmp_path / "out", mapping="aihub")
        assert (manifest.layout, warnings) == ("aihub", [])
        assert manifest.counts == {"happy": {"train": 2, "val": 2}}

    @pytest.mark.parametrize("folder", ["Training", "1.Training"])
    def test_the_training_part_alone_warns_that_there_is_nothing_to_validate_on(
        self, tmp_path: Path, folder: str
    ) -> None:
        (tmp_path / "in").mkdir()
        self.zips(tmp_path / "in" / folder, "[원천]EMOIMG_기쁨.zip")
        manifest, warnings = made(tmp_path / "in", tmp_path / "out", mapping="aihub")
        assert manifest.counts == {"happy": {"train": 2}}
        assert "nothing to validate on" in warnings[0]

    def test_the_files_of_labels_count_as_lists(self, tmp_path: Path) -> None:
        source = self.zips(tmp_path / "in", "[원천]EMOIMG_기쁨_TRAIN.zip")
        said = [{"filename": self.NAME.format(who=0, word="기쁨"), "faceExp_uploader": "슬픔"}]
        (source / "labels.json").write_text(json.dumps(said), encoding="cp949")
        manifest, _ = made(source, tmp_path / "out", mapping="aihub")
        assert manifest.source_labels == {"sadness": 1, "joy": 1}
        assert manifest.lists == 1
        assert accounted(manifest)


class TestAgfdAndKeti:
    @pytest.mark.parametrize("layout", ["auto", "agfd"])
    @pytest.mark.parametrize("top", ["AGFD/", "agfd/images/", ""])
    def test_folders_of_classes_beside_a_table_of_the_makers_are_read(
        self, tmp_path: Path, layout: str, top: str
    ) -> None:
        pictures = {f"{top}{name}/{name[0]}_0001.jpg": label for name, label in CLASSES.items()}
        source = laid(tmp_path / "in", pictures, {f"{top}labels.csv": "pth,emotion\nHappy/H_0001.jpg,happy\n"})
        manifest, warnings = made(source, tmp_path / "out", layout)
        assert (set(manifest.counts), warnings) == (set(CLASSES.values()), [])
        assert manifest.left_out == {"it is no picture (.csv)": 1}
        assert accounted(manifest)

    @pytest.mark.parametrize("path", ["{split}/actor_{who}/{word}/1.jpg", "{split}/{word}/actor_{who}/1.jpg"])
    def test_ketis_actors_stay_in_the_part_that_the_makers_put_them_in(self, tmp_path: Path, path: str) -> None:
        asked = (("Training", "07", "기쁨"), ("Training", "08", "분노"), ("Validation", "09", "중립"))
        labels = {"기쁨": "happy", "분노": "stress", "중립": "neutral"}
        pictures = {path.format(split=split, who=who, word=word): labels[word] for split, who, word in asked}
        manifest, _ = made(laid(tmp_path / "in", pictures, {}), tmp_path / "out", "keti", mapping="aihub")
        assert manifest.counts == {"happy": {"train": 1}, "stress": {"train": 1}, "neutral": {"val": 1}}
        assert manifest.people == 3


CLASSES = {"Angry": "stress", "Disgust": "stress", "Fear": "surprise", "Happy": "happy", "Neutral": "neutral"}


class TestKdefAndCfd:
    def test_folders_of_people_with_the_makers_other_files_are_read(self, tmp_path: Path) -> None:
        source = laid(
            tmp_path / "KDEF_and_AKDEF",
            {"KDEF/AF01/AF01HAS.JPG": "happy", "KDEF/AM02/AM02ANS.JPG": "stress", "AKDEF/MNEHAS.JPG": "happy"},
            {"README.txt": "by hand", "__MACOSX/KDEF/._AF01HAS.JPG": b"\0\x05\x16\x07"},
        )
        manifest, warnings = made(source, tmp_path / "out")
        assert (manifest.layout, manifest.people, manifest.pictures) == ("kdef", 2, 2)
        assert manifest.left_out == {
            "it is no picture (.txt)": 1,
            "neither its name nor its folder tells an expression as in kdef": 1,
        }
        assert warnings == []
        assert accounted(manifest)

    def test_where_another_layout_is_asked_for_the_one_that_fits_is_named(self, tmp_path: Path) -> None:
        source = laid(tmp_path / "in", {"Images/CFD/AF-200/CFD-AF-200-228-N.jpg": "neutral"})
        with pytest.raises(DataSetError, match="no picture is named as in kdef; --layout cfd would fit 1 of 1"):
            made(source, tmp_path / "out", "kdef")

    def test_a_layout_that_fits_a_part_only_is_followed_and_said(self, tmp_path: Path) -> None:
        source = laid(
            tmp_path / "in", {"happy/a.jpg": "happy", "angry/AF01ANS.JPG": "stress", "neutral/c.jpg": "neutral"}
        )
        manifest, warnings = made(source, tmp_path / "out", "kdef")
        assert manifest.pictures == 1
        assert warnings == ["Read as kdef; --layout folders would fit 3 of 3."]


class TestLists:
    def test_a_list_of_windows_with_backslashes_is_read(self, tmp_path: Path) -> None:
        manifest, _ = made(CASES / "backslash_list" / "list.csv", tmp_path / "out")
        assert (manifest.pictures, manifest.left_out) == (1, {})
        assert "Nothing was left out." in manifest.to_markdown()

    def test_what_a_folder_holds_beside_its_list_is_counted(self, tmp_path: Path) -> None:
        source = laid(
            tmp_path / "in",
            {"a.png": "happy", "b.png": "stress"},
            {"list.csv": "file;label\nA.PNG;happy\nc.png;happy\n"},
        )
        manifest, _ = made(source, tmp_path / "out")
        assert manifest.left_out == {
            "the list does not name it": 1,
            "the list names it, and it is not there": 1,
        }

    def test_a_prepared_set_in_excels_hands_is_still_read(self, tmp_path: Path) -> None:
        source = laid(tmp_path / "in", {"happy/a.png": "happy", "angry/b.png": "stress"})
        made(source, tmp_path / "out")
        table = tmp_path / "out" / "set.csv"
        text = table.read_text(encoding="utf-8").replace(",", ";").replace("\n", "\r\n") + ";;;;\r\n"
        table.write_text(text, encoding="utf-8-sig", newline="")
        assert len(read_set(tmp_path / "out", "set", "train")) == 2

    def test_a_heic_beside_a_jfif_is_left_out_by_name(self, tmp_path: Path) -> None:
        source = tmp_path / "in"
        (source / "happy").mkdir(parents=True)
        for place in (CASES / "heic_jfif_folder").iterdir():
            (source / "happy" / place.name).write_bytes(place.read_bytes())
        manifest, _ = made(source, tmp_path / "out")
        assert manifest.pictures == 1
        assert manifest.left_out == {"HEIC is not read; save it as JPEG or PNG": 1}
        assert "Nothing was left out" not in manifest.to_markdown()

    def test_an_animated_picture_is_left_out_by_name(self, tmp_path: Path) -> None:
        source = tmp_path / "in"
        for name in ("happy", "neutral"):
            (source / name).mkdir(parents=True)
            write_colour(source / name / "one.png", Emotion(name))
        write_animation(source / "happy" / "moving.webp")
        manifest, _ = made(source, tmp_path / "out")
        assert manifest.pictures == 2
        assert manifest.left_out == {"it is animated; save the picture that is meant as JPEG or PNG": 1}


def test_folders_of_the_eleven_expressions_keep_which_it_is_and_the_consent(tmp_path: Path) -> None:
    pictures = {
        f"{name}/{take}.png": "happy" for name in ("laugh", "frown", "완전분노", "eyes surprise") for take in range(5)
    }
    source = laid(tmp_path / "mine", pictures)
    told = "Kim, 3 March: for a network for myself"
    settings = PrepareSettings("mine", "folders", cropped=True, split_by="picture", consent=told)
    manifest = prepare(source, tmp_path / "out", settings, None)
    assert manifest.counts == {name: {"train": 4, "val": 1} for name in ("happy", "surprise")} | {
        "stress": {"train": 8, "val": 2}
    }
    both = [read_set(tmp_path / "out", "mine", split) for split in ("train", "val")]
    assert {name for one in both for name in one.expressions} == {"laugh", "frown", "rage", "eyes_surprise"}
    assert told in (tmp_path / "out" / "mine.manifest.md").read_text(encoding="utf-8")
    assert (
        json.loads((tmp_path / "out" / "mine.manifest.json").read_text(encoding="utf-8"))["settings"]["consent"] == told
    )


def test_split_by_picture_leaves_people_in_both_parts_and_takes_a_fifth_of_each_class(tmp_path: Path) -> None:
    pictures = {
        f"KDEF/{who}/{who}{word}S.JPG": "happy"
        for who in ("AF01", "AM02", "AF03", "AM04", "AF05")
        for word in ("HA", "NE")
    }
    source = laid(tmp_path / "kdef", pictures)
    for split_by in ("picture", "person"):
        settings = PrepareSettings(split_by, "kdef", cropped=True, split_by=split_by)
        manifest = prepare(source, tmp_path / "out", settings, None)
        assert manifest.counts["happy"] == {"train": 4, "val": 1}
    people = {split: set(read_set(tmp_path / "out", "person", split).subjects) for split in ("train", "val")}
    assert not people["train"] & people["val"]
