"""What the pages for trouble quote is what the program says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.catalogue import source_messages

ROOT = Path(__file__).parents[2]
PAGES = ("troubleshooting.md", "installing.md")
FILLED = {"name": "camera 0", "kind": "HEIC", "reason": "Read-only file system", "signal": "SIGSEGV"}
"""What stands in the gaps of the texts that are quoted."""


def texts() -> list[str]:
    """Every text of the program in English, its gaps filled."""
    messages = [message.id if isinstance(message.id, str) else message.id[0] for message in source_messages()]
    return [re.sub(r"\{(\w+)[^{}]*\}", lambda gap: FILLED.get(gap[1], gap[1]), text) for text in messages]


@pytest.mark.parametrize("page", PAGES)
def test_every_quoted_sentence_is_one_that_is_said(page: str) -> None:
    rows = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.MULTILINE)
    quoted = [quote for row in rows for quote in re.findall(r"“([^”]+)”", row)]
    said = texts()
    missing = [one for one in quoted if not any(all(part in text for part in one.split(" … ")) for text in said)]
    assert (missing, len(quoted) > 5) == ([], True)
