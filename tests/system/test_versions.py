"""What a person is told to type to get another package."""

from __future__ import annotations

import re
import sys

import pytest

from core.system.versions import install_command
from tests.catalogue import source_messages


@pytest.mark.parametrize(
    ("python", "command"),
    [
        ("/home/kim/calmline/.venv/bin/python", "/home/kim/calmline/.venv/bin/python -m pip install openpyxl"),
        (
            r"C:\Program Files\calmline\.venv\Scripts\python.exe",
            r'"C:\Program Files\calmline\.venv\Scripts\python.exe" -m pip install openpyxl',
        ),
        ("/opt/pipx/venvs/calmline/bin/python", "/opt/pipx/venvs/calmline/bin/python -m pip install openpyxl"),
    ],
)
def test_the_python_that_runs_is_the_one_that_installs(
    monkeypatch: pytest.MonkeyPatch, python: str, command: str
) -> None:
    monkeypatch.setattr(sys, "executable", python)
    assert install_command("openpyxl") == command


def test_no_text_names_a_place_or_a_command_that_only_some_computers_have() -> None:
    texts = [str(message.id) for message in source_messages()]
    assert [text for text in texts if re.search(r"\.venv/bin|Scripts/python|(?<!-m )pip install [a-z'\"]", text)] == []
