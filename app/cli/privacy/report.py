"""The evidence in words: a line for each promise, and under it the names that prove or break it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click
from rich.cells import cell_len

from app.cli.privacy.running import strace_there, watched
from app.words.language import N_, _, current_language
from core.privacy.judging import Finding, Promise, judge

NAMES_SHOWN = 12
"""More names than this are counted."""

_NAME_CELLS = 11
_INDENT = " " * (4 + _NAME_CELLS)

_KEPT: Mapping[Promise, str] = {
    Promise.WATCHED: N_("the whole demo and two exports; events seen by Python's audit hook: {hook}{strace}"),
    Promise.FILES: N_("files written: {count}, none of them outside of the data folder and the log"),
    Promise.PICTURES: N_(
        "no picture in what was written (files: {files}, {kilobytes} KB): no JPEG, PNG, WebP or GIF, and nothing of a "
        "face that was seen (faces: {crops}, strips looked for: {strips})"
    ),
    Promise.NETWORK: N_("no connection to anywhere; uses of the local control channel: {local}"),
    Promise.PROGRAMS: N_("no other program was started"),
    Promise.CAMERA: N_(
        "no camera was opened (an actor plays); how often frames were looked at: light {light}, expressions "
        "{calibration}, calls {call}, else never"
    ),
    Promise.RECORD: N_(
        "numbers and words alone, nothing that could hold a picture (tables: {tables}, columns: {columns})"
    ),
}
_BROKEN: Mapping[Promise, str] = {
    Promise.WATCHED: N_("the demo did not come to its end, or nothing was seen of it"),
    Promise.FILES: N_("written outside of the data folder: {outside} of {count}"),
    Promise.PICTURES: N_("something of a picture was found, or a file could not be searched (searched: {files})"),
    Promise.NETWORK: N_("connections that reach further than the local control channel: {reaching}"),
    Promise.PROGRAMS: N_("other programs were started: {count}"),
    Promise.CAMERA: N_(
        "a camera or frames were open when nothing was to be looked at ({opened} opened, {open} still open)"
    ),
    Promise.RECORD: N_("the record is missing, or something in it could hold a picture"),
}
_NAMES: Mapping[Promise, str] = {
    Promise.WATCHED: N_("watched"),
    Promise.FILES: N_("files"),
    Promise.PICTURES: N_("pictures"),
    Promise.NETWORK: N_("network"),
    Promise.PROGRAMS: N_("programs"),
    Promise.CAMERA: N_("camera"),
    Promise.RECORD: N_("record"),
}


def print_proof() -> bool:
    """Run the demo watched and print the evidence; returns whether every promise holds."""
    click.echo(_("The demo plays once, watched. This takes a few minutes; your own record is not touched."), err=True)
    with watched(None, current_language()) as evidence:
        findings = judge(evidence)
    for line in lines_of(findings):
        click.echo(line)
    if not strace_there():
        click.echo(_("Without strace (Linux), what native code does with files and connections is not seen here."))
    holds = all(finding.holds for finding in findings)
    click.echo(_("Every promise holds.") if holds else _("Not every promise holds. Please report this."))
    return holds


def lines_of(findings: list[Finding]) -> Iterator[str]:
    """Each finding as a line of `doctor`, with its names below it."""
    for finding in findings:
        strace = finding.numbers.get("strace")
        seen_too = "" if strace is None else _(", by strace: {count}").format(count=strace)
        sentence = _((_KEPT if finding.holds else _BROKEN)[finding.promise])
        text = sentence.format(**{**finding.numbers, "strace": seen_too})
        name = _(_NAMES[finding.promise])
        yield f"{'ok' if finding.holds else '!!'}  {name}{' ' * max(1, _NAME_CELLS - cell_len(name))}{text}"
        shown = finding.names[:NAMES_SHOWN]
        yield from (_INDENT + one for one in shown)
        if len(finding.names) > NAMES_SHOWN:
            yield _INDENT + _("and {count} more").format(count=len(finding.names) - NAMES_SHOWN)
