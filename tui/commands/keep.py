"""`trialdeck searches`, `export` and `import`: what is there, and what comes and goes as files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trialdeck.core import archive as archives
from trialdeck.core.errors import SearchError
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.params.files import replace_text
from trialdeck.core.params.read import read_params
from trialdeck.core.params.write import set_values
from trialdeck.core.search import Search
from trialdeck.core.searches import names
from trialdeck.core.searches import start as start_search
from trialdeck.tui.commands.common import as_json, command, mark, say, say_json
from trialdeck.tui.deck import Deck, deck_options, pass_deck
from trialdeck.tui.format import clock, metric, plural, size
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.overview import STATE_COLORS
from trialdeck.tui.progress import best_value
from trialdeck.tui.table import Cell, Column, table

if TYPE_CHECKING:
    from trialdeck.core.archive import SearchInfo
    from trialdeck.core.trials_file import Exported

COLUMNS = (
    Column("search", cuts=True),
    Column("state"),
    Column("trials", right=True),
    Column("best", right=True),
    Column("metric", cuts=True),
    Column("changed"),
    Column("size", right=True),
)
SUFFIXES = (".p", ".csv", ".json")


class _Group(click.Group):
    """A group that takes the global options too."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.params += deck_options()


@click.group(cls=_Group, invoke_without_command=True)
@as_json
@click.pass_context
def searches(context: click.Context, *, as_json: bool) -> None:
    """List the searches of this folder; rename, archive or delete one."""
    if context.invoked_subcommand is not None:
        return
    deck = context.find_object(Deck) or Deck()
    found = archives.searches(deck.history)
    if as_json:
        say_json(found)
    elif found:
        say(table(COLUMNS, map(_row, found)))
        say(_problems(found))
    else:
        say([f"There are no searches in {deck.history}. `trialdeck run` starts one."])


def _row(info: SearchInfo) -> list[Cell | str]:
    status = info.status
    if status is None:
        state, counts, value, of = Cell("unreadable", "red"), "", "", ""
    else:
        state = Cell(status.state, STATE_COLORS.get(status.state, ""))
        counts = f"{status.progress} of {status.max_trials}"
        value, of = metric(best_value(status)), status.metric
    changed = clock(info.changed) if info.changed else glyph("none")
    return [Cell(info.name, bold=True), state, counts, value, of, changed, size(info.size)]


def _problems(found: list[SearchInfo]) -> list[str]:
    return [mark("warning", f"{info.name}: {info.problem}") for info in found if info.problem]


def _named(deck: Deck, name: str) -> Search:
    known = names(deck.history)
    if name not in known:
        there = f"there is {', '.join(known)}" if known else "there are none"
        raise SearchError(f'there is no search "{name}" in {deck.history}; {there}')
    return Search(HistoryPaths(deck.history / name))


_force = click.option("--force", is_flag=True, help="Although cores seem to run.")


@searches.command(cls=command.keywords["cls"])
@click.argument("old")
@click.argument("new")
@_force
@pass_deck
def rename(deck: Deck, *, old: str, new: str, force: bool) -> None:
    """Give a search another name, in its history and in the parameter file."""
    archives.rename(_named(deck, old), new, force=force)
    say([mark("ok", f"{old} is called {new} now")])
    file = deck.params_file
    if file.exists() and read_params(file).search.name == old:
        replace_text(file, set_values(file.read_text(), {"search.name": new}))
        say([mark("ok", f"{file} too")])


@searches.command(cls=command.keywords["cls"])
@click.argument("name")
@_force
@pass_deck
def archive(deck: Deck, *, name: str, force: bool) -> None:
    """Put a search away, where nothing lists it."""
    folder = archives.archive(_named(deck, name), force=force)
    say([mark("ok", f"{name} is in {folder} now; move it back to see it again")])


@searches.command(cls=command.keywords["cls"])
@click.argument("name")
@click.option("--yes", is_flag=True, help="Without asking.")
@_force
@pass_deck
def delete(deck: Deck, *, name: str, yes: bool, force: bool) -> None:
    """Delete a search with all its trials, logs, checkpoints and networks, for ever."""
    search = _named(deck, name)
    count = plural(search.snapshot().counts.finished, "finished trial")
    if not yes and not sys.stdin.isatty():
        raise SearchError(f'"{name}" has {count}: nobody is here to ask, so say --yes')
    if not yes:
        click.confirm(f'Delete "{name}" with {count} for ever?', abort=True)
    archives.delete(search, force=force)
    say([mark("ok", f"{name} is deleted")])


@command()
@click.option(
    "--to",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="Ends in .p (hyperopt's Trials), .csv or .json.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@pass_deck
def export(deck: Deck, *, file: Path, force: bool) -> None:
    """Write all trials to a file."""
    search = deck.synced()
    if file.suffix not in SUFFIXES:
        raise click.BadParameter(f"{file} must end in {', '.join(SUFFIXES)}", param_hint="--to")
    written = _export(search, file, force=force)
    say([mark("ok", f"{plural(written.trials, 'trial')} in {file}")])
    say([mark("warning", f"left out: {n} {why}") for why, n in written.left_out.items()])


def _export(search: Search, file: Path, *, force: bool) -> Exported:
    from trialdeck.core import trials_file

    snapshot = search.snapshot()
    if file.suffix == ".p":
        return trials_file.export_pickle(snapshot, search.params.space, file, force=force)
    write = trials_file.export_csv if file.suffix == ".csv" else trials_file.export_json
    return write(snapshot, file, force=force)


@command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_deck
def import_trials(deck: Deck, *, file: Path) -> None:
    """Take over trials from FILE: a Trials.p of hyperopt, or what `export` wrote.

    They go into the search of ./params.toml, which is published first if it has changed. Nothing
    in the file is executed.
    """
    from trialdeck.core import trials_file

    search = deck.synced() if deck.search_name else start_search(deck.params_file)
    params = search.params
    taken = trials_file.import_trials(
        search.paths,
        file,
        params.space,
        direction=params.search.direction,
        metric=params.search.metric,
        fixed=params.fixed,
        revision=search.revision,
    )
    say([mark("ok" if taken.imported else "warning", text) for text in taken.sentences[:1]])
    say([f"  {text}" for text in taken.sentences[1:]])
