"""The user's own settings of the application: ``~/.config/trialdeck/config.toml``.

theme = "textual-light"     # any of the command palette's themes
ascii = true                # no braille, no line drawing; default: by the locale
bell = false                # at a new best, at the end, when a core dies

[keys]                      # by the names that the help (?) shows
"app.overview" = "1,f5"
"trials.retry" = "ctrl+r"
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from trialdeck.core.errors import ParamsError, Problem
from trialdeck.core.params.model import Table
from trialdeck.core.params.syntax import load_toml, read_text
from trialdeck.core.params.tables import read_table

_KEYS_EXAMPLE = 'Write it as "app.quit" = "q,f10"'


class Config(Table, frozen=True, kw_only=True):
    """What the file says; None leaves it to the terminal and the locale."""

    theme: str = ""
    ascii: bool | None = None
    bell: bool = True
    keys: dict[str, Any] = {}  # noqa: RUF012 - msgspec copies it for each

    @property
    def keymap(self) -> dict[str, str]:
        """The keys by the id of their binding, several of them with commas between."""
        return {name: str(keys) for name, keys in self.keys.items()}


def config_file() -> Path:
    """Return where the file lies, whether it is there or not."""
    if given := os.environ.get("TRIALDECK_CONFIG"):
        return Path(given)
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "trialdeck" / "config.toml"


def read_config(file: Path | None = None) -> Config:
    """Return the settings, the defaults where there is no file. Raises ParamsError."""
    file = file or config_file()
    if not file.exists():
        return Config()
    data = load_toml(read_text(file), str(file))
    problems: list[Problem] = []
    config = read_table(Config, data, (), problems)
    for name, keys in (config.keys if config else {}).items():
        if not isinstance(keys, str):
            problems.append(Problem(f'keys."{name}"', f"{keys!r} is no text", _KEYS_EXAMPLE))
    if config is None or problems:
        raise ParamsError(str(file), problems)
    return config
