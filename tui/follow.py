"""Watching pools until they end, pause or are stopped, and saying why."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from trialdeck.tui.commands.common import mark
from trialdeck.tui.exits import Exit
from trialdeck.tui.format import one_line, plural
from trialdeck.tui.interrupts import Interrupts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from trialdeck.core.following import Following
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.search import Search
    from trialdeck.core.status import Status
    from trialdeck.tui.watching import Display

    Goal = Callable[[Snapshot], bool]

LOOK_SECONDS = 0.5
LAST_SECONDS = 10.0  # how long a pool may take to end when there is nothing left to do
FAILURES = 3  # told one by one at a time
NOTES = (
    "Ctrl+C stops after the running trials",
    "stopping after the running trials; Ctrl+C again stops them now",
    "stopping now; Ctrl+C again leaves the cores to themselves",
)
LEFT = (
    "No longer watching. The cores go on: `trialdeck run` watches them again,",
    "`trialdeck stop --now` ends them.",
)


class End(NamedTuple):
    """How watching ended: the exit code, and what to tell ("" when the result says it)."""

    code: Exit
    text: Sequence[str] = ()


def follow(search: Search, following: Following, display: Display, goal: Goal | None = None) -> End:
    """Watch until the pools have ended, or the `goal` has been reached."""
    try:
        with Interrupts() as interrupts:
            return _follow(search, following, display, interrupts, goal)
    except KeyboardInterrupt:
        return End(Exit.STOPPED, LEFT)


def _follow(
    search: Search,
    following: Following,
    display: Display,
    interrupts: Interrupts,
    goal: Goal | None,
) -> End:
    before = search.snapshot()
    while True:
        snapshot = search.snapshot()
        status = search.status(snapshot)
        for text in failures(before, snapshot):
            display.say(text)
        before = snapshot
        if interrupts.count:
            following.stop(now=interrupts.count > 1)
        display.show(status, NOTES[min(interrupts.count, len(NOTES) - 1)])
        reached = goal is not None and goal(snapshot)
        end = End(Exit.FINE) if reached else _end(search, following, status, interrupts)
        if end is not None:
            display.show(search.status())
            return end
        interrupts.wait(LOOK_SECONDS)


def _end(
    search: Search, following: Following, status: Status, interrupts: Interrupts
) -> End | None:
    """Return how it ended; None while it goes on."""
    paused = following.paused
    if paused is not None and paused.kind != "user":
        following.stop()
        _wait_until_over(search, following, interrupts)
        return End(Exit.PAUSED, _why_paused(search, paused.reason))
    if status.state == "finished":
        _wait_until_over(search, following, interrupts)
        return End(Exit.FINE)
    if not following.over():
        return None
    return _unfinished(search, following)


def _wait_until_over(search: Search, following: Following, interrupts: Interrupts) -> None:
    deadline = time.monotonic() + LAST_SECONDS
    while not following.over() and time.monotonic() < deadline:
        interrupts.wait(LOOK_SECONDS / 5)
        search.snapshot()
        following.pass_on()


def _unfinished(search: Search, following: Following) -> End:
    """Return why there are no pools any more although trials are left."""
    status = search.status()  # with what they wrote last
    if status.state == "finished":
        return End(Exit.FINE)
    if following.failure or following.broke:
        said = following.failure or following.output
        lines = said.splitlines() or ["It left no word: it may have been killed."]
        return End(
            Exit.UNREACHABLE,
            [mark("failed", "The pool of cores ended unexpectedly:"), *(f"  {x}" for x in lines)],
        )
    left = plural(status.left, "trial")
    return End(Exit.STOPPED, [f"Stopped; {left} are left. `trialdeck run` goes on."])


def _why_paused(search: Search, reason: str) -> list[str]:
    lines = [mark("failed", f"The search has paused itself: {reason}")]
    troubles = search.snapshot().troubles
    if troubles and reason.splitlines()[0] in troubles[-1].text:
        lines += [f"  {line}" for line in troubles[-1].text.splitlines()[1:]]
    return [*lines, "When it is mended, `trialdeck run` goes on."]


def failures(before: Snapshot, now: Snapshot) -> Iterator[str]:
    """Yield a line for each trial that has failed since `before`, the first few of them."""
    found = [t for t in now.trials.changed_since(before.trials) if t.state == "failed"]
    for trial in found[:FAILURES]:
        why = one_line(trial.message.splitlines()[0] if trial.message else trial.cause)
        yield mark("failed", f"trial {trial.tid} failed: {why} (`trialdeck show {trial.tid}`)")
    if len(found) > FAILURES:
        yield mark("failed", f"and {plural(len(found) - FAILURES, 'more trial')} failed")
