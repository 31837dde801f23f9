"""The proof of privacy, and that it can fail: every promise is broken on purpose once, and seen to be broken."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from app.cli.main import run
from app.cli.privacy import running
from app.cli.privacy.report import lines_of
from app.cli.privacy.running import Step, strace_there, watched
from app.words.language import use_language
from core.privacy.events import Event, Kind, from_line, to_line
from core.privacy.hook import events_of, path_of_uri, strips_of
from core.privacy.judging import Evidence, Finding, Promise, judge
from core.privacy.search import search
from core.privacy.strace import parse

needs_strace = pytest.mark.skipif(not strace_there(), reason="strace is not installed")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="sockets of POSIX")


def findings(*names: str, use_strace: bool = False) -> dict[Promise, Finding]:
    with watched([Step("planted", "tests.privacy.planted:run", ("{data}", *names))], use_strace=use_strace) as evidence:
        return {finding.promise: finding for finding in judge(evidence)}


def broken(found: dict[Promise, Finding]) -> set[Promise]:
    return {promise for promise, finding in found.items() if not finding.holds}


@pytest.mark.parametrize("use_strace", [False, pytest.param(True, marks=needs_strace)])
def test_a_run_that_behaves_keeps_every_promise(use_strace: bool) -> None:
    found = findings(use_strace=use_strace)
    assert broken(found) == set(), found
    assert {"calmline.db", "calmline.db.lock"} <= set(found[Promise.FILES].names)
    assert found[Promise.PICTURES].numbers["strips"] == 3


PLANTED = {
    "write_outside": (Promise.FILES, "notes.txt"),
    "write_a_file_called_like_the_log": (Promise.FILES, "home/calmline.log" if os.sep == "/" else "calmline.log"),
    "make_a_folder_outside": (Promise.FILES, "cache"),
    "rename_out": (Promise.FILES, "outside.txt"),
    "write_png": (Promise.PICTURES, "cache.bin: PNG"),
    "write_jpeg": (Promise.PICTURES, "face.jpg: JPEG"),
    "write_raw": (Promise.PICTURES, "raw.txt: crop"),
    "write_raw_rgb": (Promise.PICTURES, "rgb.txt: crop"),
    "write_input": (Promise.PICTURES, "batch.bin: crop"),
    "write_input_from_minus_one": (Promise.PICTURES, "minus.bin: crop"),
    "write_and_remove": (Promise.PICTURES, "passing.bin: removed"),
    "connect": (Promise.NETWORK, "AF_INET ('127.0.0.1', 9)"),
    "listen": (Promise.NETWORK, "AF_INET ('127.0.0.1', 0)"),
    "look_up": (Promise.NETWORK, "calmline.invalid"),
    "start_a_program": (Promise.PROGRAMS, "python"),
    "open_a_camera": (Promise.CAMERA, "63"),
    "look_for_nothing": (Promise.CAMERA, "nothing's"),
    "look_for_another_purpose": (Promise.CAMERA, "advertising's"),
    "keep_blobs": (Promise.RECORD, "face.picture: BLOB"),
    "hide_a_blob": (Promise.RECORD, "hidden.picture: 1 blobs"),
    "end_badly": (Promise.WATCHED, "planted: 3"),
} | ({} if sys.platform == "win32" else {"another_socket": (Promise.NETWORK, "other.sock")})
"""Ways to break a promise: which, and what has to be named."""


@pytest.fixture(scope="module")
def broken_run() -> dict[Promise, Finding]:
    """One run that breaks every promise in every way."""
    return findings(*PLANTED)


@pytest.mark.xdist_group("broken_run")
@pytest.mark.parametrize("name", PLANTED)
def test_a_broken_promise_is_seen_and_named(name: str, broken_run: dict[Promise, Finding]) -> None:
    promise, named = PLANTED[name]
    assert promise in broken(broken_run)
    assert named in "\n".join(broken_run[promise].names)


def test_frames_that_stay_open_are_seen() -> None:
    assert broken(findings("leave_frames_open")) == {Promise.CAMERA}


def test_a_run_in_which_nothing_is_seen_proves_nothing() -> None:
    assert Promise.WATCHED in broken(findings("nothing"))


@pytest.mark.parametrize("use_strace", [False, pytest.param(True, marks=needs_strace)])
def test_a_proof_that_is_broken_off_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch, use_strace: bool) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def remembered(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(started_as_ever(*arguments, **options))
        return started[-1]

    def broken_off(_line: bytes) -> Event:
        raise KeyboardInterrupt

    started_as_ever = running._started
    monkeypatch.setattr(running, "_started", remembered)
    monkeypatch.setattr(running, "from_line", broken_off)
    with (
        pytest.raises(KeyboardInterrupt),
        watched([Step("waits", "tests.privacy.planted:wait", ())], use_strace=use_strace),
    ):
        pass
    [process] = started
    ended = process.poll()
    if ended is None:
        process.kill()
    assert ended is not None


@needs_strace
def test_a_step_that_takes_too_long_is_ended_with_strace_watching(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "STEP_SECONDS", 0.5)
    with watched([Step("waits", "tests.privacy.planted:wait", ())], use_strace=True) as evidence:
        assert evidence.failures == (f"waits: {-signal.SIGKILL}",)


@needs_strace
def test_strace_sees_what_native_code_does() -> None:
    found = findings("write_outside_unseen_by_python", "connect", "start_a_program", use_strace=True)
    assert broken(found) >= {Promise.FILES, Promise.NETWORK, Promise.PROGRAMS}
    assert "home/face.png" in "\n".join(found[Promise.FILES].names)
    assert "127.0.0.1" in "\n".join(name for name in found[Promise.NETWORK].names if "sin_addr" in name)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_whole_demo_from_wizard_to_export_keeps_every_promise(language: str) -> None:
    with watched(None, language) as evidence:
        found = {finding.promise: finding for finding in judge(evidence)}
    print("\n" + "\n".join(f"{finding.promise}: {finding.numbers} {finding.names}" for finding in found.values()))
    assert broken(found) == set(), found
    camera, pictures = found[Promise.CAMERA].numbers, found[Promise.PICTURES].numbers
    assert (camera["light"], camera["calibration"], camera["call"], camera["cameras"]) == (1, 1, 2, 0)
    assert int(pictures["crops"]) > 500
    assert ("strace" in found[Promise.WATCHED].numbers) == strace_there()


class TestParts:
    def test_a_database_is_named_by_its_path_on_every_system(self) -> None:
        assert path_of_uri("file:///C:/Users/mina%20kim/calmline.db", windows=True) == b"C:/Users/mina kim/calmline.db"
        assert path_of_uri("file:///C:/calmline.db", windows=False) == b"/C:/calmline.db"
        assert path_of_uri("file:///tmp/%ED%95%9C.db", windows=False).decode() == "/tmp/한.db"
        assert path_of_uri("calmline.db", windows=True) == b"calmline.db"

    @pytest.mark.parametrize(
        ("order", "holds"),
        [
            (("watch_begin", "frames_open", "frames_close", "watch_end"), True),
            (("watch_begin", "frames_open", "watch_end", "frames_close"), False),
            (("watch_begin", "frames_open", "watch_begin", "frames_close", "watch_end"), False),
        ],
    )
    def test_frames_have_to_be_closed_before_what_they_were_open_for_is_over(
        self, order: tuple[str, ...], holds: bool, tmp_path: Path
    ) -> None:
        subjects = {"watch_begin": "call", "watch_end": "", "frames_open": "actor", "frames_close": "actor"}
        events = [Event(Kind(name), subjects[name]) for name in order]
        found = {one.promise: one for one in judge(Evidence({"hook": events}, tmp_path, (), search([], []), ()))}
        assert found[Promise.CAMERA].holds is holds
        assert found[Promise.CAMERA].names == (() if holds else ("actor",))

    def test_of_two_sources_of_one_name_one_that_stays_open_is_seen(self, tmp_path: Path) -> None:
        order = ("watch_begin", "frames_open", "frames_open", "frames_close", "watch_end")
        events = [Event(Kind(name), "call" if name == "watch_begin" else "actor") for name in order]
        found = {one.promise: one for one in judge(Evidence({"hook": events}, tmp_path, (), search([], []), ()))}
        camera = found[Promise.CAMERA]
        assert (camera.holds, camera.numbers["open"], camera.names) == (False, 1, ("actor",))

    def test_only_the_log_itself_may_lie_outside_of_the_data(self, tmp_path: Path) -> None:
        log = tmp_path / "state" / "log" / "calmline.log"
        made = [Event(Kind.FOLDER, str(log.parent)), Event(Kind.WRITE, str(log))]
        for allowed, outside in ((log, 0), (None, 2), (tmp_path / "calmline.log", 2)):
            evidence = Evidence({"hook": made}, tmp_path / "data", (), search([], []), (), log=allowed)
            [files] = [one for one in judge(evidence) if one.promise is Promise.FILES]
            assert (files.holds, files.numbers["outside"]) == (not outside, outside)

    def test_an_event_comes_through_the_pipe_as_it_was(self) -> None:
        event = Event(Kind.WRITE, "/tmp/\udcff \u001b[31m 한글")
        assert from_line(to_line(event)) == event
        assert [from_line(line) for line in (b"", b"hello\n", b"[1]\n", b'["strange", "x"]\n')] == [None] * 4

    def test_no_line_is_too_long_for_a_pipe_to_take_in_one_piece(self) -> None:
        for letter in ("a", "한", "\udcff", "\U0001f642"):
            assert len(to_line(Event(Kind.WRITE, letter * 5000))) <= 4096
        assert from_line(to_line(Event(Kind.WRITE, "/" + "a" * 1400))) == Event(Kind.WRITE, "/" + "a" * 1400)

    @pytest.mark.parametrize(
        ("lines", "events"),
        [
            (
                ['7 openat(AT_FDCWD</w>, "a", O_WRONLY|O_CREAT, 0600) = 3</w/a>'],
                [Event(Kind.WRITE, "/w/a")],
            ),
            (['7 openat(AT_FDCWD</w>, "a", O_RDONLY|O_CLOEXEC) = 3</w/a>'], []),
            (['7 openat(AT_FDCWD</w>, "O_WRONLY", O_RDONLY) = 3</w/O_WRONLY>'], []),
            (['7 openat(AT_FDCWD</w>, "a", O_WRONLY) = -1 EACCES (Permission denied)'], []),
            (
                [
                    '7 openat(AT_FDCWD</w>, "a", O_RDWR <unfinished ...>',
                    '8 mkdir("/w/b", 0700) = 0',
                    "7 <... openat resumed>) = 4</w/a>",
                ],
                [Event(Kind.FOLDER, "/w/b"), Event(Kind.WRITE, "/w/a")],
            ),
            (
                ['7 renameat(AT_FDCWD</w>, "a", 5</x>, "b") = 0'],
                [Event(Kind.REMOVE, "/w/a"), Event(Kind.WRITE, "/x/b")],
            ),
            (['7 openat(AT_FDCWD</w>, "/dev/video0", O_RDWR) = 3</dev/video0<char 81:0>>'], None),
            (
                ['7 connect(3<socket:[1]>, {sa_family=AF_UNIX, sun_path="/w/c.sock"}, 110) = 0'],
                [Event(Kind.CONNECT, "AF_UNIX /w/c.sock")],
            ),
            (
                ['7 connect(3<s>, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("1.2.3.4")}, 16) = 0'],
                [
                    Event(
                        Kind.CONNECT,
                        'AF_INET sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("1.2.3.4")',
                    )
                ],
            ),
            (
                ["7 connect(3<s>, {sa_family=AF_INET6, sin6_port=htons(80)}, 28) = -1 EINPROGRESS (Now in progress)"],
                [Event(Kind.CONNECT, "AF_INET6 sa_family=AF_INET6, sin6_port=htons(80)")],
            ),
            (['7 execve("/usr/bin/curl", ["curl"], 0x7f /* 3 vars */) = 0'], [Event(Kind.PROGRAM, "/usr/bin/curl")]),
            (["garbage", "", "7 +++ exited with 0 +++", "7 --- SIGCHLD {si_signo=SIGCHLD} ---"], []),
        ],
    )
    def test_straces_lines_are_understood(self, lines: list[str], events: list[Event] | None) -> None:
        found = list(parse(lines))
        if events is None:
            assert {event.kind for event in found} == {Kind.CAMERA, Kind.WRITE}
        else:
            assert found == events

    def test_a_search_says_what_it_could_not_read(self, tmp_path: Path) -> None:
        assert search([tmp_path / "gone"], []).unread == ("gone cannot be read: No such file or directory",)


class TestReport:
    FINDINGS: ClassVar[list[Finding]] = [
        Finding(Promise.WATCHED, True, {"hook": 9, "strace": 4}),
        Finding(Promise.FILES, False, {"count": 3, "outside": 1}, tuple(f"/home/{n}\x1b[31m" for n in range(14))),
        Finding(Promise.PICTURES, True, {"files": 3, "kilobytes": 20, "strips": 9, "crops": 3}),
        Finding(Promise.NETWORK, True, {"local": 2, "reaching": 0}),
        Finding(Promise.PROGRAMS, True, {"count": 0}),
        Finding(
            Promise.CAMERA,
            True,
            {"cameras": 0, "opened": 4, "open": 0, "light": 1, "calibration": 1, "call": 2},
        ),
        Finding(Promise.RECORD, True, {"tables": 13, "columns": 90}),
    ]

    @pytest.mark.parametrize("language", ["en", "ko"])
    @pytest.mark.parametrize("holds", [True, False])
    def test_every_promise_has_its_sentence_with_its_numbers(self, language: str, holds: bool) -> None:
        use_language(language)
        lines = list(lines_of([replace(one, holds=holds, names=()) for one in self.FINDINGS]))
        assert len(lines) == len(Promise)
        assert all(line.startswith("ok" if holds else "!!") and "{" not in line for line in lines)

    def test_one_of_a_thing_is_not_said_to_be_several(self) -> None:
        use_language("en")
        ones = [
            replace(one, holds=holds, numbers=dict.fromkeys(one.numbers, 1))
            for one in self.FINDINGS
            for holds in (True, False)
        ]
        assert not [line for line in lines_of(ones) if re.search(r"\b1 [a-z]+s\b", line)]

    def test_names_stand_under_what_they_break_and_are_not_endless(self) -> None:
        lines = list(lines_of(self.FINDINGS))
        assert "1 of 3" in lines[1]
        assert lines[2].strip() == "/home/0\x1b[31m"  # the stream that prints it writes the escape code out
        assert lines[14].strip() == "and 2 more"

    @pytest.mark.parametrize(("holds", "code"), [(True, 0), (False, 1)])
    def test_doctor_ends_with_1_where_a_promise_does_not_hold(
        self, holds: bool, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        found = [replace(one, holds=True) for one in self.FINDINGS[:-1]] + [replace(self.FINDINGS[-1], holds=holds)]
        monkeypatch.setattr("app.cli.privacy.report.judge", lambda evidence: found)
        monkeypatch.setattr("app.cli.privacy.report.watched", lambda steps, language: nullcontext())
        assert run(["doctor", "--privacy"]) == code
        shown = capsys.readouterr().out
        assert ("Every promise holds." in shown) == holds
        assert "\x1b" not in shown


class TestHook:
    @pytest.mark.parametrize(
        ("name", "arguments", "events"),
        [
            ("open", ("/w/a", "r", os.O_RDONLY), []),
            ("open", ("/w/a", "w", os.O_WRONLY | os.O_CREAT), [Event(Kind.WRITE, "/w/a")]),
            ("open", (b"/w/a", None, os.O_RDWR), [Event(Kind.WRITE, "/w/a")]),
            ("open", (5, "w", os.O_WRONLY), []),
            ("sqlite3.connect", ("file:///w/%ED%95%9C%20a.db?mode=rw",), [Event(Kind.WRITE, "/w/한 a.db")]),
            ("sqlite3.connect", ("file:///w/a.db?mode=ro",), []),
            ("sqlite3.connect", (":memory:",), []),
            ("os.rename", ("/w/a", "/x/b", -1, -1), [Event(Kind.REMOVE, "/w/a"), Event(Kind.WRITE, "/x/b")]),
            ("os.symlink", ("/w/a", "/x/b", -1), [Event(Kind.WRITE, "/x/b")]),
            ("os.truncate", (3, 0), []),
            ("os.system", ("curl",), [Event(Kind.PROGRAM, "curl")]),
            ("import", ("os",), []),
        ],
    )
    @posix_only
    def test_pythons_events_are_understood(self, name: str, arguments: tuple[object, ...], events: list[Event]) -> None:
        assert list(events_of(name, arguments)) == events

    def test_of_a_plain_crop_there_is_nothing_to_look_for(self) -> None:
        assert strips_of(np.zeros((100, 100, 3), np.uint8)) == []
        assert len(strips_of(np.random.default_rng(1).integers(0, 255, (100, 100, 3), np.uint8))) == 3
