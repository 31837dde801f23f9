"""A step of the wizard that watches: what it watches, and why it sees nothing any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.tui.calls.watcher import WatchEnded
from app.tui.screens.base import CalmScreen
from app.words.errors import source_error_sentence, trouble_sentence
from app.words.language import _

if TYPE_CHECKING:
    from core.sources.source import FrameSource, SourceProblem


class WatchingScreen(CalmScreen):
    """Keeps its source; what ended the watching by itself is said in place of everything else."""

    def __init__(self) -> None:
        """Nothing is watched yet."""
        super().__init__()
        self._source: FrameSource | None = None
        self._failure = ""

    def on_watch_ended(self, message: WatchEnded) -> None:
        """Say why nothing is seen any more."""
        if message.end.trouble is not None:
            self._failure = source_error_sentence(message.end.trouble)
        elif message.end.failure is not None:
            self.log.error(message.end.failure)
            self._failure = _("Reading the picture failed: {reason}. Esc goes back.").format(reason=message.end.failure)
        self._show()

    def _trouble(self, trouble: SourceProblem | None) -> str:
        """What is wrong with the source at the moment, or was when watching ended; empty where nothing is."""
        if self._failure or trouble is None or self._source is None:
            return self._failure
        return trouble_sentence(trouble, self._source.name)

    def _show(self) -> None:
        """Draw what is known now."""
