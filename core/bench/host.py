"""On what a measurement was made: figures mean nothing without it."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.system.versions import commit, installed_versions

_PACKAGES = ("ai-edge-litert", "opencv-python-headless", "numpy", "textual", "plotext", "sqlite-utils", "click")


def describe_host() -> dict[str, Any]:
    """Computer, system, versions, commit, the moment (UTC) and how busy the computer was with other things."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": platform.platform(terse=True),
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "busy_before": _load(),
        "python": platform.python_version(),
        "packages": installed_versions(*_PACKAGES),
        "commit": commit(),
    }


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
