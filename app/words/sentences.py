"""The words that people read for the values of `core`, in one place for screens and command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from rich.cells import cell_len, set_cell_size

from app.words.figures import clock_text
from app.words.language import N_, _, ngettext
from core.method.emotion import Emotion, GapReason, Outcome
from core.method.grading import TUNED, TUNED_LANDMARKS
from core.store.records import STANDARD_OUTPUT, CallRecord, ExportKind, ExportRecord

PERIODS = (1, 7, 30, 365)
"""The days of the periods that a person chooses among."""

_OUTCOMES: Mapping[Outcome, str] = {
    Outcome.HAPPY: N_("happy"),
    Outcome.NEUTRAL: N_("neutral"),
    Outcome.STRESS: N_("tense"),
    Outcome.SURPRISE: N_("surprise"),
    Outcome.UNSURE: N_("unsure"),
    Outcome.GAP: N_("no face"),
}

_GAPS: Mapping[GapReason, str] = {
    GapReason.NO_FACE: N_("no face: the level waits"),
    GapReason.TURNED_AWAY: N_("turned away: the level waits"),
    GapReason.TOO_FAR: N_("too far: the level waits"),
}

_GAP_REASONS: Mapping[GapReason, str] = {
    GapReason.NO_FACE: N_("no face was found"),
    GapReason.TURNED_AWAY: N_("the face is turned away, or is not upright"),
    GapReason.TOO_FAR: N_("the face is too small to be read"),
}

_EXPRESSIONS: Mapping[str, tuple[str, str, str]] = {
    "smile": (N_("Smile"), N_("Lift the corners of your mouth, lips closed."), N_("smi")),
    "open_smile": (N_("Open smile"), N_("Smile and let your teeth show."), N_("opn")),
    "laugh": (N_("Laugh"), N_("Laugh with your whole face, mouth open."), N_("lau")),
    "expressionless": (N_("No expression"), N_("Let your whole face go slack, as if nobody looked."), N_("neu")),
    "blank_stare": (
        N_("Blank stare"),
        N_("Look straight ahead at nothing, as if listening to a long hold."),
        N_("bla"),
    ),
    "frown": (N_("Frown"), N_("Draw your brows together, mouth closed."), N_("fro")),
    "open_frown": (N_("Open frown"), N_("Draw your brows together and open your mouth a little."), N_("ofr")),
    "crying": (
        N_("Crying"),
        N_("Lift the inner ends of your brows and pull the mouth down, as if about to cry."),
        N_("cry"),
    ),
    "rage": (N_("Rage"), N_("Frown hard and bare your clenched teeth."), N_("rag")),
    "eyes_surprise": (N_("Surprised eyes"), N_("Lift your brows and open your eyes wide, mouth closed."), N_("eye")),
    "full_surprise": (N_("Full surprise"), N_("Lift your brows, eyes wide, and let your mouth fall open."), N_("ful")),
}


_KEYS: Mapping[str, str] = {
    "space": "Space",
    "enter": "Enter",
    "escape": "Esc",
    "question_mark": "?",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
}
"""Keys as they stand on keyboards, the same in every language."""


def key_name(key: str) -> str:
    """What a key is called on keyboards and in our sentences; `key` is Textual's name for it."""
    return _KEYS.get(key, key.upper() if re.fullmatch(r"f\d+", key) else key)


def minutes_text(seconds: float) -> str:
    """About how long something still takes, in whole minutes."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return _("less than a minute left")
    return ngettext("about {minutes} minute left", "about {minutes} minutes left", minutes).format(minutes=minutes)


def length_text(seconds: float) -> str:
    """How long something lasted, as one says it: "57 s", "6 min 5 s", from ten minutes on "12 min"."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    if not minutes:
        return _("{seconds} s").format(seconds=rest)
    if minutes >= 10 or not rest:
        return _("{minutes} min").format(minutes=minutes)
    return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)


def gap_sentence(why: GapReason | None) -> str:
    """What the call screen says while there is no face to read."""
    return _(_GAPS[why or GapReason.NO_FACE])


def gap_reason(why: GapReason) -> str:
    """Why a picture was not read: a part of a sentence."""
    return _(_GAP_REASONS[why])


def outcome_name(outcome: Outcome | Emotion) -> str:
    """What a reading is called. It names a face, never a person: "tense", not "you are stressed"."""
    return _(_OUTCOMES[Outcome(outcome.value)])


def expression_name(expression_id: str) -> str:
    """What an expression is called."""
    return _(_EXPRESSIONS[expression_id][0])


def expression_advice(expression_id: str) -> str:
    """How to make it, in one sentence."""
    return _(_EXPRESSIONS[expression_id][1])


def expression_abbreviation(expression_id: str) -> str:
    """Its name in a table's head, three cells or fewer (two Hangul take four)."""
    return _(_EXPRESSIONS[expression_id][2])


