"""Landlock (Linux 5.13 and later): from `restrict` on, the kernel refuses every file outside of the folders named.

Numbers and structures: linux/landlock.h, described in the kernel's own documentation, userspace-api/landlock.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Mapping
from enum import IntFlag
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38

_RIGHTS_OF_ABI = (0, 13, 14, 15, 15, 16)
"""How many of the rights the kernel knows, by its ABI; later ones have added none that is used here."""

_TCP = 0b11
"""Binding and connecting, from ABI 4 on."""

_SCOPES = 0b11
"""Abstract Unix sockets of other programs and signals to them, from ABI 6 on."""


class Right(IntFlag):
    """What can be allowed below a folder."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_FOLDER = 1 << 3
    REMOVE_FOLDER = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHARACTER_DEVICE = 1 << 6
    MAKE_FOLDER = 1 << 7
    MAKE_FILE = 1 << 8
    MAKE_SOCKET = 1 << 9
    MAKE_PIPE = 1 << 10
    MAKE_BLOCK_DEVICE = 1 << 11
    MAKE_LINK = 1 << 12
    MOVE_BETWEEN_FOLDERS = 1 << 13
    TRUNCATE = 1 << 14
    CONTROL_DEVICE = 1 << 15


READ = Right.READ_FILE | Right.READ_FOLDER
SPEAK_TO_DEVICES = READ | Right.WRITE_FILE | Right.CONTROL_DEVICE
WRITE = (
    READ
    | Right.WRITE_FILE
    | Right.TRUNCATE
    | Right.MAKE_FILE
    | Right.MAKE_FOLDER
    | Right.MAKE_SOCKET
    | Right.REMOVE_FILE
    | Right.REMOVE_FOLDER
)
"""Neither links nor moves: what is written in a folder stays there."""

_OF_FILES = Right.EXECUTE | Right.WRITE_FILE | Right.READ_FILE | Right.TRUNCATE | Right.CONTROL_DEVICE
"""The rights that a rule for a single file may name."""


def kernel_abi() -> int:
    """The version of Landlock that the kernel offers; 0 where it has none."""
    if sys.platform != "linux":
        return 0
    return max(0, _syscall(_CREATE_RULESET, None, 0, _ASK_VERSION))


def restrict(rights: Mapping[Path, Right]) -> int:
    """Refuse every file that lies below none of these paths, for this thread and all that it starts, for good.

    TCP, abstract Unix sockets and signals to other programs are refused as well where the kernel knows how.

    Args:
        rights: folders or files and what is allowed below them. A path that cannot be opened allows nothing.

    Returns:
        The ABI in force; 0 where the kernel has none.

    Raises:
        OSError: the kernel offers Landlock and then refuses it.
    """
    abi = kernel_abi()
    if abi == 0:
        return 0
    known = Right((1 << _RIGHTS_OF_ABI[min(abi, len(_RIGHTS_OF_ABI) - 1)]) - 1)
    handled = struct.pack("=QQQ", known, _TCP if abi >= 4 else 0, _SCOPES if abi >= 6 else 0)
    ruleset = _checked(_syscall(_CREATE_RULESET, handled, 8 if abi < 4 else 16 if abi < 6 else 24, 0))
    try:
        for path, allowed in rights.items():
            _add_rule(ruleset, path, allowed & known)
        _checked(_libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
        _checked(_syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)
    return abi


def _add_rule(ruleset: int, path: Path, allowed: Right) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # it is not there, so there is nothing to allow
    try:
        allowed &= Right(-1) if path.is_dir() else _OF_FILES
        _checked(_syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", allowed, place), 0))
    finally:
        os.close(place)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _syscall(number: int, *arguments: bytes | int | None) -> int:
    words = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return int(_libc().syscall(ctypes.c_long(number), *words))


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
