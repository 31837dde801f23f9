"""From the demo actor to a verdict through everything that is real but time, on networks of a thousand bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.calibration.grader import CalibrationGrader
from core.calibration.machine import CAPTURES_PER_SECOND, Calibration, Phase, Slot, Timing
from core.candidates.registry import read_registry
from core.face.haar import HaarFaceFinder
from core.method.emotion import Expression, expression_by_id
from core.method.grading import choose_candidate
from core.monitoring.pipeline import FaceTracker
from core.sources.actor import DemoActor
from core.sources.loop import AnalysisLoop, LoopEnd, Tick
from core.system.clock import ManualClock
from core.system.resources import ASSETS_FOLDER
from tests.tiny_network import card_for, check_networks, tiny_network, write_candidate

ASKED = tuple(expression_by_id(name) for name in ("smile", "crying", "rage"))
QUICK = Timing(get_ready=0.8, hold=1.5, relax=0.3)


class Person:
    """Plays the wizard's part: asks the actor, captures crops, keeps `smile`, skips `crying`, keeps `rage`."""

    def __init__(self, grader: CalibrationGrader) -> None:
        self.calibration, self.grader = Calibration(ASKED, QUICK), grader
        self.actor = DemoActor(ASSETS_FOLDER / "actor" / "m_multi", seed=4)
        self.tracker = FaceTracker(HaarFaceFinder())
        self.ends: list[LoopEnd] = []
        self.submitted: list[Slot] = []
        self.loop = AnalysisLoop(
            self.actor, self._take, ManualClock(), rate=CAPTURES_PER_SECOND, on_end=self.ends.append
        )

    def _take(self, tick: Tick) -> None:
        assert tick.now < 60
        if self.calibration.phase is Phase.WAITING:
            self.calibration.begin(tick.now)
        if self.calibration.expression.id == "crying":
            self.calibration.skip(tick.now)
        asked = self.calibration.expression
        self.actor.perform(asked if isinstance(asked, Expression) else None)
        crop = None if tick.frame is None else self.tracker.crop(tick.frame)
        slot = self.calibration.tick(tick.now, face_seen=crop is not None)
        if slot is not None and crop is not None:
            self.submitted.append(slot)
            self.grader.submit(slot, crop)
        if self.calibration.phase is Phase.REVIEW:
            assert self.calibration.keep(tick.now)
        if self.calibration.phase is Phase.DONE:
            self.loop.request_stop()


@pytest.fixture
def grader(tmp_path: Path) -> Iterator[CalibrationGrader]:
    right, broken = tiny_network(), tiny_network(bias=(float("nan"),) * 4)
    # the means of all channels are near a half, so the last column of weights decides
    happy = tiny_network(weights=((9.0, 9.0, 9.0), (0, 0, 0), (0, 0, 0), (0, 0, 0)))
    for name, content in (("colour", right), ("happy", happy), ("broken", broken), ("cut", right[:300])):
        write_candidate(tmp_path, card_for(content, name), content)
    registry = check_networks(read_registry(tmp_path))
    assert registry.ids == ("broken", "colour", "happy")
    assert [rejection.folder for rejection in registry.rejections] == ["cut"]
    grader = CalibrationGrader([candidate.load() for candidate in registry.candidates])
    yield grader
    grader.close()


def test_the_actor_gets_from_the_first_expression_to_a_verdict(grader: CalibrationGrader) -> None:
    person = Person(grader)
    person.loop.run()
    grader.wait()
    assert person.ends == [LoopEnd()]
    assert person.calibration.phase is Phase.DONE
    slots = person.calibration.graded_slots
    assert [(slot.expression_id, slot.take) for slot in slots] == [("smile", 2), ("rage", 2)]

    results = grader.results(slots)
    assert {result.candidate_id: result.score for result in results} == {"colour": 0, "happy": 10 - 20}
    for result in results:
        assert result.best_possible == 20
        assert {name: grade.frames for name, grade in result.grades.items()} == {
            slot.expression_id: person.submitted.count(slot) for slot in slots
        }
    assert "which are no probabilities" in grader.failures["broken"]
    chosen = choose_candidate(results)
    assert chosen is not None
    assert chosen.candidate_id == "colour"
