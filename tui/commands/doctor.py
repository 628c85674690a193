"""`trialdeck doctor`: what is wrong with a history, what is lost, and mending it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from trialdeck.core.doctor import examination
from trialdeck.core.doctor.mending import mend as mend_history
from trialdeck.core.doctor.packing import pack as pack_history
from trialdeck.tui.commands.common import as_json, command, leave, mark, say, say_json
from trialdeck.tui.deck import Deck, pass_deck
from trialdeck.tui.exits import Exit
from trialdeck.tui.format import plural, size
from trialdeck.tui.table import Column, table, terminal_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trialdeck.core.doctor.findings import Finding, Report
    from trialdeck.core.doctor.packing import Packed

_SIZES = (Column("what"), Column("files", right=True), Column("size", right=True))
_MARKS = {"ok": "ok", "warning": "warning", "error": "failed"}


@command()
@click.option("--mend", is_flag=True, help="Mend what can be mended, by adding to the history.")
@click.option("--pack", is_flag=True, help="Put the files of a finished search together into few.")
@as_json
@pass_deck
def doctor(deck: Deck, *, mend: bool, pack: bool, as_json: bool) -> None:
    """Say what is wrong with a history and what is lost; mend it, or pack it.

    Nothing that is there is ever changed: what is mended is written beside it. --pack is for a
    search that is finished.
    """
    paths = deck.search().paths
    examined = examination.look(paths)
    done = mend_history(examined) if mend else []
    if done:
        examined = examination.look(paths)
    packed = pack_history(examined) if pack else None
    if packed is not None:
        examined = examination.look(paths)
    found = examination.report(examined)
    if as_json:
        say_json({"report": found, "mended": done, "packed": packed})
    else:
        say(_lines(found, done, packed))
    leave(Exit.FINE if found.healthy else Exit.FAILED)


def _lines(report: Report, done: Iterable[str], packed: Packed | None) -> Iterator[str]:
    counts = f"{plural(report.trials, 'trial')} by {plural(report.writers, 'writer')}"
    yield f"{report.search}: {counts}"
    yield ""
    rows = [(one.kind, f"{one.files:,}", size(one.bytes)) for one in report.sizes]
    yield from table(_SIZES, rows)
    yield ""
    for sentence in done:
        yield mark("ok", f"mended: {sentence}")
    if packed is not None:
        yield mark("ok", f"packed: {_packed(packed)}")
    for finding in report.findings:
        yield from _finding(finding)
    if report.mendable:
        yield ""
        yield "`trialdeck doctor --mend` mends what can be, and changes nothing that is there."


def _finding(finding: Finding) -> Iterator[str]:
    first, *rest = textwrap.wrap(finding.text, max(20, terminal_width() - 3)) or [""]
    yield mark(_MARKS[finding.level], first)
    for line in rest:
        yield f"  {line}"
    if finding.lost:
        yield from textwrap.wrap(
            f"lost: {finding.lost}", max(20, terminal_width() - 3), initial_indent="  "
        )


def _packed(packed: Packed) -> str:
    pairs = {
        "journals": packed.journals,
        "reports": packed.reports,
        "writers": packed.writers,
        "claims": packed.claims,
    }
    said = [
        f"{before:,} {name} into {now:,}" for name, (before, now) in pairs.items() if now < before
    ]
    return ", ".join(said) or "there was nothing to put together"
