"""A record that is opened only when the first screen has been painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.store.first_look import FirstLook

if TYPE_CHECKING:
    from app.tui.services import Services


@dataclass(frozen=True, slots=True)
class Opening:
    """What a glance at the record said, and how to open it and all that the screens work with.

    `open_services` may raise what opening the record raises. `log_file` is where a fault before that is told.
    """

    look: FirstLook
    open_services: Callable[[], Services]
    log_file: Path
