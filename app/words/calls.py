"""What a softphone or a script is told by `calmline call`. Nothing heavy is imported for it: a phone waits for the answer."""

from __future__ import annotations

from collections.abc import Mapping

from app.words.language import N_, _
from core.control.protocol import ControlError, ControlErrorCode, Reply

_CONTROL_ERRORS: Mapping[ControlErrorCode, str] = {
    ControlErrorCode.NOT_RUNNING: N_("No monitor is running. Start Calmline first."),
    ControlErrorCode.REFUSED: N_("The running monitor belongs to another user of this computer."),
    ControlErrorCode.TIMED_OUT: N_("The running monitor did not answer in time. Look at its window."),
    ControlErrorCode.BAD_REPLY: N_("The running monitor gave an answer that makes no sense. Start it again."),
    ControlErrorCode.IN_USE: N_("Another program uses the control channel; “calmline call” will not reach this one."),
    ControlErrorCode.UNSAFE_FOLDER: N_("Others may enter {detail}, so “calmline call” stays off. Make it yours alone."),
    ControlErrorCode.ADDRESS_TOO_LONG: N_("The path {detail} is too long, so “calmline call” stays off."),
    ControlErrorCode.NOT_POSSIBLE: N_("“calmline call” stays off here: {detail}"),
}

_REPLIES: Mapping[str, str] = {
    "started": N_("A call has begun."),
    "ended": N_("The call has ended."),
    "reset": N_("The level is back at 0."),
    "resumed": N_("The call goes on."),
    "idle": N_("No call is running."),
    "in_call": N_("A call is running, since {since}."),
    "paused": N_("A call is paused; it began at {since}."),
}

_REFUSED: Mapping[str, str] = {
    "no_call": N_("No call is running."),
    "in_call": N_("A call is running already."),
    "no_consent": N_("You have not agreed to be measured; “calmline consent set --measure” changes that."),
    "no_candidate": N_("No network is chosen yet: finish the wizard first."),
    "no_network": N_("The chosen network cannot be used: {detail}."),
    "no_source": N_("{detail} was not found. Put it back, or start Calmline with another one."),
    "record": N_("The call cannot be recorded: {detail}."),
}


def control_error_sentence(error: ControlError) -> str:
    """Why the control channel is not there."""
    return _(_CONTROL_ERRORS[error.code]).format(detail=error.detail)


def reply_sentence(reply: Reply) -> str:
    """What the running monitor did, or why not; one of another version may have replies that are not known here."""
    facts = {"since": "", "detail": "", **reply.facts}
    if reply.ok:
        return _(_REPLIES[reply.code]).format(**facts)
    if reply.code == "record":
        return _record_sentence(str(facts.get("reason", "")), str(facts["detail"]))
    text = _REFUSED.get(reply.code, N_("The running Calmline could not do that ({code})."))
    return _(text).format(code=reply.code, **facts)


def _record_sentence(reason: str, detail: str) -> str:
    """What is wrong with the record, in the caller's language; a monitor of another version may have other reasons."""
    from app.words.errors import store_error_sentence
    from core.store.errors import StoreError, StoreErrorCode

    if reason not in list(StoreErrorCode):
        return _(_REFUSED["record"]).format(detail=detail or reason)
    return store_error_sentence(StoreError(StoreErrorCode(reason), detail))
