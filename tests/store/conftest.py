"""A record in a temporary folder, on a clock that moves by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from core.method.emotion import Outcome
from core.method.sample import Sample
from core.store.consent import text_sha256
from core.store.records import CallRecord, CallSource, CallStart, Consent, ShareLevel
from core.store.store import Store
from core.system.clock import ManualClock
from tests.cli.shell import Shell


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "calmline.db"


@pytest.fixture
def store(path: Path, clock: ManualClock) -> Iterator[Store]:
    with Store.open(path, clock) as opened:
        yield opened


RecordCall = Callable[..., CallRecord]
Agree = Callable[..., Consent]


@pytest.fixture
def record_call(store: Store, clock: ManualClock) -> RecordCall:
    """Records a whole call at five readings a second, one for each outcome given."""

    def record(
        outcomes: Sequence[Outcome] = (Outcome.STRESS,) * 10, step: int = 20, source: CallSource = CallSource.CAMERA
    ) -> CallRecord:
        call = store.begin_call(CallStart("mobilenetv2-1", source=source))
        for tick, outcome in enumerate(outcomes):
            store.add_samples(call.id, [Sample(tick * 200, outcome, tick * step)])
            clock.advance(0.2)
        ended = store.end_call(call.id)
        clock.advance(10)
        return ended

    return record


@pytest.fixture
def agree(store: Store, clock: ManualClock) -> Agree:
    """Records an answer."""

    def record(share: ShareLevel = ShareLevel.NOTHING, *, region: str = "KR") -> Consent:
        clock.advance(1)
        return store.record_consent(
            Consent(clock.wall(), True, share, region, "ko", "2026-11", text_sha256("what was agreed to"))
        )

    return record


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """The command line with a record of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    return Shell(tmp_path, capsys)
