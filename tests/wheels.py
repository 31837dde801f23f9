"""Checks that every run-time dependency has a wheel for every system and Python we promise: python3 -m tests.wheels (by uv)"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements" / "run.lock"
PLATFORMS = {
    "Windows x64": "x86_64-pc-windows-msvc",
    "macOS arm64": "aarch64-apple-darwin",
    "Linux x86-64": "x86_64-manylinux_2_28",
    "Linux arm64": "aarch64-manylinux_2_28",
}
"""Each system by uv's name for it, so that markers hold for it as well as wheels; glibc 2.28 is of 2018."""

PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def main() -> int:
    """Resolve with wheels only, for each pair; returns how many pairs lack one."""
    missing = 0
    for system, platform in PLATFORMS.items():
        for python in PYTHONS:
            with tempfile.TemporaryDirectory() as folder:
                command = [
                    *("uv", "pip", "install", "--dry-run", "--no-config", "--only-binary", ":all:", "--target", folder),
                    *("--python-platform", platform, "--python-version", python, "--require-hashes", "-r", str(LOCK)),
                ]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            print(f"{system:<14}{python:<6}{'ok' if done.returncode == 0 else done.stderr.strip().splitlines()[-1]}")
            missing += done.returncode != 0
    return missing


if __name__ == "__main__":
    sys.exit(main())
