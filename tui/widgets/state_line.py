"""Where a search stands: in one line, two on narrow terminals, and why nothing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from trialdeck.tui.format import plural, size
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.overview import sentence
from trialdeck.tui.progress import counts, facts
from trialdeck.tui.stages import no_best, stage_texts
from trialdeck.tui.widgets.lines import Lines, flow, hint, wrapped
from trialdeck.tui.widgets.styles import MUTED, STYLES, THEME

if TYPE_CHECKING:
    from trialdeck.core.status import Status

SIGNS = {  # the glyph and the style of a state of the search
    "running": "running",
    "finished": "ok",
    "paused": "warning",
    "waiting": "interrupted",
}
KEYS = {  # what does in the application what a command line does
    "trialdeck resume": ("p", "resumes"),
    "trialdeck launch": ("n", "launches cores"),
    "trialdeck run": ("n", "launches cores"),
}
BEST = ("b", "shows the best trial")


class StateLine(Lines):
    """The state, the numbers, and the reason with the keys that help."""

    _status: Status | None = None

    def show(self, status: Status | None) -> None:
        """Draw where a search stands."""
        self._status = status
        self.redraw()

    def lines(self, width: int) -> list[Content]:
        """Return the state and the reason."""
        if self._status is None:
            return []
        none = no_best(self._status)
        texts = [*stage_texts(self._status), *([f"best: {none}"] if none else [])]
        texts += self._status.limits
        stages = [Content.styled(text, MUTED) for text in texts]
        return [
            *flow(state_parts(self._status), width),
            *flow(stages, width),
            *reason_lines(self._status, width),
        ]


def state_parts(status: Status) -> list[Content]:
    """Return the state, the progress, the best, the cores, the speed and the other counts."""
    count = f"{status.progress} of {status.max_trials} trials"
    numbers = facts(status)
    best = numbers[:1] if status.best is not None else []
    cores = [plural(status.cores, "core")] if status.cores else []
    texts = [count, *best, *cores, *numbers[len(best) :]]
    others = [Content.styled(cell.text, THEME[cell.color]) for cell in counts(status)]
    return [state(status), *map(Content, texts), *others, *_damage(status), *_disk(status)]


def state(status: Status) -> Content:
    """Return the state with its sign."""
    sign = SIGNS.get(status.state)
    text = f"{glyph(sign or 'none')} {status.state}"
    return Content.styled(text, f"{STYLES[sign] if sign else MUTED} bold")


def reason_lines(status: Status, width: int) -> list[Content]:
    """Return why nothing runs, whole, and which keys change that."""
    if not status.reason:
        return []
    bad = bool(status.stuck) and status.stuck in status.reason
    text = f"{glyph('failed')} {sentence(status.reason)}" if bad else sentence(status.reason)
    lines = wrapped(text, width, STYLES["failed"] if bad else "")
    keys = flow([hint(*key) for key in hints(status)], width)
    if len(lines) == 1 and len(keys) == 1:
        both = Content("   ").join([*lines, *keys])
        if both.cell_length <= width:
            return [both]
    return [*lines, *keys]


def hints(status: Status) -> list[tuple[str, str]]:
    """Return the keys that go on from here, and what they do."""
    if status.state == "finished":
        return [BEST] if status.best is not None else []
    if status.state == "new":
        return [("n", "launches cores"), ("3", "edits the space")]
    found = [key for command, key in KEYS.items() if command in status.reason]
    if status.stuck:
        found.append(("4", "shows the cores"))
    if status.paused_kind in ("failures", "objective") and status.failed:
        found.append(("f", "shows the last failure"))
    return list(dict.fromkeys(found))


def _damage(status: Status) -> list[Content]:
    if not status.damaged:
        return []
    text = f"{glyph('warning')} damaged in {plural(status.damaged, 'place')}"
    return [Content.styled(text, STYLES["warning"])]


def _disk(status: Status) -> list[Content]:
    if status.disk is None:
        return []
    more = "" if status.disk.complete else "more than "
    return [Content.styled(f"{more}{size(status.disk.total)} on disk", MUTED)]
