"""The texts: complete, fresh, and chosen rightly."""

from __future__ import annotations

import ast
import pickle
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.main import COMMANDS
from app.words.calls import control_error_sentence
from app.words.consent_text import consent_text
from app.words.errors import (
    known_error_sentence,
    notice_sentence,
    refusal_sentence,
    store_error_sentence,
    trouble_sentence,
)
from app.words.language import (
    DOMAIN,
    PROGRAM,
    _,
    current_language,
    language_names,
    ngettext,
    other_language,
    preferred_language,
    use_language,
    use_program,
)
from app.words.regions import ELSEWHERE, REGIONS, likely_region
from app.words.sentences import expression_advice, expression_name, outcome_name
from app.words.tension import tension_word_name
from core.control.protocol import ControlError, ControlErrorCode
from core.datasets.labelled import DataSetError
from core.method.emotion import EXPRESSIONS, Outcome
from core.method.tension import TensionWord
from core.sources.source import SourceProblem
from core.store.errors import Notice, NoticeCode, StoreError, StoreErrorCode
from core.store.export import Refusal
from tests.catalogue import (
    CORE,
    catalogue_folders,
    compiled,
    missing_texts,
    read_catalogue,
    source_messages,
    translatable_errors,
)

JUDGING = re.compile(r"you are (stressed|tense|angry|sad)|your stress|스트레스를 받고", re.IGNORECASE)


def fields(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name}


@pytest.mark.parametrize(("language", "folder"), list(catalogue_folders()))
class TestCatalogue:
    def test_every_text_has_a_translation_and_none_is_left_over(self, language: str, folder: object) -> None:
        catalogue = read_catalogue(language, folder)  # type: ignore[arg-type]  # a folder, given by pytest
        sources = {message.id for message in source_messages() if message.id}
        assert {message.id for message in catalogue if message.id} == sources, "run: python3 -m tests.catalogue"
        assert missing_texts(catalogue) == []

    def test_the_compiled_catalogue_is_fresh(self, language: str, folder: object) -> None:
        from pathlib import Path

        assert isinstance(folder, Path)
        binary = (folder / "calmline.mo").read_bytes()
        assert binary == compiled(read_catalogue(language, folder)), "run: python3 -m tests.catalogue"

    def test_a_translation_names_the_same_things_as_its_source(self, language: str, folder: object) -> None:
        for message in read_catalogue(language, folder):  # type: ignore[arg-type]  # as above
            originals = message.id if isinstance(message.id, tuple | list) else [message.id]
            translations = message.string if isinstance(message.string, tuple | list) else [message.string]
            if message.id:
                wanted = fields(originals[-1])
                assert all(fields(str(text)) == wanted for text in translations), message.id

    def test_no_text_judges(self, language: str, folder: object) -> None:
        for message in read_catalogue(language, folder):  # type: ignore[arg-type]  # as above
            assert not JUDGING.search(f"{message.id} {message.string}")


@pytest.mark.parametrize("language", list(language_names()))
def test_every_value_of_core_has_its_words_in_every_language(language: str) -> None:
    use_language(language)
    words = [outcome_name(outcome) for outcome in Outcome]
    words += [part(expression.id) for expression in EXPRESSIONS for part in (expression_name, expression_advice)]
    words += [tension_word_name(word) for word in TensionWord]
    words += [trouble_sentence(trouble, "camera 0") for trouble in SourceProblem]
    words += [store_error_sentence(StoreError(code, "x")) for code in StoreErrorCode]
    words += [notice_sentence(Notice(code, "x")) for code in NoticeCode]
    words += [control_error_sentence(ControlError(code, "x")) for code in ControlErrorCode]
    words += [refusal_sentence(refusal) for refusal in Refusal]
    assert all(words)
    assert not any("{" in word for word in words)
    assert len(consent_text(language)) > 500


def test_the_language_in_use_can_be_changed_and_what_is_unknown_stays_english() -> None:
    use_language("ko")
    assert (current_language(), other_language()) == ("ko", "en")
    assert _("Settings") == "설정"
    assert _("nothing that was ever translated") == "nothing that was ever translated"
    assert ngettext("{count} call", "{count} calls", 2) == "통화 {count}건"
    with pytest.raises(ValueError, match="no language"):
        use_language("tlh")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LC_ALL": "ko_KR.UTF-8", "LANG": "en_US.UTF-8"}, "ko"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
    ],
)
def test_the_computers_language_is_taken_where_we_speak_it(environment: dict[str, str], language: str) -> None:
    assert preferred_language(environment) == language


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("ko_KR.UTF-8", "KR"),
        ("ko", "KR"),
        ("en_GB.UTF-8", "GB"),
        ("de_DE@euro", "EU"),
        ("nb_NO.UTF-8", "EU"),
        ("pt_BR", ELSEWHERE),
        ("C", ELSEWHERE),
    ],
)
def test_a_region_is_guessed_from_the_locale(name: str, region: str) -> None:
    assert likely_region(name) == region


