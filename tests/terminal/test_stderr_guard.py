"""What C libraries print never lands on the screen (platform.md 5)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.terminal.stderr_guard import MAX_LOG_BYTES, native_output_in_log

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="file descriptors 2 and the screen are apart there")


def run_python(code: str, log: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, str(log)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )


def test_native_output_goes_to_the_log_and_pythons_own_to_the_terminal(tmp_path: Path) -> None:
    done = run_python(
        "import os, sys\nfrom pathlib import Path\nfrom app.terminal.stderr_guard import native_output_in_log\n"
        "with native_output_in_log(Path(sys.argv[1])):\n"
        "    os.write(2, b'noise from C\\n')\n"
        "    print('for the person', file=sys.stderr)\n"
        "    print('the screen', file=sys.__stderr__)\n"
        "os.write(2, b'afterwards\\n')\n",
        tmp_path / "log" / "calmline.log",
    )
    assert done.stderr.splitlines() == ["for the person", "the screen", "afterwards"]
    log = tmp_path / "log" / "calmline.log"
    assert log.read_text(encoding="utf-8") == "noise from C\n"
    assert log.stat().st_mode & 0o777 == 0o600


def test_the_screens_are_written_in_the_encoding_of_the_terminal(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom app.terminal.stderr_guard import native_output_in_log\n"
        "with native_output_in_log(Path(sys.argv[1])):\n"
        "    print('\\ud55c\\uae00 \\u2588', file=sys.__stderr__)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "calmline.log")]
    environment = {**os.environ, "PYTHONIOENCODING": "cp949"}
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=environment)
    assert done.stderr.decode("cp949").strip() == "한글 ?"


def test_a_terminal_that_goes_away_leaves_everything_as_it_was_before(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)  # nobody reads what is written there: as when a window is closed
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom app.terminal.stderr_guard import native_output_in_log\n"
        "before = sys.stderr\n"
        "with native_output_in_log(Path(sys.argv[1])):\n"
        "    sys.__stderr__.write('half a line')\n"
        "print(sys.stderr is before, os.path.sameopenfile(2, int(sys.argv[2])), flush=True)\n"
        "os._exit(0)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "calmline.log"), str(writing)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=writing, pass_fds=(writing,), text=True, check=True, cwd=ROOT
    )
    os.close(writing)
    assert done.stdout == "True True\n"


def test_one_within_another_leaves_the_screens_on_the_terminal(tmp_path: Path) -> None:
    done = run_python(
        "import os, sys\nfrom pathlib import Path\nfrom app.terminal.stderr_guard import native_output_in_log\n"
        "log = Path(sys.argv[1])\n"
        "with native_output_in_log(log):\n"
        "    with native_output_in_log(log):\n"
        "        print('the screen', file=sys.__stderr__)\n"
        "    os.write(2, b'noise from C\\n')\n",
        tmp_path / "calmline.log",
    )
    assert done.stderr.splitlines() == ["the screen"]
    assert (tmp_path / "calmline.log").read_text(encoding="utf-8") == "noise from C\n"


def test_the_practice_screen_is_drawn_on_the_terminal(tmp_path: Path) -> None:
    from app.bench.terminal import run_in_terminal

    command = [sys.executable, "-m", "app", "--db", str(tmp_path / "c.db"), "--language", "en", "coach"]
    places = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    root = Path(__file__).parents[2]
    run_in_terminal([*command, "--source", "actor"], environment=places, folder=root, until="answer it aloud")


def test_where_the_screens_would_be_drawn_into_a_file_it_is_said_instead(tmp_path: Path) -> None:
    from app.bench.terminal import TerminalRunError, run_in_terminal

    said = tmp_path / "said"
    shell = f"'{sys.executable}' -m app --db '{tmp_path}/c.db' --language en --source actor 2>'{said}'"
    with pytest.raises(TerminalRunError):
        run_in_terminal(["sh", "-c", shell], environment={}, folder=Path(__file__).parents[2])
    assert "need a terminal" in said.read_text(encoding="utf-8")


def test_a_log_that_has_grown_too_large_begins_anew(tmp_path: Path) -> None:
    log = tmp_path / "calmline.log"
    log.write_bytes(b"x" * (MAX_LOG_BYTES + 1))
    with native_output_in_log(log):
        os.write(2, b"new\n")
    assert log.read_bytes() == b"new\n"


def test_a_log_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with native_output_in_log(tmp_path / "file" / "calmline.log"):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_crash_in_native_code_is_told_in_the_log(tmp_path: Path) -> None:
    program = (
        "import faulthandler, sys; from pathlib import Path\n"
        "from app.terminal.stderr_guard import native_output_in_log\n"
        "with native_output_in_log(Path(sys.argv[1])): faulthandler._sigsegv()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "log"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == -signal.SIGSEGV
    assert done.stderr == ""
    assert "Segmentation fault" in (tmp_path / "log").read_text(encoding="utf-8")
