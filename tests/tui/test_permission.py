"""On a Mac the screens make room for the system's question about the camera, and begin again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.tui import start
from app.tui.services import BEGIN_AGAIN, PracticeOptions
from app.tui.start import ScreensPlan, run_screens
from app.tui.wizard.steps import Step
from core.sources.devices import Permission
from core.store.locations import Locations
from tests.tui.stage import open_stage, walk_to


@pytest.fixture
def permission(monkeypatch: pytest.MonkeyPatch) -> Callable[[Permission | None], None]:
    """What the system says of the camera."""

    def is_now(answer: Permission | None) -> None:
        monkeypatch.setattr("core.sources.devices.camera_permission", lambda: answer)

    return is_now


@pytest.mark.parametrize(
    ("answer", "leaves"),
    [(Permission.UNASKED, True), (Permission.GRANTED, False), (Permission.DENIED, False), (None, False)],
)
async def test_the_screens_leave_after_the_consent_where_the_system_must_ask_first(
    tmp_path: Path, permission: Callable[[Permission | None], None], answer: Permission | None, leaves: bool
) -> None:
    permission(answer)
    async with open_stage(tmp_path, fixed_source=False) as stage:
        await walk_to(stage, Step.CONSENT)
        assert stage.app.return_value is None
        await stage.press("m")
        await stage.press("enter")
        await stage.until(lambda: stage.store.consent() is not None, "the answer")
        assert (stage.app.return_value == BEGIN_AGAIN) is leaves
        assert (stage.store.setting("wizard_step") == Step.CAMERA.value) is not leaves


def test_the_question_is_asked_between_two_rounds_of_screens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, permission: Callable[[Permission | None], None]
) -> None:
    permission(Permission.UNASKED)
    happened: list[str] = []

    def ask() -> None:
        happened.append("asked")
        permission(Permission.GRANTED)

    def screens(app: object, _demo: object) -> int:
        happened.append("screens")
        return BEGIN_AGAIN if len(happened) < 4 else 0

    monkeypatch.setattr("core.sources.devices.ask_for_camera", ask)
    monkeypatch.setattr(start, "_run", screens)
    plan = ScreensPlan(Locations.below(tmp_path), (tmp_path / "models",), practice=PracticeOptions())
    assert run_screens(plan) == 0
    assert happened == ["asked", "screens", "screens", "screens"]


def test_nobody_is_asked_for_a_camera_that_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, permission: Callable[[Permission | None], None]
) -> None:
    permission(Permission.UNASKED)
    monkeypatch.setattr("core.sources.devices.ask_for_camera", lambda: pytest.fail("asked"))
    monkeypatch.setattr(start, "_run", lambda *_: 0)
    assert run_screens(ScreensPlan(Locations.below(tmp_path), (tmp_path / "models",), source="actor")) == 0
    assert run_screens(ScreensPlan(Locations.below(tmp_path / "b"), (tmp_path / "models",))) == 0  # no consent yet
