"""The terminal underneath the screens: what it can show, pseudo-terminals, and keeping native output off it."""
