"""A list with millions of rows, packed or not: said, within little memory, and never cut in silence."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from core.sources import tables
from core.sources.tables import TableError, rows_of

ROOT = Path(__file__).parents[2]

PREPARE = """
import resource, sys
from pathlib import Path
import cv2, numpy
from core.datasets.labelled import DataSetError
from core.datasets.preparing import PrepareSettings, prepare
pages = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (pages + 900 * 2**20, pages + 900 * 2**20))
try:
    prepare(Path(sys.argv[1]), Path(sys.argv[2]), PrepareSettings("one"), None)
except DataSetError as error:
    print(error)
"""


def lists(rows: int) -> bytes:
    dice = random.Random(7)
    return b"file,label\n" + b"".join(b"%x,happy\n" % dice.getrandbits(20) for _ in range(rows))


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory is Linux's")
@pytest.mark.parametrize("kind", [pytest.param("full", marks=pytest.mark.thorough), "bomb"])
def test_a_set_whose_list_never_ends_is_refused_in_little_memory(tmp_path: Path, kind: str) -> None:
    content = lists(4_500_000) if kind == "full" else b"file,label\n" + b"a,b\n" * 15_000_000
    with zipfile.ZipFile(tmp_path / "set.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", content)
    done = subprocess.run(
        [sys.executable, "-c", PREPARE, tmp_path / "set.zip", tmp_path / "out"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert "list.csv" in done.stdout
    assert not (tmp_path / "out").exists()


def test_the_last_row_that_is_taken_is_the_last_one_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    text = io.StringIO("file,label\n\n" + "a,b\n" * 3 + ",\n\n")
    assert len(rows_of("list.csv", text.getvalue().encode(), ("file",))) == 3
    with pytest.raises(TableError, match=r"list\.csv has more than 3 rows"):
        rows_of("list.csv", (text.getvalue() + "a,b\n").encode(), ("file",))
