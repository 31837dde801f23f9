"""A filter of system calls (seccomp, Linux on x86_64 and aarch64): no socket to elsewhere, no program, no way around Landlock.

The kernel refuses them whatever code asks.

Numbers: the kernel's unistd_64.h (x86_64) and asm-generic/unistd.h (aarch64), linux/seccomp.h, linux/filter.h.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
"""Where the call's number, its architecture and the lower halves of its first two arguments lie."""

_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM
_UNKNOWN = 0x00050000 | errno.ENOSYS

_NO_NEW_PRIVILEGES, _SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_X32 = 0x40000000
"""From here on the numbers of x86_64 mean another calling convention."""

_AF_UNIX = 1

_THREAD = 0x00010000
"""A clone with this flag is a thread of this process; any other is a process of its own."""

_TYPE_INTO_TERMINAL = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX: keys typed for the shell that waits in the same terminal."""

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_REFUSED = {
    "x86_64": (
        *(59, 322, 57, 58, 101, 311, 438, 321, 425, 426, 427, 29, 64, 68, 240, 248, 249, 250),
        *(188, 189, 190, 463, 132, 235, 261, 280, 304),
    ),
    "aarch64": (
        *(221, 281, 117, 271, 438, 280, 425, 426, 427, 194, 190, 186, 180, 217, 218, 219),
        *(5, 6, 7, 463, 88, 265),
    ),
}
"""What is refused, in this order (aarch64 has no fork, vfork, utime, utimes and futimesat).

Another program, or one that goes on when this one has ended: execve, execveat, fork, vfork, ptrace, process_vm_writev,
pidfd_getfd, bpf. Requests that the kernel carries out later, past this filter: io_uring_setup, _enter, _register. Memory
and messages that outlive the process: shmget, semget, msgget, mq_open, add_key, request_key, keyctl. What Landlock leaves
open on files that may only be read, their attributes and times, and files by number: setxattr, lsetxattr, fsetxattr,
setxattrat, utime, utimes, futimesat, utimensat, open_by_handle_at.
"""

_JUDGED = {"x86_64": (41, 53, 56, 435, 16), "aarch64": (198, 199, 220, 435, 29)}
"""What is judged by its arguments: socket, socketpair, clone, clone3, ioctl."""


def can_filter() -> bool:
    """Whether the filter is known for this system."""
    return sys.platform == "linux" and platform.machine() in _ARCHITECTURES and struct.calcsize("P") == 8


def refuse_system_calls() -> bool:
    """Put the filter in, for this thread and all that it starts, for good; returns whether it is in."""
    if not can_filter():
        return False
    program = filter_of(platform.machine())
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(program)
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return bool(libc.prctl(_SET_SECCOMP, _MODE_FILTER, header, 0, 0) == 0)


def filter_of(machine: str) -> bytes:
    """The filter for "x86_64" or "aarch64", as the kernel's BPF: eight bytes an instruction."""
    make_socket, make_pair, clone, clone3, ioctl = _JUDGED[machine]
    refuse, allow = [_step(_RETURN, _REFUSE)], [_step(_RETURN, _ALLOW)]
    local = [_step(_LOAD, _FIRST), *_where(_EQUAL, _AF_UNIX, allow), *refuse]
    steps = [_step(_LOAD, _ARCHITECTURE), _step(_EQUAL, _ARCHITECTURES[machine], 1, 0), *refuse, _step(_LOAD, _NUMBER)]
    if machine == "x86_64":
        steps += _where(_AT_LEAST, _X32, refuse)
    for number in _REFUSED[machine]:
        steps += _where(_EQUAL, number, refuse)
    steps += _where(_EQUAL, make_socket, local) + _where(_EQUAL, make_pair, local)
    # The C library then asks with clone, whose flags a filter can read.
    steps += _where(_EQUAL, clone3, [_step(_RETURN, _UNKNOWN)])
    steps += _where(_EQUAL, clone, [_step(_LOAD, _FIRST), *_where(_ANY_BIT, _THREAD, allow), *refuse])
    typing = [step for key in _TYPE_INTO_TERMINAL for step in _where(_EQUAL, key, refuse)]
    steps += _where(_EQUAL, ioctl, [_step(_LOAD, _SECOND), *typing, *allow])
    return b"".join(steps + allow)


def _step(code: int, value: int, where_true: int = 0, where_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, where_true, where_false, value)


def _where(test: int, value: int, then: list[bytes]) -> list[bytes]:
    """What follows where the word that was loaded passes a test; else these steps are passed over."""
    return [_step(test, value, 0, len(then)), *then]
