from __future__ import annotations

import csv
import json
import os
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.labelled import DataSetError, read_set
from core.datasets.labels import MAPPINGS, map_label, read_mapping, source_word
from core.datasets.layouts import (
    DISAGREED,
    detect_layout,
    read_aihub,
    read_aihub_votes,
    read_cfd,
    read_folders,
    read_kdef,
)
from core.datasets.preparing import PrepareSettings, prepare
from core.datasets.splitting import split_pictures
from core.face.haar import HaarFaceFinder
from core.sources.entries import Entry, iter_entries
from core.sources.tables import read_text
from core.system.resources import ASSETS_FOLDER
from tests.evidence.crops import read_validation_crops
from tests.training.made_up import drawn_face, png, write_drawn_data, write_png


def entry(name: str, content: bytes = b"") -> Entry:
    return Entry(name, lambda: content)


def rows_of(out: Path, name: str) -> list[dict[str, str]]:
    with (out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("name", "word", "subject"),
    [
        ("AF01/AF01ANS.JPG", "anger", "kdef_F01"),
        ("BM35AFFL.JPG", "fear", "kdef_M35"),
        ("bf07sus.jpg", "surprise", "kdef_F07"),
        ("AM12HAHR.JPG", "joy", "kdef_M12"),
    ],
)
def test_kdefs_code_tells_expression_and_person(name: str, word: str, subject: str) -> None:
    facts = read_kdef(entry(name))
    assert facts is not None
    assert (facts.source_label, facts.subject) == (word, subject)


@pytest.mark.parametrize(
    ("name", "word", "subject"),
    [
        ("Images/CFD/AF-200/CFD-AF-200-228-N.jpg", "neutral", "cfd_AF200"),
        ("Images/CFD/WM-041/CFD-WM-041-015-HO.jpg", "joy", "cfd_WM041"),
        ("Images/CFD-MR/CFD-MF-300-002-N.jpg", "neutral", "cfd_MF300"),
        ("Images/CFD-INDIA/CFD-IM-600-479-N.jpg", "neutral", "cfd_IM600"),
        ("CFD-BF-001-001-F.jpg", "fear", "cfd_BF001"),
    ],
)
def test_the_chicago_sets_code_tells_expression_and_person(name: str, word: str, subject: str) -> None:
    facts = read_cfd(entry(name))
    assert facts is not None
    assert (facts.source_label, facts.subject) == (word, subject)


@pytest.mark.parametrize(
    ("name", "word", "subject", "split"),
    [
        ("EMOIMG_기쁨_TRAIN_01/a1b2_여_30_기쁨_도심 환경_20201205-001-003.jpg", "joy", "aihub_a1b2", "train"),
        ("[원천]EMOIMG_기쁨_VALID/a1b2_여_30_기쁨_도심 환경_20201205-001-004.jpg", "joy", "aihub_a1b2", "val"),
        ("EMOIMG/a1b2_여_30_기쁨_도심 환경_20201205-001-005.jpg", "joy", "aihub_a1b2", ""),
        ("1.Training/x/c3__남_20대_당황_숙박 및 거주공간_2021-001-001.jpg", "flustered", "aihub_c3", "train"),
        ("Validation/actor_07/슬픔/0001.jpg", "sadness", "actor_actor_07", "val"),
        ("angry/actor12/12.png", "anger", "actor_actor12", ""),
    ],
)
def test_ai_hubs_and_ketis_names_tell_expression_person_and_split(
    name: str, word: str, subject: str, split: str
) -> None:
    facts = read_aihub(entry(name))
    assert facts is not None
    assert (facts.source_label, facts.subject, facts.split) == (word, subject, split)


def test_names_that_tell_nothing_give_nothing() -> None:
    assert read_kdef(entry("AF31V.jpg")) is None
    assert read_cfd(entry("CFD-AF-200-228-X.jpg")) is None
    assert read_aihub(entry("DSC_0001.jpg")) is None
    assert read_folders(entry("pictures/an old house.jpg")) is None


def test_annotators_outvote_the_uploader_and_full_disagreement_is_marked() -> None:
    said = [
        {
            "filename": "a.jpg",
            "faceExp_uploader": "기쁨",
            "annot_A": {"faceExp": "슬픔"},
            "annot_B": {"faceExp": "슬픔"},
        },
        {
            "filename": "b.jpg",
            "faceExp_uploader": "기쁨",
            "annot_A": {"faceExp": "슬픔"},
            "annot_B": {"faceExp": "분노"},
            "annot_C": {"faceExp": "중립"},
        },
        {"filename": "c.jpg", "faceExp_uploader": "불안"},
    ]
    for encoding in ("utf-8", "cp949"):
        content = json.dumps(said, ensure_ascii=False).encode(encoding)
        votes = read_aihub_votes(
            [entry("labels.json", content), entry("other.json", b"\xff\x00{"), entry("n.json", b"3")]
        )
        assert votes == {"a.jpg": "sadness", "b.jpg": DISAGREED, "c.jpg": "anxiety"}


