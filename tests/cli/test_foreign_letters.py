"""A record in a folder whose name is no UTF-8, as disks of older Korean Linux have them, is one like any other."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.cli.shell import Shell, record

PASSPHRASE = "correct horse battery"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is Unicode")
def test_a_record_among_names_that_are_not_utf8_is_exported_copied_locked_and_erased(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALMLINE_PASSPHRASE", PASSPHRASE)
    folder = tmp_path / os.fsdecode("김".encode("cp949"))
    folder.mkdir()
    shell = Shell(folder, capsys)
    record(shell)
    for ending in ("csv", "json", "xlsx", "parquet"):
        assert shell("export", "--mine", "--out", folder / f"calls.{ending}")[0] == 0, ending
    assert shell("record", "backup", folder / "copy.db")[0] == 0
    assert shell("record", "encrypt", "on")[0] == 0
    code, out, _ = shell("record", "erase", "--everything", "--yes")
    assert (code, out) == (0, "Everything is erased.\n")
    assert shell("record", "encrypt", "off")[0] == 0
    assert shell("record", "restore", folder / "copy.db")[0] == 0
    assert len(shell("run", "--plain", "--history")[1].splitlines()) == 1
