"""The packages that are installed, how more are, and the checkout's commit."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def installed_versions(*packages: str) -> dict[str, str]:
    """The version of each of these packages that is there by this name: TensorFlow comes under several."""
    found = {}
    for name in packages:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def install_command(packages: str) -> str:
    """What installs packages into the Python that runs this program, on every system and however it was installed."""
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    return f"{python} -m pip install {packages}"


def commit() -> str | None:
    """The checkout's commit, with "+" where something is not committed; None outside one and where there is no git."""
    if not (_ROOT / ".git").exists():
        return None
    try:
        named = _git("rev-parse", "HEAD")
        return f"{named}+" if _git("status", "--porcelain", "--untracked-files=no") else named
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
