"""What travels in which package: every network in exactly one, each small enough, and all of them asked for."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from app import installing
from core.system.resources import NETWORK_PACKAGES

ROOT = Path(__file__).parents[2]


def project(folder: Path) -> dict[str, dict[str, object]]:
    loaded: dict[str, dict[str, object]] = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    return loaded


def networks_in(folder: Path) -> list[str]:
    """The networks that the wheel of a project takes along."""
    include = project(folder)["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]  # type: ignore[index]
    assert all(place.endswith(source.removeprefix("../../")) for source, place in include.items())
    return [Path(source).name for source in include if "models/" in source]


PACKAGES = {str(project(folder)["project"]["name"]): folder for folder in sorted((ROOT / "packages").iterdir())}


@pytest.mark.all_networks
def test_every_network_travels_in_exactly_one_package() -> None:
    held = [name for folder in (ROOT, *PACKAGES.values()) for name in networks_in(folder)]
    assert sorted(held) == sorted(place.name for place in (ROOT / "models").iterdir())


def test_the_program_knows_what_travels_beside_it() -> None:
    assert {name: tuple(networks_in(folder)) for name, folder in PACKAGES.items()} == NETWORK_PACKAGES


def test_the_program_asks_for_the_other_packages() -> None:
    asked = project(ROOT)["project"]["dependencies"]
    assert isinstance(asked, list)
    for name, folder in PACKAGES.items():
        version = str(project(folder)["project"]["version"])
        assert f"{name}>={version.partition('.')[0]},<{int(version.partition('.')[0]) + 1}" in asked


def test_a_package_says_for_whom_it_is_under_which_terms_and_that_it_is_typed() -> None:
    told = project(ROOT)["project"]
    versions = {f"Programming Language :: Python :: 3.{minor}" for minor in range(11, installing.NEWEST[1] + 1)}
    assert versions | {"Typing :: Typed"} <= set(told["classifiers"])  # type: ignore[call-overload]
    assert all(any(ROOT.glob(pattern)) for pattern in told["license-files"])  # type: ignore[attr-defined]
    assert all((ROOT / package / "py.typed").is_file() for package in ("app", "core"))


def test_every_extra_has_a_bound_above_which_nothing_was_tried() -> None:
    extras = project(ROOT)["project"]["optional-dependencies"]
    assert isinstance(extras, dict)
    assert [one for packages in extras.values() for one in packages if "<" not in one] == []


@pytest.mark.all_networks
def test_no_source_distribution_holds_the_networks_of_other_packages() -> None:
    left_out = project(ROOT)["tool"]["hatch"]["build"]["targets"]["sdist"]["exclude"]  # type: ignore[index]
    named = {place.name for pattern in left_out for place in ROOT.glob(pattern.removeprefix("/"))}
    assert named == {name for names in NETWORK_PACKAGES.values() for name in names}
