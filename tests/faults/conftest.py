"""The command line with a record of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.tiny_network import card_for, tiny_network, write_candidate


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """As in the tests of the command line, with one tiny network."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    content = tiny_network()
    write_candidate(tmp_path / "models", card_for(content, "tiny-1"), content)
    return Shell(tmp_path, capsys)
