"""What the launch form has done in the worker thread: looked up, worked out, launched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialdeck import backends
from trialdeck.core.errors import DraftConflict, SearchError, TrialdeckError
from trialdeck.core.machine import MOST_CORES, default_cores, usable_cpus
from trialdeck.core.params.revisions import history_paths
from trialdeck.core.search import Search
from trialdeck.tui.format import plural

if TYPE_CHECKING:
    from collections.abc import Collection

    from trialdeck.core.check import Finding
    from trialdeck.core.params.model import Params
    from trialdeck.tui.session import Session

KEEP_LOSSES = "keep_losses"
FORCE = "force"


@dataclass(frozen=True, slots=True)
class Place:
    """Where pools can run: a backend, what it is, and how many cores it gets when nobody says."""

    name: str
    about: str
    cores: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a launch would run, and what the user should know before it."""

    command: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a launch: `started`, or why not.

    `way_out` is what would let it go on (KEEP_LOSSES or FORCE), "" where nothing would.
    """

    text: str
    started: bool = False
    way_out: str = ""


def places(session: Session) -> list[Place]:
    """Return where pools can run."""
    return [Place(n, about, _cores(session, n)) for n, about in backends.described().items()]


def _cores(session: Session, backend: str) -> int:
    try:
        return default_cores(backend, _params(session))
    except TrialdeckError:  # it is shown when the launch is worked out
        return min(MOST_CORES, usable_cpus())


def plan(session: Session, backend: str, cores: int, trials: int | None) -> Plan:
    """Work out a launch. Raises ParamsError for a draft with mistakes, LaunchError."""
    if _publishes(session):
        params = session.draft()
        search = Search(history_paths(params), params.backends)
    else:
        search = session.search
    command = search.preview(backend, cores, trials)
    return Plan(command, tuple(search.warnings(backend, cores)))


def findings(session: Session) -> list[Finding]:
    """Return what is wrong with the search, as `trialdeck check` finds it. May take long."""
    from trialdeck.core.check import check

    return check(session.file) if _publishes(session) else []


def launch(
    session: Session, backend: str, cores: int, trials: int | None, ways: Collection[str] = ()
) -> Outcome:
    """Publish the draft if it has changed, and launch; `ways` are those out that the user chose."""
    how = dict.fromkeys(ways, True)
    try:
        search = session.publish(**how) if _publishes(session) else session.search
    except DraftConflict as error:
        return Outcome(str(error), way_out=FORCE)
    except SearchError as error:
        return Outcome(str(error), way_out=KEEP_LOSSES if "--keep-losses" in str(error) else "")
    except TrialdeckError as error:
        return Outcome(str(error))
    if (now := search.status()).state == "finished":
        more = "a higher max_trials below [search] gives it more to do"
        return Outcome(f"{now.search} is finished: {now.reason}; {more}.")
    try:
        started = search.launch(backend, cores, trials)
    except TrialdeckError as error:
        return Outcome(str(error))
    return Outcome(f"{plural(cores, 'core')} started on {backend}: job {started.job}", started=True)


def _publishes(session: Session) -> bool:
    """Whether a launch is one of the draft, and not of another search that is looked at."""
    wanted = session.deck.search_name
    if wanted is None or not session.has_draft:
        return session.has_draft
    return session.draft().search.name == wanted


def _params(session: Session) -> Params:
    return session.draft() if _publishes(session) else session.search.params
