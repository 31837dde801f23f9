"""The palette of commands: Textual's, without two of its ways to fall over."""

from __future__ import annotations

from textual.command import CommandList, CommandPalette


class CalmPalette(CommandPalette):
    """Textual's palette.

    A triple click marks its text, for which it has no style (Textual issue 6308): here nothing can be marked. A list that
    has not been laid out yet, or has no room, cannot be paged through (OptionList looks for a line it has not made).
    """

    ALLOW_SELECT = False

    def _action_command_list(self, action: str) -> None:
        """Move in the list, or choose from it, once it is laid out."""
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)
