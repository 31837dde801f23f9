"""The wizard's light check and its takes: what waits, what is held, and what stands still."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.tui.wizard.steps import Step
from core.calibration.machine import LONGEST_HOLD, Phase, Timing
from core.face.light import FOUND_SHARE, LightCheck, LightMeasure
from core.method.emotion import Emotion
from core.method.grading import MIN_FRAMES
from tests.tui.stage import hold, open_stage, walk_to
from tests.tui.test_faults import GOOD, words


def measures(check: LightCheck, good: list[bool]) -> None:
    for number, one in enumerate(good):
        check.add(GOOD if one else LightMeasure(0, None), number * 0.2)


@pytest.mark.parametrize("misses", range(11))
def test_the_light_is_ready_exactly_when_every_line_says_good(misses: int) -> None:
    check = LightCheck()
    measures(check, [True] * 10 + [number >= misses for number in range(11)])
    shown_good = all(meter.good for meter in check.meters)
    assert check.ready is shown_good is (11 - misses >= FOUND_SHARE * 11)


async def test_enter_pressed_a_moment_too_soon_counts_and_the_waiting_is_said(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.LIGHT)
        await stage.until_watching()
        screen = stage.app.screen
        from app.tui.wizard.lighting import LightSeen

        meters = LightCheck()
        meters.add(GOOD, 0.0)
        screen.post_message(LightSeen(GOOD, meters.meters, None, ready=False))
        await stage.settle()
        assert "One moment more" in words(stage)
        await stage.press("enter")
        assert stage.app.current_step is Step.LIGHT
        screen.post_message(LightSeen(GOOD, meters.meters, None, ready=True))
        await stage.until_step(Step.EXPRESSIONS)


async def test_p_goes_on_as_it_pauses_and_every_key_shown_does_what_is_said(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        calibration = stage.app.wizard.calibration
        assert calibration is not None

        def foot() -> str:
            return stage.text().splitlines()[-1]

        assert "Space begin" in foot()
        assert "Enter" not in foot()
        await stage.press("enter")
        assert str(calibration.phase) == "waiting", "Enter is not shown, so it does nothing"
        await stage.press("space")
        await stage.advance(1.0)
        assert "p pause" in foot()
        await stage.press("p")
        await stage.advance(5.0)
        assert "p resume" in foot()
        await stage.press("p")
        assert str(calibration.phase) == "get_ready"
        await hold(stage)
        assert "Enter keep it" in foot()
        assert "Space again" in foot()


async def test_when_both_takes_are_over_the_result_stands_still_and_shows_the_grades(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.press("space")
        await hold(stage)
        grader = stage.app.wizard.grader
        assert grader is not None
        await stage.until(lambda: grader.pending == 0, "the readings")
        await stage.advance(0.2)
        assert "grades: S × 2" in words(stage)
        before = stage.text()
        stage.source.mood = lambda seconds: Emotion.STRESS
        await stage.advance(5.0)
        assert stage.text() == before


async def test_a_take_with_too_few_frames_is_held_longer_while_a_face_is_seen() -> None:
    from core.calibration.machine import Calibration

    calibration = Calibration()
    calibration.begin(0.0)
    now, holds = 0.0, []
    while calibration.phase in (Phase.GET_READY, Phase.HOLD, Phase.RELAX):
        now += 0.45  # ten networks read: the camera is looked at twice a second
        calibration.tick(now, face_seen=True)
        if calibration.phase is Phase.HOLD:
            holds.append(now)
    assert calibration.phase is Phase.REVIEW
    assert calibration.enough_frames
    assert calibration.frames(1) >= MIN_FRAMES
    assert now < Timing().get_ready + Timing().relax + 2 * LONGEST_HOLD * Timing().hold + 2.0


async def test_nothing_is_read_looked_for_or_told_while_nothing_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage(tmp_path) as stage:
        await walk_to(stage, Step.EXPRESSIONS)
        await stage.advance(0.5)
        looked: list[str] = []

        def noted(real: Callable[[object], object]) -> Callable[[object], object]:
            return lambda one: (looked.append(str(real)), real(one))[1]  # type: ignore[func-returns-value]

        tracker = stage.app.screen._session._tracker  # type: ignore[attr-defined]
        for owner, name in ((stage.source, "frame_at"), (stage.app.screen, "post_from_thread"), (tracker, "crop")):
            monkeypatch.setattr(owner, name, noted(getattr(owner, name)))

        async def comes_to_rest() -> bool:
            for _ in range(40):  # on a busy computer what was begun may take longer
                looked.clear()
                await stage.advance(0.5)
                if not looked:
                    await stage.advance(5.0)
                    return not looked
            return False

        assert await comes_to_rest()
        await stage.press("space")
        await stage.advance(5.0)
        assert len(looked) > 20
        assert await comes_to_rest()
