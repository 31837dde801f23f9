"""The watched process: `python -m app.cli.privacy.watched DESCRIPTOR MODULE:FUNCTION [ARGUMENT ...]`.

The audit hook is in before anything of the program is imported. The function gets the arguments and gives an exit code.
"""

from __future__ import annotations

import sys
from importlib import import_module

from core.privacy.hook import report_to


def main() -> int:
    """Watch this process, then do what was asked for."""
    descriptor, entry, *arguments = sys.argv[1:]
    report_to(int(descriptor))
    module, _colon, name = entry.partition(":")
    code = getattr(import_module(module), name)(arguments)
    assert isinstance(code, int)
    return code


def command_line(arguments: list[str]) -> int:
    """Run Calmline's command line."""
    from app.cli.main import run

    return run(arguments)


def demo_without_terminal(arguments: list[str]) -> int:
    """Play the demo into a folder with no terminal (Windows has no pseudo-terminals): the folder, the language."""
    from pathlib import Path

    from app.tui.services import DemoOptions
    from app.tui.start import ScreensPlan, run_screens
    from core.store.locations import Locations
    from core.system.resources import MODELS_FOLDER

    folder, language = Path(arguments[0]), arguments[1]
    demo = DemoOptions(auto=True, fast=True, keep=folder, headless=True)
    return run_screens(ScreensPlan(Locations.below(folder), MODELS_FOLDER, language=language, demo=demo))


if __name__ == "__main__":
    sys.exit(main())
