"""A candidate's folder is the old one or the new one, never a network with another's card."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.candidates.card import CARD_FILE, NETWORK_FILE, load_card
from core.candidates.registry import read_registry
from core.shipping.writing import write_candidate_folder, write_card
from tests.tiny_network import card_for, tiny_network

OLD, NEW = tiny_network(), tiny_network(bias=(1.0, 0.0, 0.0, 0.0))


def test_a_candidate_that_is_written_is_one_that_the_program_takes(tmp_path: Path) -> None:
    for content in (OLD, NEW):
        write_candidate_folder(tmp_path / "tiny-1", card_for(content), content)
        [candidate] = read_registry(tmp_path).candidates
        assert candidate.path.read_bytes() == content
    assert {file.name for file in (tmp_path / "tiny-1").iterdir()} == {CARD_FILE, NETWORK_FILE}


@pytest.mark.parametrize("broken", ["write_text", "write_bytes"])
def test_where_a_file_cannot_be_written_the_old_candidate_stays_whole(
    tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_candidate_folder(tmp_path / "tiny-1", card_for(OLD), OLD)

    def fail(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, broken, fail)
    with pytest.raises(OSError):
        write_candidate_folder(tmp_path / "tiny-1", card_for(NEW), NEW)
    [candidate] = read_registry(tmp_path).candidates
    assert candidate.path.read_bytes() == OLD


def test_a_card_alone_is_written_anew_beside_its_network(tmp_path: Path) -> None:
    write_candidate_folder(tmp_path / "tiny-1", card_for(OLD), OLD)
    write_card(tmp_path / "tiny-1", card_for(OLD, terms="ask first"))
    assert load_card(tmp_path / "tiny-1" / CARD_FILE).terms == "ask first"
    assert (tmp_path / "tiny-1" / NETWORK_FILE).read_bytes() == OLD
