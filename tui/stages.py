"""What there is to say of the stages of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core.stages import CONFIRMING, PROMOTED, source_of, stage_of
from trialdeck.tui.format import metric, number

if TYPE_CHECKING:
    from trialdeck.core.stage_status import Stage
    from trialdeck.core.status import Best, Status


def stage_texts(status: Status) -> list[str]:
    """Return how far each stage is, and how alike the first two are; nothing of one alone."""
    texts = [f"stage {stage.stage}: {progress(stage)}" for stage in status.stages]
    if status.rank_correlation is not None:
        texts.append(correlation(status.rank_correlation))
    return texts


def progress(stage: Stage) -> str:
    """Return how far a stage is."""
    count = f"{stage.ok} of {stage.trials}"
    others = [f"{n} {word}" for word in ("failed", "running") if (n := getattr(stage, word))]
    return ", ".join([f"{count} {stage.what}", *others])


def correlation(value: float) -> str:
    """Return how alike the orders of the promoted trials are."""
    return f"rank correlation of stages 0 and 1: {number(value, 2)}"


def name_of(tid: int) -> str:
    """Return a trial's number, and whose point it has where that is another's."""
    words = {PROMOTED: "on the full sample", CONFIRMING: "with another seed"}
    stage = stage_of(tid)
    return f"trial {tid}" + (f", {source_of(tid)} {words[stage]}" if stage in words else "")


def no_best(status: Status) -> str:
    """Return why there is no best trial on the full sample, and what is best on a part; or ""."""
    best = status.best_reduced
    if best is None or not status.stages:
        return ""
    part = f"{100 * status.stages[0].fraction:g} %"
    return f"none on the full sample yet; {_value(status, best)} on {part} of it (trial {best.tid})"


def _value(status: Status, best: Best) -> str:
    value = best.metrics.get(status.metric)
    if not isinstance(value, int | float):
        value = -best.loss if status.direction == "maximize" else best.loss
    return metric(float(value))
