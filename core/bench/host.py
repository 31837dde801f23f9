"""On what a measurement was made: figures mean nothing without it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = ("ai-edge-litert", "opencv-python-headless", "numpy", "textual", "plotext", "sqlite-utils", "click")
_ROOT = Path(__file__).resolve().parents[2]


def describe_host() -> dict[str, Any]:
    """Computer, system, versions, commit, the moment (UTC) and how busy the computer was with other things."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": platform.platform(terse=True),
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "busy_before": _load(),
        "python": platform.python_version(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
        "commit": _commit(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """The processor's own name, where the system tells it."""
    if sys.platform.startswith("linux"):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            name, _colon, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _load() -> float | None:
    """Programs that wanted to run at the same time in the last minute (the load average); Windows has none."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _commit() -> str | None:
    """The checkout's commit, with "+" where something is not committed; None outside a checkout."""
    if not (_ROOT / ".git").exists():
        return None
    try:
        named = _git("rev-parse", "--short=12", "HEAD")
        return f"{named}+" if _git("status", "--porcelain", "--untracked-files=no") else named
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
