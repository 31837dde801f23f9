"""Ways to get a picture out of the program, each tried in a process that has confined itself as the program does.

`python -m tests.privacy.planted FOLDER` prints, for each way that this kernel can refuse, "refused: why" or "done".
"""

from __future__ import annotations

import ctypes
import errno
import json
import multiprocessing.shared_memory
import os
import socket
import subprocess
import sys
import termios
import zlib
from collections.abc import Callable
from fcntl import ioctl
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from core.privacy.confinement import Reach, confine

Leak: TypeAlias = Callable[[Path, Path], object]
"""It is given the data folder and a folder outside, which the person owns and may write."""

WAYS: dict[str, tuple[str, Leak]] = {}
"""By name: what refuses it (`Confinement.files`, `.scoped` or `.calls`), and how it is tried."""


def way(by: str) -> Callable[[Leak], Leak]:
    def keep(leak: Leak) -> Leak:
        WAYS[leak.__name__] = by, leak
        return leak

    return keep


def frame() -> bytes:
    return bytes(range(256)) * 300


def mark(folder: Path) -> str:
    """A name for what lies in no folder: another one for each run of these tests."""
    return f"calmline-{zlib.crc32(os.fsencode(folder)):08x}"


def called(number: int, *arguments: object) -> int:
    """Call the kernel as native code would."""
    libc = ctypes.CDLL(None, use_errno=True)
    result = int(libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def numbered(x86_64: int, aarch64: int) -> int:
    return x86_64 if os.uname().machine == "x86_64" else aarch64


# -- files ---------------------------------------------------------------------------------------------------------


@way("files")
def a_raw_frame_in_another_folder(data: Path, outside: Path) -> object:
    return (outside / "frame.raw").write_bytes(frame())


@way("files")
def an_npy_in_the_home_folder(data: Path, outside: Path) -> object:
    import numpy as np

    content = BytesIO()
    np.save(content, np.frombuffer(frame(), np.uint8))
    return (Path.home() / "frame.npy").write_bytes(content.getvalue())


@way("files")
def a_bmp_by_native_code(data: Path, outside: Path) -> object:
    import cv2
    import numpy as np

    if not cv2.imwrite(str(outside / "frame.bmp"), np.frombuffer(frame(), np.uint8).reshape(160, 160, 3)):
        raise PermissionError(errno.EACCES, "OpenCV wrote nothing")
    return None


@way("files")
def a_packed_frame_in_the_folder_for_everybody(data: Path, outside: Path) -> object:
    return Path(f"/var/tmp/calmline-{os.getpid()}").write_bytes(zlib.compress(frame()))


@way("files")
def data_in_the_name_of_a_folder(data: Path, outside: Path) -> None:
    (outside / frame()[65:90].hex()).mkdir()


@way("files")
def a_move_through_proc(data: Path, outside: Path) -> object:
    (data / "inside").write_bytes(frame())
    try:
        return (data / "inside").rename(f"/proc/self/root{outside}/moved")
    finally:
        (data / "inside").unlink(missing_ok=True)


@way("files")
def a_second_name_outside(data: Path, outside: Path) -> None:
    (data / "inside").write_bytes(frame())
    try:
        os.link(data / "inside", outside / "linked")
    finally:
        (data / "inside").unlink()


@way("files")
def a_link_in_the_data_folder_that_leads_outside(data: Path, outside: Path) -> object:
    return (data / "leads-outside").write_bytes(frame())


@way("files")
def a_new_link_that_leads_outside(data: Path, outside: Path) -> None:
    (data / "new").symlink_to(outside)


@way("calls")
def an_attribute_of_a_file_outside(data: Path, outside: Path) -> None:
    os.setxattr(outside / "letter", "user.face", frame()[:1000])


@way("calls")
def the_times_of_a_file_outside(data: Path, outside: Path) -> None:
    os.utime(outside / "letter", ns=(123456789, 987654321))


@way("files")
def reading_a_letter(data: Path, outside: Path) -> object:
    return (outside / "letter").read_bytes()


@way("files")
def a_device_that_is_made(data: Path, outside: Path) -> None:
    os.mkfifo("/dev/calmline-pipe")


# -- memory and messages -----------------------------------------------------------------------------------------------


@way("files")
def shared_memory(data: Path, outside: Path) -> object:
    return multiprocessing.shared_memory.SharedMemory(create=True, size=1000, name=f"calmline-{os.getpid()}")


@way("calls")
def old_shared_memory(data: Path, outside: Path) -> object:
    return called(numbered(29, 194), 0, 1000, 0o1600)


@way("calls")
def a_message_queue(data: Path, outside: Path) -> object:
    return called(numbered(68, 186), 0, 0o1600)


@way("calls")
def the_kernels_ring_of_keys(data: Path, outside: Path) -> object:
    return called(numbered(248, 217), b"user", b"calmline", frame(), 100, -3)


@way("calls")
def the_memory_of_another_program(data: Path, outside: Path) -> object:
    return called(numbered(311, 271), os.getppid(), None, 0, None, 0, 0)


@way("calls")
def keys_typed_for_the_shell(data: Path, outside: Path) -> object:
    _master, slave = os.openpty()
    return ioctl(slave, termios.TIOCSTI, b"x")


# -- sockets ----------------------------------------------------------------------------------------------------------


@way("calls")
def a_connection(data: Path, outside: Path) -> object:
    return socket.create_connection(("127.0.0.1", 9), timeout=0.1)


@way("calls")
def a_datagram(data: Path, outside: Path) -> object:
    return socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)


