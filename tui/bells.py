"""What is worth a bell: a new best, the end of the search, a core that died, a stuck launch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.tui.format import metric
from trialdeck.tui.overview import sentence
from trialdeck.tui.progress import best_value
from trialdeck.tui.sites import asks, away, is_away

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialdeck.core.history.snapshot import Trial
    from trialdeck.tui.seen import Seen

DEATHS = ("killed", "lost", "out_of_memory")


def news(seen: Seen, before: Seen) -> Iterator[tuple[str, str]]:
    """Yield what has happened since `before`: a sentence, and how bad it is for `notify`.

    Nothing of what the first look at a search finds is news.
    """
    now, then = seen.status, before.status
    if now is None or then is None or seen.name != before.name:
        return
    if now.best is not None and (then.best is None or now.best.tid != then.best.tid):
        value = metric(best_value(now))
        yield f"New best {now.metric} {value}: trial {now.best.tid}", "information"
    if now.state == "finished" and then.state != "finished":
        why = f", {now.ended}" if now.ended else ""
        said = f"{now.search} is finished: {now.ok} of {now.max_trials} trials are ok{why}"
        yield said, "information"
    if now.state == "paused" and then.state != "paused" and now.paused_kind != "user":
        yield now.reason, "warning"
    if now.stuck and not then.stuck:
        yield sentence(now.stuck), "error"
    yield from _of_sites(seen, before)
    dead = list(_died(seen, before))
    if dead:
        named = ", ".join(map(str, dead[:5]))
        yield f"A core died with trial {named}; it runs again if it may", "warning"


def _of_sites(seen: Seen, before: Seen) -> Iterator[tuple[str, str]]:
    """Yield which machines ask something, which are cut off, and which are back."""
    then = {row.name: row for row in before.sites}
    for row in seen.sites:
        old = then.get(row.name)
        was_away = old is not None and is_away(old)
        if row.question is not None:
            if old is None or old.question is None:
                yield f"{asks(row)}\na answers", "warning"
        elif is_away(row) and old is not None and not was_away:
            yield away(row), "warning"
        elif was_away and row.contact.state == "connected" and not is_away(row):
            yield f"{row.name} is connected again", "information"


def _died(seen: Seen, before: Seen) -> Iterator[int]:
    """Yield the trials of which an attempt has ended by the death of its process."""
    for trial in seen.snapshot.trials.changed_since(before.snapshot.trials):
        old = before.snapshot.trials.get(trial.tid)
        if trial.cause in DEATHS and (old is None or _end(old) != _end(trial)):
            yield trial.tid


def _end(trial: Trial) -> tuple[int, str]:
    return trial.attempt, trial.cause
