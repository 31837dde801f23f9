from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from core.candidates.classify import lies_below


@pytest.mark.parametrize("name", ["a.png", "a/b.png", "./a.png", "한글/a.png"])
def test_a_list_names_what_lies_beside_or_below_it(name: str) -> None:
    assert lies_below(PurePosixPath(name))
    assert lies_below(PureWindowsPath(name))


@pytest.mark.parametrize("name", ["../a.png", "/etc/a.png", "a/../../b.png"])
def test_a_list_cannot_lead_out_of_its_folder(name: str) -> None:
    assert not lies_below(PurePosixPath(name))
    assert not lies_below(PureWindowsPath(name))


@pytest.mark.parametrize("name", ["\\pictures\\a.png", "C:a.png", "C:\\a.png", "\\\\server\\share\\a.png"])
def test_on_windows_neither_a_root_nor_a_drive_lies_below_a_folder(name: str) -> None:
    assert not lies_below(PureWindowsPath(name))
