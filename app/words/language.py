"""The language that people read: English in the sources, every other one from the catalogues in `app/locale`.

The language in use belongs to the process, like the terminal it is shown on; it changes only through `use_language`.
Only the standard library is imported here: the first start speaks by it, too (app/bootstrap.py).
"""

from __future__ import annotations

import gettext as gettext_library
import locale
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

DOMAIN = "calmline"
LOCALE_FOLDER = Path(__file__).resolve().parents[1] / "locale"
SOURCE_LANGUAGE = "en"
LANGUAGE_VARIABLE = "CALMLINE_LANGUAGE"

_NAMES = {"en": "English", "ko": "한국어"}
PROGRAM = "calmline"
"""What the program is called where it is installed; all texts name their commands so."""

_A_COMMAND = re.compile(r"\bcalmline(?= (?:demo|run|call|consent|export|record|networks|coach|train|doctor)\b)")
_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


class _InUse:
    """The catalogue in use."""

    def __init__(self) -> None:
        self.language = SOURCE_LANGUAGE
        self.program = PROGRAM
        self.catalogue: gettext_library.NullTranslations = gettext_library.NullTranslations()


_in_use = _InUse()


def _(message: str) -> str:
    """`message` in the language in use."""
    return _spoken(_in_use.catalogue.gettext(message)) if message else ""


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Mark `message` for the catalogue; it is translated where it is shown."""
    return message


def ngettext(one: str, many: str, count: int) -> str:
    """The form of the message that fits `count`, in the language in use."""
    return _spoken(_in_use.catalogue.ngettext(one, many, count))


def _spoken(text: str) -> str:
    """A sentence that names commands as they are typed here."""
    return text if _in_use.program == PROGRAM else _A_COMMAND.sub(_in_use.program, text)


def program() -> str:
    """What starts this program where it was started: "calmline", or in a checkout "python3 -m app"."""
    return _in_use.program


def use_program(name: str) -> None:
    """Name commands by `name` from now on."""
    _in_use.program = name


def language_names() -> Mapping[str, str]:
    """Every language by its code, each called by its own name."""
    return _NAMES


def current_language() -> str:
    """The code of the language in use."""
    return _in_use.language


def other_language() -> str:
    """The language that a single key changes to: the next of the list."""
    codes = list(_NAMES)
    return codes[(codes.index(_in_use.language) + 1) % len(codes)]


def use_language(language: str) -> None:
    """Show everything in `language` from now on; what has no translation stays English.

    Raises:
        ValueError: there is no such language.
    """
    if language not in _NAMES:
        raise ValueError(f"no language is called {language!r}; there are: {', '.join(_NAMES)}")
    _in_use.language = language
    _in_use.catalogue = (
        gettext_library.NullTranslations()
        if language == SOURCE_LANGUAGE
        else gettext_library.translation(DOMAIN, LOCALE_FOLDER, [language])
    )


def language_for(arguments: Sequence[str]) -> str:
    """The language of a command line, found before anything else reads it: --language, CALMLINE_LANGUAGE, the computer's."""
    for number, argument in enumerate(arguments):
        name, _equals, value = argument.partition("=")
        if name == "--language":
            wanted = value or (arguments[number + 1] if number + 1 < len(arguments) else "")
            if wanted in _NAMES:
                return wanted
    wanted = os.environ.get(LANGUAGE_VARIABLE, "")
    return wanted if wanted in _NAMES else preferred_language()


def preferred_language(environment: Mapping[str, str] = os.environ) -> str:
    """The language that this computer is set to, English where we do not have it.

    The variables of POSIX come first; Windows has none and is asked itself.
    """
    named = next((environment[name] for name in _LOCALE_VARIABLES if environment.get(name)), None)
    wanted = named if named is not None else (locale.getlocale()[0] or "")
    code = "ko" if wanted.lower().startswith(("ko", "korean")) else SOURCE_LANGUAGE
    return code if code in _NAMES else SOURCE_LANGUAGE
