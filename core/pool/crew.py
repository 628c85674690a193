"""The cores of one pool: started when there is work, given GPUs and threads, ended in time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trialdeck.core.machine import usable_cpus
from trialdeck.core.objective import split_spec
from trialdeck.core.params.model import DEFAULT_OBJECTIVE
from trialdeck.core.pool.cores import Core, ForkServer, Gone, kill_strays, thread_limits
from trialdeck.core.pool.gpus import GpuSlots, chosen_gpus
from trialdeck.core.pool.messages import Done, Run, Setup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.params.model import Params
    from trialdeck.core.pool import messages

# torch alone is not enough: the first optimiser imports torch._dynamo, which takes as long again.
TORCH = ("torch", "torch.optim", "torch._dynamo")
IDLE_SECONDS = 30.0  # a core without work gives its memory and its GPU back after this long


@dataclass(slots=True)
class Member:
    """A core and what the pool keeps about it. Times are of the monotonic clock."""

    core: Core
    slot: tuple[str, int] | None
    since: float = field(default_factory=time.monotonic)
    deadline: float | None = None  # of the running trial
    killed_for: tuple[str, str] | None = None  # cause and text, once the pool has ended it
    environment: str = ""


class Crew:
    """At most `size` cores; at most one trial on each."""

    def __init__(self, paths: HistoryPaths, writer: str, size: int, params: Params) -> None:
        self.paths = paths
        self.writer = writer
        self.size = size
        self.params = params
        self.members: dict[int, Member] = {}
        self.server = ForkServer(_preload(params), self.threads)
        self.slots = GpuSlots(chosen_gpus(params.cores.gpus), params.cores.per_gpu)

    @property
    def threads(self) -> int:
        """Threads per core: as set, else the machine's CPUs shared out."""
        return self.params.cores.threads or max(1, usable_cpus() // max(1, self.size))

    def open(self) -> bool:
        """Start one more core. False when there are enough, or no GPU is free for it."""
        index = next((i for i in range(self.size) if i not in self.members), None)
        if index is None:
            return False
        slot = self.slots.take()
        if self.slots.gpus and slot is None:
            return False
        core = Core(index, self._setup(index, slot), self.server)
        self.members[index] = Member(core, slot)
        return True

    def _setup(self, index: int, slot: tuple[str, int] | None) -> Setup:
        environment = thread_limits(self.threads)
        environment["CUDA_VISIBLE_DEVICES"] = slot[0] if slot else ""
        return Setup(
            objective=self.params.search.objective,
            folder=str(self.paths.project),
            log=str(self.paths.log(self.writer, index)),
            core=index,
            threads=self.threads,
            environment=environment,
            device="cuda:0" if slot else "cpu",
            fixed=self.params.fixed,
        )

    def idle(self) -> list[Member]:
        """Return the cores that are ready for a trial; those above `size` get none."""
        return [
            m
            for m in self.members.values()
            if m.core.ready and m.core.run is None and not self._is_surplus(m)
        ]

    def busy(self) -> list[Member]:
        """Return the cores that are running a trial."""
        return [m for m in self.members.values() if m.core.run is not None]

    def start(self, member: Member, run: Run) -> None:
        """Begin a trial on an idle core."""
        limit = self.params.cores.time_limit
        member.since = time.monotonic()
        member.deadline = None if limit is None else member.since + limit
        member.core.start(run)

    def receive(self) -> Iterator[tuple[Member, messages.FromCore | Gone]]:
        """Yield what the cores have said; a core that is `Gone` is no member any more."""
        for index, member in list(self.members.items()):
            for message in member.core.receive():
                if isinstance(message, Gone):
                    self._dismiss(index)
                yield member, message
                if isinstance(message, Done):
                    member.core.run = None
                    member.since = time.monotonic()
                    self.end_if_outdated(member)

    def end(self, member: Member, cause: tuple[str, str] | None = None) -> Gone:
        """End a core with everything it started."""
        member.killed_for = cause
        member.core.close()
        self._dismiss(member.core.index)
        return Gone(None)

    def _dismiss(self, index: int) -> None:
        member = self.members.pop(index, None)
        if member is not None and member.slot is not None:
            self.slots.give_back(member.slot)

    def overdue(self) -> list[Member]:
        """Return the cores whose trial has run for longer than the time limit."""
        now = time.monotonic()
        return [m for m in self.busy() if m.deadline is not None and now > m.deadline]

    def end_idle(self, *, seconds: float = IDLE_SECONDS) -> None:
        """End the cores that have had nothing to do for so long, and those above `size`."""
        now = time.monotonic()
        for member in list(self.members.values()):
            late = now - member.since >= seconds
            if member.core.run is None and (late or self._is_surplus(member)):
                self.end(member)

    def _is_surplus(self, member: Member) -> bool:
        return member.core.index >= self.size

    def adopt(self, params: Params) -> None:
        """Take up a new revision; cores that were set up otherwise start anew once idle."""
        self.params = params
        for member in self.idle():
            self.end_if_outdated(member)

    def end_if_outdated(self, member: Member) -> bool:
        """End a core that a revision wants set up otherwise: it starts anew with its next trial."""
        outdated = self._setup(member.core.index, member.slot) != member.core.setup
        if outdated:
            self.end(member)
        return outdated

    def kill_strays(self, spare: Callable[[], set[int]]) -> None:
        """Kill what a killed guard has left behind."""
        guards = {m.core.pid for m in self.members.values() if m.core.pid is not None}
        own = {self.server.pid} if self.server.pid is not None else set()
        kill_strays(guards | own | spare())

    def close(self) -> None:
        """End every core and the fork server."""
        for member in list(self.members.values()):
            self.end(member)
        self.server.close()


def _preload(params: Params) -> tuple[str, ...]:
    """Return what the fork server imports: as set, else torch where the objective may use it."""
    if params.cores.preload is not None:
        return tuple(params.cores.preload)
    if params.search.objective == DEFAULT_OBJECTIVE:
        return TORCH[:1]  # it has an optimiser of its own
    place, _ = split_spec(params.search.objective)
    try:
        text = (params.folder / place).read_text(errors="replace") if place.endswith(".py") else ""
    except OSError:
        text = ""
    return () if text and "torch" not in text else TORCH