def abbreviations_text(across: int) -> str:
    """What the heads of the verdict's columns stand for, `across` a line."""
    told = [f"{_(short)} {_(name).lower()}" for name, _advice, short in _EXPRESSIONS.values()]
    cells = max(map(cell_len, told)) + 1
    lines = (told[start : start + across] for start in range(0, len(told), across))
    return "\n".join("".join(set_cell_size(one, cells) for one in line).rstrip() for line in lines)


def own_left_out_sentence(network: str) -> str:
    """Why the reader tuned to the person is not used; `network` is what its networks are called."""
    return _(
        "{network} has changed since your own reader was tuned, so you are read by it as it comes. "
        "Do the expressions again to tune a new one."
    ).format(network=network)


def read_by_text(candidate_id: str, called: Callable[[str], str]) -> str:
    """What read a call: the reader that learnt from the person, or networks; `called` names single ones by their ids."""
    own = {TUNED: _("read by what was tuned to you"), TUNED_LANDMARKS: _("read by your landmarks")}
    return own.get(candidate_id) or _("read by {candidate}").format(candidate=reader_name(candidate_id, called))


def reader_name(candidate_id: str, called: Callable[[str], str]) -> str:
    """What a reader is called by its id; `called` names single networks by their ids."""
    own = {TUNED: _("tuned to you"), TUNED_LANDMARKS: _("your landmarks")}
    return own.get(candidate_id) or " + ".join(called(one) for one in candidate_id.split("+"))


def curve_sentence() -> str:
    """What a shared curve gives away; it stands wherever curves are chosen or looked at."""
    return _("From a curve one can tell when you looked tense or smiled.")


_EXPORT_KINDS: Mapping[ExportKind, str] = {
    ExportKind.CALLS: N_("calls"),
    ExportKind.SAMPLES: N_("curves"),
    ExportKind.EVERYTHING: N_("everything"),
}
_EXPORT_DETAILS: Mapping[str, str] = {
    "complete": N_("complete, for you"),
    "summaries": N_("summaries"),
    "curves": N_("curves"),
    "emotions": N_("emotion words"),
}


_COLUMNS: Mapping[str, str] = {
    "counsellor": N_("counsellor"),
    "day": N_("day"),
    "part_of_day": N_("part of the day"),
    "minutes": N_("minutes"),
    "tensest_minute": N_("tensest minute"),
    "tense_minutes": N_("tense minutes"),
    "calm_again_minutes": N_("minutes until calm"),
    "face_seen": N_("face seen"),
    "call": N_("call"),
    "minute": N_("minute"),
    "mean_level": N_("mean level"),
    "schema_version": N_("form of the list"),
    "id": N_("number in the record"),
    "number": N_("call of the day"),
    "started": N_("began"),
    "ended": N_("ended"),
    "utc_offset_minutes": N_("minutes ahead of UTC"),
    "state": N_("state"),
    "source": N_("looked at"),
    "duration_s": N_("length in seconds"),
    "felt": N_("how it felt"),
    "tension_peak": N_("tensest minute"),
    "tense_s": N_("tense seconds"),
    "calm_again_s": N_("seconds until calm"),
    "level_peak": N_("peak of the level"),
    "face_seen_share": N_("face seen"),
    "readings": N_("readings"),
    "happy_share": N_("read as happy"),
    "neutral_share": N_("read as neutral"),
    "stress_share": N_("read as tense"),
    "surprise_share": N_("read as surprise"),
    "unsure_share": N_("unsure"),
    "candidate": N_("read by"),
    "profile": N_("how the level moves"),
    "readings_per_second": N_("readings a second"),
    "unsure_below": N_("unsure below"),
    "memory_seconds": N_("seconds in a reading"),
    "notes": N_("notes"),
}


def column_name(column: str) -> str:
    """What a column of an exported list of calls, or of a shared curve, is called on the screen; any other, as it is written."""
    return _(_COLUMNS[column]) if column in _COLUMNS else column


def export_kind_name(kind: ExportKind) -> str:
    """What an export lists."""
    return _(_EXPORT_KINDS[kind])


def export_detail_text(detail: str) -> str:
    """How much of it, as the log keeps it ("curves, emotions")."""
    return ", ".join(_(_EXPORT_DETAILS.get(part, part)) for part in detail.split(", "))


def export_range_text(export: ExportRecord) -> str:
    """The days that an export covers, both ends in it."""
    first, last = (day.isoformat() if day else "" for day in (export.since, export.until))
    return f"{first} – {last}".strip() if first or last else _("all days")


def export_target_text(export: ExportRecord) -> str:
    """Where an export went: its path, or standard output by its name in the person's language."""
    return _("standard output") if export.target == STANDARD_OUTPUT else export.target


def period_texts() -> dict[str, str]:
    """The periods that a person chooses among, shortest first: what each is called, by its days."""
    return {str(days): _("today") if days == 1 else _("the last {days} days").format(days=days) for days in PERIODS}


def call_name(call: CallRecord) -> str:
    """A call by what its person remembers of it: day, time and length."""
    return f"{call.started_local:%Y-%m-%d %H:%M} ({clock_text(call.summary.duration_ms / 1000)})"
