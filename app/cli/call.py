"""`calmline call`: what the keys of a running monitor do, for a softphone or a script."""

from __future__ import annotations

import json

import click

from app.cli.context import Setup
from app.words.language import N_, _
from app.words.spoken import SentenceError

HELP = N_(
    "Start, end or reset the call of a running Calmline, or ask whether one runs; for a softphone or a script. It is told "
    "no level and no emotion, and no network is used.\n\nExample: calmline call start"
)
_DONE = {
    "started": N_("A call has begun."),
    "ended": N_("The call has ended."),
    "reset": N_("The level is back at 0."),
    "idle": N_("No call is running."),
    "in_call": N_("A call is running, since {since}."),
    "paused": N_("A call is paused; it began at {since}."),
}
_REFUSED = {
    "no_call": N_("No call is running."),
    "in_call": N_("A call is running already."),
    "no_consent": N_("You have not agreed to be measured; “calmline consent set --measure” changes that."),
    "no_candidate": N_("No network is chosen yet: finish the wizard first."),
    "no_network": N_("The chosen network cannot be used: {detail}."),
    "no_source": N_("{detail} was not found. Put it back, or start Calmline with another one."),
    "record": N_("The call cannot be recorded: {detail}."),
}


@click.command(help=HELP)
@click.argument("action", type=click.Choice(["start", "end", "reset", "status"]))
@click.option("--json", "as_json", is_flag=True, help=N_("Print the answer as JSON."))
@click.pass_obj
def call(setup: Setup, action: str, as_json: bool) -> None:
    """Send one command to the running monitor."""
    from core.control import Action, Command, read_authkey, send_command

    locations = setup.locations
    reply = send_command(locations.control_address, read_authkey(locations.control_key), Command(Action(action)))
    facts = dict(reply.facts)
    if as_json:
        click.echo(json.dumps({"ok": reply.ok, "code": reply.code, **facts}, ensure_ascii=False))
        click.get_current_context().exit(0 if reply.ok else 1)
    shown = {"since": "", "detail": "", **facts}
    if not reply.ok:
        if reply.code == "record":
            raise SentenceError(_record_sentence(str(facts.get("reason", "")), str(shown["detail"])))
        text = _REFUSED.get(reply.code, N_("The running Calmline could not do that ({code})."))
        raise SentenceError(_(text).format(code=reply.code, **shown))
    click.echo(_(_DONE[reply.code]).format(**shown))


def _record_sentence(reason: str, detail: str) -> str:
    """What is wrong with the record, in the caller's language; a monitor of another version may have other reasons."""
    from app.words.sentences import store_error_sentence
    from core.store.errors import StoreError, StoreErrorCode

    if reason not in list(StoreErrorCode):
        return _(_REFUSED["record"]).format(detail=detail or reason)
    return store_error_sentence(StoreError(StoreErrorCode(reason), detail))
