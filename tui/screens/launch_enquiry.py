"""Finding out what there is to know of the launch that the form shows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from trialdeck.tui import launching
from trialdeck.tui.feed import Job
from trialdeck.tui.latest import Latest
from trialdeck.tui.screens.launch_notes import Known

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trialdeck.core.check import Finding
    from trialdeck.tui.feed import Feed
    from trialdeck.tui.launching import Plan, Remarks, Wanted


class Enquiry:
    """Asks about launches, and keeps what is `known` of the last; `tell` is called when it changes.

    All of it is asked in threads of their own: a place that does not answer keeps the form alive.
    """

    def __init__(self, feed: Feed, tell: Callable[[], None]) -> None:
        self.known = Known()
        self._feed = feed
        self._tell = tell
        self._plans, self._remarks = Latest(feed), Latest(feed)
        self._asked: Wanted | None = None  # the launch that was asked about last

    def check(self) -> None:
        """Ask what is wrong with the search."""
        self._feed.do(Job(launching.findings, self._take_findings, self.cannot_check, apart=True))

    def about(self, wanted: Wanted) -> None:
        """Ask what would run, and what its place says of it, unless that is known."""
        before, known = self._asked, self.known
        if wanted == before:
            return
        self._asked = wanted
        known.refused, known.asking = "", wanted.backend
        if before is None or before.backend != wanted.backend:
            known.plan, known.remarks, known.silent = None, None, ""
        plan = Job(
            lambda session: launching.plan(session, wanted),
            partial(self._take_plan, wanted),
            partial(self._no_plan, wanted),
        )
        remarks = Job(
            lambda session: launching.remarks(session, wanted),
            partial(self._take_remarks, wanted),
            partial(self._no_remarks, wanted),
        )
        self._plans.ask(plan)
        self._remarks.ask(remarks)
        self._tell()

    def forget(self) -> None:
        """Ask about the next launch even if it is the same as the last."""
        self._asked = None

    def no_launch(self, why: str) -> None:
        """Take note that what stands in the form is no launch."""
        self._asked = None
        self.known.plan, self.known.remarks, self.known.asking = None, None, ""
        self.known.trouble = why
        self._tell()

    def cannot_check(self, text: str) -> None:
        """Take note that the search itself cannot be looked at."""
        self.known.findings, self.known.trouble = (), text
        self._tell()

    def _take_findings(self, findings: Sequence[Finding]) -> None:
        self.known.findings = findings
        self._tell()

    def _take_plan(self, wanted: Wanted, plan: Plan) -> None:
        if wanted == self._asked:
            self.known.plan, self.known.trouble = plan, ""
            self._tell()

    def _no_plan(self, wanted: Wanted, text: str) -> None:
        if wanted == self._asked:
            self.known.plan, self.known.trouble = None, text
            self._tell()

    def _take_remarks(self, wanted: Wanted, remarks: Remarks) -> None:
        if wanted == self._asked:
            self.known.remarks, self.known.silent, self.known.asking = remarks, "", ""
            self._tell()

    def _no_remarks(self, wanted: Wanted, text: str) -> None:
        if wanted == self._asked:
            self.known.remarks, self.known.silent, self.known.asking = None, text, ""
            self._tell()
