"""Who uses the microphone: a real PulseAudio without hardware; Windows and macOS by stand-ins of what they keep."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.microphone.calls import UNNAMED
from core.microphone.system import (
    MicrophoneWatch,
    SoundServer,
    mac_users,
    microphone_users,
    sound_server_socket,
    windows_users,
)

LONGEST = 15.0
ROOT = Path(__file__).parents[2]

needs_pulseaudio = pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("pulseaudio") or not shutil.which("parec"),
    reason="needs the Debian packages pulseaudio and pulseaudio-utils",
)


def until(happened: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + LONGEST
    while not happened():
        assert time.monotonic() < end, f"never happened: {what}"
        time.sleep(0.05)


@pytest.fixture
def sound(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A PulseAudio with a microphone and a loudspeaker that are none; its folder."""
    home = tmp_path_factory.mktemp("s")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home))
    monkeypatch.delenv("PULSE_SERVER", raising=False)
    (home / "pulse").mkdir(mode=0o700)
    server = [
        *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"),
        *("-L", f"module-native-protocol-unix socket={home}/pulse/native auth-anonymous=1"),
        *("-L", "module-null-source source_name=microphone", "-L", "module-null-sink sink_name=loudspeaker"),
    ]
    with running(*server):
        until(lambda: sound_server_socket(os.environ) is not None, "the sound server listens")
        yield home


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.mark.thorough
@needs_pulseaudio
def test_who_records_is_told_while_it_records_also_when_muted_and_a_level_meter_is_not(sound: Path) -> None:
    ask = SoundServer()
    assert ask() == frozenset()
    with running("parec", "--device=loudspeaker.monitor"):
        until(lambda: b"pacat" in pactl("list", "source-outputs"), "the level meter")
        assert ask() == frozenset()
        with running("parec", "--device=microphone"):
            until(lambda: ask() == frozenset(["pacat"]), "the program")
            for stream in pactl("list", "short", "source-outputs").split(b"\n")[:-1]:
                pactl("set-source-output-mute", stream.split()[0].decode(), "1")
            assert ask() == frozenset(["pacat"])
        until(lambda: ask() == frozenset(), "its end")
    ask.close()


HALTED = """
import ctypes, os
from pulsectl import _pulsectl as pulse, Pulse
with Pulse("softphone", server="unix:" + os.environ["XDG_RUNTIME_DIR"] + "/pulse/native") as program:
    kind = pulse.PA_SAMPLE_SPEC(format=pulse.PA_SAMPLE_FLOAT32BE, rate=8000, channels=1)
    stream = pulse.pa.stream_new_with_proplist(
        program._ctx, "call", ctypes.byref(kind), None, pulse.pa.proplist_from_string("application.process.binary=zoiper5")
    )
    start_corked = 1
    pulse.pa.stream_connect_record(stream, b"microphone", None, start_corked)
    while True:
        program._pulse_poll(0.1)
"""


@pytest.mark.thorough
@needs_pulseaudio
def test_a_stream_that_its_program_halts_on_hold_is_in_use(sound: Path) -> None:
    ask = SoundServer()
    with running(sys.executable, "-c", HALTED):
        until(lambda: b"Corked: yes" in pactl("list", "source-outputs"), "the halted stream")
        assert ask() == frozenset(["zoiper5"])
    until(lambda: ask() == frozenset(), "its end")
    ask.close()


def pactl(*arguments: str) -> bytes:
    return subprocess.run(["pactl", *arguments], capture_output=True, check=True).stdout


@pytest.mark.thorough
@needs_pulseaudio
def test_no_stream_of_ours_is_made_and_a_server_that_goes_is_no_answer(sound: Path) -> None:
    ask = SoundServer()
    ask()
    assert b"calmline" in pactl("list", "clients")
    assert pactl("list", "short", "source-outputs") + pactl("list", "short", "sink-inputs") == b""
    pactl("exit")
    until(lambda: ask() is None, "no answer")
    assert sound_server_socket(os.environ) is None


