"""Links between the pages lead somewhere, and the README is one page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.tui.wizard.steps import WIZARD

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")] + sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [one for one in targets if not (page.parent / one).exists()] == []


def test_the_readme_is_one_page_of_eighty_lines() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 80


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_a_page_that_tells_how_to_test_names_both_runs(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert text.count("python3 -m tests thorough") >= 1 <= text.count("python3 -m tests ")


def test_the_readme_says_why_its_two_libraries_are_what_they_are() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "`opencv-python-headless` is OpenCV without its windows" in text
    assert "LiteRT is TensorFlow's own run time" in text


def test_the_user_guide_names_every_step_of_the_wizard() -> None:
    text = (ROOT / "docs" / "user-guide.md").read_text(encoding="utf-8")
    steps = re.findall(r"^(\d+)\. \*\*", text, re.MULTILINE)
    assert steps == [str(number + 1) for number in range(len(WIZARD))]
    assert (
        f"a wizard of {('zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight')[len(WIZARD)]} steps"
        in text
    )
