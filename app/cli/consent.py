"""`calmline consent show|set`: the same answers as on the settings screen."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import TYPE_CHECKING

import click

from app.cli.context import Setup
from app.cli.dates import DAY
from app.cli.form import format_option, note
from app.words.consent_text import CONSENT_TEXT_VERSION, consent_text, text_in_use
from app.words.language import N_, _, current_language, ngettext
from app.words.spoken import SentenceError

if TYPE_CHECKING:
    from core.store.records import Consent

SHARE_LEVELS = ("nothing", "summaries", "curves")


@click.group()
def consent() -> None:
    """Show or change what you agreed to. Every answer is kept; the last one holds."""


@consent.command()
@click.option("--text", is_flag=True, help=N_("Print the whole text, too."))
@format_option("text", "json")
@click.pass_obj
def show(setup: Setup, text: bool, form: str) -> None:
    """What holds now, since when, and the text agreed to.

    Example: calmline consent show
    """
    with setup.read_store() as store:
        answer = store.consent()
    if form == "json":
        click.echo(json.dumps(_record(answer, text=text), indent=2, ensure_ascii=False))
        return
    if answer is None:
        click.echo(_("You have not been asked yet. Start Calmline, or use “calmline consent set”."))
    else:
        _print(answer)
    if text:
        click.echo("\n" + consent_text(current_language()))


@consent.command(name="set")
@click.option("--measure/--no-measure", default=None, help=N_("Measure me during my calls."))
@click.option("--share", type=click.Choice(SHARE_LEVELS), help=N_("What my supervisor may get."))
@click.option("--region", help=N_("Where I work, as two letters (KR, DE, EU ...)."))
@click.pass_obj
def change(setup: Setup, measure: bool | None, share: str | None, region: str | None) -> None:
    """Change your answer; what is not named stays.

    Example: calmline consent set --share summaries
    """
    from app.words.errors import consent_problem_sentence
    from core.store.consent import ConsentRefused, changed_answer, country
    from core.store.errors import StoreError, StoreErrorCode
    from core.store.records import ShareLevel

    try:
        store = setup.shared_store()
    except StoreError as error:
        if error.code is not StoreErrorCode.NOT_FOUND:
            raise
        store = setup.own_store()
    with store:
        before = store.consent()
        try:
            answer = changed_answer(
                before,
                store.now(),
                text_in_use(),
                measure=measure,
                share=None if share is None else ShareLevel(share),
                region=store.counsellor().region if region is None else country(region),
            )
        except ConsentRefused as refused:
            raise SentenceError(consent_problem_sentence(refused.problem)) from refused
        if answer.measure and not (before is not None and before.measure):
            click.echo(consent_text(current_language()), err=True)  # nobody agrees to what was not before their eyes
        store.record_consent(answer)
        if region is not None:
            store.save_counsellor(region=answer.region)
    _print(answer)


@consent.command()
@click.option("--since", type=DAY, metavar="DATE", required=True, help=N_("From this day on."))
@click.option("--until", type=DAY, metavar="DATE", required=True, help=N_("Up to and with this day."))
@click.option(
    "--share",
    type=click.Choice(SHARE_LEVELS[1:]),
    default="summaries",
    show_default=True,
    help=N_("What my supervisor may get."),
)
@click.option("--yes", is_flag=True, help=N_("Do not ask."))
@click.pass_obj
def release(setup: Setup, since: date, until: date, share: str, yes: bool) -> None:
    """Hand over calls of earlier days that you did not share then, as far as you share now. It lists them, line by
    line, and asks first; no other call goes along, and when you share less again it is over.

    Example: calmline consent release --since 2026-01-01 --until 2026-01-31
    """
    from app.words.sentences import curve_sentence
    from core.store.export import plan_release
    from core.store.records import ShareLevel
    from core.store.tables import Format, write_rows

    if until < since:
        raise SentenceError(_("The last day is before the first one."))
    with setup.shared_store() as store:
        plan = plan_release(store, ShareLevel(share), since, until)
        write_rows(sys.stdout, Format.CSV, plan.columns, plan.rows())
        if share == "curves":
            click.echo(curve_sentence(), err=True)
        count = len(plan.calls)
        if not yes:
            asked = ngettext("Hand over this call?", "Hand over these {count} calls?", count).format(count=count)
            click.confirm(asked, abort=True, err=True)
        store.release(ShareLevel(share), [call.id for call in plan.calls])
    done = ngettext("{count} call can be exported now.", "{count} calls can be exported now.", count)
    note(done.format(count=count))


def _record(answer: Consent | None, *, text: bool) -> dict[str, object] | None:
    """The answer for a program; None where there is none yet."""
    if answer is None:
        return None
    told: dict[str, object] = {
        "measure": answer.measure,
        "share": answer.share.value,
        "region": answer.region,
        "since": answer.at.isoformat(timespec="seconds"),
        "text_version": answer.text_version,
        "language": answer.language,
        "text_sha256": answer.text_sha256,
    }
    return told | ({"text": consent_text(current_language())} if text else {})


def _print(answer: Consent) -> None:
    from app.words.errors import no_sharing_sentence
    from core.store.consent import sharing_possible

    yes, no = _("yes"), _("no")
    for name, value in (
        (_("measure me"), yes if answer.measure else no),
        (_("my supervisor may get"), answer.share.value),
        (_("where I work"), answer.region),
        (_("since"), f"{answer.at.astimezone():%Y-%m-%d %H:%M}"),
        (_("text"), f"{answer.text_version} ({answer.language}), sha256 {answer.text_sha256[:16]}..."),
    ):
        click.echo(f"{name}: {value}")
    if not sharing_possible(answer.region):
        click.echo(no_sharing_sentence(answer.region))
    if answer.text_version != CONSENT_TEXT_VERSION:
        click.echo(
            _("The text has changed since: “calmline consent show --text” has it, “calmline consent set” agrees.")
        )
