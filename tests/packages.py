"""The packages, built and tried as people get them: python3 -m tests.packages [build FOLDER | try FOLDER]

`build` writes the source distribution, the program's wheel and the two wheels of networks. `try` takes them to a clean
environment: the unpacked source distribution sets itself up and runs `doctor`; there the program's wheel alone runs `doctor`
and `demo --auto --fast`; then the one line that people type brings the networks, and `doctor` and `networks grade` on an
actor run. Without arguments both.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.bench.terminal import run_in_terminal
from app.bootstrap import DEVELOP, enter
from app.installing import python_of
from app.terminal.pseudo_terminal import terminals_are_there
from core.system.resources import NETWORK_PACKAGES

ROOT = Path(__file__).resolve().parent.parent
LARGEST_BYTES = 100_000_000
"""What PyPI takes of one file."""

LONGEST_DEMO = 400.0
"""Seconds: half a minute where nothing else runs, and far more where the processor is shared."""

OWN_NETWORKS = 4
"""So many networks travel with the program itself."""

NETWORKS = ("packages/inceptionv3", "packages/xception")


def build(into: Path) -> None:
    """Write all four files, and see that none is too large or lacks what it should hold."""
    for place, kinds in ((".", ("sdist", "wheel")), *((name, ("wheel",)) for name in NETWORKS)):
        for kind in kinds:
            _run([sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)], ROOT / place)
    files = sorted(into.iterdir())
    for file in files:
        print(f"{file.stat().st_size / 1e6:6.1f} MB  {file.name}", flush=True)
        assert file.stat().st_size < LARGEST_BYTES, f"{file.name} is too large for PyPI"
    assert len(files) == 4, files
    held = [name for file in into.glob("*.whl") for name in zipfile.ZipFile(file).namelist()]
    twice = {name for name in held if held.count(name) > 1}
    assert not twice, f"in two wheels: {twice}"
    tracked = subprocess.run(
        ["git", "ls-files", "app", "core", "models"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    wanted = {name if name[0] != "m" else f"core/bundled/{name}" for name in tracked.stdout.split()}
    assert wanted <= set(held), f"in no wheel: {sorted(wanted - set(held))}"


def try_out(packages: Path, work: Path) -> None:
    """Set up the source distribution, install the wheels beside what it set up, and run both."""
    [sdist] = packages.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(work, filter="data")
    [source] = work.glob("calmline-*")
    program = Path(sys.base_prefix) / ("python.exe" if os.name == "nt" else "bin/python3")
    _see_networks(_findings([str(program), "-m", "app"], source, work), OWN_NETWORKS)
    python = python_of(source / ".venv")
    calmline = str(python.with_name("calmline" + python.suffix))
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-index", "--find-links", str(packages), "calmline"]
    _run([*install, "--no-deps"], work)
    _see_networks(_findings([calmline], work, work), OWN_NETWORKS)
    if terminals_are_there():
        demo = [calmline, "demo", "--auto", "--fast"]
        run_in_terminal(demo, environment=_environment(work), folder=work, longest=LONGEST_DEMO)
    _run(install, work)
    networks = {place.name for place in ROOT.glob("models/*")}
    _see_networks(_findings([calmline], work, work), len(networks))
    faces = _actor_faces(work / "faces")
    graded = json.loads(_run([calmline, "networks", "grade", str(faces), "--format", "json"], work))
    assert {one["candidate"] for one in graded["candidates"]} == networks


def _see_networks(findings: Sequence[Mapping[str, Any]], there: int) -> None:
    """See that so many networks and the landmarks can be used and that each package of the others is named."""
    [usable] = [one["text"] for one in findings if one["name"] == "networks"]
    assert usable.startswith(f"{there + 1}: "), findings
    missing = {text for one in findings if one["name"] == "network" for text in one["text"].split() if "-" in text}
    named = {package for package in NETWORK_PACKAGES if package in missing}
    assert named == (set() if there > OWN_NETWORKS else set(NETWORK_PACKAGES)), findings


def _actor_faces(into: Path) -> Path:
    """A folder as `networks grade` takes it, with three expressions of a demo actor."""
    for expression in ("smile", "frown", "rage"):
        (into / expression).mkdir(parents=True)
        shutil.copy(ROOT / "assets" / "actor" / "f_multi" / f"{expression}_100.jpg", into / expression)
    return into


def _findings(command: Sequence[str], folder: Path, home: Path) -> list[dict[str, Any]]:
    """What `doctor` finds. It says "not right" of the terminal and the camera, which are none here."""
    text = _run([*command, "doctor", "--format", "json"], folder, home, allowed=(0, 1))
    found: list[dict[str, Any]] = json.loads(text)
    return found


def _environment(home: Path) -> dict[str, str]:
    """Folders of its own, and nothing of this checkout on the path."""
    return {"HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "PYTHONPATH": "", "CALMLINE_LANGUAGE": "en"}


def _run(command: Sequence[str], folder: Path, home: Path | None = None, allowed: Sequence[int] = (0,)) -> str:
    environment = os.environ | ({} if home is None else _environment(home))
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment, check=False
    )
    assert done.returncode in allowed, f"{' '.join(command)} ended with {done.returncode}: {done.stdout}"
    return done.stdout


def main(arguments: Sequence[str]) -> int:
    """Build, try, or both; not from a source distribution, which lacks the networks of the other packages."""
    if (ROOT / "PKG-INFO").is_file():
        print("A source distribution cannot build the packages of networks; a checkout can.")
        return 0
    with tempfile.TemporaryDirectory(prefix="calmline-packages-") as work:
        folder = Path(arguments[1]).resolve() if len(arguments) == 2 else Path(work, "dist")
        folder.mkdir(exist_ok=True)
        if arguments[:1] != ["try"]:
            build(folder)
        if arguments[:1] != ["build"]:
            Path(work, "clean").mkdir()
            try_out(folder, Path(work, "clean"))
    return 0


if __name__ == "__main__":
    enter(DEVELOP, "tests.packages")
    sys.exit(main(sys.argv[1:]))