@way("calls")
def listening_without_a_bind(data: Path, outside: Path) -> object:
    return called(numbered(50, 201), called(numbered(41, 198), 2, 1, 0), 1)


@way("calls")
def a_socket_to_the_kernel(data: Path, outside: Path) -> object:
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)


@way("calls")
def a_queue_of_requests(data: Path, outside: Path) -> object:
    return called(425, 8, ctypes.create_string_buffer(256))


@way("scoped")
def an_abstract_socket_of_another_program(data: Path, outside: Path) -> None:
    socket.socket(socket.AF_UNIX).connect(b"\0" + mark(outside.parent).encode())


@way("files")
def a_socket_outside(data: Path, outside: Path) -> None:
    socket.socket(socket.AF_UNIX).bind(str(outside / "s"))


# -- processes -------------------------------------------------------------------------------------------------------


@way("calls")
def a_child_that_outlives_it(data: Path, outside: Path) -> object:
    child = os.fork()
    if child == 0:
        os._exit(0)
    return os.waitpid(child, 0)


@way("calls")
def another_program(data: Path, outside: Path) -> object:
    return subprocess.run(["true"], check=True)


@way("calls")
def a_program_in_its_place(data: Path, outside: Path) -> None:
    os.execv("/bin/true", ["true"])


@way("calls")
def a_program_in_memory(data: Path, outside: Path) -> None:
    place = os.memfd_create("calmline")
    os.write(place, Path("/bin/true").read_bytes())
    os.execve(place, ["true"], {})


@way("scoped")
def a_signal_to_the_shell(data: Path, outside: Path) -> None:
    os.kill(os.getppid(), 0)


# -- left open, as docs/privacy.md says -----------------------------------------------------------------------------


def shared_memory_of_another_program(data: Path, outside: Path) -> object:
    with Path("/dev/shm", mark(outside.parent)).open("r+b") as file:
        return file.write(frame())


def the_mode_of_a_file_outside(data: Path, outside: Path) -> None:
    (outside / "letter").chmod(0o640)


def a_socket_of_another_program(data: Path, outside: Path) -> None:
    socket.socket(socket.AF_UNIX).connect(str(outside / "sound"))


LEFT_OPEN = (shared_memory_of_another_program, the_mode_of_a_file_outside, a_socket_of_another_program)


def main() -> None:
    folder = Path(sys.argv[1])
    data, outside = folder / "data", folder / "outside"
    heard: list[str] = []
    held = confine(Reach((), (data,), data), heard.append)
    found = {}
    tried = {name: leak for name, (by, leak) in WAYS.items() if getattr(held, by)}
    for name, leak in (tried | {one.__name__: one for one in LEFT_OPEN}).items():
        try:
            found[name] = f"done: {leak(data, outside)!r}"
        except OSError as error:
            found[name] = f"refused: {errno.errorcode[error.errno or 0]}"
    print(json.dumps({"files": held.files, "scoped": held.scoped, "calls": held.calls, "found": found, "heard": heard}))


if __name__ == "__main__":
    main()
