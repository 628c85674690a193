"""`trialdeck trials`, `show`, `log` and `best`: what the trials came to."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click
import msgspec

from trialdeck.core import logs
from trialdeck.core.errors import HistoryError, LaunchError, SearchError
from trialdeck.core.history.reports import Curves
from trialdeck.core.history.snapshot import TrialState
from trialdeck.core.trial_fields import Fields
from trialdeck.core.trial_filter import parse_filter
from trialdeck.tui.best import best_lines, fixed_table
from trialdeck.tui.commands.common import as_json, command, leave, say, say_json, warn
from trialdeck.tui.deck import Deck, pass_deck
from trialdeck.tui.exits import Exit
from trialdeck.tui.format import plural
from trialdeck.tui.records import record
from trialdeck.tui.stages import no_best
from trialdeck.tui.trial_page import page
from trialdeck.tui.trial_table import in_order, trial_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.params.model import Params
    from trialdeck.core.search import Search

LIMIT = 20  # rows of the table when nobody says how many
FOLLOW_SECONDS = 0.5
STATES = [str(state) for state in TrialState]


@command()
@click.option("--state", type=click.Choice(STATES), help="Only trials in this state.")
@click.option("--where", metavar="EXPR", help='Only trials like "loss < 0.1 and layers == 3".')
@click.option("--sort", default="tid", show_default=True, metavar="COL", help="-COL turns it.")
@click.option("--limit", type=click.IntRange(0), help=f"So many rows ({LIMIT}; 0: all).")
@click.option("--csv", "as_csv", is_flag=True, help="Print all trials with all columns as CSV.")
@as_json
@pass_deck
def trials(
    deck: Deck,
    *,
    state: str | None,
    where: str | None,
    sort: str,
    limit: int | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Show the trials, the newest at the end.

    COL is tid, state, time, the metric (the best first), or a hyperparameter. EXPR compares these
    and what the objective returned, with <, <=, >, >=, ==, !=, ~ (has the text in it) and in
    (a, b), joined by and, or, not; a state may stand alone.
    """
    search = deck.synced()
    snapshot = search.snapshot()
    if as_csv:
        from trialdeck.core.trials_export import export_csv

        export_csv(snapshot, sys.stdout)
        return
    params = search.params
    chosen = [t for t in _where(snapshot, params, where) if state in (None, t.state)]
    ordered = in_order(chosen, sort, params)
    count = limit if limit is not None else (0 if as_json else LIMIT)
    # In the order of tid the newest are of interest, otherwise the first.
    some = (ordered[-count:] if sort == "tid" else ordered[:count]) if count else ordered
    if as_json:
        say_json([record(snapshot, trial) for trial in some])
    elif some:
        say(trial_lines(some, params, snapshot.best))
        if len(some) < len(ordered):
            say(["", f"{len(some)} of {plural(len(ordered), 'trial')}; --limit 0 shows all."])
    else:
        say([_none(snapshot, state, where)])


def _where(snapshot: Snapshot, params: Params, where: str | None) -> Iterable[Trial]:
    """Return the trials that an expression chooses. Raises FilterError."""
    trials = snapshot.trials.values()
    if where is None:
        return trials
    fields = Fields(params)
    fields.see(snapshot, trials)
    return filter(parse_filter(where, fields).test, trials)


def _none(snapshot: Snapshot, state: str | None, where: str | None) -> str:
    if snapshot.trials:
        so = state if where is None else "so"
        return f"None of the {plural(len(snapshot.trials), 'trial')} is {so}."
    return "There are no trials yet. `trialdeck run` starts the search."


def _trial(search: Search, tid: int) -> tuple[Snapshot, Trial]:
    snapshot = search.snapshot()
    if tid not in snapshot.trials:
        there = f"the last is {snapshot.highest_tid}" if snapshot.trials else "there are none yet"
        raise SearchError(f"there is no trial {tid}; {there}")
    return snapshot, snapshot.trials[tid]


@command()
@click.argument("tid", type=click.IntRange(0))
@as_json
@pass_deck
def show(deck: Deck, *, tid: int, as_json: bool) -> None:
    """Show all about one trial: its point, results, attempts, code and learning curve."""
    search = deck.synced()
    snapshot, trial = _trial(search, tid)
    if as_json:
        say_json({**record(snapshot, trial), "network": search.network(tid)})
        return
    curves = Curves(search.paths)
    curves.refresh({attempt.writer for attempt in trial.attempts})
    curve = curves.curve(tid, trial.attempt)
    say(page(snapshot, trial, search.params, curve, search.network(tid)))