@given(st.text(max_size=20))
def test_any_locale_leads_to_a_region_that_is_offered(name: str) -> None:
    assert likely_region(name) in REGIONS


def test_commands_are_named_as_they_are_typed_here() -> None:
    try:
        use_program("python3 -m app")
        assert _("No network could be used. “calmline doctor” says why; Esc goes back.").startswith(
            "No network could be used. “python3 -m app doctor”"
        )
        use_language("ko")
        assert "“python3 -m app doctor”" in _("No network could be used. “calmline doctor” says why; Esc goes back.")
        use_language("en")
        for name, (_module, line) in COMMANDS.items():
            if line:  # the others are names of before
                text = f"say calmline {name} now"
                assert _(text) == f"say python3 -m app {name} now"
        assert _("calmline-backup.db and calmline %(version)s") == "calmline-backup.db and calmline %(version)s"
    finally:
        use_program(PROGRAM)
        use_language("en")


def test_a_checkout_calls_itself_by_what_starts_it_there() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "app", "--language", "en", "export", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    ).stdout
    here = "python" if sys.platform == "win32" else "python3"
    assert shown.startswith(f"Usage: {here} -m app export")
    assert f"Example: {here} -m app export" in shown


def test_the_head_of_each_catalogue_says_what_it_is() -> None:
    for language, folder in catalogue_folders():
        head = (folder / f"{DOMAIN}.po").read_text(encoding="utf-8").split("\n\n", 1)[0]
        assert f"Language: {language}" in head
        for left_open in ("PROJECT", "EMAIL@ADDRESS", "FULL NAME", "YEAR-MO-DA", "LL@li.org", "fuzzy"):
            assert left_open not in head


def errors_for_a_person() -> Iterator[tuple[str, ast.Call]]:
    """Where `core` makes an error with a message for a person."""
    names = translatable_errors()
    for path in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield f"{path.name}:{node.lineno}", node


def test_every_error_for_a_person_names_its_facts_in_a_text_of_the_catalogue() -> None:
    found = list(errors_for_a_person())
    assert len(found) > 50
    for place, call in found:
        [text] = call.args
        if ast.unparse(text) == "template":  # made again from what another process told
            continue
        assert isinstance(text, ast.Constant), place
        assert fields(str(text.value)) == {str(one.arg) for one in call.keywords}, place


UNSEEN = {"BlendError", "HeadError"}
"""Errors of numbers that the program keeps for itself: nobody is shown what was wrong with them."""


def test_every_error_of_core_that_has_a_message_of_its_own_is_said_in_every_language() -> None:
    heads = "".join(path.read_text(encoding="utf-8") for path in CORE.rglob("*.py"))
    errors = set(re.findall(r"^class (\w+)\(\w*(?:Error|Exception)\):", heads, re.MULTILINE))
    assert len(errors) > 20
    plain = errors - translatable_errors() - UNSEEN
    english = {
        f"{path.name}:{node.lineno}"
        for path in CORE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in plain
        and any(
            isinstance(one, ast.JoinedStr) or (isinstance(one, ast.Constant) and " " in str(one.value))
            for one in node.args[:1]
        )
    }
    assert english == set()


def test_an_error_is_said_in_the_persons_language_with_the_errors_that_it_names() -> None:
    inner = DataSetError("there is no picture")
    error = DataSetError("no usable picture is left of {source}: {reasons}", source="{x}.zip", reasons=inner)
    assert str(error) == "no usable picture is left of {x}.zip: there is no picture"
    assert known_error_sentence(error) == str(error)
    several = DataSetError("no usable picture is left of {source}: {reasons}", source="x.zip", reasons=[inner, inner])
    assert str(several) == "no usable picture is left of x.zip: there is no picture, there is no picture"
    use_language("ko")
    try:
        assert known_error_sentence(several) == "x.zip에 쓸 수 있는 사진이 남지 않았어요: 사진이 없어요, 사진이 없어요"
        assert known_error_sentence(error) == "{x}.zip에 쓸 수 있는 사진이 남지 않았어요: 사진이 없어요"
    finally:
        use_language("en")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
