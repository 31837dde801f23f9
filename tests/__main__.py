"""`python3 -m tests`: everything that a change must pass, in the order in which it fails fastest.

`python3 -m tests thorough` is what CI runs after that: what takes longer since it tries every actor, network and screen, the
telephones, the browser and the built packages.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from app.bootstrap import DEVELOP, enter

ROOT = Path(__file__).resolve().parent.parent

PYTEST = ("-m", "pytest", "-q", "--dist", "loadgroup", "-n")

CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("style", ("-m", "ruff", "check", ".")),
    ("format", ("-m", "ruff", "format", "--check", "--quiet", ".")),
    ("layers", ("-c", "import importlinter.cli as cli; cli.lint_imports_command()")),
    ("types", ("-m", "mypy", "--no-error-summary")),
    ("tests", (*PYTEST, "3", "-m", "not slow and not thorough")),
)
"""What is run, by this same Python; arguments of ours go to pytest, and then nothing else is run. Much of the tests is
waiting, so three at once fill two cores; the thorough ones measure times and real programs, and are two at once."""

THOROUGH: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("thorough tests", (*PYTEST, "2", "-m", "thorough and not slow")),
    ("packages", ("-m", "tests.packages")),
)


def main() -> int:
    """Run all checks; returns the number of those that failed."""
    enter(DEVELOP, "tests")
    thorough = sys.argv[1:] == ["thorough"]
    if len(sys.argv) > 1 and not thorough:
        return _run(("-m", "pytest", *sys.argv[1:]))
    failed = []
    for name, command in THOROUGH if thorough else CHECKS:
        began = time.monotonic()
        code = _run(command)
        print(f"{name}: {'passed' if code == 0 else 'FAILED'} ({time.monotonic() - began:.0f} s)", flush=True)
        if code:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all passed")
    return len(failed)


def _run(command: tuple[str, ...]) -> int:
    # Hundreds of programs are started: each compiles everything anew where Python may not keep it, as in some containers.
    compiled = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    return subprocess.run([sys.executable, *command], cwd=ROOT, check=False, env=compiled).returncode


if __name__ == "__main__":
    sys.exit(main())