@command()
@click.argument("tid", type=click.IntRange(0), required=False)
@click.option("--attempt", type=click.IntRange(0), help="Another attempt than the one that counts.")
@click.option("--core", metavar="[POOL/]N", help="All that one core has printed.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what is printed from now on.")
@pass_deck
def log(
    deck: Deck, *, tid: int | None, attempt: int | None, core: str | None, follow: bool
) -> None:
    """Show what a trial or a core printed."""
    if (tid is None) == (core is None):
        raise click.UsageError("say which: `trialdeck log TID`, or `trialdeck log --core N`")
    search = deck.synced()
    search.snapshot()
    fetch = _Fetching(search)
    if tid is None:
        writer, number = _core(search, core or "")
        find = partial(_core_log, search, writer, number, fetch)
    else:
        _, trial = _trial(search, tid)
        attempt = trial.attempt if attempt is None else attempt
        find = partial(_trial_log, search, tid, attempt, fetch)
    printed = _print(find())
    if follow:
        search.connect()
        try:
            with suppress(KeyboardInterrupt):  # the way to end it
                printed += _follow(find, lambda: _is_over(search, tid, attempt or 0), printed)
        finally:
            search.disconnect()
    if not printed:
        click.echo("It has printed nothing.", err=True)


def _follow(find: Callable[[], logs.Slice], is_over: Callable[[], bool], printed: int) -> int:
    """Print what comes to a log after the bytes that have been printed; return how many came."""
    before, over = printed, False
    while not over:
        over = is_over()
        part = find()  # another trial may have begun behind it
        printed += _print(replace(part, start=part.start + printed))
        time.sleep(0 if over else FOLLOW_SECONDS)
    return printed - before


class _Fetching:
    """Fetches logs from other machines; says only once why it cannot."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._said = ""

    def __call__(self, path: Path) -> None:
        """Fetch what is new in a log, if it lies elsewhere."""
        try:
            self._search.fetch_log(path)
        except (LaunchError, HistoryError) as error:
            text = str(error).partition("\n")[0].rstrip(".")
            if text != self._said:
                warn(f"{text}; shown is what was here before")
            self._said = text


def _print(part: logs.Slice) -> int:
    """Print a slice as it is; return how many bytes it had."""
    count = 0
    for block in logs.read(part):
        count += sys.stdout.buffer.write(block)
    sys.stdout.flush()
    return count


def _is_over(search: Search, tid: int | None, attempt: int) -> bool:
    if tid is None:
        return False
    trial = search.snapshot().trials[tid]
    return trial.attempt != attempt or trial.state != "running"


def _trial_log(search: Search, tid: int, attempt: int, fetch: _Fetching) -> logs.Slice:
    trial = search.snapshot().trials[tid]
    for one in trial.attempts:
        if one.attempt == attempt and one.core is not None:
            fetch(search.paths.log(one.writer, one.core))
    return logs.trial_log(search.paths, trial, attempt)


def _core_log(search: Search, writer: str, core: int, fetch: _Fetching) -> logs.Slice:
    fetch(search.paths.log(writer, core))
    return logs.core_log(search.paths, writer, core)


def _core(search: Search, word: str) -> tuple[str, int]:
    """Return pool and number of core "N" or "POOL/N", of the living pools if no pool is named.

    A pool is named by the first letters of its id, or by its job.
    """
    pool, _, number = word.rpartition("/")
    if not number.isdecimal():
        raise click.BadParameter(f'"{word}" is no core; write 0, or POOL/0', param_hint="--core")
    known = search.snapshot().writers
    ids = list(known) if pool else [file.id for file in search.launcher.pools()]
    jobs = search.liveness.writers.values()
    found = [file.id for file in jobs if pool and pool in (file.id, file.job)]
    found = found or [writer for writer in ids if writer.startswith(pool)]
    if len(found) == 1:
        return found[0], int(number)
    if not found:
        which = f'no pool is called "{pool}"' if pool else "no pool is running"
        raise SearchError(f"{which}; write --core POOL/{number} with one of `trialdeck cores`")
    named = ", ".join(f"{writer[:8]}/{number}" for writer in found)
    raise SearchError(f"there are several pools; write --core with one of {named}")


@command()
@click.option("--toml", is_flag=True, help="As a [fixed] table for a parameter file.")
@as_json
@pass_deck
def best(deck: Deck, *, toml: bool, as_json: bool) -> None:
    """Show the best hyperparameters so far. Ends with exit code 1 when there are none."""
    search = deck.synced()
    status = search.status()
    kept = search.network(status.best.tid) if status.best else None
    if as_json:
        say_json({**msgspec.structs.asdict(status.best), "network": kept} if status.best else None)
    elif status.best is None:
        text = f"No trial has succeeded yet ({status.finished} finished)."
        if none := no_best(status):
            text = f"Best {status.metric}: {none}."
        click.echo(f"{text} `trialdeck status` says how it stands.", err=True)
    elif toml:
        say([fixed_table(status.best.params, search.params.space)])
    else:
        say(best_lines(status, status.best, search.params.space, kept))
    leave(Exit.FINE if status.best is not None else Exit.FAILED)
