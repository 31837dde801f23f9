"""The person's way: which step of the wizard comes when (design.md, "The person's way")."""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """The steps of the first run, and the monitor that they lead to."""

    WELCOME = "welcome"
    CONSENT = "consent"
    CAMERA = "camera"
    LIGHT = "light"
    EXPRESSIONS = "expressions"
    SPEECH = "speech"
    VERDICT = "verdict"
    MONITOR = "monitor"


WIZARD: tuple[Step, ...] = (
    Step.WELCOME,
    Step.CONSENT,
    Step.CAMERA,
    Step.LIGHT,
    Step.EXPRESSIONS,
    Step.SPEECH,
    Step.VERDICT,
)


def step_number(step: Step) -> int:
    """The number that the screen shows, from 1."""
    return WIZARD.index(step) + 1


def following(step: Step) -> Step:
    """The step after this one; the monitor stays."""
    return Step.MONITOR if step in (Step.VERDICT, Step.MONITOR) else WIZARD[WIZARD.index(step) + 1]


def preceding(step: Step) -> Step | None:
    """The step before this one; None at the first one."""
    if step is Step.MONITOR:
        return None
    number = WIZARD.index(step)
    return WIZARD[number - 1] if number else None


def first_step(*, measured_consent: bool, candidate_chosen: bool, saved_step: str | None) -> Step:
    """Where a start begins: the monitor when all is set up, else where the wizard was left.

    Without consent nothing after the consent step may be shown. Captured expressions live in memory only, so the
    verdict cannot be returned to: it goes back to the light check, since the light may have changed.
    """
    if measured_consent and candidate_chosen:
        return Step.MONITOR
    if not measured_consent:
        return Step.CONSENT if saved_step == Step.CONSENT else Step.WELCOME
    if saved_step in (Step.LIGHT, Step.EXPRESSIONS, Step.SPEECH, Step.VERDICT):
        return Step.LIGHT
    return Step.CAMERA
