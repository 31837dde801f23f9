"""What can be done now: one table, made of the bindings in force, that the footer, the palette and the help all show."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from textual.binding import ActiveBinding, Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Footer

from app.words.language import _
from app.words.sentences import key_name

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.screen import Screen

KEY_CELLS = 10
"""Room for an action's keys before its words."""

EVERYWHERE = "app."
"""How the ids of what works on every screen begin."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done: its binding's id, the keys as people read them, its words, and how it is done."""

    id: str
    keys: tuple[str, ...]
    words: str
    run: Callable[[], Awaitable[bool]]

    def joined(self, other: Action) -> Action:
        """The same with the keys of another binding that does it; what works everywhere is called by that."""
        keys = tuple(dict.fromkeys((*self.keys, *other.keys)))
        return replace(self, keys=keys, id=other.id if other.everywhere else self.id)

    @property
    def everywhere(self) -> bool:
        """Whether it works on every screen."""
        return self.id.startswith(EVERYWHERE)


def spoken(bindings: Mapping[str, ActiveBinding]) -> dict[str, ActiveBinding]:
    """The same bindings, described in the person's language."""
    return {
        key: active._replace(binding=replace(active.binding, description=_(active.binding.description)))
        for key, active in bindings.items()
    }


def shown_key(binding: Binding) -> str:
    """A binding's key as it is written on keyboards and in our sentences ("Space", "^p", "F1")."""
    if binding.key_display:
        return binding.key_display
    held, _plus, key = binding.key.rpartition("+")
    return ("^" if held == "ctrl" else "") + key_name(key)


def actions_of(screen: Screen[Any]) -> list[Action]:
    """What this screen's keys do now, each thing once, and after it what works everywhere. Textual's own keys are left out."""
    found: dict[str, Action] = {}
    for active in spoken(screen.active_bindings).values():
        binding = active.binding
        words = _(binding.tooltip) or binding.description
        if binding.id is None or not words or not active.enabled:
            continue
        run = partial(screen.app.run_action, binding.action, active.node)
        one = Action(binding.id, (shown_key(binding),), words, run)
        found[words] = found[words].joined(one) if words in found else one
    return sorted(found.values(), key=lambda action: action.everywhere)


def actions_from(screen: Screen[Any]) -> list[Action]:
    """What can be done from this screen: its own first, then of those under it, each thing once."""
    stack = screen.app.screen_stack
    found: dict[str, Action] = {}
    for one in reversed(stack[: stack.index(screen) + 1]):
        for action in actions_of(one):
            found.setdefault(action.words, action)
    return sorted(found.values(), key=lambda action: action.everywhere)


class CalmCommands(Provider):
    """The palette's entries: all actions, in the order of the table."""

    async def discover(self) -> Hits:
        """Everything, before a letter is typed."""
        for action in actions_from(self.screen):
            yield DiscoveryHit(_line(action, action.words), action.run, action.words)

    async def search(self, query: str) -> Hits:
        """What fits the letters typed; a sentence where nothing does."""
        matcher, found = self.matcher(query), False
        for action in actions_from(self.screen):
            score = matcher.match(action.words)
            if score > 0:
                found = True
                yield Hit(score, _line(action, matcher.highlight(action.words)), action.run, action.words)
        if not found:
            yield Hit(0.01, _("Nothing is called so. Delete some letters."), _nothing)


def _line(action: Action, words: str | Content) -> Content:
    keys = " ".join(action.keys)
    return Content.assemble(keys + " " * max(1, KEY_CELLS - cell_len(keys)), words)


async def _nothing() -> None:
    """Choosing the sentence does nothing."""


class CalmFooter(Footer):
    """The screen's keys at the left, and at the right, always to be seen, what works everywhere."""

    DEFAULT_CSS = """
    CalmFooter #here { width: 1fr; height: 1; overflow: hidden; }
    CalmFooter #everywhere { width: auto; height: 1; }
    """

    def compose(self) -> ComposeResult:
        """The keys that Textual's footer has, in two places."""
        shown = list(super().compose())
        keys = {active.binding.key for active in self.screen.active_bindings.values() if _is_everywhere(active)}
        with Horizontal(id="here"):
            yield from (one for one in shown if getattr(one, "key", "") not in keys)
        with Horizontal(id="everywhere"):
            yield from (one for one in shown if getattr(one, "key", "") in keys)


def _is_everywhere(active: ActiveBinding) -> bool:
    return (active.binding.id or "").startswith(EVERYWHERE)