def test_the_layout_is_found_by_what_the_names_look_like() -> None:
    assert detect_layout([entry("AF01ANS.JPG"), entry("readme.txt")]) == "kdef"
    assert detect_layout([entry("CFD-WM-041-015-HO.jpg")]) == "cfd"
    assert detect_layout([entry("x_여_30_기쁨_집_1-1.jpg")]) == "aihub"
    with pytest.raises(DataSetError, match="tells an expression"):
        detect_layout([entry("one.jpg"), entry("two.jpg")])


@pytest.mark.parametrize(
    ("mapping", "word", "label"),
    [
        ("thesis", "disgust", "stress"),
        ("thesis", "afraid", "surprise"),
        ("thesis", "contempt", None),
        ("thesis", "상처", None),
        ("aihub", "상처", "neutral|stress"),
        ("aihub", "당황", "stress|surprise"),
        ("interview", "불안", "stress"),
        ("interview", "angry", None),
        ("thesis", "neutral|stress", "neutral|stress"),
        ("thesis", "house", None),
    ],
)
def test_labels_are_mapped_by_name(mapping: str, word: str, label: str | None) -> None:
    assert map_label(word, MAPPINGS[mapping]) == label


def test_a_mapping_of_ones_own_is_a_csv_and_a_bad_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("source_label,label\nFrustration,stress\n기쁨,happy\nboredom,\n", encoding="cp949")
    mapping = read_mapping(str(path))
    assert map_label("frustration", mapping) == "stress"
    assert map_label("joy", mapping) == "happy"
    assert map_label("boredom", mapping) is None
    path.write_text("source_label,label\nx,angry\n", encoding="utf-8")
    with pytest.raises(DataSetError, match="'angry' is no label"):
        read_mapping(str(path))
    with pytest.raises(DataSetError, match="no mapping called 'nothing'"):
        read_mapping("nothing")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_texts_are_read_in_the_encodings_that_people_use(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("기쁨,행복".encode(encoding))
    assert read_text(path) == "기쁨,행복"


def test_a_korean_zip_without_a_mark_keeps_its_names(tmp_path: Path) -> None:
    path = tmp_path / "k.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("zzzz/1.png", b"x")
    content = path.read_bytes().replace(b"zzzz", "기쁨".encode("cp949"))
    path.write_bytes(content)
    assert [one.name for one in iter_entries(path, [])] == ["기쁨/1.png"]
    assert source_word("기쁨") == "joy"


def _messy_folder(place: Path) -> None:
    for number in range(6):
        write_png(place / "happy" / f"h{number}.png", drawn_face("happy", number))
        write_png(place / "angry" / f"a{number}.png", drawn_face("stress", 50 + number))
    write_png(place / "neutral" / "n.png", drawn_face("neutral", 99))
    write_png(place / "contempt" / "c.png", drawn_face("stress", 98))
    (place / "happy" / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    (place / "happy" / "empty.png").write_bytes(b"")
    (place / "happy" / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic")
    (place / "happy" / "moves.gif").write_bytes(b"GIF89a")
    (place / "happy" / "again.png").write_bytes((place / "happy" / "h0.png").read_bytes())
    done, again = cv2.imencode(".jpg", drawn_face("happy", 1)[..., ::-1].copy(), [cv2.IMWRITE_JPEG_QUALITY, 95])
    assert done
    (place / "angry" / "conflict.jpg").write_bytes(again.tobytes())
    (place / "notes.txt").write_text("by hand", encoding="utf-8")
    (place / "bad.zip").write_bytes(b"PK no zip")
    (place / "surprise").mkdir()


def test_what_cannot_be_used_is_named_and_counted_and_never_fatal(tmp_path: Path) -> None:
    _messy_folder(tmp_path / "in")
    manifest = prepare(tmp_path / "in", tmp_path / "out", PrepareSettings("own", cropped=True), None)
    assert manifest.layout == "folders"
    assert manifest.left_out == {
        "the zip cannot be read: File is not a zip file": 1,
        "it is no picture (.txt)": 1,
        "HEIC is not read; save it as JPEG or PNG": 1,
        "the mapping thesis does not use 'contempt'": 1,
        "it is not a JPEG, PNG, WebP, BMP, TIFF, GIF or AVIF picture, or it is damaged": 2,
        "the file is empty": 1,
        "the same picture is there already": 1,
        "the same picture is there with another label": 2,
    }
    assert manifest.empty_classes == ("surprise",)
    assert manifest.pictures == 12
    text = (tmp_path / "out" / "own.manifest.md").read_text(encoding="utf-8")
    assert "| own | 12 | unknown | 5 | 1 | 6 | 0 |" in text
    assert "HEIC is not read" in text
    assert (manifest.files, sum(manifest.left_out.values())) == (22, 10)
    assert "Of 22 files, 12 are in the set and 0 tell of them.\nLeft out: 10." in text
    written = json.loads((tmp_path / "out" / "own.manifest.json").read_text(encoding="utf-8"))
    assert written["counts"]["stress"] == {"train": 5, "val": 1}


def test_a_prepared_set_is_read_by_training_and_can_be_prepared_again(tmp_path: Path) -> None:
    write_drawn_data(tmp_path / "in")
    settings = PrepareSettings("again", layout="csv", cropped=True)
    manifest = prepare(tmp_path / "in" / "drawn.csv", tmp_path / "out", settings, None)
    train, val = read_set(tmp_path / "out", "again", "train"), read_set(tmp_path / "out", "again", "val")
    assert manifest.pictures == len(train) + len(val) == 24
    assert len(val) == 8
    assert set(train.subjects) & set(val.subjects) == set()
    original = read_set(tmp_path / "in", "drawn", "train")
    assert np.abs(train.pictures.astype(int) - original.pictures).mean() < 4
    twice = prepare(tmp_path / "in" / "drawn.csv", tmp_path / "two", settings, None)
    assert twice.to_json() == manifest.to_json()
    assert (tmp_path / "two" / "again.csv").read_bytes() == (tmp_path / "out" / "again.csv").read_bytes()


def test_faces_are_cut_by_the_products_own_finder_and_pictures_without_one_are_counted(tmp_path: Path) -> None:
    for name, folder in (("smile_100.jpg", "happy"), ("rage_100.jpg", "angry")):
        place = tmp_path / "in" / folder
        place.mkdir(parents=True)
        (place / name).write_bytes((ASSETS_FOLDER / "actor" / "f_white" / name).read_bytes())
    write_png(tmp_path / "in" / "neutral" / "wall.png", np.full((200, 300, 3), 90, np.uint8))
    big = cv2.imread(str(ASSETS_FOLDER / "actor" / "m_white" / "neutral.jpg"))
    assert big is not None
    content = cv2.imencode(".png", cv2.resize(big, None, fx=2.5, fy=2.5))[1].tobytes()
    (tmp_path / "in" / "neutral" / "big.png").write_bytes(content)
    manifest = prepare(tmp_path / "in", tmp_path / "out", PrepareSettings("cut"), HaarFaceFinder())
    assert manifest.pictures == 3
    assert manifest.left_out == {"no face was found": 1}
    with zipfile.ZipFile(tmp_path / "out" / "cut.zip") as archive:
        crop = cv2.imdecode(np.frombuffer(archive.read("cut_000001.webp"), np.uint8), cv2.IMREAD_COLOR)
    assert crop is not None
    assert crop.shape == (100, 100, 3)


def test_zips_inside_a_folder_are_read_and_people_stay_on_one_side(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in" / "part1.zip", "w") as archive:
        for person in range(10):
            for number, (code, emotion) in enumerate((("AN", "stress"), ("HA", "happy"))):
                archive.writestr(f"AF{person:02d}{code}S.png", png(drawn_face(emotion, person * 10 + number)))
    manifest = prepare(tmp_path / "in", tmp_path / "out", PrepareSettings("kdef", cropped=True), None)
    assert (manifest.layout, manifest.pictures, manifest.people) == ("kdef", 20, 10)
    rows = rows_of(tmp_path / "out", "kdef")
    people = {split: {row["subject"] for row in rows if row["split"] == split} for split in ("train", "val")}
    assert people["train"] & people["val"] == set()
    assert len(people["val"]) == 2


def test_nothing_usable_is_a_sentence_with_the_reasons(tmp_path: Path) -> None:
    (tmp_path / "happy").mkdir()
    (tmp_path / "happy" / "x.jpg").write_bytes(b"no picture")
    with pytest.raises(DataSetError, match=r"no usable picture is left of .*damaged"):
        prepare(tmp_path, tmp_path / "out", PrepareSettings("none", cropped=True), None)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["happy", "stress"]),
            st.sampled_from(["", "a", "b", "c", "d"]),
            st.sampled_from(["", "train", "val"]),
        ),
        min_size=1,
        max_size=60,
    ),
    st.integers(0, 5),
)
def test_nobody_is_in_both_splits_and_a_given_split_is_kept(pictures: list[tuple[str, str, str]], seed: int) -> None:
    labels, subjects, given_ = ([one[n] for one in pictures] for n in range(3))
    splits, torn = split_pictures(labels, subjects, given_, 0.3, seed)
    assert set(splits) <= {"train", "val"}
    for number, (subject, before) in enumerate(zip(subjects, given_, strict=True)):
        if before and subject not in torn:
            assert splits[number] == before
        if subject in torn:
            assert splits[number] == "train" or not before
    assert split_pictures(labels, subjects, given_, 0.3, seed) == (splits, torn)


