"""`trialdeck run`: cores on this machine, watched until the search is finished."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click

from trialdeck.core import searches
from trialdeck.core.following import Following, pools_here
from trialdeck.core.machine import default_cores
from trialdeck.core.params.model import QUICK_SUFFIX
from trialdeck.core.params.read import read_params
from trialdeck.tui.asking import let_in
from trialdeck.tui.best import best_lines, fixed_table
from trialdeck.tui.commands.common import command, leave, mark, publishing, say, warn
from trialdeck.tui.deck import Deck, pass_deck
from trialdeck.tui.exits import Exit
from trialdeck.tui.follow import End, follow
from trialdeck.tui.format import plural
from trialdeck.tui.opening import has_terminal, open_app
from trialdeck.tui.stages import no_best, progress
from trialdeck.tui.watching import display

if TYPE_CHECKING:
    from trialdeck.core.params.model import Params
    from trialdeck.core.search import Search
    from trialdeck.core.status import Status


class Wish(NamedTuple):
    """What the command line asked for."""

    cores: int | None = None
    quick: bool = False
    max_trials: int | None = None
    keep_losses: bool = False
    force: bool = False
    once: bool = False
    ui: bool = False


@command()
@click.option("--cores", type=click.IntRange(1), help="So many trials at once.")
@click.option("--once", is_flag=True, help="One trial on one core, then end.")
@click.option("--quick", is_flag=True, help="Only try: few trials, in a search of its own.")
@click.option("--max-trials", type=click.IntRange(1), help="Change [search] max_trials.")
@click.option("--ui", is_flag=True, help="Watch in the application, where there is a terminal.")
@publishing
@pass_deck
def run(deck: Deck, /, **wish: Any) -> None:
    """Search on this machine, and watch until it is finished.

    The parameters are published first if they have changed. A search that was interrupted goes
    on; one that is finished shows its best.

    Ctrl+C once: the running trials finish, then it ends. Twice: they are stopped now, and run
    again another time. Three times: it stops watching and leaves the cores to themselves.

    The cores are processes of their own. When the terminal is closed they go on: watch them again
    with `trialdeck run`, end them with `trialdeck stop`. With --ui leaving the application does
    the same as closing the terminal.
    """
    run_search(deck, Wish(**wish))


def run_search(deck: Deck, wish: Wish) -> None:
    """Start or join the search and watch it; ends the command with its exit code."""
    overrides = {"search.max_trials": wish.max_trials} if wish.max_trials else {}
    search = searches.start(
        deck.params_file,
        overrides=overrides,
        quick=wish.quick,
        keep_losses=wish.keep_losses,
        force=wish.force,
    )
    here = replace(deck, search_name=search.paths.name)
    in_app = wish.ui and has_terminal()
    if search.status().state == "finished":
        if in_app:
            open_app(here)
        finish(search, End(Exit.FINE))
    _resume(search)
    following = _cores(search, wish, read_params(deck.params_file))
    if in_app:
        open_app(here)
    let_in(search)
    search.connect()
    try:
        end = follow(search, following, display())
    finally:
        search.disconnect()
    if wish.once and end.code == Exit.STOPPED:
        status = search.status()
        left = plural(status.left, "trial")
        end = End(Exit.FINE, [mark("ok", f"One trial has been run, {left} are left.")])
    finish(search, end)


def _resume(search: Search) -> None:
    paused = Following(search).paused
    if paused is not None:
        search.resume()
        say([f"The search was paused ({paused.reason}); it goes on."])


def _cores(search: Search, wish: Wish, params: Params) -> Following:
    """Start cores, or join those that run here already."""
    there = pools_here(search)
    name = search.paths.name
    if wish.once:
        say([f"One trial of {name} on this machine.", ""])
        return Following(search, search.launch("local", 1, trials=1))
    if there and wish.cores is None:
        count = plural(sum(pool.cores_wanted for pool in there), "core")
        say([f"{name} runs on {count} of this machine already: watching."])
        say(["More of them: `trialdeck run --cores N`.", ""])
        return Following(search, writers=[pool.id for pool in there])
    cores = wish.cores or default_cores("local", params)
    for warning in search.warnings("local", cores):
        warn(warning)
    launch = search.launch("local", cores)
    say([f"Searching {name} on {plural(cores, 'core')} of this machine.", ""])
    return Following(search, launch)


def finish(search: Search, end: End) -> NoReturn:
    """Say how it ended and what is best, and leave with the exit code."""
    status = search.status()
    finished = status.state == "finished"
    if end.text:
        say(["", *end.text])
    elif finished:
        say([_verdict(status)])
    if none := no_best(status):
        say(["", f"Best {status.metric}: {none}."])
    if status.best is not None:
        kept = search.network(status.best.tid)
        say(["", *best_lines(status, status.best, search.params.space, kept)])
    if finished and status.search.endswith(QUICK_SUFFIX):
        say(["", "That was the quick scan: `trialdeck run` starts the search itself."])
    elif finished and status.best is not None:
        say(["", "To train with these values, move them from [space] to [fixed]:", ""])
        say([fixed_table(status.best.params, search.params.space)])
    failed = end.code == Exit.FINE and not status.ok
    leave(Exit.FAILED if failed else end.code)


def _verdict(status: Status) -> str:
    counts = [f"{n} {word}" for word in ("failed", "pruned") if (n := getattr(status, word))]
    counts += [progress(stage) for stage in status.stages[1:]]
    said = ", ".join([f"{status.ok} of {status.max_trials} trials succeeded", *counts])
    early = f" It ended early: {status.ended}." if status.ended else ""
    return mark("ok" if status.ok else "failed", f"{status.search} is finished: {said}.{early}")
