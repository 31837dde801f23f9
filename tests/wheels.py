"""Checks that every run-time dependency has a wheel for every system and Python we promise: python3 -m tests.wheels"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements" / "run.lock"
PLATFORMS = {
    "Windows x64": ("win_amd64",),
    "macOS arm64": ("macosx_14_0_arm64",),
    "Linux x86-64": ("manylinux2014_x86_64", *(f"manylinux_2_{minor}_x86_64" for minor in range(17, 29))),
}
"""Each system by the tags that it takes; pip does not widen a tag by itself. The last Linux one is glibc 2.28 (2018)."""

PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def main() -> int:
    """Download wheels only, for each pair; returns how many pairs lack one."""
    missing = 0
    for system, tags in PLATFORMS.items():
        for python in PYTHONS:
            with tempfile.TemporaryDirectory() as folder:
                command = [
                    *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"),
                    *("--only-binary", ":all:", "--python-version", python),
                    *(argument for tag in tags for argument in ("--platform", tag)),
                    *("--dest", folder, "-r", str(LOCK)),
                ]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            print(f"{system:<14}{python:<6}{'ok' if done.returncode == 0 else done.stderr.strip().splitlines()[-1]}")
            missing += done.returncode != 0
    return missing


if __name__ == "__main__":
    sys.exit(main())
