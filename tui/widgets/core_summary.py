"""The cores in one line for each backend."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from textual.content import Content

from trialdeck.tui.format import cut, duration, one_line
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.widgets.lines import Lines, flow
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.roster import Core

NOTES = 3  # about cores that do not do what they should
TROUBLED = ("failed", "quiet", "unknown", "vanished")


class CoreSummary(Lines):
    """Says "local 3 (2 training, 1 starting)", and what is wrong with those that are quiet."""

    _cores: Sequence[Core] = ()

    def show(self, cores: Sequence[Core]) -> None:
        """Draw these cores."""
        if cores is not self._cores:
            self._cores = cores
            self.redraw()

    def lines(self, width: int) -> list[Content]:
        """Return the backends and the notes; nothing without cores."""
        if not self._cores:
            return []
        places = [Content(text) for text in by_backend(self._cores)]
        places[0] = Content.assemble(("cores  ", MUTED), places[0])
        warnings = [cut(f"{glyph('warning')} {note}", width) for note in notes(self._cores)]
        return flow(places, width) + [Content.styled(text, STYLES["warning"]) for text in warnings]


def by_backend(cores: Sequence[Core]) -> list[str]:
    """Return how many cores each backend has, what they do, and how many more are in reserve."""
    states: dict[str, Counter[str]] = {}
    for core in cores:
        states.setdefault(one_line(core.backend), Counter())[core.state] += core.count
    return [f"{backend} {_counted(counter)}" for backend, counter in states.items()]


def _counted(states: Counter[str]) -> str:
    spare = states.pop("reserve", 0)
    texts = [f"{count} {state}" for state, count in states.most_common()]
    parts = texts if len(texts) <= 1 else [f"{states.total()} ({', '.join(texts)})"]
    return ", ".join([*parts, f"{spare} in reserve"] if spare else parts)


def notes(cores: Sequence[Core]) -> list[str]:
    """Return what is said about cores that are in trouble, each thing once."""
    troubled = [core for core in cores if core.state in TROUBLED]
    texts = [f"{_place(core)} {core.state}{_why(core)}" for core in troubled]
    return list(dict.fromkeys(texts))[:NOTES]


def _place(core: Core) -> str:
    where = f" on {one_line(core.host)}" if core.host else ""
    return f"{one_line(core.backend)}{where}:"


def _why(core: Core) -> str:
    if core.state == "quiet" and core.beat_age is not None:
        return f", no sign of life for {duration(core.beat_age)}"
    last = core.note.strip().split("\n")[-1]  # of what it printed
    return f", {one_line(last)}" if last else ""
