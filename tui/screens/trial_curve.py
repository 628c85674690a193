"""The learning curve of a trial beside that of the best one."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from trialdeck.core.history.reports import Curve
from trialdeck.core.trial_fields import metric_name
from trialdeck.tui.format import one_line
from trialdeck.tui.widgets.lines import hint, title
from trialdeck.tui.widgets.plot import Plot
from trialdeck.tui.widgets.plot_series import Series

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from trialdeck.core.history.snapshot import Trial
    from trialdeck.tui.seen import Seen

    Ask = Callable[..., None]

_NONE = Curve()


class TrialCurve(Vertical):
    """Has curves read as they are needed; that of a trial that runs comes by what was seen."""

    DEFAULT_CSS = """
    TrialCurve { height: auto; }
    TrialCurve Static { height: 1; }
    TrialCurve Plot { height: 11; }
    """

    def __init__(self, ask: Ask) -> None:
        super().__init__()
        self._ask = ask
        self._trial: Trial | None = None
        self._seen: Seen | None = None
        self._read: dict[int, Curve] = {}  # of the trial and of the best one
        self._asked: set[tuple[int, bool]] = set()  # tid, and whether it had its result
        self._name = ""  # of the value that is drawn; "": what is optimised
        self._drawn: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the caption and the plot."""
        yield Static("", markup=False)
        yield Plot()

    def show_trial(self, seen: Seen, trial: Trial) -> None:
        """Show the curve of a trial."""
        if self._trial is not None and trial.tid != self._trial.tid:
            self._forget(seen, trial)
        self._seen, self._trial = seen, trial
        self._want(trial)
        if seen.snapshot.best is not None:
            self._want(seen.snapshot.trials[seen.snapshot.best])
        self._draw()

    def next_value(self) -> None:
        """Draw the next of the values that were reported."""
        names = self._names()
        if names:
            self._name = names[(names.index(self._drawn_name()) + 1) % len(names)]
            self._draw()

    # -- what is known ----------------------------------------------------------------------

    def _forget(self, seen: Seen, trial: Trial) -> None:
        kept = {trial.tid, seen.snapshot.best}
        self._read = {tid: curve for tid, curve in self._read.items() if tid in kept}
        self._asked = {(tid, over) for tid, over in self._asked if tid in self._read}

    def _want(self, trial: Trial) -> None:
        """Have a curve read, once while the trial runs and once when it is over."""
        tid, key = trial.tid, (trial.tid, trial.state.settled)
        if key in self._asked:
            return
        self._asked.add(key)

        def work(session: Any) -> Curve | None:
            wanted = key in self._asked  # the user may be somewhere else by now
            return session.search.curve(tid) if wanted else None

        def then(curve: Curve | None) -> None:
            if curve is not None and key in self._asked and self.is_attached:
                self._read[tid] = curve
                self._draw()

        self._ask(work, then, lambda _: None)  # without a curve the page says enough

    def _curve(self, tid: int) -> Curve:
        live = self._seen.curves.get(tid) if self._seen is not None else None
        read = self._read.get(tid, _NONE)
        return live if live is not None and len(live.steps) >= len(read.steps) else read

    def _names(self) -> list[str]:
        """Return what was reported, what is optimised first."""
        if self._trial is None or self._seen is None or self._seen.params is None:
            return []
        first = metric_name(self._seen.params)
        values = self._curve(self._trial.tid).values
        return sorted(values, key=lambda name: (name != first, name != "loss", name))

    def _drawn_name(self) -> str:
        names = self._names()
        return self._name if self._name in names else names[0]

    # -- drawing ----------------------------------------------------------------------------

    def _draw(self) -> None:
        if self._trial is None or self._seen is None:
            return
        names = self._names()
        plot, caption = self.query_one(Plot), self.query_one(Static)
        plot.display = bool(names)
        if not names:
            caption.update(title("learning curve", Content(self._why_none())))
            return
        name, best = self._drawn_name(), self._seen.snapshot.best
        curves = [self._curve(self._trial.tid)]
        if best is not None and best != self._trial.tid:
            curves.append(self._curve(best))
        wanted = (self._trial.tid, name, *curves)
        if len(wanted) == len(self._drawn) and all(map(operator.is_, wanted, self._drawn)):
            return
        self._drawn = wanted
        more = [hint("v", "shows another value")] if len(names) > 1 else []
        caption.update(title("learning curve", Content(one_line(name)), *more))
        plot.show(list(self._series(name, curves, best)))

    def _why_none(self) -> str:
        over = self._trial is not None and self._trial.state.settled
        return "nothing was reported" if over else "nothing has been reported yet"

    def _series(self, name: str, curves: list[Curve], best: int | None) -> list[Series]:
        tid = self._trial.tid if self._trial is not None else 0
        own = Series(f"trial {tid}", curves[0].steps, curves[0].values[name], "line", "primary", 1)
        if len(curves) == 1 or name not in curves[1].values:
            return [own]
        other = curves[1]
        return [
            own,
            Series(f"best, trial {best}", other.steps, other.values[name], "line", "success"),
        ]
