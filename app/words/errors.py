"""What is said where something does not work: sources, the record, exports, files, and any error raised on purpose."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from app.words.language import N_, _
from app.words.printable import printable
from app.words.spoken import SentenceError
from core.sources.source import SourceError, SourceProblem
from core.store.consent import ConsentProblem, is_country
from core.store.errors import Notice, NoticeCode, StoreError, StoreErrorCode
from core.store.export import ExportRefused, Refusal
from core.store.tables import FormatUnavailableError, TargetError, TargetProblem
from core.system.errors import TranslatableError
from core.system.versions import install_command

_TERMINALS: Mapping[str, str] = {
    "Apple_Terminal": "Terminal",
    "Hyper": "Hyper",
    "WarpTerminal": "Warp",
    "WezTerm": "WezTerm",
    "alacritty": "Alacritty",
    "ghostty": "Ghostty",
    "rio": "Rio",
    "iTerm.app": "iTerm2",
    "iTerm2": "iTerm2",
    "vscode": "Visual Studio Code",
    "xterm-kitty": "kitty",
}
"""What terminals call themselves in TERM_PROGRAM, LC_TERMINAL or TERM, and what System Settings calls them."""

_TROUBLES: Mapping[SourceProblem, str] = {
    SourceProblem.NOT_FOUND: N_("{name} was not found. Plug it in, or choose another camera."),
    SourceProblem.MISSING: N_("{name} is not there. Check the path."),
    SourceProblem.BUSY: N_("{name} is used by another program. Close it there; Calmline tries again by itself."),
    SourceProblem.NO_PERMISSION: N_(
        "Calmline may not use {name}. Allow it: on Windows in Settings > Privacy & security > Camera (desktop apps), on Linux "
        "by joining the group that owns it, often “video”."
    ),
    SourceProblem.DENIED: N_(
        "{terminal} may not use {name}. Allow it in System Settings > Privacy & Security > Camera, then start {terminal} again."
    ),
    SourceProblem.SHUT: N_(
        "{name} does not open. Plug it in, or allow {terminal} to use it: System Settings > Privacy & Security > Camera. "
        "Then start {terminal} again. Where it is not listed, start Calmline in Apple's Terminal."
    ),
    SourceProblem.BLACK: N_("{name} gives a black picture. Open its shutter, or close another program that uses it."),
    SourceProblem.FROZEN: N_("{name} gives a picture that stands still. Unplug it and plug it in again."),
    SourceProblem.LOST: N_("{name} went away. Plug it in again; Calmline goes on by itself."),
    SourceProblem.UNREADABLE: N_("{name} cannot be read. Choose another file or camera."),
    SourceProblem.NOT_CONVERTED: N_(
        "{name} cannot be read: it is black, or its pictures are interlaced. Save it deinterlaced, for example with HandBrake."
    ),
    SourceProblem.ANIMATED: N_(
        "{name} is an animated picture, and only its first would be read. Save it as a video, such as MP4."
    ),
}

_NOTICES: Mapping[NoticeCode, str] = {
    NoticeCode.LOG_SET_ASIDE: N_(
        "An old log lay beside your record and belonged to another one. It was set aside as {detail}; your record is as it was "
        "copied."
    ),
    NoticeCode.SET_ASIDE: N_("Your record was damaged. It was set aside as {detail}, and a new one was begun."),
    NoticeCode.CALLS_INTERRUPTED: N_(
        "Calmline was closed in the middle of a call; it was kept, as interrupted ({detail})."
    ),
    NoticeCode.RIGHTS_MENDED: N_("Others on this computer could open {detail}. Now only you can."),
    NoticeCode.RIGHTS_NOT_MENDED: N_("Others on this computer can open {detail}. Please change its rights."),
    NoticeCode.FOLDER_NOT_USED: N_(
        "Calmline goes on without {detail}, which belongs to another user or may not be used: "
        "this time there is no log, or “calmline call” does not reach it."
    ),
    NoticeCode.OLD_CALLS_HELD: N_(
        "Today's date is long after your last visit. In case the clock is wrong, your old calls stay for one more week."
    ),
}

_STORE_ERRORS: Mapping[StoreErrorCode, str] = {
    StoreErrorCode.IN_USE: N_("Your record is open in another Calmline (process {pid}). Close that one first."),
    StoreErrorCode.NOT_FOUND: N_("There is no record at {detail} yet. Start Calmline once, or name another with --db."),
    StoreErrorCode.NEWER_SCHEMA: N_("Your record was written by a newer Calmline. It needs version {detail} or later."),
    StoreErrorCode.OLDER_SCHEMA: N_(
        "Your record is of an older Calmline. Start Calmline once: that brings it up to date."
    ),
    StoreErrorCode.CORRUPT: N_(
        "Your record is damaged ({detail}). Start Calmline: it sets it aside and begins a new one."
    ),
    StoreErrorCode.DISK_FULL: N_("The disk is full. Make some room; what was read meanwhile is kept until you quit."),
    StoreErrorCode.READ_ONLY: N_(
        "Your record may not be written. Check the rights of its folder, or name another with --db."
    ),
    StoreErrorCode.LOCKED: N_("Another program holds your record. Close it, then try again."),
    StoreErrorCode.NO_LOCKS: N_(
        "Your record is on a drive without file locks, often a network share, so two programs could damage it. Keep it on a disk "
        "of this computer: name another place with --db."
    ),
    StoreErrorCode.UNREADABLE: N_(
        "Your record cannot be opened at {detail}. Check the path, or name another with --db."
    ),
    StoreErrorCode.NO_HOME: N_(
        "Your home folder is not known, as in some containers. Set the variable HOME to a folder of yours."
    ),
    StoreErrorCode.INVALID: N_("The record refused this: {detail}."),
    StoreErrorCode.IO: N_("Reading or writing your record failed: {detail}. Check the disk, then try again."),
    StoreErrorCode.NOT_OURS: N_("{detail} is another program's database. Name another file with --db."),
    StoreErrorCode.FOREIGN_OWNER: N_(
        "{detail} belongs to another user of this computer, so Calmline leaves it alone. Name another place with --db."
    ),
    StoreErrorCode.LINKED: N_(
        "{detail} is a link or has a second name, and could be used under both at once. Remove one of them."
    ),
    StoreErrorCode.FOREIGN_SCHEMA: N_(
        "Somebody has put something into your record that could change or copy it ({detail}), so it stays shut. "
        "Have that removed, or begin anew with “calmline record erase --everything”."
    ),
    StoreErrorCode.NOT_ERASED: N_(
        "Nothing was erased: something in your record keeps {detail} from going. “calmline record erase --everything” does it."
    ),
    StoreErrorCode.CLOSED: N_("Your record is closed already. Start Calmline again."),
    StoreErrorCode.UNKNOWN_CALL: N_("There is no call {detail} in your record."),
    StoreErrorCode.CALL_OPEN: N_("Call {detail} is still running. End it first."),
    StoreErrorCode.UNKNOWN_CANDIDATE: N_("Your last calibration has no network called {detail}. Do it again first."),
    StoreErrorCode.ENCRYPTED: N_(
        "Your record is locked with a passphrase. Start Calmline in a terminal, or set CALMLINE_PASSPHRASE for a script."
    ),
    StoreErrorCode.WRONG_PASSPHRASE: N_("This passphrase does not open your record. Try again."),
    StoreErrorCode.PASSPHRASE_NO_TEXT: N_(
        "This passphrase is not text in UTF-8. Type it in a terminal that uses UTF-8."
    ),
    StoreErrorCode.LOG_BESIDE: N_(
        "{detail} lies beside it, so it was copied while it was in use, or another file was there before. Make the copy with "
        "“calmline record backup”, or take that file away."
    ),
    StoreErrorCode.NOT_EMPTY: N_(
        "There is a record with something in it at {detail} already. Name another with --db, or erase it first: "
        "“calmline record erase --everything”."
    ),
    StoreErrorCode.NO_CIPHER: N_("Encryption needs a package that is not installed: {install}"),
}

_REFUSALS: Mapping[Refusal, str] = {
    Refusal.NO_CONSENT: N_(
        "You have not been asked yet what may be shared. Start Calmline, or use “calmline consent set”."
    ),
    Refusal.NOTHING_SHARED: N_("You share nothing. Change it in the settings, or with “calmline consent set --share”."),
    Refusal.NONE_SHARED_YET: N_(
        "None of these calls was made while you shared them. “calmline consent release” hands earlier calls over."
    ),
    Refusal.ONLY_SUMMARIES: N_(
        "You share summaries of calls, not their curves. Ask for --calls, or change your consent."
    ),
    Refusal.REGION: N_(
        "Where you work, the law leaves no room for sharing: Calmline is your own training aid, for you alone. "
        "“calmline export --mine” gives you your own copy."
    ),
    Refusal.NOTHING_IN_RANGE: N_("There are no calls in this range."),
    Refusal.NOTHING_TO_RELEASE: N_("There are no calls in this range that you do not share already."),
}

_TARGET_PROBLEMS: Mapping[TargetProblem, str] = {
    TargetProblem.EXISTS: N_("it is there already; with --replace it is replaced"),
    TargetProblem.IS_FOLDER: N_("it is a folder"),
    TargetProblem.NO_FOLDER: N_("its folder is not there"),
    TargetProblem.NOT_A_FILE: N_("it is no ordinary file"),
    TargetProblem.IS_RECORD: N_("it is your record itself"),
    TargetProblem.NOT_WRITABLE: N_("you may not write there"),
    TargetProblem.DISK_FULL: N_("the disk is full"),
    TargetProblem.NAME_TOO_LONG: N_("its name is too long"),
}


def trouble_sentence(trouble: SourceProblem, name: str) -> str:
    """What is wrong with a source, and what to do."""
    return _(_TROUBLES[trouble]).format(name=source_name(name), terminal=terminal_name())


def terminal_name() -> str:
    """The program that macOS asks about: a permission for the camera belongs to the terminal."""
    program = os.environ.get("TERM_PROGRAM", "")
    if program in ("", "tmux"):
        program = os.environ.get("LC_TERMINAL") or os.environ.get("TERM", "")
    return _TERMINALS.get(program) or _("your terminal")


def source_name(name: str) -> str:
    """What a person calls a frame source; `name` is what `core` calls it ("camera 0", "demo actor (f_multi)")."""
    if camera := re.fullmatch(r"camera (\d+)", name):
        return _("camera {number}").format(number=camera[1])
    if actor := re.fullmatch(r"demo actor \((.+)\)", name):
        return _("the demo actor {name}").format(name=actor[1])
    return printable(name)  # a file's name; it may stand in a text with colours, which is shown as it is


def source_error_sentence(error: SourceError) -> str:
    """The same for an error."""
    return trouble_sentence(error.trouble, error.detail)


def notice_sentence(notice: Notice) -> str:
    """What opening the record had to do."""
    return _(_NOTICES[notice.code]).format(detail=notice.detail)


def store_error_sentence(error: StoreError) -> str:
    """What is wrong with the record, and what to do."""
    holder = error.holder
    return _(_STORE_ERRORS[error.code]).format(
        detail=error.detail,
        pid=holder.pid if holder is not None else _("another program"),
        install=install_command("sqlcipher3"),
    )


def consent_problem_sentence(problem: ConsentProblem) -> str:
    """Why an answer cannot be recorded, and what to do."""
    return {
        ConsentProblem.NO_REGION: _(
            "Say first where you work, as two letters (--region KR): it decides what may be shared."
        ),
        ConsentProblem.NO_COUNTRY: _("Give your country's two letters, such as KR or DE."),
        ConsentProblem.NOT_MEASURED: _("Without “measure me” there is nothing to share: add --measure."),
        ConsentProblem.FORBIDDEN: no_sharing_sentence(),
    }[problem]


def no_sharing_sentence(region: str | None = None) -> str:
    """Why everything that shares is off: in the EU and EEA, or in a country that was not named."""
    if region is not None and not is_country(region):
        return _("Laws differ, so nothing can be shared before you name your country: “calmline consent set --region”.")
    return _("Where you work, the law leaves no room for sharing: Calmline is your own training aid, for you alone.")


def refusal_sentence(refusal: Refusal) -> str:
    """Why there is nothing to export."""
    return _(_REFUSALS[refusal])


def error_text(error: object) -> str:
    """An error's message within a sentence, in the person's language where it can be said in it."""
    return error.said(_) if isinstance(error, TranslatableError) else str(error)


def known_error_sentence(error: Exception) -> str | None:
    """The sentence for any error that `core` or `app` raise on purpose; None for one that nobody foresaw."""
    if isinstance(error, StoreError):
        return store_error_sentence(error)
    if isinstance(error, SourceError):
        return source_error_sentence(error)
    if isinstance(error, ExportRefused):
        return refusal_sentence(error.reason)
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return _("{path} cannot be used: {reason}.").format(path=error.filename, reason=error.strerror)
    if isinstance(error, TargetError):
        return _("{path} cannot be written: {problem}. Choose another place.").format(
            path=error.path, problem=_(_TARGET_PROBLEMS[error.problem])
        )
    if isinstance(error, FormatUnavailableError):
        if not error.package:
            return _("A sheet of Excel does not hold so many lines: choose csv or parquet, or fewer days.")
        return _("Files in {form} need a package ({install}), or choose csv or json.").format(
            form=error.form.value, install=install_command(error.package)
        )
    if isinstance(error, SentenceError):
        return str(error)
    return error_text(error) if isinstance(error, TranslatableError) else None
