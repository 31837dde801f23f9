"""A call whose end nobody told: when the person is asked about it, and when it counts as over. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NO_FACE_SECONDS = 10 * 60.0
"""A call without a face, and without the microphone, is asked about after so long."""

LONGEST_SECONDS = 4 * 3600.0
"""A call that has lasted so long is asked about, whatever is seen."""

ANSWER_SECONDS = 60.0
"""Who says nothing for so long is not there."""


class Missed(StrEnum):
    """What to do about a call that may be over."""

    ASK = "ask"
    END = "end"


@dataclass(slots=True)
class MissedEnd:
    """Watches one call. Moments are seconds of any clock that never goes back."""

    began: float
    _asked: float | None = None
    _told_at: float | None = None

    @property
    def asked(self) -> bool:
        """Whether an answer is being waited for."""
        return self._asked is not None

    def tell(self, now: float, last_face: float, *, microphone: bool) -> Missed | None:
        """What to do now; `microphone`: another program is known to use it."""
        if self._asked is not None:
            if last_face > self._asked and now - self.began < LONGEST_SECONDS:  # a face answers, too
                self._asked = None
                return None
            return Missed.END if now - self._asked >= ANSWER_SECONDS else None
        told = self._told_at if self._told_at is not None else self.began
        unseen = now - max(last_face, told) >= NO_FACE_SECONDS and not microphone
        if not unseen and now - told < LONGEST_SECONDS:
            return None
        self._asked = now
        return Missed.ASK

    def goes_on(self, now: float) -> None:
        """The person says that the call goes on: all time is counted anew."""
        self._asked, self._told_at = None, now
