"""`trialdeck enqueue`: points that are tried before anything is suggested."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trialdeck.core import searches
from trialdeck.core.enqueuing import enqueue as enqueue_points
from trialdeck.core.enqueuing import words
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.params.read import read_params
from trialdeck.core.points import Wanted, typed_values, whole
from trialdeck.core.points_reading import best_of, read_file, read_points
from trialdeck.core.search import Search
from trialdeck.core.sites import HOME
from trialdeck.tui.commands.common import (
    as_json,
    command,
    mark,
    nobody_runs,
    publishing,
    say,
    say_json,
    warn,
)
from trialdeck.tui.deck import Deck, pass_deck
from trialdeck.tui.format import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.enqueuing import Enqueued, QueuedPoint

STDIN = Path("-")
TOP = 3
FAR = "Only other machines run it, and queued points wait for cores here: `trialdeck run`."


@command()
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Points from JSON, CSV or TOML; - is the standard input.",
)
@click.option("--from-search", "source", metavar="NAME", help="The best points of another search.")
@click.option("--top", type=click.IntRange(1), help=f"So many of the best ({TOP}; of a file: all).")
@click.option("--again", is_flag=True, help="Also points that have run already, or wait to.")
@click.option("--new", "only_new", is_flag=True, help="Leave out points that have run already.")
@as_json
@publishing
@pass_deck
def enqueue(
    deck: Deck,
    /,
    values: Sequence[str],
    *,
    file: Path | None,
    source: str | None,
    top: int | None,
    again: bool,
    only_new: bool,
    as_json: bool,
    **publish: Any,
) -> None:
    """Have points tried first, before anything is suggested.

    A point is given as layers=3 learning_rate=1e-3. What is left out has the default of its
    dimension; without one it is drawn at random. FILE has what `export`, `trials --json` or
    `best --toml` wrote, or a list of points.

    The points count towards max_trials, and each runs exactly once. Cores that run take them up
    when they finish what they do. All are queued, or none: where one does not fit the space, or
    has run already, nothing is.

    ./params.toml is published first if it has changed.
    """
    _refuse_mixtures(values, file, source, top, again=again, only_new=only_new)
    wanted = _wanted(deck, values, file, source, top)
    if deck.search_name is None:
        whole(read_params(deck.params_file), wanted, 0)  # or nothing is published either
        searches.start(deck.params_file, **publish)
    search = deck.synced()
    done = enqueue_points(search, wanted, again=again, only_new=only_new)
    if as_json:
        say_json(done)
    else:
        _say(search, done)


def _refuse_mixtures(
    values: Sequence[str],
    file: Path | None,
    source: str | None,
    top: int | None,
    *,
    again: bool,
    only_new: bool,
) -> None:
    if sum(map(bool, (values, file, source))) != 1:
        raise click.UsageError(
            "say which points: `trialdeck enqueue layers=3`, --file FILE, or --from-search NAME"
        )
    if values and top is not None:
        raise click.UsageError("--top is for --file and --from-search")
    if again and only_new:
        raise click.UsageError("--again and --new exclude each other")


def _wanted(
    deck: Deck, values: Sequence[str], file: Path | None, source: str | None, top: int | None
) -> list[Wanted]:
    if source is not None:
        known = searches.names(deck.history)
        if source not in known:
            there = f"there is {', '.join(known)}" if known else "there are none"
            raise click.BadParameter(f'no search is called "{source}"; {there}')
        return best_of(Search(HistoryPaths(deck.history / source)), top or TOP)
    if file == STDIN:
        return read_points("the standard input", sys.stdin.buffer.read(), top)
    if file is not None:
        return read_file(file, top)
    return [Wanted(typed_values(values), typed=True)]


def _say(search: Search, done: Enqueued) -> None:
    for one in done.queued:
        say([f"trial {one.tid} will run at {words(one.params)}"])
        say(f"  {text}" for text in _remarks(one))
    for known in done.known:
        say([mark("warning", f"{_has_it(known.tid, known.state)}: {words(known.params)}")])
    if done.repeated:
        say([f"{plural(done.repeated, 'point')} more were there twice, and are queued once."])
    if not done.queued:
        say(["Nothing is queued: all of these points are known."])
        return
    pools = search.launcher.pools()
    if not pools:
        say([nobody_runs(search)])
    elif all(pool.site != HOME for pool in pools):
        warn(FAR)


def _has_it(tid: int, state: str) -> str:
    return f"trial {tid} has that point already ({state})"


def _remarks(one: QueuedPoint) -> list[str]:
    named = (
        ("drawn at random", one.drawn),
        ("by default", one.defaults),
        ("left out, as the space has no use for it", one.ignored),
    )
    return [f"{text}: {', '.join(names)}" for text, names in named if names]
