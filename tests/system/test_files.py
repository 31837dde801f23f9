from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.bench.process import footprint
from core.system.files import FileError, read_plain_file


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_plain_file(path, 5) == b"12345"
    with pytest.raises(FileError, match="larger than 4 bytes"):
        read_plain_file(path, 4)


def test_asking_for_a_folder_again_and_again_leaves_nothing_open(tmp_path: Path) -> None:
    before = footprint().handles
    for _ in range(20):
        with pytest.raises(FileError):
            read_plain_file(tmp_path, 10)
    after = footprint().handles
    assert before is None or after is None or after <= before + (10 if os.name == "nt" else 0)
