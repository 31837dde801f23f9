"""What every page for a supervisor is: one HTML file that needs nothing else, loads nothing, and can be printed."""

from __future__ import annotations

from html import escape
from pathlib import Path

from app.words.language import current_language
from core.store.export_rows import SCHEMA_VERSION

_STYLE = Path(__file__).with_name("document.css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser itself is told to load nothing."""


def document(title: str, lead: str, main: str, footer: str) -> str:
    """The whole page in the language in use; `title` and `lead` are plain text, `main` and `footer` HTML."""
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="calmline-schema" content="{SCHEMA_VERSION}">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>{escape(title)}</title>'
    )
    style = _STYLE.read_text(encoding="utf-8")
    return (
        f'<!doctype html>\n<html lang="{current_language()}"><head>{head}<style>{style}</style></head>\n'
        f'<body><header><h1>{escape(title)}</h1><p class="lead">{escape(lead)}</p></header>\n'
        f"<main>{main}</main>\n<footer>{footer}</footer></body></html>\n"
    )


def paragraphs(*sentences: str) -> str:
    """Plain texts as paragraphs of HTML."""
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
