"""Our own pair of themes, dark and light. Every colour on every screen comes from here, by variable."""

from __future__ import annotations

from textual.theme import Theme

DARK_THEME = "calmline-dark"
LIGHT_THEME = "calmline-light"

_BEHIND_FOOTER = [f"footer-{part}background" for part in ("", "item-", "key-", "description-")]
_BEHIND_SCROLLBARS = [
    *(f"scrollbar-background{state}" for state in ("", "-hover", "-active")),
    "scrollbar-corner-color",
]

CALMLINE_DARK = Theme(
    name=DARK_THEME,
    primary="#8fb8b0",
    secondary="#9fb1c7",
    accent="#d9c79a",
    foreground="#d6dbd9",
    background="#16191b",
    surface="#1c2023",
    panel="#23282b",
    success="#8fc49a",
    warning="#d8bd7a",
    error="#dc958c",
    dark=True,
    variables={
        "emotion-happy": "#9fd8c4",
        "emotion-neutral": "#84a6d9",
        "emotion-stress": "#d6897b",
        "emotion-surprise": "#dcc878",
        "quiet": "#9ea7a6",
        "rule": "#343b3e",
        "grade-s": "#86c6c8",
        "grade-a": "#7fcf86",
        "grade-b": "#d8c14e",
        "grade-c": "#e6d2bd",
        "grade-d": "#c97f78",
        **dict.fromkeys(_BEHIND_FOOTER, "transparent"),
        "footer-key-foreground": "#8fb8b0",
        "footer-description-foreground": "#9ea7a6",
        "scrollbar": "#343b3e",
        "scrollbar-hover": "#49534f",
        "scrollbar-active": "#8fb8b0",
        **dict.fromkeys(_BEHIND_SCROLLBARS, "#16191b"),
        "block-cursor-blurred-background": "#8fb8b0 30%",
        "block-cursor-background": "#2f3b3b",
        "block-cursor-foreground": "#e6ebe9",
    },
)

CALMLINE_LIGHT = Theme(
    name=LIGHT_THEME,
    primary="#2f6b63",
    secondary="#475d78",
    accent="#735c1c",
    foreground="#262b2a",
    background="#f6f5f1",
    surface="#efeee8",
    panel="#e6e5de",
    success="#2f6b3c",
    warning="#735c1c",
    error="#9c3a30",
    dark=False,
    variables={
        "emotion-happy": "#1f6b5f",
        "emotion-neutral": "#274f8f",
        "emotion-stress": "#7a2016",
        "emotion-surprise": "#75600f",
        "quiet": "#58605e",
        "rule": "#cfcdc4",
        "grade-s": "#17605f",
        "grade-a": "#2c6b2a",
        "grade-b": "#5b4e08",
        "grade-c": "#8a5a1a",
        "grade-d": "#5f1414",
        **dict.fromkeys(_BEHIND_FOOTER, "transparent"),
        "footer-key-foreground": "#2f6b63",
        "footer-description-foreground": "#58605e",
        "scrollbar": "#cfcdc4",
        "scrollbar-hover": "#b4b2a8",
        "scrollbar-active": "#2f6b63",
        **dict.fromkeys(_BEHIND_SCROLLBARS, "#f6f5f1"),
        "block-cursor-blurred-background": "#d5dfda",
        "block-cursor-background": "#d5dfda",
        "block-cursor-foreground": "#1d2221",
    },
)

THEMES: tuple[Theme, ...] = (CALMLINE_DARK, CALMLINE_LIGHT)
