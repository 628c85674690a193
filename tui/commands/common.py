"""What all commands share: how they are made, how they print, and how they end."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import click

from trialdeck.tui.deck import DeckCommand
from trialdeck.tui.format import jsonable
from trialdeck.tui.glyphs import COLORS, glyph
from trialdeck.tui.table import Cell, paint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trialdeck.core.search import Search
    from trialdeck.tui.exits import Exit

command = partial(click.command, cls=DeckCommand)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


def publishing(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options of commands that publish the draft: `keep_losses` and `force`."""
    force = click.option(
        "--force", is_flag=True, help="Publish a draft that is not based on the newest revision."
    )
    keep = click.option(
        "--keep-losses", is_flag=True, help="Keep losses that were measured differently."
    )
    return keep(force(function))


def say(lines: Iterable[str] = ("",)) -> None:
    """Print lines; colours go only to a terminal."""
    for line in lines:
        click.echo(line)


def say_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(jsonable(value))


def mark(name: str, text: str) -> str:
    """Return a text behind its coloured sign."""
    return f"{paint(Cell(glyph(name), COLORS.get(name, '')))} {text}"


def warn(text: str) -> None:
    """Print a warning to stderr."""
    click.echo(mark("warning", text), err=True)


def nobody_runs(search: Search) -> str:
    """Return that nothing runs, and what would change that."""
    script = search.script
    if script is not None:
        return f"Nobody runs it: start {script.objective.partition(':')[0]} again."
    return "No cores are running: `trialdeck run` starts some."


def leave(code: Exit) -> NoReturn:
    """End the command with an exit code."""
    raise click.exceptions.Exit(int(code))
