"""Checks that every run-time dependency has a wheel for every system and Python we promise: python3 -m tests.wheels"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements" / "run.lock"
PLATFORMS = ("win_amd64", "macosx_14_0_arm64", "manylinux_2_28_x86_64")
PYTHONS = ("3.11", "3.12", "3.13")


def main() -> int:
    """Download wheels only, for each pair; returns how many pairs lack one."""
    missing = 0
    for platform in PLATFORMS:
        for python in PYTHONS:
            with tempfile.TemporaryDirectory() as folder:
                command = [
                    *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"),
                    *("--only-binary", ":all:", "--platform", platform, "--python-version", python),
                    *("--dest", folder, "-r", str(LOCK)),
                ]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            print(f"{platform:<24}{python:<6}{'ok' if done.returncode == 0 else done.stderr.strip().splitlines()[-1]}")
            missing += done.returncode != 0
    return missing


if __name__ == "__main__":
    sys.exit(main())
