"""What leaves the computer: planned by consent, written in one piece, logged before it is handed over."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from core.store.consent import is_country, sharing_of, sharing_of_call, sharing_possible
from core.store.database import UNFINISHED_EXPORT
from core.store.export_rows import (
    CALL_COLUMNS,
    OWN_CALL_COLUMNS,
    OWN_SAMPLE_COLUMNS,
    SAMPLE_COLUMNS,
    in_no_order_of_time,
    own_call_row,
    own_sample_rows,
    shared_call_row,
    shared_sample_rows,
)
from core.store.records import (
    STANDARD_OUTPUT,
    CallRecord,
    CallSource,
    CallState,
    Consent,
    ExportKind,
    ExportRecord,
    Release,
    ShareLevel,
)
from core.store.store import Store
from core.store.tables import AnyFormat, Columns, Format, Row, replaced_file, write_rows, write_table


class Refusal(StrEnum):
    """Why there is nothing to export."""

    NO_CONSENT = "no_consent"
    NOTHING_SHARED = "nothing_shared"
    NONE_SHARED_YET = "none_shared_yet"
    ONLY_SUMMARIES = "only_summaries"
    REGION = "region"
    NOTHING_IN_RANGE = "nothing_in_range"
    NOTHING_TO_RELEASE = "nothing_to_release"


class ExportRefused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """The consent, the law or the record leaves nothing to export; `reason` says which."""

    def __init__(self, reason: Refusal) -> None:
        """`reason` is for the app's sentence."""
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export: calls of the local days from `since` to `until` (both in it; None: no limit).

    `mine` is the counsellor's own list, whatever is shared; else it is for the supervisor.
    """

    kind: ExportKind
    since: date | None = None
    until: date | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What consent leaves of a request: the calls, in the order of their rows."""

    request: ExportRequest
    pseudonym: str
    calls: tuple[CallRecord, ...]
    store: Store

    @property
    def columns(self) -> Columns:
        """The columns, in their order."""
        if self.request.kind is ExportKind.CALLS:
            return OWN_CALL_COLUMNS if self.request.mine else CALL_COLUMNS
        return OWN_SAMPLE_COLUMNS if self.request.mine else SAMPLE_COLUMNS

    @property
    def detail(self) -> str:
        """For the log: "complete", or the level that is shared."""
        if self.request.mine:
            return "complete"
        return (ShareLevel.SUMMARIES if self.request.kind is ExportKind.CALLS else ShareLevel.CURVES).value

    def rows(self, progress: Callable[[int, int], object] | None = None) -> Iterator[Row]:
        """The rows exactly as they are written, one at a time; `progress` hears how many of how many calls have begun."""
        for number, call in enumerate(self.calls, 1):
            if progress is not None:
                progress(number, len(self.calls))
            match self.request.kind, self.request.mine:
                case ExportKind.CALLS, True:
                    yield own_call_row(self.pseudonym, call, self.store.notes(call.id))
                case ExportKind.CALLS, False:
                    yield shared_call_row(self.pseudonym, call)
                case _, True:
                    yield from own_sample_rows(self.pseudonym, call, self.store.samples(call.id))
                case _:
                    yield from shared_sample_rows(self.pseudonym, call, number, self.store.samples(call.id))


def plan_export(store: Store, request: ExportRequest) -> ExportPlan:
    """What of the request may be exported.

    Raises:
        ExportRefused: nothing.
        StoreError: the record cannot be read.
    """
    calls = store.calls(request.since, request.until)
    pseudonym = store.counsellor().pseudonym
    if not request.mine:
        consents, releases = store.consents(), store.releases()
        refuse_by_answer(consents[-1] if consents else None, request.kind)
        needed = ShareLevel.SUMMARIES if request.kind is ExportKind.CALLS else ShareLevel.CURVES
        closed = [call for call in calls if _may_be_shared(call)]
        levels = {call.id: sharing_of_call(call, consents, releases) for call in closed}
        calls = in_no_order_of_time([call for call in closed if levels[call.id].rank >= needed.rank])
        if closed and not calls:
            some_summaries = any(level is not ShareLevel.NOTHING for level in levels.values())
            raise ExportRefused(Refusal.ONLY_SUMMARIES if some_summaries else Refusal.NONE_SHARED_YET)
    if not calls:
        raise ExportRefused(Refusal.NOTHING_IN_RANGE)
    return ExportPlan(request, pseudonym, tuple(calls), store)


