"""Filling a `.venv` of our own from a lock file, by uv where it is on PATH and by pip elsewhere; why that did not work.

Like app/bootstrap.py this needs the standard library alone; a second start that finds everything does not import it.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.words.language import N_, _

NEWEST = (3, 14)
"""The last Python for which all that the lock files name comes ready-made (tests/wheels.py)."""

WHEELS = "wheels"
"""A folder in the checkout: packages are taken from it, and nothing from the network."""

SECONDS_BETWEEN_LINES = 10
"""How often progress is said where standard error is no terminal."""

_MARK = "calmline-{}.sha256"
"""In an environment of ours, for each lock file: the sha256 of what it was filled from; empty until it is."""

CAUSES: tuple[tuple[str, str], ...] = (
    (
        "ensurepip is not available|No module named (venv|ensurepip)",
        N_("this Python comes without venv. On Debian and Ubuntu: sudo apt install python3-venv"),
    ),
    (
        "CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer",
        N_(
            "the certificate of the package index is not trusted, as behind an inspecting proxy. Name the file with your "
            "organisation's certificates: PIP_CERT=FILE, for uv SSL_CERT_FILE=FILE"
        ),
    ),
    ("No space left|os error (28|112)|WinError 112", N_("the disk is full: about 500 MB are needed")),
    (
        (
            "name resolution|getaddrinfo|NewConnectionError|ConnectTimeout|unreachable|ProxyError|dns error"
            "|error sending request|Could not connect|timed out"
        ),
        N_(
            "the package index cannot be reached. Without a network, fetch the packages on another computer of the same kind "
            "(python3 -m pip download -r {lock} -d {wheels}) and put the folder {wheels} into {checkout}"
        ),
    ),
    ("HASHES|[Hh]ash mismatch", N_("a package is not the one that the lock file names; try again later")),
    (
        "[Nn]o matching distribution|no wheels with a matching|No solution found|[Ff]ailed to build",
        N_("a package is not there for this kind of computer, or not in the folder of packages"),
    ),
)
"""What pip or uv say, and the cause in our words; the first that fits holds."""


def set_up(checkout: Path, lock: Path) -> Path:
    """Make our environment where it is missing, fill it where the lock file has changed; returns its Python.

    Raises:
        SystemExit: it did not work, with the cause; 130 after Ctrl-C.
    """
    venv = our_venv(checkout)
    if Path(sys.prefix).resolve() == venv.resolve():
        said = _("The folder {folder} is not complete. Remove it and start again: it is made anew.")
        raise SystemExit(said.format(folder=venv))
    problem = unfit_computer()
    if problem:
        raise SystemExit(problem)
    mark = _mark(venv, lock.stem)
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not python_of(venv).is_file() or not mark.is_file() or mark.read_text(encoding="ascii") != wanted:
        print(_("Setting up Calmline in {folder}, once.").format(folder=venv), file=sys.stderr, flush=True)
        try:
            _make(venv)
            install(venv, lock, checkout / WHEELS)
            mark.write_text(wanted, encoding="ascii")
        except KeyboardInterrupt:
            print("\n" + _("Broken off. The next start goes on with it."), file=sys.stderr)
            raise SystemExit(130) from None
        except OSError as error:
            said = _(
                "Calmline cannot set itself up in {folder}: {reason}. Copy the checkout to a folder of your own with 500 MB of "
                "room, or install it from there: uv tool install {checkout}"
            )
            raise SystemExit(said.format(folder=venv, reason=error.strerror, checkout=checkout)) from error
    return python_of(venv)


def our_venv(checkout: Path) -> Path:
    """Where our packages belong: `.venv`, unless that is somebody else's."""
    usual = checkout / ".venv"
    return usual if not os.path.lexists(usual) or _is_ours(usual) else checkout / ".venv-calmline"


