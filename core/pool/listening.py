"""What the cores of a pool say, and what is made of it: records, or a search that pauses."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from trialdeck.core.pool.cores import Gone, describe_end
from trialdeck.core.pool.messages import Broken, Done, Ready, Reported, Run

if TYPE_CHECKING:
    from trialdeck.core.pool.crew import Crew, Member
    from trialdeck.core.pool.deadline import Deadline
    from trialdeck.core.pool.ledger import Ledger
    from trialdeck.core.pool.orders import Orders
    from trialdeck.core.pool.outlook import Outlook
    from trialdeck.core.pool.planning import Planner
    from trialdeck.core.pool.pruner import Pruner
    from trialdeck.core.pool.recording import Recorder

FALSE_STARTS = 10


class Listener:
    """Listens to the cores of one pool."""

    def __init__(
        self,
        crew: Crew,
        ledger: Ledger,
        recorder: Recorder,
        planner: Planner,
        orders: Orders,
        outlook: Outlook,
        deadline: Deadline,
        *,
        pruner: Pruner,
    ) -> None:
        self.crew = crew
        self.ledger = ledger
        self.recorder = recorder
        self.planner = planner
        self.orders = orders
        self.outlook = outlook
        self.deadline = deadline
        self.pruner = pruner
        self.false_starts = 0  # cores in a row that ended before they could train

    def listen(self) -> None:
        """Take in everything that the cores have said, and end trials that are out of time."""
        for member, message in self.crew.receive():
            if isinstance(message, Ready):
                self._ready(member, message)
            elif isinstance(message, Broken):
                self._broken(member, message)
            elif isinstance(message, Gone):
                self._gone(member, message)
            elif member.core.run is not None:
                self._trial_says(member, member.core.run, message)
        self.pruner.answer()
        for member in self.crew.overdue():
            limit = self.outlook.params.cores.time_limit
            self.end(member, "time_limit", f"it ran longer than {limit:g} s")

    def end(self, member: Member, cause: str, text: str) -> None:
        """End a core, and record why its trial has ended."""
        self._gone(member, self.crew.end(member, (cause, text)))

    def interrupt(self, member: Member) -> None:
        """End a core whose trial has not ended when it was told to."""
        if self.orders.preempted:
            self.end(member, "preempted", self._why())
        else:
            self.end(member, "stopped", "ended with its core")

    def _why(self) -> str:
        return self.deadline.why(self.outlook.params.cores.grace)

    def _ready(self, member: Member, message: Ready) -> None:
        if self.crew.end_if_outdated(member):
            return
        member.core.ready = True
        self.false_starts = 0
        member.since = time.monotonic()
        setup = member.core.setup
        member.environment = self.recorder.environment(message, setup.objective, setup.device)

    def _broken(self, member: Member, message: Broken) -> None:
        if self.crew.end_if_outdated(member):
            return  # an objective that has been replaced meanwhile
        objective = self.outlook.params.search.objective
        text = f"the objective {objective} cannot be imported: {message.text}"
        if self.orders.paused is None:
            self._give_up_starting(text, message.traceback)

    def _trial_says(self, member: Member, run: Run, message: Reported | Done) -> None:
        if isinstance(message, Reported):
            self.ledger.report(run.tid, run.attempt, message.step, message.values)
            self.pruner.heard(member, run, message)
            return
        self.pruner.ended(run, whole=message.outcome == "ok")
        if message.outcome == "interrupted" and self.orders.preempted:
            member.killed_for = ("preempted", self._why())
            self.recorder.ended(member, run, Gone(None), retry=True)
        else:
            self.recorder.finished(member, run, message)
        self.planner.scheduler.release(run.tid)

    def _gone(self, member: Member, gone: Gone) -> None:
        if gone.status is None and member.killed_for is None:
            self.crew.kill_strays(self.planner.helpers)
        run = member.core.run
        if run is None:
            self._could_not_start(member, gone)
            return
        self.pruner.ended(run, whole=False)
        trial = self.outlook.snapshot.trials.get(run.tid)
        deaths = trial.deaths if trial is not None else 0
        self.recorder.ended(member, run, gone, retry=deaths < self.outlook.params.cores.retries)
        self.planner.scheduler.release(run.tid)

    def _could_not_start(self, member: Member, gone: Gone) -> None:
        """Pause when cores end again and again before they can take a trial."""
        if member.core.ready or member.killed_for is not None or self.orders.paused:
            return
        self.false_starts += 1
        if self.false_starts >= FALSE_STARTS:
            self.false_starts = 0
            _, text = describe_end(gone)
            text = f"cores end before they can train: {text}"
            self._give_up_starting(text, member.core.setup.log)

    def _give_up_starting(self, text: str, detail: str) -> None:
        self.ledger.trouble(f"{text}\n{detail}".rstrip())
        self.orders.pause(text, "objective")
