"""`trialdeck status` and `trialdeck cores`: what is going on."""

from __future__ import annotations

import sys
import textwrap
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import click
import msgspec

from trialdeck.core.disk_use import DiskMeter
from trialdeck.core.roster import job_order
from trialdeck.tui.commands.common import as_json, command, mark, nobody_runs, say, say_json
from trialdeck.tui.deck import Deck, pass_deck
from trialdeck.tui.format import duration, plural
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.opening import has_terminal, open_app
from trialdeck.tui.overview import overview, sentence
from trialdeck.tui.table import Cell, Column, table, terminal_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.launching import Core
    from trialdeck.core.search import Search

WATCH_SECONDS = 2.0
METER_SECONDS = 1.0  # for which what the history takes is counted
CLEAR = "\x1b[H\x1b[J"  # to the upper left corner, and everything below it away
WELCOME = """\
Trialdeck searches hyperparameters: it suggests them, trains with them on as
many cores as you have, here or on a cluster, and remembers every result.

There is no {file} in {folder}, so there is nothing to show yet.

  trialdeck demo     watch a small search run, in a folder of its own
  trialdeck init     write a params.toml to start from
  trialdeck --help   all commands"""

CORE_COLUMNS = (
    Column("core"),
    Column("backend"),
    Column("host", cuts=True),
    Column("job", cuts=True),
    Column("state"),
    Column("trial", right=True),
    Column("since", right=True),
    Column("beat", right=True),
    Column("pool"),
)

STATE_COLORS = {"training": "cyan", "failed": "red", "stuck": "red", "quiet": "yellow"}
IN_WORDS = {"reserve": "in reserve", "unknown": "not known"}
NOTE_SIGNS = {"failed": "failed", "stuck": "failed", "queued": "none", "reserve": "none"}


def without_command(context: click.Context) -> None:
    """Open the application; without a terminal show the status, or what to do first."""
    deck = context.find_object(Deck) or Deck()
    if has_terminal():
        open_app(deck)
    if deck.search_name is None and not deck.params_file.exists() and not deck.history.is_dir():
        folder = deck.params_file.absolute().parent
        say([WELCOME.format(file=deck.params_file.name, folder=folder)])
    else:
        context.invoke(status, watch=False, as_json=False)


@command()
@click.option("--watch", is_flag=True, help="Show it again every 2 s, until Ctrl+C.")
@as_json
@pass_deck
def status(deck: Deck, *, watch: bool, as_json: bool) -> None:
    """Show where the search stands, and why nothing runs when nothing runs."""
    search = deck.synced()
    meter = DiskMeter(search.paths, METER_SECONDS)
    if not watch:
        _show_status(search, meter, as_json=as_json)
        return
    search.connect()
    try:
        with suppress(KeyboardInterrupt):  # the way to end it
            while True:
                if sys.stdout.isatty() and not as_json:
                    click.echo(CLEAR, nl=False)
                _show_status(search, meter, as_json=as_json)
                time.sleep(WATCH_SECONDS)
    finally:
        search.disconnect()


def _show_status(search: Search, meter: DiskMeter, *, as_json: bool) -> None:
    now = msgspec.structs.replace(search.status(), disk=meter.use())
    if as_json:
        say_json(now)
    else:
        say(overview(now))


@command()
@as_json
@pass_deck
def cores(deck: Deck, *, as_json: bool) -> None:
    """Show what every core does, on this machine and elsewhere."""
    search = deck.synced()
    search.snapshot()
    roster = search.launcher.roster()
    if as_json:
        say_json(roster.cores)
        return
    if roster.cores:
        say(core_lines(roster.cores))
    elif search.script is not None:
        say([nobody_runs(search)])
    else:
        say(["No cores are running. `trialdeck run` starts some on this machine and watches,"])
        say(["`trialdeck launch local` starts some that go on by themselves."])
    if roster.silent:
        say(["", mark("warning", sentence(roster.silent))])


def core_lines(found: Sequence[Core], width: int | None = None) -> list[str]:
    """Return the table of cores, and below it what there is to say about them."""
    width = width or terminal_width()
    found = sorted(found, key=_order)
    lines = table(CORE_COLUMNS, [_core_row(core) for core in found], width)
    lines += ["", _counts(found)]
    notes = dict.fromkeys((core.job or core.backend, core.state, core.note) for core in found)
    for job, state, note in notes:
        if note.strip():
            lines += _note(f"{job}: {note.strip()}", NOTE_SIGNS.get(state, "warning"), width)
    return lines


def _order(core: Core) -> tuple[object, ...]:
    """Sort by job: the cores that there are, then what is to come in the order given."""
    if not core.writer:
        return (True,)
    return False, core.backend, job_order(core.job), core.writer, core.index


def _counts(found: Sequence[Core]) -> str:
    """Return "6 cores in 2 pools, 8 cores queued, 32 cores in reserve"."""
    living = [core for core in found if core.writer]
    pools = len({core.writer for core in living})
    counts: dict[str, int] = {}
    for core in found:
        if not core.writer:
            counts[core.state] = counts.get(core.state, 0) + core.count
    parts = [f"{plural(len(living), 'core')} in {plural(pools, 'pool')}"] if living else []
    parts += [f"{plural(n, 'core')} {IN_WORDS.get(state, state)}" for state, n in counts.items()]
    return ", ".join(parts)


def _note(text: str, sign: str, width: int) -> list[str]:
    """Return a note in lines that fit; words that cannot be broken (paths) may be longer."""
    lines = [
        part
        for line in text.splitlines()
        for part in textwrap.wrap(
            line, max(20, width - 4), break_long_words=False, break_on_hyphens=False
        )
        or [""]
    ]
    return [mark(sign, lines[0]), *(f"    {line}".rstrip() for line in lines[1:])]


def _core_row(core: Core) -> list[Cell | str]:
    none = glyph("none")
    return [
        str(core.index) if core.writer else f"{core.count} x",
        core.backend,
        core.host or none,
        core.job or none,
        Cell(core.state, STATE_COLORS.get(core.state, "")),
        none if core.tid is None else str(core.tid),
        none if core.since is None else duration(time.time() - core.since),
        none if core.beat_age is None else duration(core.beat_age),
        core.writer[:8] or none,
    ]
