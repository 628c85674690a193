"""The ways to all sites of one search: a thread each, as long as there is anything to fetch."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck import backends
from trialdeck.backends.base import Contact, LaunchError, Question
from trialdeck.core import site_needs
from trialdeck.core.budget import open_at
from trialdeck.core.errors import HistoryError, TrialdeckError
from trialdeck.core.site_keeper import Home, SiteKeeper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from trialdeck.backends.base import Backend
    from trialdeck.core.history.snapshot import Snapshot

LOOK_SECONDS = 2.0  # between two looks at which sites there are, and at what is new here
STEP_SECONDS = 5.0  # a site where something lives is asked at least so often
IDLE_SECONDS = 30.0  # and one where nothing does
PAUSE_SECONDS = 0.1
RETRY_SECONDS = 2.0
GONE_SECONDS = 60.0  # a thread for a site of no more interest stays for so long


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site as people see it.

    `cores` is how many run trials there, as far as is known, `ahead` how many trials it has to go
    on with when nobody is connected. `trouble` says why nothing can be fetched, `question` what
    the user has to answer first.
    """

    name: str
    contact: Contact
    cores: int = 0
    ahead: int = 0
    trouble: str = ""
    question: Question | None = None


class Links:
    """Keeps the sites of one search in step, in threads. `place` returns a backend by its name."""

    def __init__(
        self,
        home: Home,
        settings: Callable[[], Mapping[str, Mapping[str, Any]]],
        place: Callable[[str], Backend],
    ) -> None:
        self.home = home
        self.settings = settings
        self.place = place
        self._links: dict[str, _Link] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether threads keep the sites in step."""
        return self._thread is not None

    def start(self) -> None:
        """Begin, unless it has begun."""
        with self._lock:
            if self._thread is None:
                self._over = threading.Event()
                self._thread = threading.Thread(target=self._run, name="sites", daemon=True)
                self._thread.start()

    def stop(self, patience: float = 2.0) -> None:
        """End all threads, and wait for them a moment; what runs at sites runs on."""
        with self._lock:
            thread, self._thread = self._thread, None
            links = list(self._links.values())
        self._over.set()
        for link in links:
            link.end()
        deadline = time.monotonic() + patience
        for one in (thread, *(link.thread for link in links)):
            if one is not None:
                one.join(max(0.0, deadline - time.monotonic()))
        self.home.granter.close()

    def nudge(self) -> None:
        """Have what is new here sent at once."""
        for link in list(self._links.values()):
            link.nudge.set()

    def answered(self, name: str) -> None:
        """Try a site again at once, as its question has been answered."""
        link = self._links.get(name)
        if link is not None:
            link.question = None
            link.nudge.set()

    def sync(self, seconds: float) -> list[str]:
        """Exchange once with every site of interest; return what went wrong, a sentence each.

        A site that takes longer than so many `seconds` is left to itself: it may answer yet.
        """
        sites = self.of_interest(self.home.snapshot())
        said: dict[str, str] = {}

        def work(name: str, backend: str) -> None:
            said[name] = self._once(name, backend)

        threads = {
            name: threading.Thread(target=work, args=(name, its), name=f"sync {name}", daemon=True)
            for name, its in sites.items()
        }
        for thread in threads.values():
            thread.start()
        deadline = time.monotonic() + seconds
        for thread in threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))
        late = {name: f"{name} did not answer within {seconds:g} s" for name in sites}
        return [text for text in (late | said).values() if text]

    def _once(self, name: str, backend: str) -> str:
        try:
            keeper = self.keeper(name, backend)
            keeper.step()
            keeper.step()  # what was granted or taken back is known there now
        except (TrialdeckError, OSError) as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - it would be lost in the thread, so it is told
            return f"{name}: {type(error).__name__}: {error}"
        return ""

    def give_up(self, site: str) -> int:
        """Void all that a site has not finished, without asking it; return how many trials."""
        snapshot = self.home.snapshot()
        tids = [*open_at(snapshot, site), *site_needs.unfinished_at(snapshot, site)]
        if tids:
            self.home.granter.void(tids, site, f"{site} was given up")
        for file in list(self.home.liveness.writers.values()):
            if file.site == site:
                self.home.liveness.is_dead(file.id)
        return len(tids)

    def fetch_log(self, path: Path) -> None:
        """Fetch what is new in a log, where its writer is at a site. Raises LaunchError."""
        folder = path.relative_to(self.home.paths.logs).parts[0]
        file = self.home.liveness.writers.get(folder)
        if file is not None and file.site != "home":
            self.keeper(file.site, file.backend).replica.fetch_log(path)

    def keeper(self, name: str, backend: str) -> SiteKeeper:
        """Connect to a site. Raises LaunchError."""
        place = self.place(backend)
        files = place.site(name, self.home.paths.project)
        return SiteKeeper(self.home, place, files, self.settings().get(backend, {}))

    def of_interest(self, snapshot: Snapshot) -> dict[str, str]:
        """Return the sites where something runs, waits or is to be fetched, with their backends."""
        used = [name for name in list(backends.BACKENDS) if self._used(name)]
        far = [name for name in used if backends.is_far(name)]
        if not far:
            return {}
        found = {one.site: one.backend for one in self.home.launches.recent() if one.site}
        liveness = self.home.liveness
        living = [f for f in liveness.writers.values() if not liveness.gone(f.id)]
        found |= {file.site: file.backend for file in living if file.backend in far}
        unfinished = (snapshot.trials[tid].site for tid in snapshot.unfinished)
        open_ = {*snapshot.granted.values(), *unfinished} - {"home"} - set(found)
        found |= dict.fromkeys(open_, far[0])
        return found

    def _used(self, backend: str) -> bool:
        return bool(self.settings().get(backend)) or any(
            launch.backend == backend for launch in self.home.launches.recent()
        )

    def rows(self) -> list[SiteRow]:
        """Return how the sites of interest stand, at once."""
        snapshot = self.home.recent()
        return [self._row(name, its, snapshot) for name, its in self.of_interest(snapshot).items()]

    def _row(self, name: str, backend: str, snapshot: Snapshot) -> SiteRow:
        link = self._links.get(name)
        try:
            contact = self.place(backend).contact(name)
        except LaunchError as error:
            contact = Contact("refused", str(error))
        liveness = self.home.liveness
        files = (f for f in liveness.writers.values() if f.site == name and f.kind == "pool")
        return SiteRow(
            name=name,
            contact=contact,
            cores=sum(len(file.cores) for file in files if not liveness.gone(file.id)),
            ahead=len(open_at(snapshot, name)),
            trouble=link.trouble if link is not None else "",
            question=link.question if link is not None else None,
        )

    def _run(self) -> None:
        over = self._over
        while not over.is_set():
            try:
                sites = self.of_interest(self.home.recent())
            except (TrialdeckError, OSError):  # whoever looks at the search is told
                sites = {name: link.backend for name, link in self._links.items()}
            with self._lock:
                for name, backend in sites.items():
                    link = self._links.get(name)
                    if link is None or not link.thread.is_alive():
                        link = self._links[name] = _Link(self, name, backend, over)
                    link.wanted_at = time.monotonic()
            over.wait(LOOK_SECONDS)


class _Link:
    """The thread for one site."""

    def __init__(self, links: Links, name: str, backend: str, over: threading.Event) -> None:
        self.name = name
        self.backend = backend
        self.trouble = ""
        self.question: Question | None = None
        self.nudge = threading.Event()
        self.wanted_at = time.monotonic()
        self._links = links
        self._over = over
        self.thread = threading.Thread(target=self._run, name=f"site {name}", daemon=True)
        self.thread.start()

    def end(self) -> None:
        """Let the thread end soon."""
        self.nudge.set()

    @property
    def _done(self) -> bool:
        return self._over.is_set() or time.monotonic() - self.wanted_at > GONE_SECONDS

    def _run(self) -> None:
        while not self._done:
            try:
                self._attend(self._links.keeper(self.name, self.backend))
            except Question as question:
                self.trouble, self.question = question.text.splitlines()[0], question
            except (LaunchError, HistoryError, OSError) as error:
                self.trouble = str(error)
            except Exception as error:  # noqa: BLE001 - it would be lost in the thread, so it is told
                self.trouble = f"{self.name}: {type(error).__name__}: {error}"
            self._rest()

    def _attend(self, keeper: SiteKeeper) -> None:
        keeper.replica.watch()
        while not self._done:
            self.nudge.clear()
            keeper.step()
            self.trouble, self.question = "", None
            self._await_news(keeper)

    def _await_news(self, keeper: SiteKeeper) -> None:
        """Wait until something has changed there or here, or it is time to ask."""
        self._over.wait(PAUSE_SECONDS)  # what happens at once is exchanged at once
        version = self._links.home.recent().version
        until = time.monotonic() + (STEP_SECONDS if keeper.busy else IDLE_SECONDS)
        while not self._done and not self.nudge.is_set() and time.monotonic() < until:
            if keeper.files.changed(1.0):
                return
            if self._links.home.recent().version != version:
                return

    def _rest(self) -> None:
        """Wait until it makes sense to try again."""
        contact = self._links.place(self.backend).contact(self.name)
        pause = RETRY_SECONDS
        if contact.retry_at is not None:
            pause = min(60.0, max(0.2, contact.retry_at - time.time()))
        self.nudge.wait(GONE_SECONDS if self.question is not None else pause)
        self.nudge.clear()
