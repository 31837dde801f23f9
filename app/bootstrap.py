"""Setting Calmline up from a checkout with nothing but Python and git: a `.venv` of our own, filled once.

Only the standard library is imported here, and nothing that an old Python cannot read: the first thing a person with
Python 3.9 should get is a sentence.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from app.words.language import _, language_for, use_language

if TYPE_CHECKING:
    import subprocess

CHECKOUT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)

RUN, DEVELOP = "run", "develop"
_LOCKS = {RUN: "requirements/run.lock", DEVELOP: "requirements/develop.lock"}

_BUILT_IN = ("_ctypes", "_sqlite3", "_ssl")
"""Parts of Python that are missing where it was built on a computer without their headers."""

_NEEDED: dict[str, dict[str, tuple[str, tuple[int, ...], tuple[int, ...] | None]]] = {
    RUN: {
        "ai_edge_litert": ("ai-edge-litert", (2, 1, 6), None),
        "click": ("click", (8, 4), None),
        "numpy": ("numpy", (1, 26), None),
        "cv2": ("opencv-python-headless", (4, 10), (5,)),
        "pandas": ("pandas", (2, 2), None),
        "platformdirs": ("platformdirs", (4, 3), None),
        "plotext": ("plotext", (5, 3), (6,)),
        "sqlite_utils": ("sqlite-utils", (4, 2, 1), (5,)),
        "textual": ("textual", (8, 2), (9,)),
    },
    DEVELOP: {
        name: (name, (), None)
        for name in "babel datasette duckdb hypothesis mypy onnx openpyxl pyarrow pytest ruff".split()
    },
}
"""Each module with its package, and the versions that pyproject.toml allows: from the first, below the second."""


def enter(purpose: str, module: str) -> None:
    """Return where everything for `purpose` is installed; else set it up and go on in its Python.

    Args:
        purpose: RUN or DEVELOP.
        module: what to start again there, as for `python -m`.

    Raises:
        SystemExit: the Python is too old or setting up failed, with a sentence; or, on Windows, the exit code of the
            program that was started in the `.venv`.
    """
    use_language(language_for(sys.argv[1:]))
    if sys.version_info < OLDEST:
        raise SystemExit(
            _("Calmline needs Python 3.11 or newer; this is {version}.").format(version=_dotted(sys.version_info[:2]))
        )
    built_without = [name for name in _BUILT_IN if importlib.util.find_spec(name) is None]
    if built_without:
        said = _(
            "This Python was built without {parts}. Install the headers (on Debian and Ubuntu libsqlite3-dev, libffi-dev, "
            "libssl-dev) and build it again, or use another Python."
        )
        raise SystemExit(said.format(parts=", ".join(built_without)))
    lacking = _lacking((RUN,) if purpose == RUN else (RUN, DEVELOP))
    if not lacking:
        return
    lock = CHECKOUT / _LOCKS[purpose]
    if not lock.is_file():
        said = _(
            "Calmline is not installed completely: it needs {packages}. Install that beside it (pip install), or use a whole "
            "checkout of its repository."
        )
        raise SystemExit(said.format(packages=", ".join(lacking)))
    from app import installing

    _start_again(installing.set_up(CHECKOUT, lock), module)


def _lacking(purposes: tuple[str, ...]) -> list[str]:
    """What is missing here or has a version that Calmline cannot work with, as for pip: "opencv-python-headless>=4.10,<5"."""
    lacking = []
    for one in purposes:
        for module, (package, oldest, below) in _NEEDED[one].items():
            found = importlib.util.find_spec(module)
            version = _version(module, package, found.origin) if found is not None and found.origin else ()
            if found is None or (version and (version < oldest or (below is not None and version >= below))):
                bounds = (f">={_dotted(oldest)}" if oldest else "") + (f",<{_dotted(below)}" if below else "")
                lacking.append(package + bounds)
    return lacking


def _version(module: str, package: str, origin: str) -> tuple[int, ...]:
    """The version of a module by the name of its metadata, which is far quicker than importlib's; () where none tells."""
    folder = Path(origin).parent
    if module == "cv2":  # four packages bring it; the last one installed is the one that counts
        try:
            written = (folder / "version.py").read_text(encoding="utf-8")
        except OSError:
            return ()
        return _numbers(written.partition('opencv_version = "')[2].partition('"')[0])
    wanted = package.replace("-", "_")
    for place in folder.parent.iterdir():
        stem, _dash, rest = place.name.partition("-")
        if stem.lower() == wanted and rest.endswith("-info"):
            return _numbers(rest)
    return ()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, takewhile(str.isdigit, version.split("."))))


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


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
