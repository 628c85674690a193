"""`trialdeck status` and `trialdeck cores`: what is going on."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from trialdeck.tui.commands.common import as_json, command, mark, say, say_json
from trialdeck.tui.deck import Deck, pass_deck
from trialdeck.tui.format import duration, plural
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.opening import has_terminal, open_app
from trialdeck.tui.overview import overview
from trialdeck.tui.table import Cell, Column, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.launching import Core
    from trialdeck.core.search import Search

WATCH_SECONDS = 2.0
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
    search = deck.search()
    if not watch:
        _show_status(search, as_json=as_json)
        return
    with suppress(KeyboardInterrupt):  # the way to end it
        while True:
            if sys.stdout.isatty() and not as_json:
                click.echo(CLEAR, nl=False)
            _show_status(search, as_json=as_json)
            time.sleep(WATCH_SECONDS)


def _show_status(search: Search, *, as_json: bool) -> None:
    now = search.status()
    if as_json:
        say_json(now)
    else:
        say(overview(now))


@command()
@as_json
@pass_deck
def cores(deck: Deck, *, as_json: bool) -> None:
    """Show what every core does, on this machine and elsewhere."""
    search = deck.search()
    search.snapshot()
    found = search.cores()
    if as_json:
        say_json(found)
    elif found:
        say(core_lines(found))
    else:
        say(["No cores are running. `trialdeck run` starts some on this machine and watches,"])
        say(["`trialdeck launch local` starts some that go on by themselves."])


def core_lines(found: Sequence[Core]) -> list[str]:
    """Return the table of cores, and below it what there is to say about them."""
    lines = table(CORE_COLUMNS, [_core_row(core) for core in found])
    pools = {core.writer for core in found if core.writer}
    notes = dict.fromkeys((core.job or core.backend, core.note) for core in found if core.note)
    lines += ["", f"{plural(len(found), 'core')} in {plural(len(pools), 'pool')}"]
    for job, note in notes:
        first, *rest = note.strip().splitlines()
        lines += [mark("warning", f"{job}: {first}"), *(f"    {line}" for line in rest)]
    return lines


def _core_row(core: Core) -> list[Cell | str]:
    none = glyph("none")
    return [
        str(core.index),
        core.backend,
        core.host or none,
        core.job or none,
        _core_state(core.state),
        none if core.tid is None else str(core.tid),
        none if core.since is None else duration(time.time() - core.since),
        none if core.beat_age is None else duration(core.beat_age),
        core.writer[:8] or none,
    ]


def _core_state(state: str) -> Cell:
    color = {"training": "cyan", "failed": "red", "quiet": "yellow"}.get(state, "")
    return Cell(state, color)
