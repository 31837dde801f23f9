"""docs/privacy.md says nothing that no test holds."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from app.cli.privacy import report
from app.cli.privacy.report import promises
from app.terminal.stderr_guard import MAX_LOG_BYTES
from core.privacy.confinement import Confinement, Reach
from core.store.contents import TEXTS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
NOTES = dict(re.findall(r"^\[\^(\w+)\]: (.*)$", TEXT, re.MULTILINE))
BODY = TEXT.partition("\n[^")[0]


def sentences() -> list[str]:
    """Every sentence outside of headings and tables, with the notes that stand behind it."""
    blocks = re.split(r"\n\n|\n(?=- )", BODY)
    prose = [" ".join(block.split()) for block in blocks if not block.lstrip().startswith(("#", "|"))]
    return [one for block in prose for one in re.split(r"(?<=\])\s+(?=[A-Z“`])|(?<=[.:])\s+(?=[A-Z“`])", block) if one]


INTRODUCING = (
    "So it says instead",
    "These can still hide",
    "Three parties",
    "- Whoever is root",
    "- Blocks that a disk",
    "Each sentence here",
)
"""What leads to the sentences after it and claims nothing that they do not, and a limit that no test can show."""


def test_every_sentence_has_its_test() -> None:
    bare = [one for one in sentences() if "[^" not in one and not one.startswith(INTRODUCING)]
    assert bare == []
    assert len(sentences()) > 40


def test_every_note_is_used_and_names_a_test_that_is_there() -> None:
    used = set(re.findall(r"\[\^(\w+)\]", BODY))
    assert used == set(NOTES)
    for note in NOTES.values():
        for place in note.split("; "):
            file, _colon, names = place.partition(": ")
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            assert set(names.split(", ")) <= there, place


COLUMNS = {
    "Linux": ("linux", Confinement(files=True, scoped=True, calls=True)),
    "Linux without Landlock": ("linux", Confinement(calls=True)),
    "macOS": ("darwin", Confinement()),
    "Windows": ("win32", Confinement()),
}


@pytest.mark.parametrize("column", COLUMNS)
def test_the_table_is_what_the_code_decides(column: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in BODY.splitlines() if line.startswith("|")]
    place = rows[0].index(column)
    said = {row[0]: row[place] for row in rows[2:]}
    system, held = COLUMNS[column]
    monkeypatch.setattr(report, "probes", Probes())
    monkeypatch.setattr(sys, "platform", system)
    for name in ("memory_is_ours", "no_core_file"):
        monkeypatch.setattr(report, name, lambda: True)
    lines = promises(held, Reach((), (tmp_path,), tmp_path))
    decided = {f"{line.name}: {line.text.rpartition(' (')[0]}": line.kept_by.value for line in lines}
    assert decided == {name.replace("`", ""): kept_by for name, kept_by in said.items()}


class Probes:
    """Whatever is tried is refused."""

    def __getattr__(self, name: str) -> object:
        return lambda *arguments: True


def test_the_limits_are_those_of_the_code() -> None:
    for number, column in (("500", "call_note.text"), ("200", "calibration.camera"), ("4096", "export_log.target")):
        assert f",{number}}}" in TEXTS[column]
        assert f"{int(number):,}" in BODY
    assert "two megabytes" in BODY
    assert 2 * MAX_LOG_BYTES == 2_000_000