def python_of(venv: Path) -> Path:
    """The Python of a virtual environment."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def unfit_computer() -> str | None:
    """Why the packages cannot be had for this Python or computer, whatever one does; None where they can."""
    kind, machine = sysconfig.get_platform(), platform.machine().lower()
    if sys.version_info[:2] > NEWEST:
        said = _(
            "Calmline does not run on Python {version} yet. Start it with Python {newest} or an older one; uv fetches one: "
            "uv run --no-project --python {newest} python -m app"
        )
        return said.format(version="{}.{}".format(*sys.version_info[:2]), newest="{}.{}".format(*NEWEST))
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return _("Calmline needs the usual CPython: LiteRT and OpenCV are not made for this one.")
    if sys.platform == "darwin" and machine == "x86_64":
        return _(
            "Calmline does not run on Macs with Intel chips: LiteRT is not made for them. On a Mac with an Apple chip this "
            "is an Intel Python: use one for arm64, from python.org or by uv."
        )
    if kind == "win-arm64":
        return _(
            "LiteRT is not made for Windows on ARM. Install the 64-bit Python for Intel and AMD (“Windows installer "
            "(64-bit)”), which runs there as well, and start Calmline with it."
        )
    if sys.maxsize < 2**32:
        return _("Calmline needs a 64-bit Python: LiteRT is not made for 32 bits.")
    if sys.platform.startswith("linux") and "musl" in str(sysconfig.get_config_var("HOST_GNU_TYPE")):
        return _(
            "Calmline does not run on this Linux: LiteRT needs glibc, and here is musl (as in Alpine). A container of "
            "Debian or Ubuntu does it."
        )
    return None


def install(venv: Path, lock: Path, wheels: Path) -> None:
    """Install a lock file by its hashes, with progress; from the folder `wheels` alone where there is one.

    Raises:
        SystemExit: it did not work, with the cause.
    """
    uv = _uv()
    installer = [uv, "pip", "install", "--python"] if uv else []
    command = [*installer, str(python_of(venv))]
    if not uv:
        command += ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    command += ["--no-index", "--find-links", str(wheels)] if wheels.is_dir() else []
    count = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())
    _run([*command, "--require-hashes", "-r", str(lock)], lock, venv, count)


def _make(venv: Path) -> None:
    """Make the environment; one of ours that was never filled is made anew."""
    if _is_ours(venv):
        if python_of(venv).is_file() and any(mark.stat().st_size for mark in venv.glob(_MARK.format("*"))):
            return
        shutil.rmtree(venv)
    venv.mkdir()
    _mark(venv, "run").touch()  # from now on it is ours, whatever happens
    uv = _uv()
    if uv:  # pip comes with the lock files
        _run([uv, "venv", "--no-project", "--allow-existing", "--python", sys.executable, str(venv)], None, venv, 0)
    else:
        _run([sys.executable, "-m", "venv", str(venv)], None, venv, 0)


def _mark(venv: Path, purpose: str) -> Path:
    return venv / _MARK.format(purpose)


def _is_ours(venv: Path) -> bool:
    """Whether we made this folder: no other is ever filled or cleared."""
    return any(venv.glob(_MARK.format("*")))


def _uv() -> str | None:
    """The uv on PATH, where it runs: a shim of pyenv may stand there for a uv that is not."""
    found = shutil.which("uv")
    if found is None or subprocess.run([found, "--version"], capture_output=True, check=False).returncode != 0:
        return None
    return found


def _run(command: Sequence[str], lock: Path | None, venv: Path, count: int) -> None:
    """Run a step with progress.

    Raises:
        SystemExit: it failed: what it said last, and the cause where we know it.
    """
    said: list[str] = []
    with (
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as program,
        _progress(said, venv, count),
    ):
        assert program.stdout is not None
        said.extend(program.stdout)
    if program.returncode != 0:
        whole = "".join(said)
        print(whole[-2000:], file=sys.stderr, end="")
        found = next((cause for signs, cause in CAUSES if re.search(signs, whole)), N_("its last words stand above"))
        cause = _(found).format(lock=lock, checkout=venv.parent, wheels=WHEELS)
        raise SystemExit(_("Calmline could not be set up: {cause}.").format(cause=cause))


@contextmanager
def _progress(said: Sequence[str], venv: Path, count: int) -> Iterator[None]:
    """Say every second how far it is: packages fetched and packages in place; in a pipe every ten seconds."""
    over = threading.Event()
    in_terminal = sys.stderr.isatty()

    def show() -> None:
        began = time.monotonic()
        while not over.wait(1 if in_terminal else SECONDS_BETWEEN_LINES):
            fetched = sum(line.startswith("Collecting") for line in list(said))
            placed = len([*venv.glob("lib/*/site-packages/*.dist-info"), *venv.glob("Lib/site-packages/*.dist-info")])
            if not count:
                step = _("making the folder, {seconds} s")
            elif placed > 1:
                step = _("installing, {done} of {count} packages, {seconds} s")
            else:
                step = _("fetching packages, {done} of {count}, {seconds} s")
            done, seconds = placed if placed > 1 else fetched, f"{time.monotonic() - began:.0f}"
            text = "  " + step.format(done=done, count=count, seconds=seconds)
            print(
                f"\r{text:<60}" if in_terminal else text, end="" if in_terminal else "\n", file=sys.stderr, flush=True
            )

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        if in_terminal:
            print(f"\r{'':<60}\r", end="", file=sys.stderr, flush=True)
