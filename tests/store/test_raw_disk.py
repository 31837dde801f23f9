"""What was erased is not on the disk any more, in no block that the files once had."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.store.records import CallStart
from core.store.store import Store
from core.system.clock import ManualClock

ROOT = Path(__file__).parents[2]
MARK, KEPT = "Kranich-8341", "Amsel-2750"


@contextmanager
def disk_of_its_own(image: Path, folder: Path) -> Iterator[None]:
    """A small ext4 in a file for the length of the block; skips where the system does not let us mount one."""
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(24 * 2**20)
    made = subprocess.run(["mkfs.ext4", "-q", image], check=False, capture_output=True).returncode == 0
    if not made or subprocess.run(["mount", "-o", "loop", image, folder], check=False, capture_output=True).returncode:
        pytest.skip("this system does not let us mount a disk of our own")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def marks_on(image: Path, mark: str = MARK) -> int:
    return image.read_bytes().count(mark.encode())


@pytest.mark.skipif(sys.platform != "linux", reason="a disk of its own needs Linux")
@pytest.mark.parametrize("starts", [1, 3])
def test_after_erasing_everything_no_block_of_the_disk_tells_a_note(tmp_path: Path, starts: int) -> None:
    image, folder = tmp_path / "disk.img", tmp_path / "disk"
    clock = ManualClock()
    with disk_of_its_own(image, folder):
        for _ in range(starts):
            with Store.open(folder / "calmline.db", clock) as store:
                call = store.begin_call(CallStart("a"))
                for number in range(200):
                    store.add_note(call.id, number, f"{MARK} {number} " + "x" * 300)
                store.end_call(call.id)
                clock.advance(10)
        subprocess.run(["sync"], check=True)
    assert marks_on(image) >= 200 * starts
    subprocess.run(["mount", "-o", "loop", str(image), str(folder)], check=True)
    try:
        with Store.open(folder / "calmline.db", clock) as store:
            store.erase_all()
            assert store.calls() == []
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    assert marks_on(image) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="a disk of its own needs Linux")
@pytest.mark.parametrize("seed", [16, 19])  # SQLite moved rows of these between pages, and its rebuilding freed copies
def test_after_erasing_single_calls_no_block_tells_their_notes_and_those_of_others_stay(
    tmp_path: Path, seed: int
) -> None:
    image, folder, clock, chance = tmp_path / "disk.img", tmp_path / "disk", ManualClock(), random.Random(seed)
    erased = []
    with disk_of_its_own(image, folder):
        for _start in range(3):
            with Store.open(folder / "calmline.db", clock) as store:
                for _call in range(12):
                    call, unwanted = store.begin_call(CallStart("a")), chance.random() < 0.5
                    for number in range(chance.randrange(40)):
                        mark = MARK if unwanted else KEPT
                        store.add_note(call.id, number, f"{mark} {call.id}/{number} " + "x" * chance.randrange(400))
                    store.end_call(call.id)
                    erased += [call.id] * unwanted
                    clock.advance(10)
        with Store.open(folder / "calmline.db", clock) as store:
            chance.shuffle(erased)
            for call_id in erased:
                store.erase_call(call_id)
            assert store.integrity() == []
            kept = sum(len(store.notes(call.id)) for call in store.calls())
    assert marks_on(image) == 0
    assert marks_on(image, KEPT) >= kept > 100


def test_what_grew_too_old_is_gone_from_the_record_at_once_and_from_its_pages_with_the_next_erasing(
    tmp_path: Path,
) -> None:
    path, clock = tmp_path / "calmline.db", ManualClock()
    with Store.open(path, clock) as store:
        for _number in range(3):
            call = store.begin_call(CallStart("a"))
            store.add_note(call.id, 0, MARK + "x" * 400)
            store.end_call(call.id)
            clock.advance(10)
        clock.advance(20 * 86400)
        before = path.stat().st_size
        assert store.apply_retention(10, 365).calls == 0
        assert [store.notes(call.id) for call in store.calls()] == [[], [], []]
        assert path.stat().st_size >= before, "it is not rebuilt for that"
        store.erase_call(call.id)
    assert marks_on(path) == 0


def test_a_log_that_is_left_at_the_end_was_filled_with_zeros_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "calmline.db", []

    def overwrite(log: Path) -> None:
        seen.append(MARK.encode() in log.read_bytes())
        real(log)
        seen.append(any(log.read_bytes()))

    from core.store import erasing
    from core.system import files

    real = files.overwrite
    monkeypatch.setattr(erasing, "overwrite", overwrite)
    with Store.open(path, ManualClock()) as store:
        store.set_setting("note", MARK)
    assert seen == [True, False]
    with Store.open(path, ManualClock()) as store:
        assert store.setting("note") == MARK
        assert store.integrity() == []


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is measured as Linux tells it")
def test_a_large_record_is_rebuilt_in_little_memory(tmp_path: Path) -> None:
    program = (
        "import resource, sys; from pathlib import Path; from core.store import erasing; from core.store.records import CallStart; from core.store.store import Store\n"
        "from core.system.clock import ManualClock\n"
        "store = Store.open(Path(sys.argv[1]), ManualClock())\n"
        "call = store.begin_call(CallStart('a')); store.end_call(call.id)\n"
        "store._writing().run(lambda db: db.conn.execute('INSERT INTO sample WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL '\n"
        "    'SELECT i + 1 FROM n WHERE i < 1500000) SELECT 1, i, 2, i FROM n'))\n"
        "store._writing().run(erasing.empty_log, atomic=False)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "store.sweep()\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, store.integrity()); store.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "calmline.db"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    grown, _, complaints = done.stdout.strip().partition(" ")
    size = (tmp_path / "calmline.db").stat().st_size
    assert complaints == "[]"
    assert size > 15 * 2**20
    assert int(grown) * 1024 < size / 4
    assert [one.name for one in tmp_path.iterdir() if one.suffix != ".lock"] == ["calmline.db"]
