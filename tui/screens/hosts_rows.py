"""What the screen of other machines says of each, and of what a check has found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from trialdeck.core.log_text import tame_text
from trialdeck.tui import sites
from trialdeck.tui.format import clock, cut, one_line
from trialdeck.tui.glyphs import COLORS, glyph
from trialdeck.tui.table import Cell
from trialdeck.tui.widgets.grid_columns import GridColumn
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trialdeck.backends.base import Finding
    from trialdeck.core.hosts import Host
    from trialdeck.core.links import SiteRow

NAME_WIDTH = 24
COLUMNS = (
    GridColumn("host", "host"),
    GridColumn("state", "state"),
    GridColumn("heard", "heard", right=True),
    GridColumn("cores", "cores", right=True),
    GridColumn("ahead", "ahead", right=True),
    GridColumn("address", "address"),
)


def cells(host: Host, row: SiteRow | None) -> tuple[Cell, ...]:
    """Return the cells of a machine."""
    sign, word = sites.stands(host.contact, row)
    nothing = Cell(glyph("none"), "bright_black")
    heard = host.contact.heard
    return (
        Cell(cut(one_line(host.name), NAME_WIDTH), bold=True),
        Cell(f"{glyph(sign)} {word}", COLORS.get(sign, "bright_black")),
        Cell(clock(heard)) if heard else nothing,
        Cell(str(host.cores)),
        Cell(str(row.ahead)) if row is not None else nothing,
        Cell(one_line(host.address)),
    )


def lines(host: Host, row: SiteRow | None) -> list[Content]:
    """Return what there is to say of a machine besides its cells."""
    return [Content(tame_text(text)) for text in sites.sayings(host, row)]


def found_lines(name: str, found: Sequence[Finding], at: float) -> Iterator[Content]:
    """Yield what was found at a machine at a time, the cures below what is missing."""
    bad = sum(one.good is False for one in found)
    said = "something is missing" if bad else "all that the search needs is there"
    yield Content.styled(f"{name} at {clock(at)}: {said}", "bold")
    yield from _table(found)


def _table(found: Sequence[Finding]) -> Iterator[Content]:
    wide = max((len(one_line(one.what)) for one in found), default=0)
    for one in found:
        sign, style = _SIGNS[one.good]
        what = f"{glyph(sign) if sign else ' '} {one_line(one.what):{wide}}  "
        yield Content.assemble((what, style), one_line(one.said))
        if one.cure:
            yield Content.styled(f"    {one_line(one.cure)}", STYLES["warning"])


_SIGNS = {True: ("ok", STYLES["ok"]), False: ("failed", STYLES["failed"]), None: ("", MUTED)}


def copied(name: str, found: Sequence[Finding]) -> str:
    """Return what was found as text for somebody else."""
    words = {True: "ok", False: "missing", None: "note"}
    said = [f"{name}:"]
    for one in found:
        said.append(f"  {words[one.good]:7} {one.what}: {one.said}")
        said += [f"          {one.cure}"] if one.cure else []
    return "\n".join(said)
