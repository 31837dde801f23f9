"""`python -m app`, `calmline`: the way in. Nothing heavy is imported before it is known what is asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.bootstrap import RUN, enter


def main() -> None:
    """Run the command line, setting up first where this is a fresh checkout."""
    enter(RUN, "app")
    from app.terminal.environment import drop_recording_variables
    from core.privacy.crash_files import keep_memory_to_ourselves

    keep_memory_to_ourselves()
    drop_recording_variables(os.environ)
    from app.cli.phone import answer_phone

    code = answer_phone(sys.argv[1:])
    if code is None:
        from app.cli.main import run
        from app.words.language import use_program

        if Path(sys.argv[0]).name == "__main__.py":  # a checkout has no `calmline`
            use_program("python -m app" if sys.platform == "win32" else "python3 -m app")
        code = run(is_program=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
