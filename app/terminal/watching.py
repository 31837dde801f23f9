"""A process that waits for the screens, so that whatever ends them, also a crash of native code, the terminal is given back.

Nothing inside a process outlives its crash: the shell would go on in a terminal that echoes nothing and reports the mouse.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
from contextlib import suppress
from pathlib import Path

from app.words.language import _
from core.privacy.system_calls import refuse_system_calls

TERMINAL_AS_BEFORE = "\x1b[<u\x1b[?2004l\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2048l\x1b[?1049l\x1b[?7h\x1b[?25h\x1b[0m\r\n"
"""Kitty's keys, pasting in brackets, the mouse, focus and sizes off, the first screen, long lines and the cursor back, no
colours."""

LOOK_SECONDS = 2.0
"""How often it is looked whether the terminal is still there."""

_ASKED_TO_END = (signal.SIGINT, signal.SIGTERM)
_SIGNAL_AT_PARENTS_END = 1
"""PR_SET_PDEATHSIG."""


def watch_over(log: Path) -> None:
    """Go on in a child of this process, on Linux in a terminal; elsewhere, or where there can be none, nothing happens.

    This process itself does nothing but wait, hand on signals, and exit with the code of the child. Where that was ended
    by a signal that nobody asked for, it gives the terminal back and says where `log` lies. It must have one thread.
    """
    if sys.platform != "linux" or not sys.stdin.isatty():
        return
    import termios

    before, waited_for = termios.tcgetattr(sys.stdin), {signal.SIGCHLD, signal.SIGHUP, *_ASKED_TO_END}
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup has it ignored, and nobody would hear of it
    usual = signal.pthread_sigmask(signal.SIG_BLOCK, waited_for)
    program: int | None
    try:
        program = os.fork()
    except OSError:  # no process is to be had: what a crash leaves of the terminal is then the shell's to mend
        program = None
    if not program:
        if program == 0:
            ctypes.CDLL(None).prctl(_SIGNAL_AT_PARENTS_END, signal.SIGTERM, 0, 0, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, usual)
        return
    refuse_system_calls()
    code = _wait_for(program, waited_for)
    if code < 0:
        with suppress(termios.error, OSError):  # the terminal may be gone
            termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, before)
            line = ""
            if -code not in (signal.SIGHUP, *_ASKED_TO_END):
                said = _("Calmline broke off ({signal}); {log} may say why. What was recorded until then is kept.")
                line = said.format(signal=signal.Signals(-code).name, log=log) + "\n"
            print(TERMINAL_AS_BEFORE + line, end="", file=sys.__stderr__, flush=True)
    os._exit(code if code >= 0 else 128 - code)


def _wait_for(program: int, signals: set[signal.Signals]) -> int:
    """Hand on what is sent to this process until `program` ends; its exit code, or minus the signal that ended it."""
    assert sys.platform == "linux"
    terminal = select.poll()
    terminal.register(sys.stdin, 0)
    while True:
        heard = signal.sigtimedwait(signals, LOOK_SECONDS)
        if heard is None:
            if terminal.poll(0):  # it is gone, and nobody said so: under sudo, or after an `ssh` that broke off
                os.kill(program, signal.SIGHUP)
        elif heard.si_signo != signal.SIGCHLD:
            # Sent by a program, or a terminal's end, of which the first process alone hears; Ctrl+C reaches both.
            if heard.si_code <= 0 or heard.si_signo == signal.SIGHUP:
                os.kill(program, heard.si_signo)
        elif (ended := os.waitpid(program, os.WNOHANG))[0]:
            return os.waitstatus_to_exitcode(ended[1])