def test_a_damaged_member_of_a_zip_is_counted_and_never_stops_the_rest(tmp_path: Path) -> None:
    source = tmp_path / "source.zip"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"happy/{number}.png", png(drawn_face("happy", number)))
    content = bytearray(source.read_bytes())
    begin = content.index(b"happy/2.png") + len(b"happy/2.png")
    content[begin : begin + 6] = b"\xff" * 6
    source.write_bytes(bytes(content))
    manifest = prepare(source, tmp_path / "out", PrepareSettings("mine"), None)
    assert manifest.pictures == 3
    assert any("cannot be read" in reason for reason in manifest.left_out)


def test_another_list_beside_the_one_that_is_named_is_not_read(tmp_path: Path) -> None:
    for name, label in (("mine", "happy"), ("others", "stress")):
        write_png(tmp_path / f"{name}.png", drawn_face(label, 3))
        (tmp_path / f"{name}.csv").write_text(f"file,label\n{name}.png,{label}\n", encoding="utf-8")
    (tmp_path / "notes.csv").write_text("day,weather\nMonday,rain\n", encoding="utf-8")
    manifest = prepare(tmp_path / "mine.csv", tmp_path / "out", PrepareSettings("mine"), None)
    assert manifest.pictures == 1
    assert set(manifest.counts) == {"happy"}