@pytest.mark.thorough
@needs_pulseaudio
def test_it_is_asked_from_within_the_confinement(sound: Path) -> None:
    program = (
        "import os, pathlib\n"
        "from app.cli.privacy.confining import confine_to\n"
        "from core.store.locations import Locations\n"
        "held = confine_to(Locations.below(pathlib.Path(os.environ['HOME']) / 'data'))\n"
        "from core.microphone.system import SoundServer\n"
        "ask = SoundServer()\n"
        "print(held.calls, sorted(ask()), sorted(ask()))"
    )
    with running("parec", "--device=microphone"):
        until(lambda: b"pacat" in pactl("list", "source-outputs"), "the program")
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )
    assert done.stdout == "True ['pacat'] ['pacat']\n", done.stderr
    assert done.stderr == "", "what is strange would be noted"


@pytest.mark.skipif(sys.platform != "linux", reason="sound servers of Linux")
def test_without_a_sound_server_nobody_is_asked_and_none_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("PULSE_RUNTIME_PATH", raising=False)
    monkeypatch.setenv("PULSE_SERVER", "tcp:203.0.113.1:4713")  # what the environment names is never followed
    assert microphone_users() is None
    assert SoundServer()() is None
    assert list(tmp_path.iterdir()) == []


def test_a_watch_asks_on_a_thread_of_its_own_and_ends_when_it_is_told() -> None:
    told: list[frozenset[str] | None] = []
    watch = MicrophoneWatch(lambda: frozenset(["zoom"]), told.append)
    until(lambda: bool(told), "an answer")
    watch.stop()
    watch.stop()
    assert set(told) == {frozenset(["zoom"])}


class FakeRegistry:
    """The keys that Windows keeps: for each program the last end of its use, 0 while it goes on."""

    HKEY_CURRENT_USER = 1

    def __init__(self, ends: dict[str, int | None]) -> None:
        self.ends = ends

    @contextmanager
    def OpenKey(self, _root: int, path: str) -> Iterator[str]:
        yield path.rpartition("ConsentStore\\microphone")[2].strip("\\")

    def _names(self, key: str) -> list[str]:
        inner = [name.removeprefix("NonPackaged\\") for name in self.ends if name.startswith("NonPackaged")]
        return inner if key == "NonPackaged" else [name for name in self.ends if "\\" not in name] + ["NonPackaged"]

    def QueryInfoKey(self, key: str) -> tuple[int, int, int]:
        return len(self._names(key)), 0, 0

    def EnumKey(self, key: str, number: int) -> str:
        return self._names(key)[number]

    def QueryValueEx(self, key: str, _value: str) -> tuple[int, int]:
        end = self.ends.get(key)
        if end is None:
            raise FileNotFoundError
        return end, 11


def test_windows_tells_who_has_begun_and_not_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    phone = r"NonPackaged\C:#Program Files#Zoiper#Zoiper5.exe"
    ends = {"MSTeams_8wekyb3d8bbwe": 133_000_000, phone: 0, r"NonPackaged\C:#obs64.exe": 1, "Never_1": None}
    monkeypatch.setitem(sys.modules, "winreg", FakeRegistry(ends))
    assert windows_users() == frozenset(["Zoiper5.exe"])
    monkeypatch.setitem(sys.modules, "winreg", FakeRegistry(ends | {"MSTeams_8wekyb3d8bbwe": 0, phone: 5}))
    assert windows_users() == frozenset(["MSTeams_8wekyb3d8bbwe"])


def test_windows_without_these_keys_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise FileNotFoundError

    monkeypatch.setitem(sys.modules, "winreg", SimpleNamespace(OpenKey=fail, HKEY_CURRENT_USER=1))
    assert windows_users() is None


class FakeCoreAudio:
    """A default microphone (device 42) that runs somewhere, or not; without `device` there is none."""

    def __init__(self, device: int, running: int) -> None:
        self.answers = {(1, b"dIn "): device, (42, b"gone"): running}

    def AudioObjectGetPropertyData(self, device: Any, address: Any, _n: int, _q: None, _size: Any, value: Any) -> int:
        selector = ctypes.cast(address, ctypes.POINTER(ctypes.c_uint32))[0].to_bytes(4, "big")
        ctypes.cast(value, ctypes.POINTER(ctypes.c_uint32))[0] = self.answers[device.value, selector]
        return 0


@pytest.mark.parametrize(("device", "running_now", "users"), [(42, 1, {UNNAMED}), (42, 0, set()), (0, 0, None)])
def test_macos_tells_whether_the_microphone_runs(device: int, running_now: int, users: set[str] | None) -> None:
    assert mac_users(FakeCoreAudio(device, running_now)) == users
