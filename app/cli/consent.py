"""`calmline consent show|set`: the same answers as on the settings screen."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from app.cli.context import Setup
from app.cli.dates import DAY, day_range
from app.words.consent_text import CONSENT_TEXT_VERSION, consent_text
from app.words.language import N_, _, current_language, ngettext
from app.words.spoken import SentenceError

if TYPE_CHECKING:
    from core.store import Store
    from core.store.records import Consent

SHARE_LEVELS = ("nothing", "summaries", "curves")


@click.group(help=N_("Show or change what you agreed to. Every answer is kept; the last one holds."))
def consent() -> None:
    """Hold the commands that show and change consent."""


@consent.command(help=N_("What holds now, since when, and the text agreed to.\n\nExample: calmline consent show"))
@click.option("--text", is_flag=True, help=N_("Print the whole text, too."))
@click.pass_obj
def show(setup: Setup, text: bool) -> None:
    """Print the answer in force."""
    with setup.read_store() as store:
        answer = store.consent()
    if answer is None:
        click.echo(_("You have not been asked yet. Start Calmline, or use “calmline consent set”."))
    else:
        _print(answer)
    if text:
        click.echo("\n" + consent_text(current_language()))


@consent.command(
    name="set",
    help=N_("Change your answer; what is not named stays.\n\nExample: calmline consent set --share summaries"),
)
@click.option("--measure/--no-measure", default=None, help=N_("Measure me during my calls."))
@click.option("--share", type=click.Choice(SHARE_LEVELS), help=N_("What my supervisor may get."))
@click.option("--emotions/--no-emotions", default=None, help=N_("Emotion words in shared curves."))
@click.option("--region", help=N_("Where I work, as two letters (KR, DE, EU ...)."))
@click.pass_obj
def change(setup: Setup, measure: bool | None, share: str | None, emotions: bool | None, region: str | None) -> None:
    """Record a new answer."""
    from core.store.errors import StoreError, StoreErrorCode

    try:
        store = setup.shared_store()
    except StoreError as error:
        if error.code is not StoreErrorCode.NOT_FOUND:
            raise
        store = setup.own_store()
    with store:
        before = store.consent()
        answer = _changed(store, measure, share, emotions, region)
        if answer.measure and not (before is not None and before.measure):
            click.echo(consent_text(current_language()), err=True)  # nobody agrees to what was not before their eyes
        store.record_consent(answer)
        if region is not None:
            store.save_counsellor(region=answer.region)
    _print(answer)


@consent.command(
    help=N_(
        "Hand over calls of earlier days that you did not share then, as far as you share now. It lists them, line by "
        "line, and asks first.\n\nExample: calmline consent release --since 2026-01-01 --until 2026-01-31"
    )
)
@click.option("--since", type=DAY, metavar="DATE", required=True, help=N_("From this day on."))
@click.option("--until", type=DAY, metavar="DATE", required=True, help=N_("Up to and with this day."))
@click.option(
    "--share",
    type=click.Choice(SHARE_LEVELS[1:]),
    default="summaries",
    show_default=True,
    help=N_("What my supervisor may get."),
)
@click.option("--emotions", is_flag=True, help=N_("Emotion words in shared curves."))
@click.option("--yes", is_flag=True, help=N_("Do not ask."))
@click.pass_obj
def release(setup: Setup, since: datetime, until: datetime, share: str, emotions: bool, yes: bool) -> None:
    """Record a release, after showing what it hands over."""
    from core.store.export import plan_release
    from core.store.records import Release, ShareLevel
    from core.store.tables import Format, write_rows

    first, last = day_range(since, until)
    assert first is not None
    assert last is not None
    if last <= first:
        raise SentenceError(_("The last day is before the first one."))
    if emotions and share != "curves":
        raise SentenceError(_("Emotion words can only go with shared curves: add --share curves."))
    with setup.shared_store() as store:
        handed = Release(store.now(), first, last, ShareLevel(share), emotions)
        plan = plan_release(store, handed)
        write_rows(sys.stdout, Format.CSV, plan.columns, plan.rows())
        count = len(plan.calls)
        if not yes:
            asked = ngettext("Hand over this call?", "Hand over these {count} calls?", count).format(count=count)
            click.confirm(asked, abort=True, err=True)
        store.release(handed)
    done = ngettext("{count} call can be exported now.", "{count} calls can be exported now.", count)
    click.echo(done.format(count=count), err=True)


def _changed(
    store: Store, measure: bool | None, share: str | None, emotions: bool | None, region: str | None
) -> Consent:
    """The answer in force with what is named changed.

    Raises:
        SentenceError: the parts do not go together, and which.
    """
    from app.words.sentences import no_sharing_sentence
    from core.store.consent import sharing_possible, text_sha256
    from core.store.records import Consent, ShareLevel

    language = current_language()
    nothing = Consent(store.now(), False, ShareLevel.NOTHING, False, store.counsellor().region or "", language, "", "")
    before = store.consent() or nothing
    where = _region(region) if region is not None else before.region
    measured = before.measure if measure is None else measure
    level = before.share if share is None else ShareLevel(share)
    words = before.share_emotions if emotions is None else emotions
    if not sharing_possible(where or None) or not measured:
        if share not in (None, "nothing"):
            raise SentenceError(
                _("Without “measure me” there is nothing to share: add --measure.")
                if not measured
                else no_sharing_sentence()
                if where
                else _("Give your --region first: where you work decides what may be shared.")
            )
        level = ShareLevel.NOTHING
    if emotions and level is not ShareLevel.CURVES:
        raise SentenceError(_("Emotion words can only go with shared curves: add --share curves."))
    return replace(
        before,
        id=None,
        at=store.now(),
        measure=measured,
        share=level,
        share_emotions=words and level is ShareLevel.CURVES,
        region=where,
        language=language,
        text_version=CONSENT_TEXT_VERSION,
        text_sha256=text_sha256(consent_text(language)),
    )


def _region(text: str) -> str:
    code = text.strip().upper()
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        raise SentenceError(_("{text} is no country's two letters (such as KR or DE).").format(text=text))
    return code


def _print(answer: Consent) -> None:
    from app.words.sentences import no_sharing_sentence
    from core.store.consent import sharing_possible

    yes, no = _("yes"), _("no")
    for name, value in (
        (_("measure me"), yes if answer.measure else no),
        (_("my supervisor may get"), answer.share.value),
        (_("emotion words in curves"), yes if answer.share_emotions else no),
        (_("where I work"), answer.region or "-"),
        (_("since"), f"{answer.at.astimezone():%Y-%m-%d %H:%M}"),
        (_("text"), f"{answer.text_version} ({answer.language}), sha256 {answer.text_sha256[:16]}..."),
    ):
        click.echo(f"{name}: {value}")
    if answer.region and not sharing_possible(answer.region):
        click.echo(no_sharing_sentence())
