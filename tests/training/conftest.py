"""Training's commands are run as those of the command line are."""

from __future__ import annotations

from tests.cli.conftest import shell

__all__ = ["shell"]
