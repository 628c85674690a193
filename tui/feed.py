"""The application's two threads: one looks at the search, one does what the user asks.

They are daemons and only post messages, so that neither a slow disk nor a scheduler that does not
answer keeps the terminal from being drawn, or the application from being closed.
"""

from __future__ import annotations

import queue
import threading
import traceback
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from trialdeck.backends.base import Question
from trialdeck.core.errors import TrialdeckError
from trialdeck.tui.messages import JobAsks, JobDone, JobFailed, Looked
from trialdeck.tui.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

    from trialdeck.core.links import SiteRow
    from trialdeck.core.search import Search
    from trialdeck.tui.session import Session

    Post = Callable[[Message], object]

BUSY_SECONDS = 0.5  # between two looks while cores run
IDLE_SECONDS = 1.0
_QUIT = object()


class Job(NamedTuple):
    """What to do in the worker thread, and what takes its result, or its error's text, then.

    One that is `apart` may take long and has a thread of its own, so that others do not wait. When
    a place has a question, the user is asked and then it is done again; of one that does not `ask`
    the question's text is an error.
    """

    work: Callable[[Session], Any]
    then: Callable[[Any], None] | None = None
    otherwise: Callable[[str], None] | None = None
    apart: bool = False
    asks: bool = True
    origin: Job | None = None  # the job of which this one is another try

    def answering(self, question: Question, said: str) -> Job:
        """Return the job that answers a question and then does this one."""

        def work(session: Session) -> Any:
            question.answer(said)
            return self.work(session)

        return self._replace(work=work, origin=self)


class Feed(Protocol):
    """Where the application gets its news from, and who does its work."""

    def start(self, post: Post) -> None:
        """Begin to post `Looked`."""
        ...

    def do(self, job: Job) -> None:
        """Do a job; a `JobDone` or `JobFailed` follows."""
        ...

    def look_now(self) -> None:
        """Look at the search without waiting for the next time."""
        ...

    def stop(self) -> None:
        """Post no more."""
        ...


class LiveFeed:
    """Looks at a real search, twice a second while cores run."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._post: Post = lambda _message: None
        self._jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._over = False

    def start(self, post: Post) -> None:
        """Start both threads."""
        self._post = post
        threading.Thread(target=self._watch, name="watch", daemon=True).start()
        threading.Thread(target=self._work, name="work", daemon=True).start()

    def do(self, job: Job) -> None:
        """Queue a job for the worker thread."""
        if job.apart:
            threading.Thread(target=self._do, args=(job,), name="apart", daemon=True).start()
        else:
            self._jobs.put(job)

    def look_now(self) -> None:
        """Wake the watching thread."""
        self._wake.set()

    def stop(self) -> None:
        """Let both threads end when they come to it; nobody waits for them."""
        self._over = True
        self._wake.set()
        self.session.leave()
        self._jobs.put(_QUIT)

    def _watch(self) -> None:
        watcher = Watcher(self.session)
        while not self._over:
            try:
                seen = watcher.look()
            except Exception as error:  # noqa: BLE001 - it is shown, and the thread goes on looking
                seen = None
                self._say(JobFailed(f"{type(error).__name__}: {error}", traceback.format_exc()))
            if seen is not None:
                self._say(Looked(seen))
            self._wake.wait(BUSY_SECONDS if watcher.busy else IDLE_SECONDS)
            self._wake.clear()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not _QUIT:
            self._do(job)

    def _do(self, job: Job) -> None:
        self._say(done(job, self.session))
        self._wake.set()

    def _say(self, message: Message) -> None:
        with suppress(RuntimeError):  # the application has just ended
            if not self._over:
                self._post(message)


def done(job: Job, session: Session) -> Message:
    """Do a job and return the message about it."""
    try:
        return JobDone(job.then, job.work(session))
    except Question as question:
        if job.asks:
            return JobAsks(question, job.origin or job)
        return JobFailed(question.text, otherwise=job.otherwise)
    except TrialdeckError as error:
        return JobFailed(str(error), otherwise=job.otherwise)
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not end the application
        text = f"{type(error).__name__}: {error}"
        return JobFailed(text, traceback.format_exc(), job.otherwise)


class Watcher:
    """Looks at the search of a session; remembers what the last look had read."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._last: Seen | None = None
        self._search: Search | None = None
        self._about: Any = None  # curves and happenings of this search

    @property
    def busy(self) -> bool:
        """Whether something may happen at any moment."""
        return self._last is not None and bool(self._last.cores)

    def look(self) -> Seen | None:
        """Return what is known now, None when it is what was known before."""
        search = self.session.find()
        if search is None:
            self._search = None
            return self._news(self._without_search())
        if search is not self._search:
            self._search = search
            self._about = _About(search)
            if self._last is None or self._last.name != search.paths.name:
                return self._news(self._reading(search))
        try:
            return self._news(self._with(search))
        except TrialdeckError as error:
            return self._news(self._reading(search, str(error)))

    def _news(self, seen: Seen) -> Seen | None:
        if seen.same_as(self._last):
            return None
        self._last = seen
        return seen

    def _without_search(self) -> Seen:
        session = self.session
        return Seen(session.file, has_draft=session.has_draft, trouble=session.why_none())

    def _reading(self, search: Search, trouble: str = "") -> Seen:
        file, draft = self.session.file, self.session.has_draft
        return Seen(file, search.paths.name, draft, reading=not trouble, trouble=trouble)

    def _with(self, search: Search) -> Seen:
        look = search.look()
        revision = search.revision
        return Seen(
            self.session.file,
            search.paths.name,
            self.session.has_draft,
            look=look,
            params=search.params,
            revision=revision,
            curves=self._about.curves(look),
            happenings=self._about.happenings(look),
            sites=tuple(_settled(row) for row in search.sites()),
        )


def _settled(row: SiteRow) -> SiteRow:
    """Return a row that stays the same while all is well: signs of life are no news."""
    if row.contact.state != "connected":
        return row
    return replace(row, contact=replace(row.contact, heard=None))


class _About:
    """What besides the trials themselves is read of one search."""

    def __init__(self, search: Search) -> None:
        from trialdeck.core.happenings import Happenings
        from trialdeck.core.history.live_curves import LiveCurves

        self._happenings = Happenings()
        self._curves = LiveCurves(search.paths)
        self._seen: Any = None
        self._texts: Any = ()

    def happenings(self, look: Any) -> Any:
        """Return the latest events."""
        if look.snapshot is not self._seen:
            self._seen, self._texts = look.snapshot, self._happenings.update(look.snapshot)
        return self._texts

    def curves(self, look: Any) -> Any:
        """Return the learning curves of the trials that run."""
        running = {core.tid: core.attempt for core in look.cores if core.tid is not None}
        return self._curves.refresh(running, {core.writer for core in look.cores if core.writer})
