"""Every public docstring says something; ruff (D417) holds that it names every argument that it lists."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def public_docstrings() -> Iterator[tuple[str, str]]:
    for top in ("core", "app"):
        for file in (ROOT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    text = ast.get_docstring(node)
                    if text and not node.name.startswith("_"):
                        yield f"{file.relative_to(ROOT)}:{node.lineno} {node.name}", text


def test_no_public_docstring_is_three_words_or_fewer() -> None:
    assert {place: text for place, text in public_docstrings() if len(text.split()) <= 3} == {}
