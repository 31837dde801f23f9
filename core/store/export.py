"""What leaves the computer: planned by consent, written in one piece, logged before it is handed over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TextIO

from core.store.consent import Sharing, sharing_of, sharing_of_call, sharing_possible
from core.store.export_rows import (
    CALL_COLUMNS,
    EVERYTHING,
    OWN_CALL_COLUMNS,
    OWN_SAMPLE_COLUMNS,
    SAMPLE_COLUMNS,
    call_row,
    sample_rows,
)
from core.store.records import CallRecord, CallState, Consent, ExportKind, ExportRecord, Release, ShareLevel
from core.store.store import UNFINISHED_EXPORT, Store
from core.store.tables import Format, Row, replaced_file, write_rows


class Refusal(StrEnum):
    """Why there is nothing to export."""

    NO_CONSENT = "no_consent"
    NOTHING_SHARED = "nothing_shared"
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
    """What to export: calls begun from `since` to before `until` (aware; None: no limit).

    `mine` is the counsellor's own complete copy, whatever is shared; else it is for the supervisor.
    """

    kind: ExportKind
    since: datetime | None = None
    until: datetime | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What consent leaves of a request: the calls with what may be shared of each."""

    request: ExportRequest
    pseudonym: str
    calls: tuple[tuple[CallRecord, Sharing], ...]
    store: Store

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        if self.request.kind is ExportKind.CALLS:
            return OWN_CALL_COLUMNS if self.request.mine else CALL_COLUMNS
        return OWN_SAMPLE_COLUMNS if self.request.mine else SAMPLE_COLUMNS

    @property
    def detail(self) -> str:
        """For the log: "complete", or the level and whether any emotion word is in it."""
        if self.request.mine:
            return "complete"
        words = any(sharing.emotions for _, sharing in self.calls)
        level = ShareLevel.SUMMARIES if self.request.kind is ExportKind.CALLS else ShareLevel.CURVES
        return f"{level.value}, emotions" if words else level.value

    def rows(self) -> Iterator[Row]:
        """The rows exactly as they are written, one at a time."""
        for call, sharing in self.calls:
            if self.request.kind is ExportKind.CALLS:
                notes = self.store.notes(call.id) if self.request.mine else ()
                row = call_row(self.pseudonym, call, sharing, notes)
                yield row | {"id": call.id, "felt": call.felt} if self.request.mine else row
            else:
                for row in sample_rows(self.pseudonym, call, sharing, self.store.samples(call.id)):
                    yield row | {"call_id": call.id} if self.request.mine else row


def plan_export(store: Store, request: ExportRequest) -> ExportPlan:
    """What of the request may be exported.

    Raises:
        ExportRefused: nothing.
        StoreError: the record cannot be read.
    """
    calls = store.calls(request.since, request.until)
    pseudonym = store.counsellor().pseudonym
    if request.mine:
        allowed = [(call, EVERYTHING) for call in calls]
    else:
        consents, releases = store.consents(), store.releases()
        refuse_by_answer(consents[-1] if consents else None, request.kind)
        needed = ShareLevel.SUMMARIES if request.kind is ExportKind.CALLS else ShareLevel.CURVES
        closed = [call for call in calls if call.state is not CallState.OPEN and not _unmarked_demo(call, request)]
        sharings = [(call, sharing_of_call(call, consents, releases)) for call in closed]
        allowed = [(call, sharing) for call, sharing in sharings if sharing.level.rank >= needed.rank]
        if closed and not allowed:
            some_summaries = any(sharing.level is not ShareLevel.NOTHING for _, sharing in sharings)
            raise ExportRefused(Refusal.ONLY_SUMMARIES if some_summaries else Refusal.NOTHING_SHARED)
    if not allowed:
        raise ExportRefused(Refusal.NOTHING_IN_RANGE)
    return ExportPlan(request, pseudonym, tuple(allowed), store)


def _unmarked_demo(call: CallRecord, request: ExportRequest) -> bool:
    """Whether a demo would be taken for the person's own call: a list of calls says which is one, a curve does not."""
    return call.start.demo and request.kind is ExportKind.SAMPLES


def plan_release(store: Store, release: Release) -> ExportPlan:
    """The calls of which a release that is not recorded yet would share more, as their summaries would be exported.

    Raises:
        ExportRefused: the answer in force allows less than the release, or no call would be shared more.
        StoreError: the record cannot be read.
    """
    consents, releases = store.consents(), store.releases()
    kind = ExportKind.SAMPLES if release.share is ShareLevel.CURVES else ExportKind.CALLS
    refuse_by_answer(consents[-1] if consents else None, kind)
    changed = []
    for call in store.calls(release.since, release.until):
        sharing = sharing_of_call(call, consents, [*releases, release])
        if call.state is not CallState.OPEN and sharing != sharing_of_call(call, consents, releases):
            changed.append((call, sharing))
    if not changed:
        raise ExportRefused(Refusal.NOTHING_TO_RELEASE)
    request = ExportRequest(ExportKind.CALLS, release.since, release.until)
    return ExportPlan(request, store.counsellor().pseudonym, tuple(changed), store)


def refuse_by_answer(consent: Consent | None, kind: ExportKind) -> None:
    """Refuse what the answer in force rules out, whatever was recorded.

    Raises:
        ExportRefused: no answer yet, a region where nothing is shared, or less is shared than `kind` needs.
    """
    if consent is None:
        raise ExportRefused(Refusal.NO_CONSENT)
    if not sharing_possible(consent.region):
        raise ExportRefused(Refusal.REGION)
    level = sharing_of(consent).level
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


def export_to_file(store: Store, request: ExportRequest, form: Format, target: Path, system_user: str) -> ExportRecord:
    """Write an export to a file, in one piece or not at all, and log it.

    Args:
        store: open for writing, at least shared.
        request: what to export.
        form: CSV, JSON or NDJSON.
        target: the file; one that is there is replaced.
        system_user: who runs this, for the log.

    Raises:
        ExportRefused: nothing may be exported.
        TargetError: the target cannot be written.
        StoreError: the record cannot be read, or the export cannot be logged; then nothing is handed over.
    """
    plan = plan_export(store, request)
    store.set_setting(UNFINISHED_EXPORT, os.path.realpath(target.parent))
    with replaced_file(target, forbidden=store.path) as stream:
        count = write_rows(stream, form, plan.columns, plan.rows())
        # Inside the block: the file gets its name only after the log has it.
        record = _log(store, plan, str(target.absolute()), system_user, count)
    store.set_setting(UNFINISHED_EXPORT, "")
    return record


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
    record = _log(store, plan, "standard output", system_user, count)
    write_rows(stream, form, plan.columns, plan.rows())
    return record


def _log(store: Store, plan: ExportPlan, target: str, system_user: str, count: int) -> ExportRecord:
    record = ExportRecord(
        at=store.now(),
        kind=plan.request.kind,
        since=plan.request.since,
        until=plan.request.until,
        detail=plan.detail,
        target=target,
        system_user=system_user,
        rows=count,
        mine=plan.request.mine,
    )
    store.log_export(record)
    return record
