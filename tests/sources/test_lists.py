"""What a list may name: what lies beside it or below, in whatever writing."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from core.candidates.classify import GradeInputError, iter_expression_pictures
from core.method.emotion import EXPRESSIONS
from core.method.expression_words import expression_named
from core.sources.entries import Entry, EntryIndex, clean_name, iter_entries
from core.sources.pictures import iter_pictures
from core.sources.tables import TableError, rows_of
from core.system.files import FileError
from tests.cases import CASES

ROOT = Path(__file__).parents[2]
STREAMS = """
import sys, zipfile
with zipfile.ZipFile(sys.stdout.buffer, "w", zipfile.ZIP_DEFLATED) as archive:
    with archive.open("\uc6c3\uc74c/a.png", "w", force_zip64=True) as member:
        member.write(b"x")
"""
"""Writes a zip into a pipe, where it cannot go back to a member's head."""


def made(folder: Path, *names: str) -> EntryIndex:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return EntryIndex(iter_entries(folder, []), folder)


def graded(path: Path) -> list[tuple[str, bool]]:
    """Each picture's expression, and whether it was read."""
    return [(one.expression_id, one.picture.pixels is not None) for one in iter_expression_pictures(path)]


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            "a.png",
            "./a.png",
            "A.PNG",
            " a.png ",
            "b/웃음.png",
            "b\\웃음.png",
            unicodedata.normalize("NFD", "b/웃음.png"),
        ],
    )
    def test_a_list_names_what_lies_beside_it_or_below(self, tmp_path: Path, name: str) -> None:
        assert made(tmp_path, "a.png", "b/웃음.png").find(name) is not None

    def test_a_file_from_a_mac_is_found_by_a_list_from_elsewhere(self, tmp_path: Path) -> None:
        assert made(tmp_path, unicodedata.normalize("NFD", "웃음.png")).find("웃음.png") is not None

    def test_a_path_of_another_computer_is_found_by_its_bare_name_where_only_one_has_it(self, tmp_path: Path) -> None:
        index = made(tmp_path, "c/one.png", "c/two.png", "d/two.png")
        assert index.find("C:\\Users\\kim\\one.png") is not None
        assert index.find("/home/kim/one.png") is not None
        assert index.find("C:\\Users\\kim\\two.png") is None

    @pytest.mark.parametrize("name", ["../secret.png", "/etc/secret.png", "in/../../secret.png", "C:secret.png", ""])
    def test_a_list_cannot_lead_out_of_its_folder(self, tmp_path: Path, name: str) -> None:
        made(tmp_path, "secret.png")
        assert made(tmp_path / "in", "own.png").find(name) is None

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no text")
    def test_a_name_that_is_no_text_becomes_one(self, tmp_path: Path) -> None:
        for raw in (b"\xb1\xe8.png", b"\xff.png"):
            (tmp_path / os.fsdecode(raw)).write_bytes(b"x")
        assert [one.name for one in iter_entries(tmp_path, [])] == ["김.png", "\\xff.png"]

    @given(st.text())
    def test_every_name_can_be_written_down(self, name: str) -> None:
        if not any("\ud800" <= letter <= "\udfff" for letter in name):
            assert unicodedata.is_normalized("NFC", clean_name(name))
            clean_name(name).encode()

    def test_what_macos_and_windows_leave_is_passed_over_in_folders_and_zips(self, tmp_path: Path) -> None:
        names = ("a.png", "._a.png", "__MACOSX/._a.png", "b/.DS_Store", "b/Thumbs.db")
        made(tmp_path / "in", *names)
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            for name in names:
                archive.writestr(name, b"x")
        for place in ("in", "all.zip"):
            assert [one.name for one in iter_entries(tmp_path / place, [])] == ["a.png"]

    def test_a_zip_that_was_streamed_and_one_behind_a_program_are_read(self, tmp_path: Path) -> None:
        """Sizes stand behind each member, in 64 bits; and what unpacks itself has the zip at its end."""
        streamed = tmp_path / "streamed.zip"
        with subprocess.Popen([sys.executable, "-c", STREAMS], stdout=subprocess.PIPE) as program:
            assert program.stdout is not None
            streamed.write_bytes(program.stdout.read())
        (tmp_path / "itself.zip").write_bytes(b"MZ" + b"\0" * 5000 + streamed.read_bytes())
        for place in ("streamed.zip", "itself.zip"):
            [entry] = iter_entries(tmp_path / place, [])
            assert (entry.name, entry.read()) == ("웃음/a.png", b"x")

    @pytest.mark.parametrize(
        ("name", "encoding"),
        [
            ("웃음/똠방각하.png", "cp949"),
            ("미소/김 (1).png", "utf-8"),
            ("Lächeln/Müller.png", "cp850"),
            ("Größe/Çağrı ß.png", "utf-8"),
            ("été/Ñandú.png", "cp437"),
        ],
    )
    def test_a_zip_that_does_not_say_its_encoding_keeps_the_names_of_korea_and_of_europe(
        self, tmp_path: Path, name: str, encoding: str
    ) -> None:
        content = io.BytesIO()
        plain = "".join("?" * len(one.encode(encoding)) if ord(one) > 127 else one for one in name)
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(plain, b"x")
        named = content.getvalue().replace(plain.encode(), name.encode(encoding))
        (tmp_path / "all.zip").write_bytes(named)
        assert [one.name for one in iter_entries(tmp_path / "all.zip", [])] == [name]

    def test_a_linked_folder_is_read_once_and_a_circle_is_named(self, tmp_path: Path) -> None:
        made(tmp_path / "elsewhere", "a.png")
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "happy").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
        (tmp_path / "in" / "up").symlink_to(tmp_path / "in", target_is_directory=True)
        broken: list[tuple[str, FileError]] = []
        assert [one.name for one in iter_entries(tmp_path / "in", broken)] == ["happy/a.png"]
        assert [(name, str(why)) for name, why in broken] == [("up/", "a link to a folder that is read already")]


