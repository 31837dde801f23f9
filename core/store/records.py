"""The rows of the record as values: frozen, typed, without SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from core.method.agreement import Felt
from core.method.emotion import UNSURE_BELOW, Emotion
from core.method.grading import OWN_READERS, CandidateResult, ExpressionGrade, FrameShares, Grade
from core.method.level import READINGS_PER_SECOND, THESIS_TABLE
from core.method.reading import MEMORY_SECONDS
from core.method.summary import CallSummary, FinishedCall
from core.store.moments import in_offset


class ShareLevel(StrEnum):
    """What the supervisor may get, from the least to the most."""

    NOTHING = "nothing"
    SUMMARIES = "summaries"
    CURVES = "curves"

    @property
    def rank(self) -> int:
        """0 for nothing, 1 for summaries, 2 for curves: more shares more."""
        return list(ShareLevel).index(self)


class CallState(StrEnum):
    """Where a call is: running, ended by the person, or cut off and closed at the next start."""

    OPEN = "open"
    ENDED = "ended"
    INTERRUPTED = "interrupted"


class CallSource(StrEnum):
    """Who or what was looked at: the person through a camera, the demo actor, or a file."""

    CAMERA = "camera"
    ACTOR = "actor"
    FILE = "file"


class LightState(StrEnum):
    """Whether calibration was done in good light or went on anyway."""

    READY = "ready"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True, slots=True)
class Counsellor:
    """The one person of this database, known by a random pseudonym only. `region` is an ISO 3166 code or None."""

    pseudonym: str
    created_at: datetime
    language: str
    region: str | None


@dataclass(frozen=True, slots=True)
class Consent:
    """One answer of the person. It holds until the next one; none is ever changed or removed, save by erasing all.

    `region` is an ISO 3166 code; `text_version` and `text_sha256` (64 hex digits) say exactly what was agreed to.
    `id` is given by the record.
    """

    at: datetime
    measure: bool
    share: ShareLevel
    region: str
    language: str
    text_version: str
    text_sha256: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """The person hands over calls (their ids) that were not shared; `consent` is the answer that was in force then."""

    at: datetime
    share: ShareLevel
    calls: frozenset[int]
    consent: int


@dataclass(frozen=True, slots=True)
class GradeRecord:
    """How one candidate read one expression. Skipped: no frames, no shares that mean anything, no grade."""

    expression_id: str
    take: int
    skipped: bool
    grade: Grade | None
    frames: int
    shares: FrameShares
    mean_right: float
    taken_for: Emotion | None


@dataclass(frozen=True, slots=True)
class ScoreRecord:
    """One candidate's result in a calibration: which file it was (`card_sha256`), its score, its grades.

    `speech`: the share (0 to 1) of the passages that it read rightly; None where they were not read.
    """

    candidate_id: str
    card_sha256: str
    score: int
    best_possible: int
    mean_right: float
    frames: int
    milliseconds_per_face: float
    chosen: bool
    grades: tuple[GradeRecord, ...]
    speech: float | None = None


@dataclass(frozen=True, slots=True)
class OwnModelRecord:
    """The reader that a calibration tuned to this person.

    `candidate_id` is its own id, `base_id` the candidates that it is made of, joined by "+"; `points_gained` over the best
    candidate on the take that the graded fit had not seen; `numbers` is the blend as JSON (`core.adapt.blend`).
    """

    candidate_id: str
    base_id: str
    points_gained: int
    numbers: str


@dataclass(frozen=True, slots=True)
class CalibrationRecord:
    """One way through the expressions: when, with which camera, in what light, and what every candidate reached."""

    at: datetime
    camera: str
    light: LightState
    scores: tuple[ScoreRecord, ...]
    id: int | None = None
    own_model: OwnModelRecord | None = None

    @property
    def chosen(self) -> str | None:
        """The id of the candidate in use, or None."""
        return next((score.candidate_id for score in self.scores if score.chosen), None)

    @property
    def tuned(self) -> bool:
        """Whether the choice says anything of the person: whether any expression was graded."""
        return any(score.best_possible for score in self.scores)

    @property
    def knows_speech(self) -> bool:
        """Whether the reader in use has learnt how this person looks when they talk."""
        return any(
            score.chosen and score.candidate_id in OWN_READERS and score.speech is not None for score in self.scores
        )

    @classmethod
    def from_results(
        cls,
        at: datetime,
        camera: str,
        light: LightState,
        results: Sequence[CandidateResult],
        *,
        chosen: str,
        card_sha256: Mapping[str, str],
        skipped: Sequence[str] = (),
        take: int = 2,
        own_model: OwnModelRecord | None = None,
        speech: Mapping[str, float] = MappingProxyType({}),
    ) -> CalibrationRecord:
        """The record of what the wizard found.

        Args:
            at: when it was accepted (aware).
            camera: what the source is called.
            light: whether the light was right or overridden.
            results: one per candidate.
            chosen: id of the candidate that the person uses from now on.
            card_sha256: the network file's sha256 by candidate id.
            skipped: ids of the expressions left out.
            take: the take that was graded.
            own_model: the person's own model, whose result is one of `results`.
            speech: by candidate id, the share of the passages that it read rightly.
        """
        scores = tuple(
            ScoreRecord(
                candidate_id=result.candidate_id,
                card_sha256=card_sha256[result.candidate_id],
                score=result.score,
                best_possible=result.best_possible,
                mean_right=result.mean_right,
                frames=result.frames,
                milliseconds_per_face=result.milliseconds_per_face,
                chosen=result.candidate_id == chosen,
                grades=tuple(
                    [_grade_record(name, take, grade) for name, grade in result.grades.items()]
                    + [_skipped_record(name, take) for name in skipped]
                ),
                speech=speech.get(result.candidate_id),
            )
            for result in results
        )
        return cls(at, camera, light, scores, own_model=own_model)


def _grade_record(expression_id: str, take: int, grade: ExpressionGrade) -> GradeRecord:
    return GradeRecord(
        expression_id, take, False, grade.grade, grade.frames, grade.shares, grade.mean_right, grade.taken_for
    )


def _skipped_record(expression_id: str, take: int) -> GradeRecord:
    return GradeRecord(expression_id, take, True, None, 0, FrameShares(0.0, 0.0, 0.0, 0.0), 0.0, None)


@dataclass(frozen=True, slots=True)
class CallStart:
    """With what a call is read: kept with it, because a level means nothing without its clock and its steps."""

    candidate_id: str
    profile: str = THESIS_TABLE.name
    readings_per_second: int = READINGS_PER_SECOND
    unsure_below: float = UNSURE_BELOW
    source: CallSource = CallSource.CAMERA
    memory_seconds: float = MEMORY_SECONDS
    knows_speech: bool = False


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call. `number` counts the calls of its local day from 1; `started_at` and `ended_at` are in UTC.

    `first_consent` and `last_consent` are the ids of the answers in force when it began and when it ended. `felt` is how
    it was, as the person says; it is never part of a supervisor's export.
    """

    id: int
    number: int
    started_at: datetime
    utc_offset_minutes: int
    ended_at: datetime | None
    state: CallState
    start: CallStart
    summary: CallSummary
    session_id: int | None = None
    first_consent: int | None = None
    last_consent: int | None = None
    felt: Felt | None = None

    @property
    def started_local(self) -> datetime:
        """When it began, in the local time of then."""
        return in_offset(self.started_at, self.utc_offset_minutes)

    @property
    def finished(self) -> FinishedCall:
        """The part that days and weeks are summed up from."""
        return FinishedCall(self.started_local, self.summary)

    @property
    def local_day(self) -> date:
        """The local calendar day on which it began."""
        return self.started_local.date()


@dataclass(frozen=True, slots=True)
class CallNote:
    """A quick note of the person during a call; it is never part of a supervisor's export."""

    t_ms: int
    text: str


class ExportKind(StrEnum):
    """What an export lists; everything only for the counsellor."""

    CALLS = "calls"
    SAMPLES = "samples"
    EVERYTHING = "everything"


STANDARD_OUTPUT = "standard output"
"""What an export's record has for a path where it was written to standard output."""


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """One export that was made: when, of which local days (both in it), in what detail, where to, by which user.

    `target` is a path, or `STANDARD_OUTPUT`.
    """

    at: datetime
    kind: ExportKind
    since: date | None
    until: date | None
    detail: str
    target: str
    system_user: str
    rows: int
    mine: bool
    id: int | None = None
