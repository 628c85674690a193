"""`trialdeck launch`, `stop`, `pause`, `resume` and `retry`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trialdeck.backends import is_far
from trialdeck.core import searches
from trialdeck.core.errors import HistoryError, LaunchError, SearchError
from trialdeck.core.machine import default_cores
from trialdeck.core.params.read import read_params
from trialdeck.core.params.revisions import history_paths
from trialdeck.core.search import Search
from trialdeck.tui.asking import with_answers
from trialdeck.tui.commands.common import command, mark, nobody_runs, publishing, say, warn
from trialdeck.tui.deck import Deck, pass_deck
from trialdeck.tui.format import plural
from trialdeck.tui.overview import sentence
from trialdeck.tui.table import pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.history.writers import WriterFile


cores_option = click.option("--cores", type=click.IntRange(1), help="So many trials at once.")
set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Another value than the one below [backends.BACKEND], for this launch.",
)


@command()
@click.argument("backend")
@cores_option
@set_option
@click.option("--host", help="The machine, for ssh: one of those of `trialdeck hosts`.")
@click.option("--dry-run", is_flag=True, help="Print what would be run, and start nothing.")
@publishing
@pass_deck
def launch(
    deck: Deck,
    /,
    backend: str,
    cores: int | None,
    *,
    settings: Sequence[str],
    host: str | None,
    dry_run: bool,
    **publish: Any,
) -> None:
    """Start cores through BACKEND (local, slurm, ssh) that go on by themselves.

    The parameters are published first if they have changed. A launch that would be refused, or
    would never start, changes nothing.
    """
    params, options = read_params(deck.params_file), options_in(settings)
    options |= {"host": host} if host else {}
    count = cores or default_cores(backend, params, options.get("host", ""))
    draft = Search(history_paths(params), params.backends)
    if dry_run:
        with_answers(lambda: _rehearse(draft, backend, count, options))
        return
    if refusal := with_answers(lambda: draft.refusal(backend, count, options=options)):
        raise LaunchError(refusal)
    search = searches.start(deck.params_file, **publish)
    # What a machine needs is known when the parameters are published.
    far = is_far(backend)
    if far and (refusal := with_answers(lambda: search.refusal(backend, count, options=options))):
        raise LaunchError(refusal)
    if (now := search.status()).state == "finished":
        more = f"{now.more} below [search] gives it more to do"
        say([f"{now.search} is finished: {now.reason}; {more}."])
        return
    for warning in search.warnings(backend, count, options=options):
        warn(warning)
    started = with_answers(lambda: search.launch(backend, count, options=options))
    name, cores_there = search.paths.name, plural(count, "core")
    where = started.site or backend
    say([f"Started {cores_there} on {where} for {name}: job {started.job}."])
    say(["Watch with `trialdeck status --watch`, end with `trialdeck stop`."])


def options_in(settings: Sequence[str]) -> dict[str, str]:
    """Return values by key of what was given with --set. Raises click.BadParameter."""
    found = {}
    for text in settings:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise click.BadParameter(f'"{text}" is not KEY=VALUE, as in --set time=2h')
        found[key.strip()] = value.strip()
    return found


def _rehearse(search: Search, backend: str, cores: int, options: dict[str, str]) -> None:
    """Print what a launch would run, and what its place says of it."""
    say([search.preview(backend, cores, options=options)])
    refusal = search.refusal(backend, cores, options=options)
    choices = search.choices(backend, options)
    if refusal:
        say(["", mark("failed", sentence(refusal))])
    elif choices:
        say(["", mark("ok", f"{backend} would take it.")])
    for choice in choices:
        value = f" = {choice.value}" if choice.value else ""
        say(["", f"{choice.key}{value}: {choice.about}", *pairs(choice.options.items())])
    for warning in search.warnings(backend, cores, options=options):
        warn(warning)
    if refusal:
        raise LaunchError(f"{backend} would not take it, see above")


@command("slurm-script")
@cores_option
@set_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write it.")
@publishing
@pass_deck
def slurm_script(
    deck: Deck,
    /,
    cores: int | None,
    *,
    settings: Sequence[str],
    output: Path | None,
    **publish: Any,
) -> None:
    """Write a script for sbatch, to be changed and submitted by hand.

    The parameters are published first if they have changed: the cores that such a script starts
    read what is published. It can be submitted any number of times.
    """
    params, options = read_params(deck.params_file), options_in(settings)
    if output is not None and output.exists():
        raise click.BadParameter(f"{output} is there already: remove it, or choose another name")
    count = cores or default_cores("slurm", params)
    draft = Search(history_paths(params), params.backends)
    text = draft.launcher.script("slurm", count, options)
    searches.start(deck.params_file, **publish)
    if output is None:
        click.echo(text.rstrip("\n"))
        return
    try:
        output.write_text(text)
    except OSError as error:
        raise HistoryError(f"{output} cannot be written: {error.strerror}") from error
    say([f"Wrote {output}: submit it with `sbatch {output}`."])


@command()
@click.argument("pools", nargs=-1, metavar="[POOL]...")
@click.option("--now", is_flag=True, help="Stop running trials, too; they run again later.")
@pass_deck
def stop(deck: Deck, *, pools: Sequence[str], now: bool) -> None:
    """End cores after their running trials, or now.

    Without POOL all of them, and launches that have not started are cancelled. A pool is named by
    the first letters of its id or by its job, as `trialdeck cores` shows them; the number of a job
    array means all its pools, and what of it waits.
    """
    search = deck.synced(asking=True)
    search.snapshot()
    told = [_stop(search, word, now=now) for word in pools] or [search.stop(now=now)]
    count = sum(told)
    if not count:
        say(["No cores are running."])
    elif now:
        say([f"{plural(count, 'pool')} told to stop now; what they ran will run again."])
    else:
        say([f"{plural(count, 'pool')} told to end after the running trials."])


def _stop(search: Search, word: str, *, now: bool) -> int:
    """End the pools that a word names, and what waits of a launch; return how many were told."""
    living = search.launcher.pools()
    of_array = [pool.id for pool in living if pool.job.startswith(f"{word}_")]
    launches = [launch for launch in search.launcher.launches() if launch.job == word]
    if not (of_array or any(launch.many for launch in launches)):
        return search.stop(now=now, writers=[_pool(word, living)])
    count = search.stop(now=now, writers=of_array) if of_array else 0
    return count + sum(search.cancel(launch.backend, word) for launch in launches)


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
    search = deck.synced()
    if not search.resume():
        say(["The search was not paused."])
        return
    search.snapshot()
    running = bool(search.launcher.pools())
    more = "" if running else f" {nobody_runs(search)}"
    say([f"The search goes on.{more}"])


@command()
@click.argument("tids", nargs=-1, type=click.IntRange(0), metavar="TID...", required=True)
@pass_deck
def retry(deck: Deck, *, tids: Sequence[int]) -> None:
    """Run the points of trials again, as new trials."""
    search = deck.synced()
    queued = search.retry(tids)
    for old, new in zip(tids, queued, strict=True):
        say([f"trial {new} will run at the point of trial {old}"])
    if not search.launcher.pools():
        say([nobody_runs(search)])
