"""What a pool has to ask the place where it runs, asked by threads: a place may answer late."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trialdeck.backends.base import Handle, OwnJob, State
from trialdeck.core.errors import LaunchError
from trialdeck.core.history.writers import JobEnd
from trialdeck.core.launches import Launches

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trialdeck.backends.base import Backend, Status
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.writers import Liveness, WriterFile

ASK_SECONDS = 60.0  # between two questions about the time that is left
POLL_SECONDS = 30.0  # between two questions about other jobs
ANSWER_SECONDS = 5.0  # a pool waits for an answer about its own job so long at most
WORD_SECONDS = 10.0  # and for what the place says of the end of another
RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What a job knows of its own end; times are of the monotonic clock.

    `asked` is when the newest question was put that is over, answered or not. `ends_at` is None
    when the place sets no end, or none is known; `grace` is the time from SIGTERM to the kill.
    """

    asked: float = -math.inf
    ends_at: float | None = None
    grace: float | None = None


class Errands:
    """Asks a place about the job `job`, and about the jobs of other pools there.

    `news` is called, from a thread, when there is an answer. A place that does not answer, or
    `place` None, means that nothing is known; `trouble` then says why, or is "".
    """

    def __init__(
        self,
        paths: HistoryPaths,
        place: Backend | None,
        job: str,
        liveness: Liveness,
        news: Callable[[], None],
    ) -> None:
        self.place = place
        self.job = job
        self.liveness = liveness
        self.news = news
        self._launches = Launches(paths.launches)
        self.facts = JobFacts()
        self.trouble = ""
        self._own: OwnJob | None = None
        self._why = ""
        self._why_asked: threading.Event | None = None
        self._wake = threading.Event()
        self._ask = True
        self._doubtful: Mapping[str, WriterFile] = {}
        self._first_doubted: dict[str, float] = {}  # by writer: when it was doubted first
        self._polled = -math.inf

    def start(self) -> None:
        """Begin to ask, where there is something to ask."""
        if self.place is None:
            return
        try:
            self._own = self.place.own_job(self.job)
        except LaunchError as error:
            self.trouble = str(error)
        if self.knows_time or self.place.scarce:
            threading.Thread(target=self._run, name="errands", daemon=True).start()

    @property
    def knows_time(self) -> bool:
        """Whether the place can say something of the own job at all."""
        return self._own is not None and type(self._own) is not OwnJob

    def ask_now(self) -> None:
        """Have the time that is left asked for at once."""
        self._ask = True
        self._wake.set()

    def ask_why(self) -> None:
        """Have it asked why the job has been told to end."""
        if self._why_asked is None and self.knows_time:
            self._why_asked = threading.Event()
            threading.Thread(target=self._ask_why, args=(self._why_asked,), daemon=True).start()

    def why_ending(self, patience: float) -> str:
        """Return what `ask_why` has found out; wait for it so many seconds at most."""
        if self._why_asked is not None:
            self._why_asked.wait(max(0.0, patience))
        return self._why

    # -- other pools ------------------------------------------------------------------------

    def doubt(self, writers: Mapping[str, WriterFile]) -> None:
        """Say which pools of the same place may be gone: `Liveness` learns what it says of them."""
        now = time.monotonic()
        new = writers.keys() - self._first_doubted.keys()
        self._first_doubted.update(dict.fromkeys(new, now))
        self._doubtful = writers
        if new:
            self._wake.set()

    def awaits_word_of(self, writer: str) -> bool:
        """Whether the place should have its say first about a writer that is gone.

        It may need a moment itself to know how a job has ended.
        """
        since = self._first_doubted.get(writer)
        if since is None or self.liveness.job_end(writer) is not None:
            return False
        return time.monotonic() - since < WORD_SECONDS

    # -- in threads -------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while True:
                self._go()
                self._wake.wait(RETRY_SECONDS if self._awaited() else POLL_SECONDS)
                self._wake.clear()
        except Exception as error:  # noqa: BLE001 - nothing of this may harm the pool, which tells
            self.trouble = f"{self.job} cannot ask its place: {type(error).__name__}: {error}"
            self.news()

    def _go(self) -> None:
        now = time.monotonic()
        if self._own is not None and (self._ask or now - self.facts.asked >= ASK_SECONDS):
            self._ask = False
            self._ask_time(self._own, now)
        if self._doubtful and (self._awaited() or now - self._polled >= POLL_SECONDS):
            self._polled = now
            self._ask_about(self._doubtful)

    def _awaited(self) -> bool:
        return any(map(self.awaits_word_of, self._doubtful))

    def _ask_time(self, own: OwnJob, now: float) -> None:
        try:
            grace = own.grace() if self.facts.grace is None else self.facts.grace
            left = own.seconds_left()
        except LaunchError:  # what was known before holds
            self.facts = replace(self.facts, asked=now)
        else:
            ends_at = None if left is None else time.monotonic() + left
            self.facts = JobFacts(now, ends_at, grace)
        self.news()

    def _ask_why(self, asked: threading.Event) -> None:
        try:
            self._why = self._own.why_ending() if self._own is not None else ""
        except Exception as error:  # noqa: BLE001 - as above
            self.trouble = f"why {self.job} has to end is not known: {error}"
        finally:
            asked.set()

    def _ask_about(self, files: Mapping[str, WriterFile]) -> None:
        if self.place is None:
            return
        handles = {writer: self._handle(file) for writer, file in files.items()}
        try:
            said = self.place.poll(sorted(set(handles.values()), key=lambda handle: handle.job))
        except LaunchError:
            said = {}
        for writer, handle in handles.items():
            if (end := end_of(files[writer].job, said.get(handle))) is not None:
                self.liveness.job_is_over(writer, end)
        self.news()

    def _handle(self, file: WriterFile) -> Handle:
        launch = self._launches.read(file.name) if file.name else None
        # Submitted by hand, it has left no note: the contract says how its handle begins.
        job = launch.job if launch and launch.job else file.job.rpartition("_")[0] or file.job
        return Handle(file.backend, job)


def end_of(job: str, status: Status | None) -> JobEnd | None:
    """Return what a place says of the end of a job that began once, by its launch's status."""
    if status is None:
        return None
    own = status.jobs.get(job)
    if own is not None and own.state == State.QUEUED:  # the place took it back, to start it anew
        return JobEnd(own.reason, blameless=True)
    said = own if own is not None and own.state.final else status
    return JobEnd(said.reason, blameless=said.taken) if said.state.final else None
