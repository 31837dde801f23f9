from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from core.store.errors import NoticeCode, StoreError, StoreErrorCode
from core.store.locations import SOCKET_PATH_BYTES, Locations, _short_enough, find_locations


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    return tmp_path


class TestFinding:
    def test_without_a_wish_the_record_lies_in_the_folder_for_data(self) -> None:
        found = find_locations(None, {})
        assert found.database == found.data / "calmline.db"
        assert "calmline" in str(found.data)

    def test_the_environment_moves_the_record_and_the_command_line_moves_it_further(self, tmp_path: Path) -> None:
        environment = {"CALMLINE_DB": str(tmp_path / "env.db")}
        assert find_locations(None, environment).database == tmp_path / "env.db"
        assert find_locations(tmp_path / "option.db", environment).database == tmp_path / "option.db"

    def test_an_empty_variable_is_no_wish(self) -> None:
        assert find_locations(None, {"CALMLINE_DB": ""}) == find_locations(None, {})

    def test_a_relative_path_is_made_absolute(self) -> None:
        assert find_locations(Path("my.db"), {}).database == Path.cwd() / "my.db"

    def test_two_records_have_two_control_channels(self, tmp_path: Path) -> None:
        first, second = (find_locations(tmp_path / name, {}) for name in ("a.db", "b.db"))
        assert first.control_address != second.control_address
        assert first == find_locations(tmp_path / "a.db", {})

    @pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")
    def test_the_control_channels_path_is_short_enough_however_deep_the_folder(self, tmp_path: Path) -> None:
        deep = Locations.below(tmp_path.joinpath(*["a-rather-long-name"] * 8))
        assert len(os.fsencode(deep.control_address)) <= SOCKET_PATH_BYTES
        assert str(os.getuid()) in deep.control_address


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
class TestPreparing:
    def test_folders_are_for_their_owner_only(self, tmp_path: Path) -> None:
        locations = Locations.below(tmp_path / "calm")
        assert locations.prepare() == []
        for folder in (locations.data, locations.log, locations.runtime):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_wider_rights_are_mended_and_reported(self, tmp_path: Path) -> None:
        locations = Locations.below(tmp_path / "calm")
        locations.prepare()
        locations.log.chmod(0o755)
        locations.log_file.touch(0o644)
        notices = locations.prepare()
        assert [(notice.code, notice.detail) for notice in notices] == [
            (NoticeCode.RIGHTS_MENDED, str(locations.log)),
            (NoticeCode.RIGHTS_MENDED, str(locations.log_file)),
        ]
        assert stat.S_IMODE(locations.log.stat().st_mode) == 0o700

    def test_a_folder_that_the_person_chose_for_the_record_is_not_closed_to_others(self, tmp_path: Path) -> None:
        shared = tmp_path / "shared"
        shared.mkdir(mode=0o755)
        shared.chmod(0o755)
        find_locations(shared / "my.db", {}).prepare()
        assert stat.S_IMODE(shared.stat().st_mode) == 0o755


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes have no folder")
def test_a_long_runtime_folder_stays_where_there_is_no_folder_for_temporary_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def missing() -> str:
        raise FileNotFoundError

    monkeypatch.setattr("core.store.locations.tempfile.gettempdir", missing)
    runtime = tmp_path / ("r" * 120)
    assert _short_enough(runtime, "mark") == runtime


def test_a_relative_record_in_a_folder_that_was_removed_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> str:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, "getcwd", gone)
    with pytest.raises(StoreError) as raised:
        find_locations(Path("mine.db"), {})
    assert (raised.value.code, raised.value.detail) == (StoreErrorCode.UNREADABLE, "mine.db")
    assert find_locations(tmp_path / "mine.db", {}).database == tmp_path / "mine.db"
