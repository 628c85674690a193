"""The colours of states in the application: those of the theme's that texts can have."""

from __future__ import annotations

from trialdeck.tui.glyphs import COLORS

THEME = {
    "green": "$text-success",
    "red": "$text-error",
    "yellow": "$text-warning",
    "cyan": "$text-primary",
    "magenta": "$text-accent",
}
STYLES = {name: THEME[color] for name, color in COLORS.items()}
MUTED = "$foreground 60%"  # "$text-muted" is made for backgrounds that CSS knows
KEY = "$text-accent bold"
