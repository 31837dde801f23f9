"""Planted leaks are refused by the kernel where it can, and what Python code tries is noted on every system."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.privacy.landlock import kernel_abi
from core.privacy.system_calls import can_filter, filter_of
from core.privacy.watch import MOST_NOTES, Watch
from tests.privacy.planted import WAYS, mark

ROOT = Path(__file__).parents[2]

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux refuses")

LEFT_OPEN = {
    "shared_memory_of_another_program": "Files that another program of yours already keeps in `/dev/shm`",
    "the_mode_of_a_file_outside": "The modes of files that you own",
    "a_socket_of_another_program": "it may speak to them over local sockets",
}
"""Not refused, and where docs/privacy.md says so."""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What became of each way out, in one process that confined itself."""
    folder = tmp_path_factory.mktemp("planted")
    data, outside, home = folder / "data", folder / "outside", folder / "home"
    for one in (data, outside, home):
        one.mkdir()
    (outside / "letter").write_text("Dear you")
    (outside / "target").touch()
    (data / "leads-outside").symlink_to(outside / "target")
    shared = Path("/dev/shm", mark(folder))
    shared.touch()
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as sound:
        listener.bind(b"\0" + mark(folder).encode())
        listener.listen()
        sound.bind(str(outside / "sound"))
        sound.listen()
        done = subprocess.run(
            [sys.executable, "-m", "tests.privacy.planted", str(folder)],
            cwd=ROOT,
            env={**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
    shared.unlink()
    found: dict[str, Any] = json.loads(done.stdout)
    yield {**found, "left": sorted(str(path.relative_to(folder)) for path in folder.rglob("*")), "folder": folder}


@linux_only
@pytest.mark.xdist_group("planted")
@pytest.mark.parametrize("way", WAYS)
def test_a_way_out_is_refused(way: str, outcome: dict[str, Any]) -> None:
    if not outcome[WAYS[way][0]]:
        pytest.skip(f"this kernel cannot refuse it (Landlock {kernel_abi()}, filter {can_filter()})")
    assert outcome["found"][way].startswith("refused"), outcome["found"][way]


@linux_only
@pytest.mark.xdist_group("planted")
def test_every_planted_way_out_is_tried_and_nothing_is_left_anywhere(outcome: dict[str, Any]) -> None:
    if not (outcome["files"] and outcome["scoped"] and outcome["calls"]):
        pytest.skip("this kernel cannot refuse all of it")
    assert set(outcome["found"]) == {*WAYS, *LEFT_OPEN}
    assert outcome["left"] == [
        "data",
        "data/leads-outside",
        "home",
        "outside",
        *(f"outside/{one}" for one in ("letter", "sound", "target")),
    ]
    assert (outcome["folder"] / "outside" / "target").read_bytes() == b""


@linux_only
@pytest.mark.xdist_group("planted")
@pytest.mark.parametrize("way", LEFT_OPEN)
def test_what_docs_say_is_not_covered_is_not(way: str, outcome: dict[str, Any]) -> None:
    assert outcome["found"][way].startswith("done"), outcome["found"][way]
    assert LEFT_OPEN[way] in (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")


@linux_only
@pytest.mark.xdist_group("planted")
def test_what_python_code_tries_is_noted_even_where_it_is_refused(outcome: dict[str, Any]) -> None:
    if not (outcome["files"] and outcome["calls"]):
        pytest.skip("only what is refused is tried")
    heard = "\n".join(outcome["heard"])
    for noted in ("frame.raw", "frame.npy", "moved", "linked", "address of", "os.fork", "os.exec", "outside/sound"):
        assert noted in heard


class TestFilter:
    @pytest.mark.parametrize(
        ("machine", "call", "arguments", "refused"),
        [
            ("x86_64", 41, (1, 1), False),  # socket, local
            ("x86_64", 41, (2, 1), True),
            ("x86_64", 41, (10, 2), True),
            ("x86_64", 53, (1, 1), False),  # socketpair
            ("x86_64", 53, (30, 1), True),
            ("x86_64", 56, (0x3D0F00, 0), False),  # clone of a thread
            ("x86_64", 56, (0x11, 0), True),  # clone of a process
            ("x86_64", 57, (0, 0), True),
            ("x86_64", 59, (0, 0), True),
            ("x86_64", 16, (0, 0x5401), False),  # ioctl
            ("x86_64", 16, (0, 0x5412), True),
            ("x86_64", 425, (8, 0), True),
            ("x86_64", 0, (0, 0), False),  # read
            ("x86_64", 1, (1, 0), False),  # write
            ("x86_64", 0x40000000 + 41, (1, 1), True),  # the other calling convention
            ("aarch64", 198, (1, 1), False),
            ("aarch64", 198, (2, 1), True),
            ("aarch64", 199, (1, 1), False),
            ("aarch64", 220, (0x3D0F00, 0), False),
            ("aarch64", 220, (0x11, 0), True),
            ("aarch64", 221, (0, 0), True),
            ("aarch64", 29, (0, 0x5412), True),
            ("aarch64", 41, (2, 1), False),  # another call has this number there
            ("aarch64", 63, (0, 0), False),
        ],
    )
    def test_each_system_call_is_judged_by_its_number_and_arguments(
        self, machine: str, call: int, arguments: tuple[int, int], refused: bool
    ) -> None:
        answer = run_filter(filter_of(machine), ARCHITECTURES[machine], call, arguments)
        assert answer == (0x00050001 if refused else 0x7FFF0000)

    @pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
    def test_the_newer_way_to_clone_is_said_to_be_unknown_so_that_threads_take_the_older(self, machine: str) -> None:
        assert run_filter(filter_of(machine), ARCHITECTURES[machine], 435, (0, 0)) == 0x00050026

    @pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
    def test_calls_of_another_architecture_are_refused(self, machine: str) -> None:
        assert run_filter(filter_of(machine), 0x40000003, 1, (0, 0)) == 0x00050001


ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def run_filter(program: bytes, architecture: int, call: int, arguments: tuple[int, int]) -> int:
    """What the kernel would answer: a small machine for the instructions that the filter is made of."""
    import struct

    steps = list(struct.iter_unpack("=HBBI", program))
    data = {0: call, 4: architecture, 16: arguments[0], 24: arguments[1]}
    place, loaded = 0, 0
    while True:
        code, where_true, where_false, value = steps[place]
        place += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            loaded = data[value] & 0xFFFFFFFF
            continue
        true = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[code]
        place += where_true if true else where_false


class TestWatch:
    @pytest.mark.parametrize(
        ("event", "arguments", "noted"),
        [
            ("open", ("{data}/a", "w", os.O_WRONLY), []),
            ("open", ("/etc/x", "r", os.O_RDONLY), []),
            ("open", ("/etc/x", "w", os.O_WRONLY | os.O_CREAT), ["writes /etc/x"]),
            ("open", (b"/etc/x", None, os.O_RDWR), ["writes /etc/x"]),
            ("open", ("{data}/../x", "a", os.O_APPEND), ["writes {parent}/x"]),
            ("open", ("/dev/null", "w", os.O_WRONLY), []),
            ("open", ("/dev/shm/x", "w", os.O_WRONLY), ["writes /dev/shm/x"]),
            ("open", ("/proc/self/root/etc/x", "w", os.O_WRONLY), ["writes /etc/x"]),
            ("open", (5, "w", os.O_WRONLY), []),
            ("os.rename", ("{data}/a", "/etc/b", -1, -1), ["writes /etc/b"]),
            ("os.mkdir", ("{data}/b", 0o700, -1), []),
            ("os.symlink", ("{data}/a", "/etc/b", -1), ["writes /etc/b"]),
            ("os.truncate", (3, 0), []),
            ("subprocess.Popen", ("curl", ["curl"], None, None), ["starts a program: subprocess.Popen 'curl'"]),
            ("os.fork", (), ["starts a program: os.fork"]),
            ("socket.getaddrinfo", ("example.org", 80), ["asks for the address of 'example.org'"]),
            ("import", ("os",), []),
        ],
    )
    @pytest.mark.skipif(sys.platform == "win32", reason="paths of POSIX")
    def test_what_is_strange_is_noted_and_nothing_else(
        self, event: str, arguments: tuple[Any, ...], noted: list[str], tmp_path: Path
    ) -> None:
        data = tmp_path / "data"
        told: list[str] = []
        given = [one.format(data=data) if isinstance(one, str) else one for one in arguments]
        Watch([data], told.append).hear(event, tuple(given))
        assert told == [one.format(parent=tmp_path) for one in noted]

    @pytest.mark.skipif(sys.platform == "win32", reason="sockets of POSIX")
    def test_a_local_socket_of_our_own_is_nothing_strange_and_any_other_is(self, tmp_path: Path) -> None:
        told: list[str] = []
        watch = Watch([tmp_path], told.append)
        with socket.socket(socket.AF_UNIX) as local, socket.socket() as far:
            for one, address in ((local, str(tmp_path / "c.sock")), (local, "/run/bus"), (far, ("10.0.0.1", 80))):
                watch.hear("socket.connect", (one, address))
        assert told == ["connects to AF_UNIX '/run/bus'", "connects to AF_INET ('10.0.0.1', 80)"]

    @pytest.mark.parametrize(
        ("events", "noted"),
        [
            (("watch_begin", "frames_open", "frames_close", "watch_end"), []),
            (("frames_open", "frames_close"), ["reads frames for nothing: actor"]),
            (("watch_begin", "frames_open", "watch_end"), ["keeps frames open"]),
            (
                ("watch_begin", "frames_open", "frames_close", "watch_end", "frames_open"),
                ["reads frames for nothing: actor"],
            ),
        ],
    )
    def test_frames_are_open_for_a_purpose_only(self, events: tuple[str, ...], noted: list[str]) -> None:
        told: list[str] = []
        watch = Watch([], told.append)
        for event in events:
            watch.hear(f"calmline.{event}", ("call" if event == "watch_begin" else "actor",))
        assert told == noted

    def test_the_same_thing_is_noted_once_and_not_without_end(self) -> None:
        told: list[str] = []
        watch = Watch([], told.append)
        for number in range(2 * MOST_NOTES):
            watch.hear("socket.getaddrinfo", (number // 2, 80))
        assert len(told) == MOST_NOTES == len(set(told))
