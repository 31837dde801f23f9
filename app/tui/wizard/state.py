"""What the wizard knows between its screens. Lives in memory only; numbers, never pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.calibration.grader import CalibrationGrader
    from core.calibration.machine import Calibration


@dataclass(slots=True)
class WizardState:
    """The state that one screen of the wizard leaves for the next.

    `region` is an ISO 3166 country code; `light_overridden` says that the person went on with the light check not
    green; `calibration`, `speech` and `grader` live from the first expression until the verdict has been accepted.
    """

    region: str | None = None
    camera_name: str = ""
    light_overridden: bool = False
    calibration: Calibration | None = None
    speech: Calibration | None = None
    grader: CalibrationGrader | None = None

    @property
    def has_landmarks_only(self) -> bool:
        """Whether no network reads an expression as it comes: the landmarks learn from all of them together."""
        return self.grader is not None and all(card.is_personal for card in self.grader.cards.values())

    def close(self) -> None:
        """End background grading and forget what was captured."""
        if self.grader is not None:
            self.grader.close()
        self.grader = None
        self.calibration = self.speech = None
