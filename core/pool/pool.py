"""A pool: the parent of the cores of one machine or job, and the only process there that writes.

It claims trials, has points suggested, hands them to its cores, and records what became of them.
Everything it waits for is a file descriptor or a time, so one thread does it all.
"""

from __future__ import annotations

import math
import select
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from trialdeck.backends.process import become_subreaper
from trialdeck.core.errors import HistoryError
from trialdeck.core.history import commands
from trialdeck.core.pool.cores import Gone, describe_end
from trialdeck.core.pool.crew import Crew
from trialdeck.core.pool.health import reason_to_pause
from trialdeck.core.pool.ledger import Ledger
from trialdeck.core.pool.messages import Broken, Done, Ready, Reported, Run
from trialdeck.core.pool.orders import Orders
from trialdeck.core.pool.outlook import Outlook
from trialdeck.core.pool.planning import Planner
from trialdeck.core.pool.presence import Presence
from trialdeck.core.pool.recording import Recorder
from trialdeck.core.pool.scheduling import Scheduler
from trialdeck.core.suggest.algorithms import seed_for

if TYPE_CHECKING:
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.params.model import Params
    from trialdeck.core.pool.crew import Member
    from trialdeck.core.pool.scheduling import Assignment

FALSE_STARTS = 10
LOOK_SECONDS = 2.0  # commands, revisions and other writers are looked at this often


