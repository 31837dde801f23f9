"""Who uses the microphone, by what each system itself keeps of it. Nothing is opened, heard or started."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path, PureWindowsPath
from typing import Any

ASK_SECONDS = 1.0
STOP_SECONDS = 1.0

Users = frozenset[str] | None
"""The names of the programs that use a microphone; None where nobody can tell."""


def microphone_users() -> Callable[[], Users] | None:
    """How this system is asked who uses the microphone; None where it cannot be."""
    if sys.platform == "win32":
        return windows_users
    if sys.platform == "darwin":
        return mac_users
    there = sys.platform == "linux" and find_spec("pulsectl") and sound_server_socket(os.environ)
    return SoundServer() if there else None


def sound_server_socket(environment: Mapping[str, str]) -> Path | None:
    """Where a PulseAudio or PipeWire of this user listens on this computer; None where none runs."""
    runtime = environment.get("PULSE_RUNTIME_PATH")
    folder = (
        Path(runtime) if runtime else Path(environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}", "pulse")
    )
    socket = folder / "native"
    return socket if socket.is_socket() else None


class SoundServer:
    """Linux: the programs that record, as PulseAudio or PipeWire lists them. No stream of ours is made, no server started."""

    def __init__(self) -> None:
        """Connects when it is first asked, and again where the connection was lost."""
        self._pulse: Any = None

    def __call__(self) -> Users:
        """The programs that record from a microphone now, a muted or halted one included."""
        try:
            with _library_found():
                import pulsectl
        except OSError:  # the sound server's own library is not there
            return None
        socket = sound_server_socket(os.environ)
        if socket is None:
            self.close()
            return None
        try:
            if self._pulse is None:
                self._pulse = pulsectl.Pulse("calmline", server=f"unix:{socket}", connect=False)
                self._pulse.connect(autospawn=False, timeout=STOP_SECONDS)
            # A monitor plays back what the loudspeaker says: a level meter, no call.
            monitors = {one.index for one in self._pulse.source_list() if one.monitor_of_sink_name}
            streams = [one for one in self._pulse.source_output_list() if one.source not in monitors]
        except pulsectl.PulseError:  # it has gone, or is about to
            self.close()
            return None
        names = (
            one.proplist.get("application.process.binary") or one.proplist.get("application.name") for one in streams
        )
        return frozenset(name for name in names if name)

    def close(self) -> None:
        """Leave the sound server. May be called twice."""
        pulse, self._pulse = self._pulse, None
        if pulse is not None:
            pulse.close()


@contextmanager
def _library_found() -> Iterator[None]:
    """Pulsectl (24.12) has its library looked for by ldconfig and a compiler: we start no programs, and its name is known."""
    import ctypes.util

    finds = ctypes.util.find_library
    ctypes.util.find_library = lambda name: f"{name}.so.0"
    try:
        yield
    finally:
        ctypes.util.find_library = finds


_CONSENT_STORE = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\microphone"


def windows_users() -> Users:
    """Windows: programs whose last use of the microphone has begun and not ended, as the system's own settings show them."""
    import winreg

    registry: Any = winreg  # its functions are there on Windows only
    found = set()
    for place in (_CONSENT_STORE, rf"{_CONSENT_STORE}\NonPackaged"):
        try:
            with registry.OpenKey(registry.HKEY_CURRENT_USER, place) as key:
                names = [registry.EnumKey(key, number) for number in range(registry.QueryInfoKey(key)[0])]
        except OSError:
            return None
        for name in names:
            try:
                with registry.OpenKey(registry.HKEY_CURRENT_USER, rf"{place}\{name}") as key:
                    ended = registry.QueryValueEx(key, "LastUsedTimeStop")[0]
            except OSError:  # it has never used it, or has gone meanwhile
                continue
            if ended == 0:
                found.add(PureWindowsPath(name.replace("#", "\\")).name)
    return frozenset(found)


def mac_users(library: Any = None) -> Users:
    """macOS: whether the microphone chosen in the system's settings runs for any program; the system names none.

    `library`: CoreAudio, or a stand-in.
    """
    import ctypes

    from core.microphone.calls import UNNAMED

    audio = library or ctypes.CDLL("/System/Library/Frameworks/CoreAudio.framework/CoreAudio")

    def asked(device: int, selector: bytes) -> int | None:
        address = (ctypes.c_uint32 * 3)(*(int.from_bytes(code, "big") for code in (selector, b"glob")), 0)
        value, size = ctypes.c_uint32(0), ctypes.c_uint32(4)
        pointers = (ctypes.byref(one) for one in (address, size, value))
        where, length, result = pointers
        failed = audio.AudioObjectGetPropertyData(ctypes.c_uint32(device), where, 0, None, length, result)
        return None if failed else value.value

    device = asked(1, b"dIn ")
    running = asked(device, b"gone") if device else None
    return None if running is None else frozenset([UNNAMED] if running else [])


class MicrophoneWatch:
    """Asks once a second on a thread of its own, so that a sound server that hangs keeps nobody waiting."""

    def __init__(self, ask: Callable[[], Users], tell: Callable[[Users], object]) -> None:
        """Begins at once; `tell` runs on its thread."""
        self._ask, self._tell = ask, tell
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="calmline-microphone", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more. May be called twice."""
        self._stopping.set()
        self._thread.join(STOP_SECONDS)

    def _work(self) -> None:
        while not self._stopping.wait(ASK_SECONDS):
            self._tell(self._ask())
        close = getattr(self._ask, "close", None)
        if close is not None:
            close()
