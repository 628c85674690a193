"""What the launch form has done in the worker thread: looked up, worked out, launched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from trialdeck import backends
from trialdeck.backends.base import Question
from trialdeck.core.budgets import budget_of
from trialdeck.core.errors import DraftConflict, SearchError, TrialdeckError
from trialdeck.core.machine import MOST_CORES, default_cores, usable_cpus
from trialdeck.core.params.revisions import history_paths
from trialdeck.core.search import Search
from trialdeck.core.searches import name_in
from trialdeck.tui.format import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from trialdeck.backends.base import Choice
    from trialdeck.core.check import Finding
    from trialdeck.core.params.model import Params
    from trialdeck.tui.session import Session

KEEP_LOSSES = "keep_losses"
FORCE = "force"


class Wanted(NamedTuple):
    """The launch that is asked for; `options` are what it is to have otherwise than the file."""

    backend: str
    cores: int
    trials: int | None = None
    options: tuple[tuple[str, str], ...] = ()

    @property
    def how(self) -> dict[str, Any]:
        """The arguments of `Search.launch` and of what tells of it."""
        return {"trials": self.trials, "options": dict(self.options)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where pools can run: a backend, what it is, and how many cores it gets when nobody says.

    A launch on one that has `many` jobs cannot be given a number of trials. `hosts` are the
    machines of one that is `far`, with the cores that each gets.
    """

    name: str
    about: str
    cores: int
    many: bool = False
    far: bool = False
    hosts: Mapping[str, int] = field(default_factory=dict)

    def cores_with(self, options: Mapping[str, str]) -> int:
        """Return how many cores a launch with such options gets when nobody says."""
        return self.hosts.get(options.get("host", ""), self.cores)

    @property
    def usual(self) -> set[str]:
        """All numbers of cores that nobody has said."""
        return {str(cores) for cores in (self.cores, *self.hosts.values())}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a launch would run; `over` says that there is nothing left for it to do."""

    command: str
    over: str = ""


@dataclass(frozen=True, slots=True)
class Remarks:
    """What a place says of a launch before it: why it would `refuse` it, what to be warned of."""

    warnings: tuple[str, ...] = ()
    refusal: str = ""


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
    return [
        Place(
            name,
            about,
            _cores(session, name),
            backends.is_many(name),
            backends.is_far(name),
            {host: _cores(session, name, host) for host in _hosts(session, name)},
        )
        for name, about in backends.described().items()
    ]


def _hosts(session: Session, backend: str) -> list[str]:
    try:
        return list(_params(session).backends.get(backend, {}).get("hosts", {}))
    except TrialdeckError:
        return []


def _cores(session: Session, backend: str, host: str = "") -> int:
    try:
        return default_cores(backend, _params(session), host)
    except TrialdeckError:  # it is shown when the launch is worked out
        return min(MOST_CORES, usable_cpus())


def choices(session: Session, backend: str) -> list[Choice]:
    """Return what a launch may have otherwise. Raises LaunchError, ParamsError; may take long."""
    return _search(session).choices(backend)


def plan(session: Session, wanted: Wanted) -> Plan:
    """Work out a launch. Raises ParamsError for a draft with mistakes, LaunchError."""
    search = _search(session)
    command = search.preview(wanted.backend, wanted.cores, **wanted.how)
    return Plan(command, _over(session))


def remarks(session: Session, wanted: Wanted) -> Remarks:
    """Return what the place says of a launch. Raises what `plan` does; may take long."""
    search = _search(session)
    warnings = search.warnings(wanted.backend, wanted.cores, **wanted.how)
    try:
        refusal = search.refusal(wanted.backend, wanted.cores, **wanted.how)
    except Question as question:  # nobody is asked while the form is filled in
        first = question.text.strip().partition("\n")[0]
        return Remarks((*warnings, f"{first}\nYou are asked at the launch."))
    return Remarks(tuple(warnings), refusal)


def findings(session: Session) -> list[Finding]:
    """Return what is wrong with the search, as `trialdeck check` finds it. May take long."""
    from trialdeck.core.check import check

    return check(session.file) if _publishes(session) else []


def launch(session: Session, wanted: Wanted, ways: Collection[str] = ()) -> Outcome:
    """Publish the draft if it has changed, and launch; `ways` are those out that the user chose.

    What the place would refuse is neither published nor launched. Raises Question.
    """
    how = dict.fromkeys(ways, True)
    try:
        if refused := _search(session).refusal(wanted.backend, wanted.cores, **wanted.how):
            return Outcome(refused)
        search = session.publish(**how) if _publishes(session) else session.search
    except DraftConflict as error:
        return Outcome(str(error), way_out=FORCE)
    except SearchError as error:
        return Outcome(str(error), way_out=KEEP_LOSSES if "--keep-losses" in str(error) else "")
    except Question:
        raise
    except TrialdeckError as error:
        return Outcome(str(error))
    if over := _over(session):
        return Outcome(over)
    try:
        # What a machine needs is known when the parameters are published.
        far = backends.is_far(wanted.backend)
        if far and (refused := search.refusal(wanted.backend, wanted.cores, **wanted.how)):
            return Outcome(refused)
        started = search.launch(wanted.backend, wanted.cores, **wanted.how)
    except Question:
        raise
    except TrialdeckError as error:
        return Outcome(str(error))
    word = "queued" if started.many else "started"
    cores = plural(wanted.cores, "core")
    where = started.site or wanted.backend
    return Outcome(f"{cores} {word} on {where}: job {started.job}", started=True)


def _over(session: Session) -> str:
    """Return that a search has nothing left to do, and what gives it more; or ""."""
    found = session.find()
    params = _params(session)
    if found is None or found.paths.name != params.search.name:
        return ""
    snapshot = found.snapshot()
    budget = budget_of(params, snapshot)
    if snapshot.counts.finished < budget.trials or snapshot.unfinished:
        return ""
    why = budget.ended or f"all {budget.trials} trials have finished"
    more = f"{budget.more} below [search] gives it more to do"
    return f"{params.search.name} is finished: {why}; {more}."


def _search(session: Session) -> Search:
    """Return the search that a launch would be of. Raises ParamsError, SearchError."""
    if not _publishes(session):
        return session.search
    params = session.draft()
    return Search(history_paths(params), params.backends)


def _publishes(session: Session) -> bool:
    """Whether a launch is one of the draft, and not of another search that is looked at."""
    wanted = session.deck.search_name
    if wanted is None or not session.has_draft:
        return session.has_draft
    named = name_in(session.file)
    return (session.draft().search.name if named is None else named) == wanted


def _params(session: Session) -> Params:
    return session.draft() if _publishes(session) else session.search.params
