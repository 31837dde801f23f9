"""A command line with two tiny networks that come with the program, and the person's own folder beside them."""

from __future__ import annotations

import pytest

from app.cli.main import run
from tests.cli.conftest import shell
from tests.cli.shell import Shell

__all__ = ["own_shell", "shell"]


class OwnShell(Shell):
    """As `Shell`, with networks added to those that come with the program."""

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        self.capture.readouterr()
        code = run(["--db", str(self.database), *map(str, arguments)])
        out, err = self.capture.readouterr()
        assert "Traceback" not in out + err
        return code, out, err


@pytest.fixture
def own_shell(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setattr("app.cli.context.MODELS_FOLDER", shell.folder / "models")
    return OwnShell(shell.folder, shell.capture)
