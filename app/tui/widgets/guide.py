"""The expression guide: a drawn face for each of the eleven expressions, never the person's picture."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual.app import RenderResult
from textual.reactive import reactive
from textual.widget import Widget

from core.method.emotion import EXPRESSIONS

WIDTH, HEIGHT = 28, 11


@dataclass(frozen=True, slots=True)
class _Face:
    """The parts of a drawn face: brows (1 line), eyes (1 line), mouth (3 lines), each centred in the outline."""

    brows: str
    eyes: str
    mouth: tuple[str, str, str]
    tears: bool = False


_FACES: dict[str, _Face] = {
    "smile": _Face("╭──╮    ╭──╮", "●      ●", ("", "╲        ╱", "╰──────╯")),
    "open_smile": _Face("╭──╮    ╭──╮", "●      ●", ("╭──────────╮", "╲▔▔▔▔▔▔▔▔╱", "╰──────╯")),
    "laugh": _Face("╭──╮    ╭──╮", "◠      ◠", ("╭──────────╮", "│▔▔▔▔▔▔▔▔▔▔│", "╰────────╯")),
    "expressionless": _Face("────    ────", "●      ●", ("", "────────", "")),
    "blank_stare": _Face("────    ────", "◉      ◉", ("", "──────", "")),
    "frown": _Face("╲▁▁      ▁▁╱", "●      ●", ("", "╭──────╮", "")),
    "open_frown": _Face("╲▁▁      ▁▁╱", "●      ●", ("╭──────╮", "│      │", "╰──────╯")),
    "crying": _Face("╱▔▔      ▔▔╲", "◡      ◡", ("╭──────╮", "╱        ╲", ""), tears=True),
    "rage": _Face("╲▂▂      ▂▂╱", "◉      ◉", ("╭────────╮", "│┼┼┼┼┼┼┼┼│", "╰────────╯")),
    "eyes_surprise": _Face("╭▔▔╮    ╭▔▔╮", "◯      ◯", ("", "──────", "")),
    "full_surprise": _Face("╭▔▔╮    ╭▔▔╮", "◯      ◯", ("╭────╮", "│    │", "╰────╯")),
}
"""All eleven; a test holds that none of the method's is missing."""

assert set(_FACES) == {expression.id for expression in EXPRESSIONS}


def draw_guide(expression_id: str) -> str:
    """The drawn face, 11 lines of 28 cells.

    Raises:
        KeyError: there is no such expression.
    """
    face = _FACES[expression_id]
    nose = "╵      ·╵·      ╵" if face.tears else "·╵·"
    inner = [face.brows, face.eyes, nose, "╵              ╵" if face.tears else "", *face.mouth]
    top = "╭" + "─" * 16 + "╮"
    lines = [top.center(WIDTH), ("╭─╯" + " " * 16 + "╰─╮").center(WIDTH)]
    lines += [("│" + part.center(20) + "│").center(WIDTH) for part in inner]
    lines += [("╰─╮" + " " * 16 + "╭─╯").center(WIDTH), ("╰" + "─" * 16 + "╯").center(WIDTH)]
    return "\n".join(lines)


class ExpressionGuide(Widget):
    """Shows how an expression looks."""

    DEFAULT_CSS = f"""
    ExpressionGuide {{ width: {WIDTH}; height: {HEIGHT}; }}
    """

    expression_id: reactive[str] = reactive("expressionless")
    """The expression drawn."""

    def render(self) -> RenderResult:
        """The drawing in the theme's colour."""
        return Text(draw_guide(self.expression_id), self.app.theme_variables.get("primary", ""), no_wrap=True)
