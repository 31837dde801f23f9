"""Start and end calls in Calmline as Linphone's console phone does: a bridge that you run yourself, beside both.

Linphone runs no command of ours, but its console phone tells, when asked, which calls it has. This script asks once a
second and runs the same command that you could type. A call on hold goes on. Nothing of a caller is handed on.

    python3 linphone.py                   with `calmline` on the path
    python3 linphone.py python3 -m app    another way to start Calmline
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

ASK_SECONDS = 1.0
NO_CALL = ("Idle", "Incoming", "Outgoing", "End", "Error", "Released")
"""How the states begin in which nobody talks: it rings, or it is over."""


def calls() -> set[str] | None:
    """The numbers that Linphone gives to the calls that were answered and are not over; None where it does not answer."""
    try:
        asked = subprocess.run(["linphonecsh", "generic", "calls"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    rows = [[cell.strip() for cell in line.split("|")] for line in asked.stdout.splitlines()]
    talking = {row[0] for row in rows if len(row) == 4 and row[0].isdecimal() and not row[2].startswith(NO_CALL)}
    return None if asked.returncode else talking


def main(calmline: list[str]) -> None:
    """Run `call start` when the first call is answered, `call end` when the last one is over."""
    answered: set[str] = set()
    print("Asking Linphone once a second.", flush=True)
    while True:
        now = calls()
        if answered and not answered & (now or set()):
            subprocess.run([*calmline, "call", "end"], check=False)
        if now is None:
            sys.exit("Linphone's console phone does not answer. Start it first: linphonecsh init")
        if now and not answered & now:
            subprocess.run([*calmline, "call", "start"], check=False)
        answered = now
        time.sleep(ASK_SECONDS)


if __name__ == "__main__":
    if len(sys.argv) < 2 and shutil.which("calmline") is None:
        sys.exit("There is no command calmline here. In a checkout: python3 linphone.py python3 -m app")
    main(sys.argv[1:] or ["calmline"])