class Pool:
    """Runs the trials of one search on `cores` cores until there are none left, or told to stop.

    `trials`, if given, is how many it starts at most.
    """

    def __init__(
        self,
        paths: HistoryPaths,
        cores: int,
        *,
        trials: int | None = None,
        backend: str = "",
        job: str = "",
        name: str = "",
    ) -> None:
        self.paths = paths
        self.outlook = Outlook(paths)
        self.ledger = Ledger(paths, "pool")
        self.recorder = Recorder(self.ledger)
        self.presence = Presence(
            paths, self.ledger.writer, backend=backend, job=job, name=name, cores=cores
        )
        self.crew = Crew(paths, self.ledger.writer, cores, self.params)
        self.scheduler = Scheduler(paths, self.ledger, self.presence.gone)
        self.planner = Planner(paths, self.scheduler)
        self.orders = Orders(paths, self.ledger.writer)
        self.stop_by: float | None = None
        self.false_starts = 0  # cores in a row that ended before they could train
        self.looked = -LOOK_SECONDS
        self.barren_until = 0.0  # nothing was left to claim: no use in trying at every event
        self.left = math.inf if trials is None else trials

    @property
    def params(self) -> Params:
        """The newest parameters."""
        return self.outlook.params

    def run(self) -> None:
        """Work until done."""
        self.orders.catch_signals()
        become_subreaper()
        try:
            while not self._done():
                self._wait()
                self._listen()
                self._look()
                self._assign()
                self.presence.beat(self.crew, self._state())
        finally:
            self._close()

    # -- what others want -------------------------------------------------------------------

    def _look(self) -> None:
        """Look at commands, revisions, other writers, and what could not be written."""
        if time.monotonic() - self.looked < LOOK_SECONDS:
            return
        self.looked = time.monotonic()
        revision = self.outlook.revision
        if not self.outlook.look(self.orders, self.presence, self.ledger):
            return
        if self.outlook.revision != revision:
            self.crew.adopt(self.params)
            self.planner.forget_points()
            self.barren_until = 0.0
        if self.orders.commands.cores is not None:
            self.crew.size = self.orders.commands.cores
        self.ledger.settle()
        self.ledger.flush_reports()
        self.crew.end_idle()

    def _pause_if_sick(self) -> None:
        if self.orders.paused is None:
            forgiven = self.orders.commands.forgiven
            if reason := reason_to_pause(
                self.outlook.snapshot, self.params.search.max_failures, forgiven
            ):
                self.orders.pause(reason, "failures")

    # -- giving work to cores ---------------------------------------------------------------

    def _assign(self) -> None:
        if self.orders.stop:
            self._wind_down()
            return
        if self.orders.paused or self.outlook.away or not self.ledger.healthy:
            return
        self._start_ready()
        idle = len(self.crew.idle()) - self.planner.pending
        if idle > 0 or len(self.crew.members) < self.crew.size:
            self._find_work(idle)
        self._start_ready()
        self.planner.ask(self.outlook.revision)

    def _find_work(self, idle: int) -> None:
        """Claim trials for idle cores, and start cores that are missing."""
        if time.monotonic() < self.barren_until or not self.outlook.refresh(self.presence):
            return
        self._pause_if_sick()
        if self.orders.paused:
            return
        work = self.scheduler.waiting(self.outlook.snapshot, self.params.search.max_trials)
        work = int(min(work, self.left - self.planner.pending))
        self._open_cores(work)
        count = max(0, min(idle, work))
        self.planner.claim(count, self.outlook.snapshot, self.params, self.presence.live_cores)
        if work <= 0:
            self.barren_until = time.monotonic() + LOOK_SECONDS

    def _open_cores(self, work: int) -> None:
        """Start cores for the work there is, not more."""
        members = len(self.crew.members)
        wanted = len(self.crew.busy()) + self.planner.pending + work
        try:
            for _ in range(min(wanted, self.crew.size) - members):
                if not self.crew.open():
                    break
            if work and len(self.crew.members) > members:
                self.planner.suggester.start()  # its imports then run beside those of the cores
        except OSError as error:  # no memory, no process, no descriptor left: perhaps later
            self.barren_until = time.monotonic() + LOOK_SECONDS
            self.ledger.trouble(f"no core can be started: {error}")

    def _start_ready(self) -> None:
        for member in self.crew.idle():
            if not self.planner.to_start or not self.ledger.healthy:
                return
            self._start(member, *self.planner.to_start.popleft())

    def _start(self, member: Member, assignment: Assignment, point: dict[str, Any]) -> None:
        seed = seed_for(self.params.search.seed, "trial", assignment.tid)
        search = self.params.search
        if not self.recorder.started(member, assignment, point, self.outlook.revision, seed):
            self.planner.to_start.appendleft((assignment, point))
            return
        self.left -= 1
        fits = not self.params.space.check(point)
        run = Run(
            tid=assignment.tid,
            attempt=assignment.attempt,
            stage=assignment.stage,
            seed=seed,
            # The point of an older space: the objective says what is missing, if anything is.
            point=self.params.space.complete(point) if fits else point,
            fixed=self.params.fixed,
            metric=search.metric,
            maximize=search.direction == "maximize",
            checkpoint=str(self.paths.checkpoint(assignment.tid, assignment.attempt)),
        )
        self.crew.start(member, run)

    # -- what the cores say -----------------------------------------------------------------

    def _wait(self) -> None:
        poll = select.poll()
        for member in self.crew.members.values():
            for fd in member.core.fileno_pair():
                poll.register(fd, select.POLLIN)
        poll.register(self.orders.wake_fd, select.POLLIN)
        suggester = self.planner.suggester
        if suggester.asked is not None and (out := suggester.fileno()) is not None:
            poll.register(out, select.POLLIN)
        ready = {fd for fd, _ in poll.poll(self._patience() * 1000)}
        if self.orders.wake_fd in ready:
            self.orders.woken()
        if suggester.fileno() in ready and (problem := self.planner.receive(self.outlook.revision)):
            self.ledger.trouble(problem)
            self.orders.pause(problem.splitlines()[0], "suggest")

    def _patience(self) -> float:
        """Return how many seconds there is nothing to do by itself."""
        now = time.monotonic()
        times = [self.looked + LOOK_SECONDS]
        times += [m.deadline for m in self.crew.busy() if m.deadline is not None]
        times += [self.stop_by] if self.stop_by is not None and self.crew.busy() else []
        return max(0.0, min(times) - now)

    def _listen(self) -> None:
        for member, message in self.crew.receive():
            if isinstance(message, Ready):
                self._ready(member, message)
            elif isinstance(message, Broken):
                self._broken(member, message)
            elif isinstance(message, Gone):
                self._ended(member, message)
            elif member.core.run is not None:
                self._trial_says(member, member.core.run, message)
        for member in self.crew.overdue():
            limit = self.params.cores.time_limit
            gone = self.crew.end(member, ("time_limit", f"it ran longer than {limit:g} s"))
            self._ended(member, gone)

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
        text = f"the objective {self.params.search.objective} cannot be imported: {message.text}"
        if self.orders.paused is None:
            self._give_up_starting(text, message.traceback)

    def _trial_says(self, member: Member, run: Run, message: Reported | Done) -> None:
        if isinstance(message, Reported):
            self.ledger.report(run.tid, run.attempt, message.step, message.values)
            return
        if message.outcome == "interrupted" and self.orders.preempted:
            member.killed_for = ("preempted", "the job has to end")
            self.recorder.ended(member, run, Gone(None), retry=True)
        else:
            self.recorder.finished(member, run, message)
        self.scheduler.release(run.tid)

    def _ended(self, member: Member, gone: Gone) -> None:
        if gone.status is None and member.killed_for is None:
            self.crew.kill_strays(self._helpers)
        run = member.core.run
        if run is None:
            self._could_not_start(member, gone)
            return
        trial = self.outlook.snapshot.trials.get(run.tid)
        deaths = trial.deaths if trial is not None else 0
        self.recorder.ended(member, run, gone, retry=deaths < self.params.cores.retries)
        self.scheduler.release(run.tid)

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

    def _helpers(self) -> set[int]:
        pid = self.planner.suggester.pid
        return {pid} if pid is not None else set()

    # -- the end ----------------------------------------------------------------------------

    def _wind_down(self) -> None:
        """End idle cores; stop running trials if told so."""
        self.crew.end_idle(seconds=0.0)
        if self.orders.stop != "now":
            return
        now = time.monotonic()
        if self.stop_by is None:
            self.stop_by = now + self.params.cores.grace
            for member in self.crew.busy():
                member.core.ask_to_stop()
        if now >= self.stop_by:
            word = "preempted" if self.orders.preempted else "stopped"
            for member in self.crew.busy():
                self._ended(member, self.crew.end(member, (word, "ended with its core")))

    def _done(self) -> bool:
        if self.crew.busy() or not self.ledger.healthy:
            return False
        if self.orders.stop or self.left <= 0:
            return True
        if self.planner.pending or not self._nothing_left():
            return False
        self.looked = -LOOK_SECONDS  # someone may have asked for more in the last two seconds
        self._look()
        return self._nothing_left()

    def _nothing_left(self) -> bool:
        return self.scheduler.finished(self.outlook.snapshot, self.params.search.max_trials)

    def _state(self) -> str:
        """Return what this pool is doing, for people."""
        if self.orders.stop:
            return "stopping" + (
                " now" if self.orders.stop == "now" else " after the running trials"
            )
        if self.outlook.away:
            return f"cannot read: {self.outlook.away}"
        if self.ledger.complaint:
            return f"cannot write: {self.ledger.complaint}"
        if self.orders.paused:
            return "paused"
        return "running"

    def _close(self) -> None:
        for member in self.crew.busy():  # only after an error of this pool itself
            self._ended(member, self.crew.end(member, ("stopped", "its pool ended")))
        self.crew.close()
        self.planner.suggester.close()
        self.crew.kill_strays(set)
        self.presence.beat(self.crew, "ended", least=0.0)
        self.ledger.close()
        with suppress(HistoryError):
            commands.withdraw(self.paths, self.ledger.writer)
