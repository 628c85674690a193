"""A pool: the parent of the cores of one machine or job, and the only process there that writes.

It claims trials, has points suggested, hands them to its cores, and records what became of them.
Everything it waits for is a file descriptor or a time, so one thread does it all.
"""

from __future__ import annotations

import math
import select
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trialdeck.backends.process import become_subreaper
from trialdeck.core.budget import all_ended
from trialdeck.core.errors import HistoryError
from trialdeck.core.history import commands
from trialdeck.core.history.writers import Liveness
from trialdeck.core.pool import farewell
from trialdeck.core.pool.crew import Crew
from trialdeck.core.pool.deadline import Deadline
from trialdeck.core.pool.errands import Errands
from trialdeck.core.pool.fitting import Fitting
from trialdeck.core.pool.health import reason_to_pause
from trialdeck.core.pool.hearing import Hearing
from trialdeck.core.pool.keeper import Keeper
from trialdeck.core.pool.ledger import Ledger
from trialdeck.core.pool.listening import Listener
from trialdeck.core.pool.messages import Run
from trialdeck.core.pool.neighbours import Neighbours
from trialdeck.core.pool.orders import Orders
from trialdeck.core.pool.outlook import Outlook
from trialdeck.core.pool.planning import Planner
from trialdeck.core.pool.presence import Presence
from trialdeck.core.pool.pruner import Pruner
from trialdeck.core.pool.recording import Recorder
from trialdeck.core.pool.scheduling import Scheduler
from trialdeck.core.pool.surplus import SPARE, Surplus
from trialdeck.core.seeds import seed_of
from trialdeck.core.stages import SEARCHING

if TYPE_CHECKING:
    from trialdeck.backends.base import Backend
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.params.model import Params
    from trialdeck.core.pool.crew import Member
    from trialdeck.core.pool.scheduling import Assignment

SITE_SECONDS = 0.5
LOOK_SECONDS = 2.0  # commands, revisions and other writers are looked at this often


