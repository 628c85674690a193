"""Ends the trials of a pool early: what its cores report, judged beside the reports of all."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from trialdeck.core.pool.messages import Verdict
from trialdeck.core.pool.rung_reader import RungReader
from trialdeck.core.pruning import Rungs, rule_of
from trialdeck.core.unpruned import NO_REPORTS, never_reports, reports_others

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.params.model import Params
    from trialdeck.core.pool.crew import Member
    from trialdeck.core.pool.ledger import Ledger
    from trialdeck.core.pool.messages import Reported, Run
    from trialdeck.core.pruning import Rule


class Pruner:
    """Judges the trials of one pool. `news`, for any thread, ends the pool's wait."""

    def __init__(self, paths: HistoryPaths, ledger: Ledger, news: Callable[[], None]) -> None:
        self.paths = paths
        self.ledger = ledger
        self.news = news
        self.rule: Rule | None = None
        self._rungs: Rungs | None = None
        self._reader: RungReader | None = None
        self._lock = threading.Lock()
        self._waiting: list[tuple[Member, Run, Reported]] = []  # for the history to be read
        self._heard: set[int] = set()  # running trials that have reported what they are judged by
        self._other: dict[int, Collection[str]] = {}  # and those that reported only these
        self._said: set[str] = set()

    def adopt(self, params: Params) -> None:
        """Take up the rule of a revision."""
        rule = rule_of(params)
        if rule == self.rule:
            return
        self.close()
        self.rule = rule
        if rule is not None:
            self._rungs = Rungs(rule)
            self._reader = RungReader(self.paths, self._rungs, self._lock, self.news)

    def heard(self, member: Member, run: Run, report: Reported) -> None:
        """Take in a report of a core; answer where an answer is waited for."""
        if self.rule is None or self._rungs is None:
            if report.asks:  # it was begun while there was a rule
                member.core.answer(Verdict(step=report.step))
            return
        if run.stage:
            return  # of another sample: not to be compared
        with self._lock:
            self._rungs.add(run.tid, run.attempt, report.step, report.values)
        if self.rule.score(report.values) is None:
            self._other[run.tid] = report.values.keys()
        else:
            self._heard.add(run.tid)
        if report.asks:
            self._waiting.append((member, run, report))
            self.answer()

    def answer(self) -> None:
        """Say what becomes of the trials that wait, as soon as the history has been read."""
        if not self._waiting or self._rungs is None or self._reader is None:
            return
        if not self._reader.complete:
            return
        waiting, self._waiting = self._waiting, []
        for member, run, report in waiting:
            if member.core.run is run:
                with self._lock:
                    why = self._rungs.why_prune(run.tid, report.step, report.values)
                member.core.answer(Verdict(step=report.step, why=why))

    def ended(self, run: Run, *, whole: bool) -> None:
        """Take note that an attempt of this pool has ended, or that it has a `whole` result."""
        other, heard = self._other.pop(run.tid, None), run.tid in self._heard
        self._heard.discard(run.tid)
        if whole and other is not None and not heard and self.rule is not None:
            self._say(reports_others(other, self.rule))

    def look(self, snapshot: Snapshot, *, busy: bool) -> None:
        """Have the others' reports read, while there is something to judge."""
        if self._reader is None:
            return
        self._said.update(trouble.text for trouble in snapshot.troubles)  # by any pool
        if busy:
            self._reader.look({i for i, info in snapshot.writers.items() if info.closed})
        if self._reader.trouble:
            self._say(self._reader.trouble)
        if never_reports(snapshot):
            self._say(NO_REPORTS)

    def _say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self.ledger.trouble(text)

    def close(self) -> None:
        """Judge no more."""
        if self._reader is not None:
            self._reader.close()
        self.rule = self._rungs = self._reader = None
        for member, run, report in self._waiting:
            if member.core.run is run:
                member.core.answer(Verdict(step=report.step))
        self._waiting = []