class TestTables:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_every_way_in_which_people_save_a_list_is_read(self, encoding: str, separator: str, end: str) -> None:
        lines = [
            separator.join(cells) for cells in (("File", " expression"), ("웃음1.jpg ", "미소"), ("", ""), ("", ""))
        ]
        content = (end.join(lines) + end).encode(encoding)
        assert rows_of("list.csv", content, ("file", "expression")) == [{"file": "웃음1.jpg", "expression": "미소"}]

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    def test_utf16_without_a_mark_and_stray_marks_and_zeros_are_read(self, encoding: str) -> None:
        text = "file,expression\r\n웃음.jpg,smile\r\n"
        rows = [{"file": "웃음.jpg", "expression": "smile"}]
        assert rows_of("list.csv", text.encode(encoding), ("file",)) == rows
        assert rows_of("list.csv", f"\ufeff\ufeff{text[:-2]}\0\r\n".encode(), ("file",)) == rows

    def test_an_old_or_locked_sheet_of_excel_is_called_that(self) -> None:
        with pytest.raises(TableError, match=r"list\.xls is an old or a locked sheet of Excel; save it as CSV"):
            rows_of("list.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ("file",))

    @pytest.mark.parametrize("state", ["hidden", "veryHidden"])
    def test_of_an_excel_file_the_sheet_is_read_that_a_person_sees(self, state: str) -> None:
        """Some programs write the first sheet as the active one although it is hidden."""
        book, written, content = Workbook(), io.BytesIO(), io.BytesIO()
        book["Sheet"].append(["settings"])
        book["Sheet"].sheet_state = state
        seen = book.create_sheet("seen")
        for row in (("file", "expression"), ("a.jpg", "smile")):
            seen.append(row)
        book.save(written)
        with zipfile.ZipFile(written) as before, zipfile.ZipFile(content, "w") as after:
            for name in before.namelist():
                after.writestr(name, before.read(name).replace(b'activeTab="1"', b'activeTab="0"'))
        assert rows_of("list.xlsx", content.getvalue(), ("file",)) == [{"file": "a.jpg", "expression": "smile"}]

    def test_excels_own_first_line_and_short_rows_are_understood(self) -> None:
        content = b"sep=;\r\nfile;label\r\na.jpg\r\n"
        assert rows_of("list.csv", content, ("file", "label")) == [{"file": "a.jpg", "label": ""}]

    @pytest.mark.parametrize("content", [b"", b"file,label\n", b"file,label\n,\n", b"day,weather\nMonday,rain\n"])
    def test_a_list_without_a_row_or_a_column_says_what_it_needs(self, content: bytes) -> None:
        with pytest.raises(TableError, match=r"list\.csv needs the columns file, label, and a row"):
            rows_of("list.csv", content, ("file", "label"))


class TestExpressions:
    @pytest.mark.parametrize(
        ("word", "expression_id"),
        [
            ("Smile", "smile"),
            ("OPEN SMILE", "open_smile"),
            ("open-smile", "open_smile"),
            ("03_laugh", "laugh"),
            ("무표정", "expressionless"),
            (unicodedata.normalize("NFD", "미소"), "smile"),
            ("Surprised eyes", "eyes_surprise"),
        ],
    )
    def test_people_call_expressions_by_many_names(self, word: str, expression_id: str) -> None:
        expression = expression_named(word)
        assert expression is not None
        assert expression.id == expression_id

    @given(st.sampled_from(EXPRESSIONS), st.sampled_from([str.upper, str.title, str.casefold]))
    def test_every_id_means_itself_in_any_case(self, expression: object, case: object) -> None:
        assert callable(case)
        assert expression_named(case(getattr(expression, "id"))) is expression  # noqa: B009 - a strategy's value

    @pytest.mark.parametrize("word", ["", "holiday", "1", "me"])
    def test_other_words_mean_none(self, word: str) -> None:
        assert expression_named(word) is None


class TestCases:
    @pytest.mark.parametrize(
        "name",
        [
            "grade_cp949.csv",
            "grade_cp949.zip",
            "grade_nfd_folder",
            "grade_nfd_folder/list.csv",
            "excel_lists/grade_cp949.csv",
            "excel_lists/grade_empty_rows.csv",
        ],
    )
    def test_a_list_of_korean_names_is_graded(self, name: str) -> None:
        assert graded(CASES / name) == [("laugh", True)]

    def test_a_folder_with_a_capital_is_an_expression_and_another_name_is_named(self, tmp_path: Path) -> None:
        assert graded(CASES / "grade_capitals") == [("laugh", True), ("smile", True)] or graded(
            CASES / "grade_capitals"
        ) == [("smile", True), ("laugh", True)]
        made(tmp_path, "Smile/a.png", "holiday/b.png", "holiday/c.png", "d.png")
        named = [one.picture.name for one in iter_expression_pictures(tmp_path) if not one.expression_id]
        assert named == ["d.png", "holiday/"]

    def test_a_list_that_names_a_video_is_told_so(self, tmp_path: Path) -> None:
        made(tmp_path, "clip.mp4", "a.png")
        (tmp_path / "list.csv").write_text("file,expression\nclip.mp4,smile\n", encoding="utf-8")
        [only] = iter_expression_pictures(tmp_path / "list.csv")
        assert str(only.picture.problem) == "it is a video, not a picture"

    def test_a_jfif_is_read_and_a_heic_named(self) -> None:
        read = {one.name: one for one in iter_pictures(CASES / "heic_jfif_folder")}
        assert read["me.jfif"].pixels is not None
        assert str(read["IMG_0001.HEIC"].problem) == "HEIC is not read; save it as JPEG or PNG"

    def test_a_folder_that_is_a_link_to_nowhere_is_called_that(self, tmp_path: Path) -> None:
        made(tmp_path, "smile/a.png")
        (tmp_path / "frown").symlink_to(tmp_path / "nowhere", target_is_directory=True)
        (tmp_path / "clip.mov").write_bytes(b"x")
        told = {one.picture.name: str(one.picture.problem) for one in iter_expression_pictures(tmp_path)}
        assert told["frown"] == "a link that leads nowhere"
        assert told["clip.mov"] == "it is a video, not a picture"

    def test_a_folder_that_tells_no_expression_is_refused(self, tmp_path: Path) -> None:
        made(tmp_path, "holiday/b.png")
        with pytest.raises(GradeInputError, match="no_expression"):
            graded(tmp_path)
        made(tmp_path, "one.csv", "two.csv")
        with pytest.raises(GradeInputError, match="no_expression"):
            graded(tmp_path)


READERS = {
    "core/sources/tables.py",  # every list that a person hands over
    "core/sources/entries.py",  # every zip that a person hands over
    "core/sources/actor.py",  # tables that are shipped
    "core/training/history.py",  # what it has written itself, and the next two
    "core/evaluation/detector_crops.py",
    "core/evaluation/reviewing.py",
    "core/datasets/preparing.py",  # only writes
}
"""What may open a CSV or a zip: people's files are read in one way, whatever the command."""


def test_lists_and_zips_are_read_in_one_place() -> None:
    opens = re.compile(r"csv\.(reader|DictReader)|read_csv|zipfile\.ZipFile\(|open_workbook|load_workbook")
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("app", "core")
        for path in (ROOT / folder).rglob("*.py")
        if opens.search(path.read_text(encoding="utf-8"))
    }
    assert found == READERS


def test_an_entry_knows_its_parts() -> None:
    entry = Entry("a/b/c.d.JPG", lambda: b"")
    assert (entry.parts, entry.last, entry.stem, entry.suffix) == (("a", "b"), "c.d.JPG", "c.d", ".jpg")
