"""Where the trained network of a trial lies, on its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content

from trialdeck.tui.best import WHOLE, network_facts
from trialdeck.tui.table import pairs
from trialdeck.tui.widgets.lines import Lines, title, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.history.snapshot import Trial
    from trialdeck.core.kept_network import KeptNetwork
    from trialdeck.tui.seen import Seen

    Ask = Callable[..., None]


class TrialNetwork(Lines):
    """Asks where the network is, as that takes a look at the disk; shows nothing without one."""

    def __init__(self, ask: Ask) -> None:
        super().__init__(id="network")
        self._ask = ask
        self._key: tuple[object, ...] = ()  # of what was asked for
        self._kept: KeptNetwork | None = None

    def show_trial(self, seen: Seen, trial: Trial) -> None:
        """Show that of a trial; ask again when it has become the best one, or is so no more."""
        key = (trial.tid, trial.state, trial.attempt, trial.tid == seen.snapshot.best)
        if key == self._key:
            return
        if self._key[:1] != key[:1]:
            self._kept = None
        self._key = key
        if trial.state == "ok":
            self._look_for(trial.tid, key)
        self.redraw()

    def _look_for(self, tid: int, key: tuple[object, ...]) -> None:
        def work(session: Any) -> KeptNetwork | None:
            found: KeptNetwork | None = session.search.network(tid)
            return found

        def then(kept: KeptNetwork | None) -> None:
            if key == self._key and self.is_attached:
                self._kept = kept
                self.redraw()

        self._ask(work, then, lambda _: None)  # the page says enough without it

    def lines(self, width: int) -> list[Content]:
        """Return where it is and how it is loaded, whole: to be copied."""
        if self._kept is None:
            return []
        lines = [Content(""), title("trained network")]
        for line in pairs(network_facts(self._kept), width=WHOLE):
            lines += wrapped(line, width) if len(line) > width else [Content(line)]
        return lines