class Pool:
    """Runs the trials of one search on `cores` cores until there are none left, or told to stop.

    `trials`, if given, is how many it starts at most. `place` is the backend called `backend`,
    None where the pool was started by hand. `watch` are an outlook and a watch over the writers
    that exist already.
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
        place: Backend | None = None,
        watch: tuple[Outlook, Liveness] | None = None,
    ) -> None:
        self.paths = paths
        self.scarce = place is not None and place.scarce
        self.outlook = watch[0] if watch else Outlook(paths)
        site = self.outlook.site
        liveness = watch[1] if watch else Liveness(paths, site=site.name)
        self.ledger = Ledger(paths, "pool", site)
        writer = self.ledger.writer
        self.presence = Presence(
            paths,
            writer,
            liveness,
            backend=backend,
            job=job,
            name=name,
            cores=cores,
            site=site.name,
        )
        self.orders = Orders(paths, writer)
        self.errands = Errands(paths, place, job, liveness, self.orders.wake)
        self.deadline = Deadline(self.errands, self.orders)
        self.fitting = Fitting(paths, self.deadline, liveness, backend)
        self.neighbours = Neighbours(self.presence, self.errands, asked=self.scarce)
        self.surplus = Surplus(paths, liveness, writer)
        self.hearing = None if site.is_home else Hearing(paths)
        self.crew = Crew(paths, writer, cores, self.params)
        self.scheduler = Scheduler(
            paths, self.ledger, self.neighbours.lost, liveness.job_end, site=self.outlook.site.name
        )
        self.planner = Planner(paths, self.scheduler)
        self.recorder = Recorder(self.ledger)
        self.keeper = Keeper(paths, self.ledger.recorded)
        self.pruner = Pruner(paths, self.ledger, self.orders.wake)
        self.listener = Listener(
            *(self.crew, self.ledger, self.recorder, self.planner, self.orders),
            *(self.outlook, self.deadline),
            pruner=self.pruner,
        )
        self.told_to_stop = False  # the trials that run
        self.looked = -LOOK_SECONDS
        self.barren_until = 0.0  # nothing was left to claim: no use in trying at every event
        self.left = math.inf if trials is None else trials

    @property
    def params(self) -> Params:
        """The newest parameters."""
        return self.outlook.params

    @property
    def grace(self) -> float:
        """How many seconds trials get to end when they are told to."""
        return self.params.cores.grace

    def run(self) -> None:
        """Work until done."""
        self.orders.catch_signals()
        become_subreaper()
        self.errands.start()
        self.pruner.adopt(self.params)
        try:
            while not self._done():
                self._wait()
                self.listener.listen()
                self._look()
                self.deadline.look(self.grace)
                self._assign()
                self._keep()
                why = self.orders.why or self.orders.done
                self.presence.beat(self.crew, self._state(), why, spare=self.surplus.idle)
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
            self.pruner.adopt(self.params)
            self.planner.forget_points()
            self.barren_until = 0.0
        if self.orders.commands.cores is not None:
            self.crew.size = self.orders.commands.cores
        self.neighbours.look(self.outlook.snapshot)
        self.pruner.look(self.outlook.snapshot, busy=bool(self.crew.busy()))
        if self.scarce and self.surplus.is_one:
            self.orders.finish(SPARE)
        if self.hearing is not None and (quiet := self.hearing.gone_quiet()) and self.surplus.idle:
            self.orders.finish(quiet)
        self.ledger.settle()
        self.ledger.flush_reports()
        self.crew.end_idle()

    def _keep(self) -> None:
        """Keep the networks of the best trials, and nothing else of those that have finished."""
        self.keeper.look(self.outlook.snapshot, self.params.checkpoints.keep_best)

    def _pause_if_sick(self) -> None:
        if self.orders.paused is None:
            forgiven = self.orders.commands.forgiven
            if reason := reason_to_pause(
                self.outlook.snapshot, self.params.search.max_failures, forgiven
            ):
                self.orders.pause(reason, "failures")

    # -- giving work to cores ---------------------------------------------------------------

    def _assign(self) -> None:
        self._choose_work()
        if self.orders.stop:
            self.surplus.note(idle=False)
            self._wind_down()

    def _choose_work(self) -> None:
        if self.orders.stop or self.deadline.awaited:
            return
        if self.orders.paused or self.outlook.away or not self.ledger.healthy:
            self.surplus.note(idle=False)
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
        self.neighbours.look(self.outlook.snapshot)
        self._pause_if_sick()
        if self.orders.paused:
            return
        if why := self.fitting.why_not(self.outlook.snapshot, self.grace):
            self.orders.finish(why)
            return
        work = self.scheduler.waiting(self.outlook.snapshot, self.outlook.budget)
        work = int(min(work, self.left - self.planner.pending))
        self.surplus.needed = max(1, self.outlook.budget.awaited)
        self.surplus.note(idle=work <= 0 and not self.planner.pending and not self.crew.busy())
        self._open_cores(work)
        # A trial that is still to begin may become one of the best: promotions wait for it.
        waits = bool(self.outlook.budget.further and self.planner.to_suggest)
        count = 0 if waits else max(0, min(idle, work))
        self.planner.claim(
            count,
            self.outlook.snapshot,
            self.outlook.budget,
            self.params,
            self.presence.live_cores,
        )
        if work <= 0:
            self.barren_until = time.monotonic() + self._barren_seconds

    @property
    def _barren_seconds(self) -> float:
        """How long nothing new is looked for."""
        return SITE_SECONDS if self._expects_more else LOOK_SECONDS

    @property
    def _expects_more(self) -> bool:
        """Whether there may be more to do at any moment: a grant, or another stage."""
        return not self.outlook.site.is_home or bool(self.outlook.budget.awaited)

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
        seed = seed_of(self.params.search.seed, assignment.tid)
        search = self.params.search
        if self.scheduler.overtaken(assignment):
            self.scheduler.release(assignment.tid)
            return
        if not self.recorder.started(member, assignment, point, self.outlook.revision, seed):
            # It keeps its point, which may be on the disk, whatever becomes of the space.
            self.planner.to_start.appendleft((replace(assignment, point=point), point))
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
            model=str(self.paths.model(assignment.tid, assignment.attempt)),
            fraction=self.params.fraction if assignment.stage == SEARCHING else 1.0,
            # What runs once more, on all of the sample, say, is wanted whole.
            pruning=self.pruner.rule if assignment.stage == 0 else None,
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
        if self._expects_more and self.crew.idle():
            times += [max(self.barren_until, now + SITE_SECONDS / 2)]
        times += [m.deadline for m in self.crew.busy() if m.deadline is not None]
        times += self.deadline.times(self.grace) if self.crew.busy() else []
        return max(0.0, min(times) - now)

    # -- the end ----------------------------------------------------------------------------

    def _wind_down(self) -> None:
        """End idle cores; stop running trials if told so."""
        self.crew.end_idle(seconds=0.0)
        if self.orders.stop != "now":
            return
        if not self.told_to_stop:
            self.told_to_stop = True
            for member in self.crew.busy():
                member.core.ask_to_stop()
        if time.monotonic() >= self.deadline.stop_by(self.grace):
            for member in self.crew.busy():
                self.listener.interrupt(member)

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
        return all_ended(self.outlook.snapshot, self.outlook.budget)

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
            self.listener.end(member, "stopped", "its pool ended")
        self.crew.close()
        self.planner.suggester.close()
        self.pruner.close()
        self.crew.kill_strays(set)
        self._take_leave()
        if self.keeper.recorded:
            with suppress(HistoryError):
                self.outlook.refresh(self.presence)
            self._keep()
        self.presence.beat(self.crew, "ended", self.orders.why or self.orders.done, least=0.0)
        self.ledger.close()
        with suppress(HistoryError):
            commands.withdraw(self.paths, self.ledger.writer)

    def _take_leave(self) -> None:
        """Let go of what this search has no more use for."""
        trouble = self.errands.trouble
        if text := self.fitting.too_short:
            self.ledger.trouble(text)
            name, liveness = self.presence.file.name, self.presence.liveness
            trouble = farewell.give_up_launch(self.paths, liveness, name, text)
        elif not self.orders.preempted and self._nothing_left():
            trouble = farewell.release_all(self.paths, self.presence.liveness)
        if trouble:
            self.ledger.trouble(trouble)
