from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.bench.process import footprint
from core.system.files import FileError, fresh_file, read_plain_file, remove_stale_parts, write_file

ROOT = Path(__file__).parents[2]


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


class TestAFreshFile:
    def test_takes_the_place_of_the_old_one_for_its_owner_only(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_text("old", encoding="utf-8")
        path.chmod(0o644)
        with fresh_file(path) as fresh:
            fresh.write_text("new", encoding="utf-8")
            assert path.read_text(encoding="utf-8") == "old"
        assert path.read_text(encoding="utf-8") == "new"
        assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o600
        assert list(tmp_path.iterdir()) == [path]

    def test_leaves_everything_as_it_was_when_the_block_fails(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_text("old", encoding="utf-8")
        with pytest.raises(RuntimeError), fresh_file(path) as fresh:
            fresh.write_text("half", encoding="utf-8")
            raise RuntimeError
        assert path.read_text(encoding="utf-8") == "old"
        assert list(tmp_path.iterdir()) == [path]

    def test_replaces_a_link_and_not_what_it_leads_to(self, tmp_path: Path) -> None:
        other, path = tmp_path / "other", tmp_path / "file"
        other.write_text("theirs", encoding="utf-8")
        path.symlink_to(other)
        write_file(path, "ours")
        assert (other.read_text(encoding="utf-8"), path.is_symlink()) == ("theirs", False)

    def test_is_synced_before_it_is_renamed_and_its_folder_after(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path, done = tmp_path / "file", []
        monkeypatch.setattr(os, "fsync", lambda _: done.append(path.exists()))
        write_file(path, b"content")
        assert done == ([False] if os.name == "nt" else [False, True])

    def test_that_a_killed_program_left_is_removed_by_the_next_one(self, tmp_path: Path) -> None:
        program = (
            "import os, sys; from pathlib import Path; from core.system.files import fresh_file\n"
            "with fresh_file(Path(sys.argv[1])) as fresh: fresh.write_text('half'); os._exit(1)"
        )
        subprocess.run([sys.executable, "-c", program, tmp_path / "file"], check=False, cwd=ROOT)
        [part] = tmp_path.iterdir()
        assert part.read_text(encoding="utf-8") == "half"
        with fresh_file(tmp_path / "one"):
            remove_stale_parts(tmp_path)
            assert not part.exists()
            assert len(list(tmp_path.iterdir())) == 1, "the one that is being written stays"

    def test_is_said_to_be_left_where_it_cannot_be_removed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / ".calmline-abc.part").touch()
        assert remove_stale_parts(tmp_path / "gone")
        with monkeypatch.context() as patch:
            patch.setattr("core.system.files.erase_file", lambda _: (_ for _ in ()).throw(PermissionError))
            assert not remove_stale_parts(tmp_path)
        assert remove_stale_parts(tmp_path)
        assert list(tmp_path.iterdir()) == []
