from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import core.system.resources
from core.system.resources import ASSETS_FOLDER


def _imported_from(place: Path) -> ModuleType:
    (place / "system").mkdir(parents=True, exist_ok=True)
    shutil.copy(str(core.system.resources.__file__), place / "system" / "resources.py")
    spec = importlib.util.spec_from_file_location("copied_resources", place / "system" / "resources.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_cascade_and_the_demo_actor_are_found() -> None:
    assert (ASSETS_FOLDER / "haarcascade_frontalface_default.xml").is_file()
    assert (ASSETS_FOLDER / "actor").is_dir()


def test_in_a_checkout_networks_and_assets_lie_beside_the_packages(tmp_path: Path) -> None:
    module = _imported_from(tmp_path / "core")
    assert (tmp_path / "models", tmp_path / "assets") == (module.MODELS_FOLDER, module.ASSETS_FOLDER)


def test_in_an_installed_wheel_networks_and_assets_lie_inside_core(tmp_path: Path) -> None:
    bundled = tmp_path / "core" / "bundled"
    bundled.mkdir(parents=True)
    module = _imported_from(tmp_path / "core")
    assert (bundled / "models", bundled / "assets") == (module.MODELS_FOLDER, module.ASSETS_FOLDER)
