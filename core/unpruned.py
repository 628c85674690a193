"""Why a search prunes nothing although it should, as far as its history shows."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.params.model import Params
    from trialdeck.core.pruning import Rule

FEWEST = 3  # trials that ended without a report before it is said
LOOKED_AT = 200  # trials with the highest tids, among which these are

_NOTHING = "nothing can be pruned: "
NO_REPORTS = (
    f"{_NOTHING}trials end without a report. The objective has to call trial.report(epoch, loss=…) "
    f"after each epoch; without that leave [pruning] out"
)


def why_unpruned(snapshot: Snapshot, params: Params) -> str:
    """Return what keeps trials from being pruned, or ""."""
    if params.pruning.algorithm == "none" or snapshot.counts.pruned:
        return ""
    if never_reports(snapshot):
        return NO_REPORTS
    said = (t.text for t in reversed(snapshot.troubles) if t.text.startswith(_NOTHING))
    return next((text for text in said if text != NO_REPORTS), "")


def never_reports(snapshot: Snapshot) -> bool:
    """Whether the newest trials have ended without a single report."""
    newest = islice(snapshot.trials.newest_first(), LOOKED_AT)
    ended = (trial for trial in newest if trial.state == "ok" and not trial.imported)
    steps = [trial.steps for trial in islice(ended, FEWEST)]
    return len(steps) == FEWEST and not any(steps)


def reports_others(names: Collection[str], rule: Rule) -> str:
    """Return that trials report only `names`, by which they are not judged."""
    wanted = " or ".join(f'"{name}"' for name, _ in rule.metrics)
    return (
        f"{_NOTHING}trials report {', '.join(sorted(names))}, but [pruning] judges by {wanted}. "
        f"Report it too, or write metric = … below [pruning]"
    )