def _may_be_shared(call: CallRecord) -> bool:
    return call.state is not CallState.OPEN and call.start.source is CallSource.CAMERA


@dataclass(frozen=True, slots=True)
class SharedPage:
    """What a page for the supervisor holds: the rows of the calls, and of those whose curves are shared, theirs.

    `calls` are rows of `CALL_COLUMNS`; `curves` holds, by a row's place in them, the mean level of each minute (from 1).
    """

    pseudonym: str
    calls: tuple[Row, ...]
    curves: dict[int, tuple[tuple[int, float], ...]]

    @property
    def kind(self) -> ExportKind:
        """What it is an export of, for the log."""
        return ExportKind.SAMPLES if self.curves else ExportKind.CALLS


def plan_page(store: Store, since: date | None = None, until: date | None = None) -> SharedPage:
    """What consent leaves for a page of the calls of these days.

    Raises:
        ExportRefused: nothing.
        StoreError: the record cannot be read.
    """
    plan = plan_export(store, ExportRequest(ExportKind.CALLS, since, until))
    try:
        with_curve = {call.id for call in plan_export(store, ExportRequest(ExportKind.SAMPLES, since, until)).calls}
    except ExportRefused:
        with_curve = set()
    curves = {}
    for place, call in enumerate(plan.calls):
        rows = shared_sample_rows("", call, 0, store.samples(call.id)) if call.id in with_curve else ()
        if minutes := tuple((int(str(row["minute"])), float(str(row["mean_level"]))) for row in rows):
            curves[place] = minutes
    return SharedPage(plan.pseudonym, tuple(plan.rows()), curves)


def export_page(
    store: Store, page: SharedPage, text: str, target: Path, system_user: str, *, replace: bool = False
) -> ExportRecord:
    """Write a page that was made of `page`, in one piece or not at all, and log it.

    Raises:
        TargetError: the target cannot be written.
        StoreError: the export cannot be logged; then nothing is handed over.
    """

    def write(fresh: Path) -> int:
        fresh.write_text(text, encoding="utf-8", newline="")
        return len(page.calls)

    plan = ExportPlan(ExportRequest(page.kind), page.pseudonym, (), store)
    return _hand_over(plan, target, system_user, write, replace=replace)


def plan_release(store: Store, share: ShareLevel, since: date, until: date) -> ExportPlan:
    """The calls of these days of which a release would share more, as their summaries would be exported.

    Handing them over is `store.release(share, ...)` with these calls, and no others.

    Raises:
        ExportRefused: the answer in force allows less than the release, or no call would be shared more.
        StoreError: the record cannot be read.
    """
    consents, releases = store.consents(), store.releases()
    now = consents[-1] if consents else None
    refuse_by_answer(now, ExportKind.SAMPLES if share is ShareLevel.CURVES else ExportKind.CALLS)
    assert now is not None
    assert now.id is not None
    changed = []
    for call in filter(_may_be_shared, store.calls(since, until)):
        release = Release(store.now(), share, frozenset([call.id]), now.id)
        if sharing_of_call(call, consents, [*releases, release]) != sharing_of_call(call, consents, releases):
            changed.append(call)
    if not changed:
        raise ExportRefused(Refusal.NOTHING_TO_RELEASE)
    request = ExportRequest(ExportKind.CALLS, since, until)
    return ExportPlan(request, store.counsellor().pseudonym, tuple(in_no_order_of_time(changed)), store)


def refuse_by_answer(consent: Consent | None, kind: ExportKind) -> None:
    """Refuse what the answer in force rules out, whatever was recorded.

    Raises:
        ExportRefused: no answer yet, a region where nothing is shared, or less is shared than `kind` needs.
    """
    if consent is None:
        raise ExportRefused(Refusal.NO_CONSENT)
    if not sharing_possible(consent.region):
        raise ExportRefused(Refusal.REGION if is_country(consent.region) else Refusal.NOTHING_SHARED)
    level = sharing_of(consent)
    if level is ShareLevel.NOTHING:
        raise ExportRefused(Refusal.NOTHING_SHARED)
    if kind is ExportKind.SAMPLES and level is ShareLevel.SUMMARIES:
        raise ExportRefused(Refusal.ONLY_SUMMARIES)


