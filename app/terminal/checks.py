"""Whether screens can be shown here."""

from __future__ import annotations

import os
import sys

from app.words.language import _
from app.words.spoken import SentenceError


def terminal_problem() -> str | None:
    """Why screens cannot be shown here, and what to do; None where they can."""
    shown = sys.stdout if os.name == "nt" else sys.__stderr__  # where Textual draws
    if not (sys.stdin.isatty() and sys.stdout.isatty() and shown is not None and shown.isatty()):
        return _("Screens need a terminal; for scripts there is “calmline run --headless” (see --help).")
    if os.environ.get("TERM") == "dumb":
        return _("This terminal (TERM=dumb) cannot show screens. Open another one, or set TERM=xterm.")
    return None


def require_terminal() -> None:
    """Go on where screens can be shown.

    Raises:
        SentenceError: they cannot.
    """
    problem = terminal_problem()
    if problem is not None:
        raise SentenceError(problem)
