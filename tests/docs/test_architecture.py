"""docs/architecture.md says what the tree is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def packages(top: str) -> set[str]:
    return {str(file.parent.relative_to(ROOT)) for file in (ROOT / top).rglob("__init__.py")} - {top}


def named() -> list[str]:
    return re.findall(r"^\| `((?:core|app)/[\w/]+)` \|", PAGE, re.MULTILINE)


def test_every_package_is_on_the_page_and_nothing_else() -> None:
    inner = {"core/training/accelerated"}  # a part of its package, as its own docstring says
    assert set(named()) == (packages("core") | packages("app")) - inner


def test_the_page_lists_the_layers_in_the_order_that_is_enforced() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    [layers] = [one["layers"] for one in contracts if one.get("containers") == ["core"]]
    rank = {name.strip(): number for number, line in enumerate(reversed(layers)) for name in line.split("|")}
    listed = [rank[place.removeprefix("core/")] for place in named() if place.startswith("core/")]
    assert listed == sorted(listed)


def test_every_file_that_the_page_names_is_there() -> None:
    files = re.findall(r"`((?:core|app|tests|docs)/[\w/.]+\.(?:py|md))`", PAGE)
    assert len(files) > 15
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_no_module_of_core_or_app_lies_loose_but_those_that_start_them() -> None:
    loose = {file.name for top in ("core", "app") for file in (ROOT / top).glob("*.py")}
    assert loose == {"__init__.py", "__main__.py", "bootstrap.py", "installing.py", "version.py"}
