"""The real program, confined: what works inside, and that nothing strange is noted while it does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest

from app.cli.main import run
from app.cli.privacy import confining
from app.terminal.environment import drop_recording_variables
from core.privacy.confinement import Reach
from core.privacy.landlock import kernel_abi
from core.privacy.system_calls import can_filter
from core.store.locations import Locations, find_locations
from core.system.resources import ASSETS_FOLDER
from tests.privacy.test_leaving import STARTING_SECONDS, Terminal, light_check

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes and terminals of POSIX")
filtered = pytest.mark.skipif(not can_filter(), reason="no filter of system calls for this system")
landlocked = pytest.mark.skipif(kernel_abi() == 0, reason="this kernel has no Landlock")

INSIDE = """
import ctypes, json, os, resource, sys
from pathlib import Path
sys.argv = ["calmline", *json.loads(sys.argv[1])]
{before}
from app.__main__ import main
try:
    main()
except SystemExit as ended:
    code = ended.code
def refused():
    try:
        Path.home().joinpath("outside").touch()
    except OSError:
        return True
    return False
tasks = Path("/proc/self/task").glob("*/status")
found = {{
    "code": code,
    "filters": [line.split()[1] for task in tasks for line in task.read_text().splitlines() if line.startswith("Seccomp:")],
    "refused": refused(),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "dumpable": ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) if sys.platform == "linux" else 0,
    "textual": [name for name in os.environ if name.startswith("TEXTUAL")],
}}
print(json.dumps(found), file=sys.stderr)
"""


def inside(arguments: list[str], home: Path, *, before: str = "", **environment: str) -> dict[str, Any]:
    """Run the program in a process of its own, and ask that process afterwards; "out" is what it printed."""
    runtime = home / "r"
    runtime.mkdir(mode=0o700, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", INSIDE.format(before=before), json.dumps(arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "TMPDIR": tempfile.gettempdir(),
            "LANG": "C.UTF-8",
            **environment,
        },
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stderr.splitlines()[-1])
    return {**found, "out": done.stdout, "told": done.stderr}


def noted(home: Path) -> list[str]:
    logs = [path.read_text(encoding="utf-8", errors="replace") for path in home.rglob("calmline.log")]
    return [line for log in logs for line in log.splitlines() if line.startswith(confining.NOTE)]


WAYS_TO_A_CAMERA = {
    "the screens": [],
    "the screens on a source": ["run", "--source", "actor"],
    "without screens": ["run", "--headless", "--source", "actor", "--seconds", "2"],
    "practice": ["coach"],
    "practice on a file": ["coach", "--source", "actor", "--seconds", "2", "--json"],
    "the demo": ["demo"],
}
"""Without a terminal those with screens end before they begin, and after they have confined themselves."""


@filtered
@pytest.mark.parametrize("way", WAYS_TO_A_CAMERA)
def test_every_way_to_a_camera_confines_itself_before_threads(way: str, tmp_path: Path) -> None:
    found = inside(WAYS_TO_A_CAMERA[way], tmp_path)
    assert set(found["filters"]) == {"2"}, found["told"]
    assert found["refused"] == (kernel_abi() > 0)
    assert noted(tmp_path) == []
    assert (found["code"] == 0) == ("--seconds" in WAYS_TO_A_CAMERA[way]), found["told"]


def test_a_video_is_read_inside_and_nothing_strange_is_noted(tmp_path: Path) -> None:
    video = tmp_path / "mine" / "clip.avi"
    video.parent.mkdir()
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (640, 480))
    frame = cv2.imread(str(ASSETS_FOLDER / "actor" / "f_multi" / "laugh_100.jpg"))
    assert frame is not None
    for _number in range(30):
        writer.write(frame)
    writer.release()
    (tmp_path / "mine" / "letter").touch()
    found = inside(["run", "--headless", "--source", str(video)], tmp_path)
    assert found["code"] == 0, found["told"]
    assert '"happy"' in found["out"]
    assert noted(tmp_path) == []
    written = {path.name for path in tmp_path.rglob("*") if path.is_file()} - {"clip.avi", "letter"}
    assert written - {"outside"} == {"calmline.db", "calmline.db.lock", "calmline.log"}


def test_an_export_goes_where_the_person_says(tmp_path: Path) -> None:
    assert inside(["run", "--headless", "--source", "actor", "--seconds", "2"], tmp_path)["code"] == 0
    found = inside(["export", "--mine", "--out", str(tmp_path / "mine.csv")], tmp_path)
    assert found["code"] == 0, found["told"]
    assert (tmp_path / "mine.csv").stat().st_size > 0
    assert set(found["filters"]) <= {"0"}
    assert not found["refused"]


def test_no_core_file_can_be_written_and_nobody_may_look_in(tmp_path: Path) -> None:
    found = inside(["paths"], tmp_path)
    assert found["core"] == [0, 0]
    assert found["dumpable"] == 0


def test_nothing_records_keys_or_screens(tmp_path: Path) -> None:
    recording = {"TEXTUAL": "debug,devtools", "TEXTUAL_LOG": str(tmp_path / "t.log"), "TEXTUAL_SCREENSHOT": "1"}
    found = inside(["demo"], tmp_path, TEXTUAL_ANIMATIONS="none", **recording)
    assert found["textual"] == ["TEXTUAL_ANIMATIONS"]
    environment = {"TEXTUAL_DRIVER": "evil:Driver", "HOME": "/h", "TEXTUAL_FPS": "30"}
    drop_recording_variables(environment)
    assert environment == {"HOME": "/h", "TEXTUAL_FPS": "30"}


NOTHING_THERE = """
import core.privacy.landlock, core.privacy.system_calls
core.privacy.landlock.kernel_abi = lambda: 0
core.privacy.system_calls.can_filter = lambda: False
"""


NO_TEMPORARY_FOLDER = """
import tempfile
tempfile._candidate_tempdir_list = lambda: []
"""


@pytest.mark.parametrize(
    "arguments", [["coach", "--source", "actor", "--seconds", "2", "--json"], WAYS_TO_A_CAMERA["without screens"]]
)
def test_no_folder_for_temporary_files_is_needed_but_our_own(arguments: list[str], tmp_path: Path) -> None:
    found = inside(arguments, tmp_path, before=NO_TEMPORARY_FOLDER)
    assert found["code"] == 0, found["told"]
    assert list((tmp_path / "r" / "calmline" / "temporary").iterdir()) == []


def test_a_demo_without_a_folder_for_temporary_files_opens_its_screens(
    terminals: list[Terminal], tmp_path: Path
) -> None:
    code = f"{NO_TEMPORARY_FOLDER}\nimport sys\nsys.argv = ['calmline', 'demo']\nfrom app.__main__ import main\nmain()"
    terminal = Terminal(tmp_path, code=code, XDG_RUNTIME_DIR=str(tmp_path))
    terminals.append(terminal)
    terminal.wait_for("Welcome")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_whole_demo_plays_inside_and_nothing_strange_is_noted(terminals: list[Terminal], tmp_path: Path) -> None:
    kept = tmp_path / "k"
    terminal = Terminal(tmp_path, "demo", "--auto", "--fast", "--keep", str(kept))
    terminals.append(terminal)
    while terminal.process.poll() is None:
        terminal.read()
    assert terminal.process.returncode == 0, terminal.output[-2000:]
    assert noted(tmp_path) == []
    found = inside(["--db", str(kept / "calmline.db"), "doctor", "--privacy"], tmp_path)
    assert found["code"] == 0, found["out"]
    found = inside(
        ["--db", str(kept / "calmline.db"), "export", "--mine", "--out", str(tmp_path / "mine.csv")], tmp_path
    )
    assert found["code"] == 0, found["told"]
    assert len((tmp_path / "mine.csv").read_text(encoding="utf-8").splitlines()) > 2


@pytest.mark.skipif(sys.platform != "linux", reason="a kernel of Linux that lacks something")
def test_where_the_kernel_has_nothing_the_program_runs_and_doctor_says_so(tmp_path: Path) -> None:
    found = inside(["run", "--headless", "--source", "actor", "--seconds", "2"], tmp_path, before=NOTHING_THERE)
    assert found["code"] == 0, found["told"]
    assert not found["refused"]
    found = inside(["doctor", "--privacy"], tmp_path, before=NOTHING_THERE)
    assert found["code"] == 0, found["out"]
    assert "ok  reads       promised" in found["out"]
    assert "ok  connections watched" in found["out"]


@filtered
@landlocked
def test_doctor_confines_itself_as_the_screens_do_and_sees_that_it_is_refused(tmp_path: Path) -> None:
    found = inside(["doctor", "--privacy"], tmp_path)
    assert found["code"] == 0, found["out"]
    for name in ("reads", "writes", "connections", "programs", "crash", "memory"):
        assert f"ok  {name:<12}enforced" in found["out"]
    assert found["refused"]


@pytest.fixture
def reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Reach]]:
    """What the program asks for when it confines itself; nothing is confined here."""
    asked: list[Reach] = []
    monkeypatch.setattr(confining, "confine", lambda one, note: asked.append(one))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "r"))
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "r").mkdir(mode=0o700)
    yield asked


def test_the_folders_that_may_be_written_in(reach: list[Reach], tmp_path: Path) -> None:
    own = find_locations(None, {})
    usual = {own.data, own.log, own.runtime, own.temporary, tmp_path / "Documents" / "Calmline"}
    kept = Locations.below(tmp_path / "kept")
    for arguments, more in (
        ([], set()),
        (["demo"], set()),
        (["demo", "--keep", str(tmp_path / "kept")], set(kept.own_folders)),
        (["coach", "--source", "x.mp4", "--report", str(tmp_path / "out" / "r.html")], {tmp_path / "out"}),
        (["--db", str(tmp_path / "other" / "my.db"), "run"], None),
    ):
        run([*arguments], is_program=True)
        asked = reach.pop()
        if more is None:
            assert set(asked.writing) == (usual - {own.data, own.runtime, own.temporary}) | {
                tmp_path / "other",
                *find_locations(tmp_path / "other" / "my.db", {}).own_folders,
            }
        else:
            assert set(asked.writing) == usual | more
        assert asked.temporary in asked.writing
    for arguments in (
        ["export", "--preview"],
        ["networks", "explain"],
        ["export", "merge"],
        ["train"],
        ["record", "erase"],
    ):
        run(arguments, is_program=True)
    assert reach == []


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


@filtered
def test_the_screens_are_confined_in_every_thread(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = light_check(terminals, tmp_path)
    states = [path.read_text() for path in Path(f"/proc/{terminal.program_id()}/task").glob("*/status")]
    assert len(states) > 3
    assert all("Seccomp:\t2" in state and "NoNewPrivs:\t1" in state for state in states)
    assert noted(tmp_path) == []


def test_a_call_by_the_channel_works_inside(
    terminals: list[Terminal], tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("h")  # a socket's path must be short
    terminal = Terminal(home, "run", "--source", "actor")
    terminals.append(terminal)
    terminal.wait_for("Welcome")
    answer: dict[str, Any] = {"code": "not_running"}
    until = time.monotonic() + STARTING_SECONDS
    while answer["code"] == "not_running" and time.monotonic() < until:  # the first screen is there before the channel
        terminal.read()
        asked = subprocess.run(
            [sys.executable, "-m", "app", "call", "status", "--json"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TMPDIR": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
        answer = json.loads(asked.stdout) if asked.stdout else {"code": "not_running", "told": asked.stderr}
    assert answer["code"] == "idle", answer
    assert noted(home) == []
