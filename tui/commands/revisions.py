"""`trialdeck params`: what is published, and how it came to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trialdeck.core import revision_log
from trialdeck.core.params import revisions
from trialdeck.tui.commands.common import command, mark, say
from trialdeck.tui.deck import Deck, pass_deck
from trialdeck.tui.format import clock, plural

if TYPE_CHECKING:
    from trialdeck.core.history.paths import HistoryPaths


@command()
@click.option("--diff", "wish", flag_value="diff", help="How the draft differs from the newest.")
@click.option("--pull", "wish", flag_value="pull", help="Write the newest over the draft.")
@click.option("--history", "wish", flag_value="history", help="List all revisions.")
@click.option("--revision", type=click.IntRange(1), metavar="N", help="Another than the newest.")
@pass_deck
def params(deck: Deck, *, wish: str | None, revision: int | None) -> None:
    """Show the published parameters, which the cores use.

    ./params.toml is a draft of them: `trialdeck run` and `launch` publish it when it has changed.
    """
    if wish and revision is not None:
        raise click.UsageError(f"--revision and --{wish} do not go together")
    search = deck.search()
    if wish == "pull":
        newest = revisions.pull(search.paths, deck.params_file)
        kept = f"{deck.params_file.name}.old"
        say([mark("ok", f"{deck.params_file} is revision {newest.number} now")])
        say([f"What it said before is in {kept}."])
    elif wish == "diff":
        said = revision_log.draft_difference(search.paths, deck.params_file)
        say([said or f"{deck.params_file} says what the newest revision says."])
    elif wish == "history":
        _say_history(search.paths)
    else:
        click.echo(revision_log.revision_text(search.paths, revision), nl=False)


def _say_history(paths: HistoryPaths) -> None:
    for info in revision_log.revision_log(paths):
        first = plural(len(info.changes), "change") if info.changes else "the first one"
        if not info.changes and info.number > 1:
            first = "nothing that matters has changed"
        say([f"revision {info.number}  {clock(info.at)}  {info.problem or first}"])
        say([f"  {sentence}" for sentence in info.changes] or [])
