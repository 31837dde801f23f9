"""What the tests of the command line share: commands run in process, with their own record and tiny real networks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.cli.main import run
from core.method.emotion import Emotion, Outcome
from core.method.sample import Sample
from core.store.records import CallStart, ShareLevel
from core.store.store import Store
from core.system.clock import ManualClock
from tests.tui.stage import consent_of

COLOURS = {
    Emotion.HAPPY: (0, 0, 255),
    Emotion.NEUTRAL: (0, 255, 0),
    Emotion.STRESS: (255, 0, 0),
    Emotion.SURPRISE: (10, 10, 10),
}


@dataclass
class Shell:
    """Runs commands with their own record and two tiny networks."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    @property
    def database(self) -> Path:
        return self.folder / "data" / "calmline.db"

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        self.capture.readouterr()
        code = run(["--db", str(self.database), "--only-models", str(self.folder / "models"), *map(str, arguments)])
        out, err = self.capture.readouterr()
        assert "Traceback" not in out + err
        return code, out, err


def write_colour(path: Path, emotion: Emotion) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((64, 64, 3), COLOURS[emotion], np.uint8))
    return path


def record(
    shell: Shell,
    *,
    share: ShareLevel = ShareLevel.NOTHING,
    region: str = "KR",
    calls: int = 1,
    begun: datetime = datetime(2026, 1, 5, 9, 0, tzinfo=UTC),
) -> None:
    """A record with an answer and some calls of three seconds."""
    clock = ManualClock(begun)
    with Store.open(shell.database, clock) as store:
        store.record_consent(consent_of(store, share=share, region=region))
        for _ in range(calls):
            call = store.begin_call(CallStart("tiny-1"))
            store.add_samples(call.id, [Sample(200 * n, Outcome.STRESS, 20 * (n + 1)) for n in range(15)])
            clock.advance(3)
            store.end_call(call.id)
            clock.advance(3600)
