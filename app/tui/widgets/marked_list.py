"""A list whose pointed-at line bears a mark, so that it shows without colours, too."""

from __future__ import annotations

from collections.abc import Mapping

from textual.widgets import OptionList
from textual.widgets.option_list import Option

MARK, NO_MARK = "▸ ", "  "


class MarkedList(OptionList):
    """Entries are texts by their keys."""

    DEFAULT_CSS = """
    MarkedList { height: auto; border: none; background: $background; padding: 0; scrollbar-size-vertical: 1; }
    MarkedList:focus { border: none; }
    """

    def __init__(
        self,
        entries: Mapping[str, str],
        pointed: str | None = None,
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        disabled: bool = False,
    ) -> None:
        """`pointed` is the key of the line pointed at first."""
        super().__init__(id=id, compact=True, disabled=disabled, markup=False)
        self._texts = dict(entries)
        self.show(entries, pointed)

    def show(self, entries: Mapping[str, str], pointed: str | None = None) -> None:
        """Show other entries; the line pointed at stays where `pointed` is None and the line is still there."""
        keys = list(entries)
        before = self.highlighted
        self._texts = dict(entries)
        self.clear_options()
        self.add_options([Option(NO_MARK + text, id=key) for key, text in entries.items()])
        wanted = keys.index(pointed) if pointed is not None and pointed in entries else before
        self.highlighted = min(wanted or 0, len(keys) - 1) if keys else None

    @property
    def pointed(self) -> str | None:
        """The key of the line pointed at."""
        return None if self.highlighted is None else self.get_option_at_index(self.highlighted).id

    def point(self, key: str) -> None:
        """Point at the line of `key`.

        Raises:
            ValueError: there is none.
        """
        self.highlighted = list(self._texts).index(key)

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Move the mark to the highlighted row."""
        for number, text in enumerate(self._texts.values()):
            if number < self.option_count:
                self.replace_option_prompt_at_index(number, (MARK if number == highlighted else NO_MARK) + text)
        super().watch_highlighted(highlighted)
