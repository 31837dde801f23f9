"""A glance at the record before it is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.method.emotion import EXPRESSIONS
from core.method.grading import CandidateResult, grade_expression
from core.store import CalibrationRecord, Consent, LightState, Store
from core.store.first_look import FirstLook, first_look
from core.system.clock import ManualClock
from tests.doubles import sure_of


def calibrate(store: Store) -> None:
    graded = {one.id: grade_expression(one, [sure_of(one.emotion)] * 12) for one in EXPRESSIONS}
    result = CandidateResult("tiny-1", {name: grade for name, grade in graded.items() if grade is not None}, 1.0)
    store.save_calibration(
        CalibrationRecord.from_results(
            store.now(), "camera 0", LightState.READY, [result], chosen="tiny-1", card_sha256={"tiny-1": "0" * 64}
        )
    )


def test_it_sees_what_opening_would_also_beside_a_running_program(
    store: Store, path: Path, agree: Callable[..., Consent]
) -> None:
    assert first_look(path) == FirstLook(None, None, measured=False, all_set=False)
    agree()
    assert first_look(path) == FirstLook(None, None, measured=True, all_set=False)
    calibrate(store)
    store.set_setting("language", "ko")
    store.set_setting("theme", "light")
    seen = FirstLook("ko", "light", measured=True, all_set=True)
    assert first_look(path) == seen
    store.close()
    before = sorted(path.parent.iterdir())
    assert first_look(path) == seen
    assert sorted(path.parent.iterdir()) == before, "a glance left something behind"


def test_who_has_taken_the_consent_back_is_not_shown_the_monitor(store: Store, path: Path) -> None:
    calibrate(store)
    assert first_look(path) == FirstLook(None, None, measured=False, all_set=False)


@pytest.mark.parametrize("content", [b"", b"\x00" * 4096, b"SQLite format 3\x00" + b"\xff" * 4080, b"a letter"])
def test_what_is_no_record_of_ours_is_left_to_opening(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "calmline.db"
    assert first_look(path) is None
    path.write_bytes(content)
    assert first_look(path) is None
    assert path.read_bytes() == content
    assert first_look(tmp_path) is None


def test_an_encrypted_record_is_left_to_its_passphrase(path: Path, clock: ManualClock) -> None:
    pytest.importorskip("sqlcipher3")
    from core.store.encryption import convert

    Store.open(path, clock).close()
    convert(path, clock.wall(), before=None, after="moonlight over the bay")
    assert first_look(path) is None
