"""README.md says nothing that no test holds: each sentence that claims something is listed here with its tests."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")

HELD_BY = {
    "During a call it looks at your face": (
        "tests/tui/test_calls.py: test_a_call_shows_its_level_and_stores_every_reading, test_every_call_starts_at_level_0"
    ),
    "You see how": (
        "tests/tui/test_calls.py: test_a_script_can_start_reset_and_end_a_call_over_the_control_channel; "
        "tests/store/test_export_consent.py: test_nothing_leaves_while_nothing_is_shared"
    ),
    "No picture of the camera is ever shown, kept or sent": (
        "tests/privacy/test_sources.py: test_nothing_writes_a_picture_but_the_two_commands_that_draw_on_the_persons_own_files; "
        "tests/privacy/test_confinement.py: test_a_way_out_is_refused; "
        "tests/store/test_contents.py: test_every_text_of_the_record_is_described_and_nothing_else"
    ),
    "No network suits every face": (
        "tests/minute/test_minute.py: "
        "test_after_the_wizard_the_level_is_nearer_to_what_is_right_than_that_of_most_networks, "
        "test_the_picture_is_of_the_networks_that_are_shipped, test_it_is_drawn_in_both_languages_as_svg_and_png"
    ),
    "You need Python": "tests/docs/test_readme.py: test_the_python_that_is_needed_is_the_one_that_is_declared",
    "In a checkout": (
        "tests/app/test_installing.py: "
        "test_the_first_start_makes_an_environment_and_installs_by_hash_and_the_second_does_nothing"
    ),
    "The first start sets itself up": (
        "tests/app/test_installing.py: "
        "test_the_first_start_makes_an_environment_and_installs_by_hash_and_the_second_does_nothing, "
        "test_a_computer_for_which_litert_is_not_made_is_told_so_before_anything_is_fetched"
    ),
    "In another language": "tests/docs/test_commands.py: test_a_command_line_in_the_docs_is_one_that_can_be_given",
    "The first run is a wizard": (
        "tests/tui/test_wizard.py: test_the_whole_way_leads_from_welcome_to_the_monitor_with_a_verdict_in_the_record; "
        "tests/docs/test_links.py: test_the_user_guide_names_every_step_of_the_wizard"
    ),
    "Every shipped network is graded": (
        "tests/method/test_grading.py: test_grades_are_those_of_the_method, "
        "test_ties_go_to_the_higher_mean_then_the_faster_network_then_the_id; "
        "tests/adapt/test_tuned.py: test_every_line_may_be_chosen_and_the_best_by_the_rule_comes_first"
    ),
    "The pictures are made": "tests/docs/test_readme.py: test_what_makes_pictures_makes_those_that_are_shown",
    "A smile under strain reads as happy": "tests/method/test_level.py: test_above_zero_each_emotion_moves_the_level_by_the_thesis_step",
    "There Calmline is a personal training aid": (
        "tests/store/test_consent_rules.py: test_nothing_is_ever_shared_in_the_eea; "
        "tests/tui/test_sharing.py: test_where_the_law_forbids_sharing_every_screen_says_what_calmline_is"
    ),
    "| you |": (
        "tests/store/test_export_consent.py: test_the_counsellors_own_copy_is_complete_whatever_is_shared; "
        "tests/store/test_backup.py: test_it_holds_every_row_of_every_table_and_comes_back"
    ),
    "| a supervisor |": (
        "tests/store/test_export_consent.py: test_nothing_leaves_before_the_person_was_asked, "
        "test_what_was_recorded_unshared_can_be_released_and_nothing_later_goes_along"
    ),
    "| anybody else |": (
        "tests/privacy/test_confinement.py: test_a_way_out_is_refused; "
        "tests/privacy/test_sources.py: test_nothing_imports_what_reaches_another_machine"
    ),
    "`opencv-python-headless` is OpenCV": (
        "tests/docs/test_links.py: test_the_readme_says_why_its_two_libraries_are_what_they_are; "
        "tests/docs/test_readme.py: test_tensorflow_is_declared_for_training_only; "
        "tests/app/test_structure.py: test_a_command_loads_what_it_needs_and_no_more"
    ),
    "MIT for the code": "tests/candidates/test_shipped.py: test_a_shipped_card_names_its_data_and_terms",
}
"""How a sentence (or a row of the table) begins, and the tests that fail where it is not true any more."""

CLAIMS_NOTHING = {
    "A calm companion": "a greeting",
    "On Windows say": "how Python is called there, not how this program is",
    "한국어 화면": "links, looked at by tests/docs/test_links.py",
    "It sees a face": "a limit",
    "Glasses, light": "a limit, and what follows from it",
    "Nobody should be": "a wish",
    "In the European Union": "the law",
    "In Korea the law": "the law",
    "This is no legal": "a limit",
}
"""Sentences that promise nothing of this program, and what they are instead."""


def sentences() -> list[str]:
    """Every sentence outside of headings, command lines, pictures and lists of links; each row of the table is one."""
    found: list[str] = []
    for block in TEXT.split("\n\n"):
        if block.startswith(("#", "    ", "!", "- ")):
            continue
        if block.startswith("|"):
            found += block.splitlines()[2:]
        else:
            plain = " ".join(block.split())
            found += re.split(r"(?<=[^ ][.:])\s+(?=[A-Z])", plain)
    return found


def test_every_sentence_is_listed_and_nothing_is_listed_that_is_not_said() -> None:
    begun = {**HELD_BY, **CLAIMS_NOTHING}
    unknown = [one for one in sentences() if not one.startswith(tuple(begun))]
    unsaid = [begins for begins in begun if not any(one.startswith(begins) for one in sentences())]
    assert (unknown, unsaid) == ([], [])


@pytest.mark.parametrize("begins", HELD_BY)
def test_the_tests_of_a_sentence_are_there(begins: str) -> None:
    for place in HELD_BY[begins].split("; "):
        file, _colon, names = place.partition(": ")
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert set(names.split(", ")) <= there, place


def project() -> dict[str, object]:
    found: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def test_the_python_that_is_needed_is_the_one_that_is_declared() -> None:
    [said] = re.findall(r"You need Python (3\.\d+) or newer", TEXT)
    needed = SpecifierSet(str(project()["requires-python"]))
    before = f"3.{int(said.partition('.')[2]) - 1}"
    assert (said in needed, before in needed) == (True, False)


def test_tensorflow_is_declared_for_training_only() -> None:
    extras = project()["optional-dependencies"]
    assert isinstance(extras, dict)
    heavy = {
        name for name, packages in extras.items() if any(one.startswith(("tensorflow", "keras")) for one in packages)
    }
    assert heavy == {"train"}
    declared = project()["dependencies"]
    assert isinstance(declared, list)
    assert not any(one.startswith(("tensorflow", "keras")) for one in declared)
    assert any(one.startswith("opencv-python-headless") for one in declared)
    assert any(one.startswith("ai-edge-litert") for one in declared)


def test_what_makes_pictures_makes_those_that_are_shown() -> None:
    shown = {Path(one).name for one in re.findall(r"docs/pictures/[\w.]+", TEXT)}
    code = "".join(
        (ROOT / "tests" / name).read_text(encoding="utf-8") for name in ("pictures.py", "minute/__main__.py")
    )
    stems = {one.partition(".")[0] for one in shown}
    assert stems == {"minute", "run", "call", "verdict"}
    assert all(stem in code for stem in stems)
