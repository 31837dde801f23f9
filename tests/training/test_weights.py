from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.training.weights import WeightsError, read_npz

ONES = np.ones((2, 3), np.float32)


def written(folder: Path, **arrays: Any) -> Path:
    np.savez(folder / "own.npz", **arrays)
    return folder / "own.npz"


def test_weights_and_a_head_come_back(tmp_path: Path) -> None:
    path = written(
        tmp_path, **{"000": ONES, "001.q": np.array([2], np.int8), "001.s": ONES[0, :1] / 2, "head.bias": ONES}
    )
    stored = read_npz(path)
    assert [one.tolist() for one in stored.backbone] == [ONES.tolist(), [1.0]]
    assert stored.head_kernel is None
    np.testing.assert_array_equal(stored.head_bias, ONES)


def test_a_broken_file_is_named_wherever_it_ends_and_whatever_is_changed_in_it(tmp_path: Path) -> None:
    path = written(tmp_path, **{"000": ONES})
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(WeightsError, match=r"own\.npz cannot be read as \.npz"):
            read_npz(path)
    path.write_bytes(whole.replace(ONES.tobytes(), ONES.tobytes()[::-1]))
    with pytest.raises(WeightsError, match="Bad CRC"):
        read_npz(path)


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        ({"bias": ONES}, "lacks the keys 000, 001"),
        ({"000": ONES, "002": ONES}, "lacks the keys 000, 001"),
        ({"000.q": ONES}, r"lacks the key 000\.s"),
        ({"000.x": ONES}, "lacks the key 000"),
        ({"000.q": ONES, "000.s": np.ones(4)}, "holds something else than weights"),
        ({"000": ONES, "head.kernel": np.array(["a text"])}, "holds something else than weights"),
    ],
)
def test_what_holds_no_weights_is_named_with_what_it_lacks(arrays: Any, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=complaint):
        read_npz(written(tmp_path, **arrays))


def test_a_single_array_is_no_archive(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", ONES)
    (tmp_path / "one.npy").rename(tmp_path / "one.npz")
    with pytest.raises(WeightsError, match="not an archive of several arrays"):
        read_npz(tmp_path / "one.npz")
