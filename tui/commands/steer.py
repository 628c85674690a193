"""`trialdeck launch`, `stop`, `pause`, `resume` and `retry`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from trialdeck.core import search as searches
from trialdeck.core.errors import SearchError
from trialdeck.core.machine import default_cores
from trialdeck.core.params.read import read_params
from trialdeck.core.params.revisions import history_paths
from trialdeck.tui.commands.common import command, publishing, say, warn
from trialdeck.tui.deck import Deck, pass_deck
from trialdeck.tui.format import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.history.writers import WriterFile


@command()
@click.argument("backend")
@click.option("--cores", type=click.IntRange(1), help="So many trials at once.")
@click.option("--dry-run", is_flag=True, help="Print what would be run, and start nothing.")
@publishing
@pass_deck
def launch(
    deck: Deck, /, backend: str, cores: int | None, *, dry_run: bool, **publish: Any
) -> None:
    """Start cores through BACKEND (local, …) that go on by themselves.

    The parameters are published first if they have changed.
    """
    params = read_params(deck.params_file)
    count = cores or default_cores(backend, params)
    if dry_run:
        search = searches.Search(history_paths(params), params.backends)
        say([search.preview(backend, count)])
        return
    search = searches.start(deck.params_file, **publish)
    if (now := search.status()).state == "finished":
        more = "a higher max_trials below [search] gives it more to do"
        say([f"{now.search} is finished: {now.reason}; {more}."])
        return
    for warning in search.warnings(backend, count):
        warn(warning)
    started = search.launch(backend, count)
    name, cores_there = search.paths.name, plural(count, "core")
    say([f"Started {cores_there} on {backend} for {name}: job {started.job}."])
    say(["Watch with `trialdeck status --watch`, end with `trialdeck stop`."])


@command()
@click.argument("pools", nargs=-1, metavar="[POOL]...")
@click.option("--now", is_flag=True, help="Stop running trials, too; they run again later.")
@pass_deck
def stop(deck: Deck, *, pools: Sequence[str], now: bool) -> None:
    """End cores after their running trials, or now.

    Without POOL all of them, and launches that have not started are cancelled. A pool is named by
    the first letters of its id, as `trialdeck cores` shows it.
    """
    search = deck.search()
    search.snapshot()
    writers = [_pool(word, search.launcher.pools()) for word in pools] or None
    count = search.stop(now=now, writers=writers)
    if not count:
        say(["No cores are running."])
    elif now:
        say([f"{plural(count, 'pool')} told to stop now; what they ran will run again."])
    else:
        say([f"{plural(count, 'pool')} told to end after the running trials."])


def _pool(word: str, pools: Sequence[WriterFile]) -> str:
    """Return the id of the only pool that a word fits: its id, its job, or how one begins."""
    exact = [pool.id for pool in pools if word in (pool.id, pool.job)]
    found = exact or [pool.id for pool in pools if pool.id.startswith(word)]
    if len(found) == 1:
        return found[0]
    if found:
        raise SearchError(
            f'"{word}" is the beginning of {plural(len(found), "pool")}: {_ids(found)}'
        )
    there = f"there is {_ids([pool.id for pool in pools])}" if pools else "no pool is running"
    raise SearchError(f'no pool is called "{word}"; {there}')


def _ids(ids: Sequence[str]) -> str:
    return ", ".join(ids)


@command()
@click.argument("reason", nargs=-1)
@pass_deck
def pause(deck: Deck, *, reason: Sequence[str]) -> None:
    """Let running trials finish and start no more, on all cores, until `trialdeck resume`."""
    deck.search().pause(" ".join(reason) or "by the user")
    say(["Paused: running trials finish, no more are started. `trialdeck resume` goes on."])


@command()
@pass_deck
def resume(deck: Deck) -> None:
    """Go on after a pause; failures so far no longer count."""
    search = deck.search()
    if not search.resume():
        say(["The search was not paused."])
        return
    search.snapshot()
    running = bool(search.launcher.pools())
    more = "" if running else " No cores are running: `trialdeck run` starts some."
    say([f"The search goes on.{more}"])


@command()
@click.argument("tids", nargs=-1, type=click.IntRange(0), metavar="TID...", required=True)
@pass_deck
def retry(deck: Deck, *, tids: Sequence[int]) -> None:
    """Run the points of trials again, as new trials."""
    search = deck.search()
    queued = search.retry(tids)
    for old, new in zip(tids, queued, strict=True):
        say([f"trial {new} will run at the point of trial {old}"])
    if not search.launcher.pools():
        say(["No cores are running: `trialdeck run` starts some."])
