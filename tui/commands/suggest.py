"""`trialdeck suggest`: what would be tried next, and what speaks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from trialdeck.core.errors import SearchError
from trialdeck.core.history.snapshot import Snapshot
from trialdeck.core.params import revisions
from trialdeck.core.params.read import read_params
from trialdeck.core.suggest.upcoming import upcoming
from trialdeck.tui.best import fixed_table
from trialdeck.tui.commands.common import as_json, command, say, say_json
from trialdeck.tui.deck import Deck, pass_deck
from trialdeck.tui.format import plural
from trialdeck.tui.suggested import suggested_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trialdeck.core.params.model import Params
    from trialdeck.core.suggest.upcoming import Suggestion

MOST = 1000


@command()
@click.option(
    "-n", "number", type=click.IntRange(1, MOST), default=1, show_default=True, help="Points."
)
@click.option("--explain", is_flag=True, help="Also what speaks for them, among finished trials.")
@click.option("--toml", is_flag=True, help="As [fixed] tables, to train with or to enqueue.")
@as_json
@pass_deck
def suggest(deck: Deck, *, number: int, explain: bool, toml: bool, as_json: bool) -> None:
    """Show the points that would be tried next.

    Nothing is claimed or recorded. The search's algorithm is asked as cores ask it, for each point
    as if those before it ran already; a result that comes in first changes what it says. Before
    the first run ./params.toml is asked about.
    """
    if toml and as_json:
        raise click.UsageError("--toml and --json exclude each other")
    params, snapshot, fixed_of = _known(deck)
    found = upcoming(params, snapshot, fixed_of, number, explain=explain)
    if as_json:
        say_json({"algorithm": params.search.algorithm, "points": found})
    elif toml:
        say(["\n\n".join(_tables(params, found))])
    else:
        for place, one in enumerate(found):
            say([*([""] if place else []), *suggested_lines(params, one)])
        say(_first(snapshot))


def _known(deck: Deck) -> tuple[Params, Snapshot, Callable[[int], Mapping[str, Any]]]:
    """Return what there is of the search, or what its draft says before the first run."""
    if deck.search_name is None and deck.params_file.exists():
        draft = read_params(deck.params_file)
        if not revisions.newest_number(revisions.history_paths(draft)):
            return draft, Snapshot(), lambda _: {}
    search = deck.synced()
    if search.script is not None:
        raise SearchError(f'"{search.paths.name}" is run by a script, which suggests by itself')
    paths = search.paths
    return search.params, search.snapshot(), lambda number: revisions.fixed_of(paths, number)


def _tables(params: Params, found: list[Suggestion]) -> list[str]:
    texts = [fixed_table(one.params, params.space) for one in found]
    if len(texts) == 1:
        return texts
    return [text.replace("[fixed]", "[[fixed]]", 1) for text in texts]


def _first(snapshot: Snapshot) -> list[str]:
    waiting = sum(snapshot.trials[tid].state == "interrupted" for tid in snapshot.unfinished)
    return ["", f"Before it: {plural(waiting, 'waiting trial')}."] if waiting else []
