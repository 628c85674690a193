"""`trialdeck confirm`: the best points once more with other seeds, and what may be quoted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trialdeck.core.confirming import confirmed
from trialdeck.core.following import Following, pools_here
from trialdeck.core.machine import default_cores
from trialdeck.core.pool.open_trials import can_be_taken
from trialdeck.core.sites import HOME
from trialdeck.core.stages import MOST_SEEDS, source_of
from trialdeck.tui.commands.common import as_json, command, leave, say, say_json
from trialdeck.tui.confirmed import confirmed_lines
from trialdeck.tui.deck import Deck, pass_deck
from trialdeck.tui.exits import Exit
from trialdeck.tui.follow import End, follow
from trialdeck.tui.format import plural
from trialdeck.tui.watching import display

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.confirming import Confirmed
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.kept_network import KeptNetwork
    from trialdeck.core.search import Search
    from trialdeck.core.status import Status


class _Silent:
    """Shows nothing, as the output is for a script."""

    def show(self, status: Status, note: str = "") -> None:
        """Do nothing."""

    def say(self, text: str) -> None:
        """Do nothing."""


@command()
@click.option("--top", type=click.IntRange(1), default=5, show_default=True, help="Points.")
@click.option(
    "--seeds", type=click.IntRange(1, MOST_SEEDS), default=3, show_default=True, help="Of each."
)
@click.option("--cores", type=click.IntRange(1), help="So many trials at once.")
@as_json
@pass_deck
def confirm(deck: Deck, *, top: int, seeds: int, cores: int | None, as_json: bool) -> None:
    """Run the best points again with other seeds, and show what they come to.

    Trials that confirm see the full sample, and their objective is told so: only then it measures
    anything on the test sample. Mean and standard deviation over the seeds are what may be quoted.

    What has been run is not run again, whoever asks: a command that was interrupted goes on, and
    another shows the same at once.
    """
    search = deck.synced()
    tids = search.confirm(top, seeds)
    end = _run(search, tids, cores, quiet=as_json)
    found = confirmed(search.params, search.snapshot())
    if as_json:
        about = search.params.search
        say_json({"metric": about.metric or "loss", "direction": about.direction, "points": found})
    else:
        say([*end.text, *confirmed_lines(found, search.params, _network(search, tids, found))])
    nothing = end.code == Exit.FINE and not any(one.seeds or one.waiting for one in found)
    leave(Exit.FAILED if nothing else end.code)


def _network(search: Search, tids: Sequence[int], found: Sequence[Confirmed]) -> KeptNetwork | None:
    """Return a network of the point that may be quoted, if one was kept."""
    known = search.snapshot().trials
    first = {source_of(one.tid) for one in found[:1]}
    same = (tid for tid in tids if source_of(tid) in first and tid in known)
    return next(filter(None, map(search.network, same)), None)


def _left(snapshot: Snapshot, tids: Sequence[int]) -> int:
    """Return how many of these trials have yet to end."""
    trials = (snapshot.trials.get(tid) for tid in tids)
    return sum(trial is None or not trial.state.settled for trial in trials)


def _run(search: Search, tids: Sequence[int], cores: int | None, *, quiet: bool) -> End:
    """Have the trials run by cores here, and watch; or leave them to those that run elsewhere."""
    left = _left(search.snapshot(), tids)
    if not left:
        return End(Exit.FINE)
    here = pools_here(search)
    others = [pool for pool in search.launcher.pools() if pool.site == HOME and pool not in here]
    if not here and ((others and cores is None) or not _waiting(search)):
        text = f"{plural(left, 'trial')} are left to the cores that run elsewhere."
        return End(Exit.FINE, [text, "`trialdeck confirm` shows what they came to.", ""])
    following = _cores(search, left, cores)
    shown = _Silent() if quiet else display()
    end = follow(search, following, shown, lambda snapshot: not _left(snapshot, tids))
    if end.code == Exit.STOPPED:
        left = _left(search.snapshot(), tids)
        return End(end.code, [f"{plural(left, 'trial')} are left: `trialdeck confirm` goes on."])
    return End(end.code, [*end.text, ""])


def _cores(search: Search, left: int, cores: int | None) -> Following:
    """Join the cores that run here, or start some; a search that is paused goes on."""
    if search.status().paused_kind:
        search.resume()
    here = pools_here(search)
    waiting = _waiting(search)
    if here and (cores is None or not waiting):
        return Following(search, writers=[pool.id for pool in here])
    count = min(left, cores or default_cores("local", search.params))
    # What else waits runs first; of what has not begun, nothing.
    return Following(search, search.launch("local", count, trials=waiting))


def _waiting(search: Search) -> int:
    """Return how many trials that have begun a pool on this machine could take."""
    snapshot, gone = search.snapshot(), search.liveness.gone
    return sum(can_be_taken(snapshot.trials[tid], gone) for tid in snapshot.unfinished)
