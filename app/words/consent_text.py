"""What a person agrees to, word for word: `app/locale/LANGUAGE/consent.txt`.

These texts are not in the gettext catalogues: the record keeps the hash of what was shown, so a text and its version
change together, there and here, and nowhere else. An older version's text stays in the history of these files.
"""

from __future__ import annotations

from app.words.language import LOCALE_FOLDER, current_language
from core.store.consent import ConsentText

CONSENT_TEXT_VERSION = "2027-01"


def consent_text(language: str) -> str:
    """The whole text in `language` ("en" or "ko").

    Raises:
        FileNotFoundError: there is no text in that language; nobody can agree to what they cannot read.
    """
    return (LOCALE_FOLDER / language / "consent.txt").read_text(encoding="utf-8")


def text_in_use() -> ConsentText:
    """The text as it is shown now."""
    language = current_language()
    return ConsentText(CONSENT_TEXT_VERSION, language, consent_text(language))
