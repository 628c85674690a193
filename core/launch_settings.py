"""The settings of one launch: a table [backends.<name>], and what it is to have otherwise."""

from __future__ import annotations

import datetime
import shlex
import sys
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from trialdeck import backends
from trialdeck.core.errors import LaunchError
from trialdeck.core.params.model import BACKENDS
from trialdeck.core.params.tables import read_backends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.core.errors import Problem


class LaunchSettings(NamedTuple):
    """What a backend takes, and how Python is called there (the first words of a command line)."""

    backend: dict[str, Any]
    python: tuple[str, ...]


def settings_of(
    backend: str, table: Mapping[str, Any], options: Mapping[str, str] | None = None
) -> LaunchSettings:
    """Lay `options` over a table as it was read from the parameter file.

    An option is text as in the file, where text needs no quotes; an empty one stands for no
    setting. Raises LaunchError for an unknown key or a value that cannot be used, with the cure.
    """
    settings = dict(table)
    if options and backend in backends.BACKENDS and backend in BACKENDS:
        for key in options:
            settings.pop(key, None)
        settings.update(_read(backend, options))
    settings.pop("cores", None)  # how many to start, which the caller has settled
    return LaunchSettings(settings, _python(backend, settings.pop("python", None)))


def _read(backend: str, options: Mapping[str, str]) -> dict[str, Any]:
    """Return options as their table's readers understand them."""
    found: dict[str, Any] = {}
    mistakes: list[str] = []
    for key, text in options.items():
        problems: list[Problem] = []
        for value in _meanings(text):
            tried: list[Problem] = []
            tables = read_backends({backend: {key: value}}, tried)
            if not tried:
                # With an empty text only the key counts: whether there is such a one.
                found.update(tables[backend] if text.strip() else {})
                problems = []
                break
            problems = problems or tried
        if problems and not (not text.strip() and key in BACKENDS[backend].__struct_fields__):
            mistakes += map(str, problems)
    if mistakes:
        raise LaunchError("\n".join(mistakes))
    return found


def _meanings(text: str) -> list[Any]:
    """Return what a text may stand for: a value of TOML, if it is one, or itself."""
    try:
        values = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return [text]
    value = values.get("value")
    # 07:30:00 is a time of the day in TOML; here it is more likely how long a job may take.
    if len(values) != 1 or isinstance(value, datetime.date | datetime.time):
        return [text]
    return [value] if isinstance(value, str) else [value, text]


def _python(backend: str, command: Any) -> tuple[str, ...]:
    if not command:
        return (sys.executable,)
    try:
        words = shlex.split(str(command))
    except ValueError as error:
        raise LaunchError(f"backends.{backend}.python: {command} ({error})") from error
    return tuple(words) or (sys.executable,)
