"""Paths as SQLite takes them, on both systems."""

from __future__ import annotations

import sqlite3
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from core.store.connection import sqlite_uri


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (PurePosixPath("/home/kim/a b.db"), "file:///home/kim/a%20b.db"),
        (PureWindowsPath(r"C:\Users\kim\a.db"), "file:///C:/Users/kim/a.db"),
        (PureWindowsPath(r"\\server\share\a.db"), "file:////server/share/a.db"),
    ],
)
def test_no_path_has_a_computer_in_the_place_that_sqlite_refuses(path: PurePosixPath, uri: str) -> None:
    assert sqlite_uri(path) == uri


@pytest.mark.parametrize("name", ["plain.db", "a b.db", "한글.db", "100%?#.db"])
def test_sqlite_opens_the_file_that_is_meant(tmp_path: Path, name: str) -> None:
    sqlite3.connect(f"{sqlite_uri(tmp_path / name)}?mode=rwc", uri=True).close()
    assert (tmp_path / name).is_file()
