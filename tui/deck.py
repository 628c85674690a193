"""What a command line says before anything else: the parameter file, and which search."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from trialdeck.core.search import Search


SYNC_SECONDS = 5.0  # a command that looks waits for other machines so long at most


@dataclass(frozen=True, slots=True)
class Deck:
    """The parameter file, and the name of a search where another one is to be looked at."""

    params_file: Path = Path("params.toml")
    search_name: str | None = None

    @property
    def history(self) -> Path:
        """The folder of all searches."""
        return self.params_file.absolute().parent / "history"

    def search(self) -> Search:
        """Return the search to look at. Raises SearchError when there is none."""
        from trialdeck.core import searches

        return searches.find(self.params_file, self.search_name)

    def synced(self, *, asking: bool = False) -> Search:
        """Return the search, with what other machines have found; says which did not answer.

        With `asking` the user is asked for what it takes to connect to them.
        """
        from trialdeck.tui.asking import let_in
        from trialdeck.tui.commands.common import warn

        search = self.search()
        if asking:
            let_in(search)
        for trouble in search.sync(SYNC_SECONDS):
            first, *more = trouble.splitlines()
            where = " (`trialdeck hosts check` says more)" if more else ""
            warn(f"{first.rstrip('.')}{where}; shown is what was known before")
        return search


pass_deck = click.make_pass_decorator(Deck, ensure=True)


class DeckCommand(click.Command):
    """A command that takes the global options also behind its own name."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.params += deck_options()


def deck_options() -> list[click.Parameter]:
    """Return the global options; they set the context's `Deck` and are no arguments."""
    return [
        click.Option(
            ["--params", "params_file"],
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            expose_value=False,
            callback=_set,
            help="The parameter file, instead of ./params.toml.",
        ),
        click.Option(
            ["--search", "search_name"],
            metavar="NAME",
            expose_value=False,
            callback=_set,
            help="The search to look at, instead of the file's.",
        ),
    ]


def _set(context: click.Context, option: click.Parameter, value: Any) -> None:
    if value is not None and option.name:
        deck = context.find_object(Deck) or Deck()
        context.obj = replace(deck, **{option.name: value})
