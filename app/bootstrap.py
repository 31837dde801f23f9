"""Setting Calmline up from a checkout with nothing but Python and git: a private `.venv`, filled once.

Only the standard library is imported here, and nothing that an old Python cannot read: the first thing a person with
Python 3.9 should get is a sentence.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

CHECKOUT = Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
OLDEST = (3, 11)
NEWEST = (3, 14)
"""The last Python for which all that the lock files name comes ready-made (tests/wheels.py)."""

RUN, DEVELOP = "run", "develop"
_LOCKS = {RUN: "requirements/run.lock", DEVELOP: "requirements/develop.lock"}
_NEEDED = {
    RUN: ("textual", "cv2", "sqlite_utils", "ai_edge_litert", "click"),
    DEVELOP: ("pytest", "mypy", "ruff", "babel"),
}


def enter(purpose: str, module: str) -> None:
    """Return where everything for `purpose` is installed; else set it up and go on in its Python.

    Args:
        purpose: RUN or DEVELOP.
        module: what to start again there, as for `python -m`.

    Raises:
        SystemExit: the Python is too old or setting up failed, with a sentence; or, on Windows, the exit code of the
            program that was started in the `.venv`.
    """
    if sys.version_info < OLDEST:
        raise SystemExit("Calmline needs Python 3.11 or newer; this is {}.{}.".format(*sys.version_info[:2]))
    purposes = (RUN,) if purpose == RUN else (RUN, DEVELOP)
    if all(importlib.util.find_spec(name) for one in purposes for name in _NEEDED[one]):
        return
    python = _python_of(VENV)
    if _inside_venv():
        raise SystemExit(f"The folder {VENV} is not complete. Remove it and start again: it is made anew.")
    if sys.version_info[:2] > NEWEST:
        newest = "{}.{}".format(*NEWEST)
        raise SystemExit(f"Calmline does not run on this Python yet. Start it with Python {newest} or an older one.")
    _set_up(purpose, python)
    _start_again(python, module)


def _set_up(purpose: str, python: Path) -> None:
    """Make the `.venv` where it is missing, and install the lock file of `purpose` where it has changed."""
    import hashlib

    lock = CHECKOUT / _LOCKS[purpose]
    if not lock.is_file():
        raise SystemExit(
            f"{lock} is missing, so Calmline cannot set itself up. Use a whole checkout, or pip install it."
        )
    mark = VENV / f"calmline-{purpose}.sha256"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if python.is_file() and mark.is_file() and mark.read_bytes() == wanted.encode("ascii"):
        return
    print(f"Setting up Calmline in {VENV}: once, about a minute ...", file=sys.stderr, flush=True)
    if not python.is_file() or not any(VENV.glob("calmline-*.sha256")):
        # Without a mark an earlier set-up was broken off, perhaps before pip was in: begin with an empty folder.
        make = [sys.executable, "-m", "venv", "--clear", str(VENV)]
        _do(make, "making the folder .venv failed (is the venv module installed?)")
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    _do([*install, "-r", str(lock)], "installing failed (is the package index reachable?)")
    mark.write_text(wanted, encoding="ascii")


def _do(command: list[str], failure: str) -> None:
    import subprocess  # a tenth of the time that --help takes, and every later start has no use for it

    if subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode != 0:
        raise SystemExit(f"Calmline could not be set up: {failure}. What was said about it stands above.")


def _start_again(python: Path, module: str) -> None:
    arguments = [str(python), "-m", module, *sys.argv[1:]]
    if os.name == "nt":  # exec would let the shell's prompt come back at once there
        import subprocess

        raise SystemExit(_wait(subprocess.Popen(arguments)))
    os.execv(str(python), arguments)  # noqa: S606 - our own Python, our own module


def _wait(program: subprocess.Popen[bytes]) -> int:
    """The exit code of `program`; Ctrl-C reaches it as well as us, and what it means is for the program to say."""
    while True:
        try:
            return program.wait()
        except KeyboardInterrupt:
            continue


def _python_of(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _inside_venv() -> bool:
    return Path(sys.prefix).resolve() == VENV.resolve()
