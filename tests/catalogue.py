"""Keeps the catalogues in step with the sources: `python -m tests.catalogue` after texts have changed.

New texts are added without a translation, texts that are gone are removed, and the binary catalogues are compiled.
"""

from __future__ import annotations

import ast
import io
import itertools
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from app.cli.groups import unwrapped
from app.version import __version__
from app.words.language import DOMAIN, LOCALE_FOLDER, SOURCE_LANGUAGE, language_names

APP = LOCALE_FOLDER.parent
CORE = APP.parent / "core"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
COMMAND = re.compile(r"\b(command|group|lazy_group)\(")


def translatable_errors() -> set[str]:
    """The errors of `core` whose first argument is a text of the catalogue."""
    heads = (
        re.findall(r"^class (\w+)\((\w+)\):", path.read_text("utf-8"), re.MULTILINE) for path in CORE.rglob("*.py")
    )
    bases = dict(itertools.chain.from_iterable(heads))
    found = {"TranslatableError"}
    while more := {name for name, base in bases.items() if base in found} - found:
        found |= more
    return found


def command_texts() -> Iterator[tuple[str, int, str]]:
    """The help of each command, which is its docstring, with its place."""
    for path in (APP / "cli").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(
                COMMAND.search(ast.unparse(one)) for one in node.decorator_list
            ):
                yield f"app/{path.relative_to(APP).as_posix()}", node.lineno, unwrapped(ast.get_docstring(node) or "")


def source_messages() -> Catalog:
    """Every text that the app shows, as its sources have it."""
    catalogue = Catalog(domain=DOMAIN, charset="utf-8")
    errors = dict.fromkeys(translatable_errors())
    for folder, keywords in ((APP, KEYWORDS), (CORE, errors)):
        found = extract_from_dir(folder, [("**.py", "python")], keywords=keywords, comment_tags=("Translators:",))
        for file, line, message, comments, context in found:
            place = (f"{folder.name}/{Path(file).as_posix()}", line)
            catalogue.add(message, None, [place], auto_comments=comments, context=context)
    for name, line, text in command_texts():
        catalogue.add(text, None, [(name, line)])
    return catalogue


def catalogue_folders() -> Iterator[tuple[str, Path]]:
    """Each translated language and the folder of its catalogue."""
    for language in language_names():
        if language != SOURCE_LANGUAGE:
            yield language, LOCALE_FOLDER / language / "LC_MESSAGES"


def read_catalogue(language: str, folder: Path) -> Catalog:
    """A language's catalogue; an empty one where there is none yet."""
    path = folder / f"{DOMAIN}.po"
    if not path.is_file():
        return Catalog(locale=language, domain=DOMAIN, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def compiled(catalogue: Catalog) -> bytes:
    """The binary catalogue."""
    content = io.BytesIO()
    write_mo(content, catalogue)
    return content.getvalue()


def missing_texts(catalogue: Catalog) -> list[str]:
    """Texts without a translation, or with one that is marked as doubtful."""
    return [str(message.id) for message in catalogue if message.id and (message.fuzzy or not _is_whole(message.string))]


def _is_whole(translation: object) -> bool:
    return all(translation) if isinstance(translation, list | tuple) else bool(translation)


def _fill_header(catalogue: Catalog) -> None:
    """Say what this is, instead of what Babel writes for somebody to fill in."""
    catalogue.project, catalogue.version, catalogue.fuzzy = "Calmline", __version__, False
    catalogue.msgid_bugs_address = catalogue.last_translator = "The makers of Calmline"
    catalogue.language_team = "Korean"
    if isinstance(catalogue.revision_date, str):
        catalogue.revision_date = datetime(2026, 11, 28, tzinfo=UTC)


def update() -> int:
    """Bring every catalogue up to date; returns how many texts lack a translation."""
    missing = 0
    for language, folder in catalogue_folders():
        catalogue = read_catalogue(language, folder)
        catalogue.update(source_messages(), no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        _fill_header(catalogue)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{DOMAIN}.po").open("wb") as file:
            write_po(file, catalogue, width=120, no_location=True, sort_output=True, include_previous=False)
        (folder / f"{DOMAIN}.mo").write_bytes(compiled(catalogue))
        for text in missing_texts(catalogue):
            print(f"{language}: {text}")
            missing += 1
    return missing


if __name__ == "__main__":
    sys.exit(1 if update() else 0)
