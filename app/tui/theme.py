"""Our own pair of themes, dark and light. Every colour on every screen comes from here, by variable."""

from __future__ import annotations

from textual.theme import Theme

DARK_THEME = "calmline-dark"
LIGHT_THEME = "calmline-light"

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
        "emotion-happy": "#8fc49a",
        "emotion-neutral": "#8fb0d8",
        "emotion-stress": "#dc958c",
        "emotion-surprise": "#dcc67e",
        "quiet": "#949d9c",
        "rule": "#343b3e",
        "grade-s": "#8fc49a",
        "grade-a": "#a9c9a0",
        "grade-b": "#dcc67e",
        "grade-c": "#dba883",
        "grade-d": "#dc958c",
        "footer-background": "#16191b",
        "footer-item-background": "#16191b",
        "footer-key-foreground": "#8fb8b0",
        "footer-key-background": "#16191b",
        "footer-description-foreground": "#949d9c",
        "footer-description-background": "#16191b",
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
        "emotion-happy": "#2f6b3c",
        "emotion-neutral": "#2d5c94",
        "emotion-stress": "#9c3a30",
        "emotion-surprise": "#735c1c",
        "quiet": "#5c6462",
        "rule": "#cfcdc4",
        "grade-s": "#2f6b3c",
        "grade-a": "#4a6b2c",
        "grade-b": "#735c1c",
        "grade-c": "#8a4a1f",
        "grade-d": "#9c3a30",
        "footer-background": "#f6f5f1",
        "footer-item-background": "#f6f5f1",
        "footer-key-foreground": "#2f6b63",
        "footer-key-background": "#f6f5f1",
        "footer-description-foreground": "#5c6462",
        "footer-description-background": "#f6f5f1",
        "block-cursor-background": "#d5dfda",
        "block-cursor-foreground": "#1d2221",
    },
)

THEMES: tuple[Theme, ...] = (CALMLINE_DARK, CALMLINE_LIGHT)
