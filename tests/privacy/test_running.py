"""What the running program really does: every file that is written and every connection is seen by Python's audit hooks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

WATCH = """
import json, os, sys
events = {"written": [], "connected": []}

def watch(event, arguments):
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        events["written"].append(os.fspath(arguments[0]) if not isinstance(arguments[0], int) else f"fd {arguments[0]}")
    elif event in ("sqlite3.connect",):
        events["written"].append(str(arguments[0]))
    elif event in ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"):
        events["connected"].append(repr(arguments))

sys.addaudithook(watch)
"""

WATCHED_RUN = (
    WATCH
    + """
from app.cli.main import run
code = run(json.loads(sys.argv[1]))
print(json.dumps({"code": code, **events}), file=sys.stderr)
"""
)

WATCHED_CALIBRATION = (
    WATCH
    + """
from core.candidates.registry import read_registry
from core.face.haar import HaarFaceFinder
from core.face.light import measure_light
from core.calibration.grader import CalibrationGrader
from core.system.resources import MODELS_FOLDER
from tests.calibration.test_calibration_flow import Person

networks = [candidate.load() for candidate in read_registry(MODELS_FOLDER).candidates]
grader = CalibrationGrader(networks)
person = Person(grader)
pixels = person.actor.frame_at(0.0).pixels
measure_light(pixels, HaarFaceFinder().all_faces(pixels))
person.loop.run()
grader.wait()
results = grader.results(person.calibration.graded_slots)
grader.close()
print(json.dumps({"code": 0 if len(results) == len(networks) else 1, **events}), file=sys.stderr)
"""
)


def watched(arguments: list[str], folder: Path, program: str = WATCHED_RUN) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(arguments)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    seen = json.loads(done.stderr.splitlines()[-1])
    assert seen["code"] == 0
    return {name: seen[name] for name in ("written", "connected")}


def written_files(seen: dict[str, list[str]], folder: Path) -> set[str]:
    """The names of the files that were opened for writing."""
    opened = {name.removeprefix("file:").partition("?")[0] for name in seen["written"] if not name.startswith("fd ")}
    # Python tries whether it may write into the folder for temporary files, with an empty file of eight letters
    probes = {name for name in opened if re.fullmatch(re.escape(str(folder)) + r"/[a-z0-9_]{8}", name)}
    assert len(probes) <= 1
    return {Path(name).name for name in opened - probes} - {"null"}


@pytest.mark.skipif(sys.platform == "win32", reason="the flags of opened files are other ones there")
def test_a_call_writes_the_record_and_the_log_and_connects_to_nothing(tmp_path: Path) -> None:
    database = tmp_path / "calm" / "calmline.db"
    seen = watched(
        ["--db", str(database), "run", "--headless", "--source", "actor:f_white", "--seconds", "6"], tmp_path
    )
    assert seen["connected"] == []
    assert written_files(seen, tmp_path) <= {database.name, f"{database.name}.lock", "calmline.log"}
    assert database.stat().st_size < 200_000


@pytest.mark.skipif(sys.platform == "win32", reason="the flags of opened files are other ones there")
def test_the_light_check_and_a_calibration_write_nothing_and_connect_to_nothing(tmp_path: Path) -> None:
    seen = watched([], tmp_path, WATCHED_CALIBRATION)
    assert seen == {"written": [], "connected": []}
    assert list(tmp_path.iterdir()) == []  # what native code would write into the home or temporary folder


@pytest.mark.skipif(sys.platform == "win32", reason="the flags of opened files are other ones there")
def test_a_practice_writes_nothing_but_the_log_and_connects_to_nothing(tmp_path: Path) -> None:
    database = tmp_path / "calm" / "calmline.db"
    seen = watched(["--db", str(database), "coach", "--source", "actor:f_white", "--seconds", "8", "--json"], tmp_path)
    assert seen["connected"] == []
    assert written_files(seen, tmp_path) <= {"calmline.log"}
    assert not database.exists()


def test_no_byte_of_a_picture_is_in_the_record(tmp_path: Path) -> None:
    database = tmp_path / "calmline.db"
    watched(["--db", str(database), "run", "--headless", "--source", "actor:f_white", "--seconds", "6"], tmp_path)
    content = b"".join(path.read_bytes() for path in tmp_path.rglob("calmline.db*"))
    for mark in (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"JFIF"):
        assert mark not in content


def test_the_record_has_no_column_that_could_hold_a_picture(tmp_path: Path) -> None:
    import sqlite3

    from core.store import Store
    from core.system.clock import ManualClock

    with Store.open(tmp_path / "calmline.db", ManualClock()):
        pass
    with sqlite3.connect(tmp_path / "calmline.db") as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
            )
        ]
        kinds = {
            (table, column[1]): column[2].upper()
            for table in tables
            for column in connection.execute(f"pragma table_info({table})")
        }
    connection.close()
    assert kinds
    assert set(kinds.values()) <= {"INTEGER", "TEXT", "REAL"}