def test_a_row_of_a_mapping_that_is_too_short_maps_nothing(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("label,source_label\nhappy\nstress,cross\n", encoding="utf-8")
    assert map_label("cross", read_mapping(str(tmp_path / "m.csv"))) == "stress"


def test_pictures_of_one_name_in_two_folders_of_a_zip_are_told_apart(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for folder, value in (("a", 10), ("b", 200)):
            archive.writestr(f"{folder}/1.png", png(np.full((100, 100, 3), value, np.uint8)))
    (tmp_path / "set.csv").write_text(
        "file,label,subject,split\na/1.png,happy,x,val\nb/1.png,stress,y,val\n", encoding="utf-8"
    )
    assert [int(one.mean()) for one in read_set(tmp_path, "set", "val").pictures] == [10, 200]
    assert [int(one.mean()) for one in read_validation_crops(tmp_path, "set", 2)] == [10, 200]


def test_a_table_that_is_no_csv_is_named(tmp_path: Path) -> None:
    endless = b'file,label\na.png,"' + b"x" * 200_000
    (tmp_path / "set.csv").write_bytes(endless)
    with pytest.raises(DataSetError, match=r"set\.csv cannot be read as CSV"):
        prepare(tmp_path / "set.csv", tmp_path / "out", PrepareSettings("set"), None)
    (tmp_path / "mapping.csv").write_bytes(endless.replace(b"file", b"source_label"))
    with pytest.raises(DataSetError, match=r"mapping\.csv cannot be read as CSV"):
        read_mapping(str(tmp_path / "mapping.csv"))


def test_a_damaged_table_in_a_zip_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("labels.csv", "file,label\na.png,happy\n")
    content = (tmp_path / "set.zip").read_bytes()
    (tmp_path / "set.zip").write_bytes(content.replace(b"a.png,happy", b"a.png,sorry"))
    with pytest.raises(DataSetError, match=r"labels\.csv: it cannot be read from the zip: Bad CRC"):
        prepare(tmp_path / "set.zip", tmp_path / "out", PrepareSettings("set"), None)


def test_json_that_is_nested_without_end_is_not_ai_hubs() -> None:
    assert read_aihub_votes([entry("deep.json", b"[" * 100_000)]) == {}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no text")
def test_names_in_another_encoding_are_read_as_korean_or_escaped(tmp_path: Path) -> None:
    korean, other = "행복".encode("cp949"), b"\xff\xfe"
    for number, folder in enumerate((korean, other)):
        write_png(tmp_path / "in" / "happy" / os.fsdecode(folder) / "1.png", drawn_face("happy", number))
    manifest = prepare(tmp_path / "in", tmp_path / "out", PrepareSettings("set", cropped=True), None)
    assert manifest.pictures == 2
    names = [one.name for one in iter_entries(tmp_path / "in", [])]
    assert names == ["happy/행복/1.png", "happy/\\xff\\xfe/1.png"]
