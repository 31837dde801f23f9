"""`python -m app`, `calmline`: the way in. Nothing heavy is imported before it is known what is asked for."""

from __future__ import annotations

import sys

from app.bootstrap import RUN, enter


def main() -> None:
    """Run the command line, setting up first where this is a fresh checkout."""
    enter(RUN, "app")
    from app.cli.main import run

    sys.exit(run())


if __name__ == "__main__":
    main()