def preview(store: Store, request: ExportRequest, limit: int | None = None) -> list[Row]:
    """The first `limit` rows (None: all) as the export would write them. Nothing is written or logged.

    Raises:
        ExportRefused: nothing may be exported.
    """
    return list(islice(plan_export(store, request).rows(), limit))


def export_to_file(
    store: Store,
    request: ExportRequest,
    form: AnyFormat,
    target: Path,
    system_user: str,
    *,
    replace: bool = False,
    progress: Callable[[int, int], object] | None = None,
) -> ExportRecord:
    """Write an export to a file, in one piece or not at all, and log it.

    Args:
        store: open for writing, at least shared.
        request: what to export.
        form: how it is written.
        target: the file.
        system_user: who runs this, for the log.
        replace: whether a file that is there may be replaced.
        progress: hears how many of how many calls have begun.

    Raises:
        ExportRefused: nothing may be exported.
        TargetError: the target cannot be written.
        FormatUnavailableError: the form needs a package that is not installed, or fewer rows.
        StoreError: the record cannot be read, or the export cannot be logged; then nothing is handed over.
    """
    plan = plan_export(store, request)

    def write(fresh: Path) -> int:
        return write_table(fresh, form, plan.columns, plan.rows(progress))

    return _hand_over(plan, target, system_user, write, replace=replace)


def export_everything(store: Store, target: Path, system_user: str, *, replace: bool = False) -> ExportRecord:
    """Write the counsellor's own complete copy (`core.store.backup`) to a file, whole or not at all, and log it.

    Raises:
        TargetError: the target cannot be written.
        StoreError: the record cannot be read, or the export cannot be logged; then nothing is handed over.
    """

    def write(fresh: Path) -> int:
        with fresh.open("w", encoding="utf-8", newline="\n") as stream:
            return store.write_complete_copy(stream)

    plan = ExportPlan(ExportRequest(ExportKind.EVERYTHING, mine=True), "", (), store)
    return _hand_over(plan, target, system_user, write, replace=replace)


def export_to_stream(
    store: Store, request: ExportRequest, form: Format, stream: TextIO, system_user: str
) -> ExportRecord:
    """Log an export and write it to an open text stream (standard output).

    Raises:
        ExportRefused: nothing may be exported.
        StoreError: the record cannot be read, or the export cannot be logged; then nothing is written.
    """
    plan = plan_export(store, request)
    count = sum(1 for _ in plan.rows())
    record = _log(plan, STANDARD_OUTPUT, system_user, count)
    write_rows(stream, form, plan.columns, plan.rows())
    return record


def _hand_over(
    plan: ExportPlan, target: Path, system_user: str, write: Callable[[Path], int], *, replace: bool
) -> ExportRecord:
    """Let `write` fill a file, which returns how many rows it has; it gets its name only after the log has it."""
    plan.store.set_setting(UNFINISHED_EXPORT, quote(os.fsencode(os.path.realpath(target.parent))))
    with replaced_file(target, forbidden=plan.store.path, replace=replace) as fresh:
        record = _log(plan, _text_of(target.absolute()), system_user, write(fresh))
    plan.store.set_setting(UNFINISHED_EXPORT, "")
    return record


def _text_of(path: Path) -> str:
    """A path as the record takes it; what is not UTF-8 in it is escaped."""
    return os.fsencode(path).decode(errors="backslashreplace")


def _log(plan: ExportPlan, target: str, system_user: str, count: int) -> ExportRecord:
    asked = plan.request
    at, detail = plan.store.now(), plan.detail
    record = ExportRecord(
        at, asked.kind, asked.since, asked.until, detail, target, system_user, rows=count, mine=asked.mine
    )
    plan.store.log_export(record)
    return record


def system_user() -> str:
    """Who runs this, for the log; a user number where the system knows no name for it (a container)."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return str(os.getuid()) if sys.platform != "win32" else "?"
