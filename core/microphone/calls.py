"""When a call begins and ends by who uses the microphone: pure, from moments and names of programs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

BEGIN_SECONDS = 3.0
"""A program must use the microphone for longer than this: what only tries it out begins no call."""

END_SECONDS = 5.0
"""After so long without it the call is over; whatever is shorter was a change of devices or a pause."""

PROGRAMS = (
    "baresip linphone microsip zoiper jitsi bria x-lite eyebeam sipgate 3cx avaya cisco jabber webex teams zoom skype slack "
    "discord chrome chromium msedge edge firefox safari brave opera vivaldi whale"
).split()
"""Programs that count without a choice of the person's: softphones, Teams, Zoom, browsers. A part of a name is enough."""

UNNAMED = ""
"""A program whose name the system does not tell (macOS); it counts."""


class Turn(StrEnum):
    """What the microphone says that a call should do."""

    BEGIN = "begin"
    END = "end"


def programs_of(text: str) -> list[str]:
    """The programs that a person named, separated by commas or spaces, in small letters."""
    return text.lower().replace(",", " ").split()


def counts(program: str, programs: Collection[str]) -> bool:
    """Whether a call may be told from this program: a part of its name is on the list, or it has none."""
    name = program.lower()
    return name == UNNAMED or any(one in name for one in programs)


@dataclass(slots=True)
class MicrophoneCalls:
    """Tells calls from the programs that use the microphone, asked about once a second.

    A program that uses it already when asking begins may do so all day: it begins no call before it has let go.
    """

    programs: Collection[str] = tuple(PROGRAMS)
    in_call: bool = False
    """Whether a use that began a call goes on."""
    _ignored: frozenset[str] | None = None
    _since: float | None = None
    """When what counts began to be used, or, in a call, when it was let go."""

    def tell(self, now: float, users: Collection[str] | None) -> Turn | None:
        """What to do at `now` (seconds that never go back), when these programs use it; None where nobody can tell.

        A muted microphone and one on hold are in use. Where nobody can tell, nothing is begun and nothing ends.
        """
        if users is None:
            self._since = None
            return None
        using = {program for program in users if counts(program, self.programs)}
        self._ignored = frozenset(using) if self._ignored is None else self._ignored & using
        if bool(using - self._ignored) == self.in_call:
            self._since = None
            return None
        if self._since is None:
            self._since = now
        if now - self._since < (END_SECONDS if self.in_call else BEGIN_SECONDS):
            return None
        self._since, self.in_call = None, not self.in_call
        return Turn.BEGIN if self.in_call else Turn.END
