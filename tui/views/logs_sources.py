"""Which logs there are, and opening one: for the worker thread."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from trialdeck.core import logs
from trialdeck.core.errors import SearchError, TrialdeckError
from trialdeck.core.log_following import Follower
from trialdeck.core.sites import HOME
from trialdeck.tui.format import duration, one_line, size
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.pools import host_of, is_launch, launches_of, log_name, pool_name, pools_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trialdeck.core.logs import LogFile
    from trialdeck.tui.messages import OpenLog
    from trialdeck.tui.seen import Seen
    from trialdeck.tui.session import Session

EARLIER = 50  # logs of cores that have ended


class Source(NamedTuple):
    """What somebody wants to read: of a trial, of a core, or of a pool or launch itself."""

    tid: int | None = None
    attempt: int | None = None
    writer: str = ""
    core: int = 0
    pool: str = ""


class Entry(NamedTuple):
    """A log that can be chosen, with its title and what else there is to say."""

    source: Source
    title: str
    about: str = ""


class Opened(NamedTuple):
    """A log that is open. Only the worker thread reads from `follower`.

    `writer` is who writes it, "" for a pool's own, which is `pool`'s.
    """

    source: Source
    follower: Follower
    title: str
    writer: str = ""
    pool: str = ""
    tid: int | None = None  # whose output this is and no other's


def source_of(message: OpenLog) -> Source:
    """Return what a message asks for."""
    return Source(message.tid, message.attempt, message.writer, message.core, message.pool)


def open_source(session: Session, source: Source) -> Opened:
    """Open a log. Raises SearchError, HistoryError."""
    search = session.search
    if source.pool:
        name = _launch_name(session, source.pool)
        part = logs.pool_log(search.paths, name)
        return Opened(source, Follower(part), f"pool {one_line(name)}", pool=name)
    if source.tid is None:
        part = logs.core_log(search.paths, source.writer, source.core)
        title = f"core {source.core} of {source.writer[:8]}"
        return Opened(source, Follower(part), title, source.writer)
    trial = search.snapshot().trials.get(source.tid)
    if trial is None:
        raise SearchError(f"there is no trial {source.tid}")
    number = trial.attempt if source.attempt is None else source.attempt
    part = logs.trial_log(search.paths, trial, number)
    title = f"trial {source.tid}" + (f" attempt {number}" if number else "")
    return Opened(source, Follower(part), title, part.path.parent.name, tid=source.tid)


def is_far(seen: Seen, source: Source) -> bool:
    """Whether a log may lie at another machine, from which it is to be fetched."""
    trial = seen.snapshot.trials.get(source.tid) if source.tid is not None else None
    return bool(seen.sites) or (trial is not None and trial.site != HOME)


def fetch(session: Session, source: Source) -> str:
    """Fetch what is new of a log at another machine; return why that cannot be done, or "".

    May take seconds.
    """
    search = session.search
    try:
        for path in _paths(session, source):
            search.fetch_log(path)
    except TrialdeckError as error:
        return str(error).partition("\n")[0]
    return ""


def _paths(session: Session, source: Source) -> list[Path]:
    """Return where the logs of a core, or of a trial's attempt, lie here."""
    search = session.search
    if source.pool:
        return []
    if source.tid is None:
        return [search.paths.log(source.writer, source.core)]
    trial = search.snapshot().trials.get(source.tid)
    if trial is None:
        return []
    number = trial.attempt if source.attempt is None else source.attempt
    tried = (a for a in trial.attempts if a.attempt == number and a.core is not None)
    return [search.paths.log(a.writer, a.core or 0) for a in tried]


def _launch_name(session: Session, word: str) -> str:
    """Return the name of a launch's log by itself or by what its backend calls the launch or job.

    Of a launch of several jobs it is the log of one: of that job, or the one written last.
    """
    search = session.search
    job, _, number = word.rpartition("_")
    for launch in search.launcher.launches():
        if launch.many and launch.job == job:
            return f"{launch.name}_{number}"
        if launch.job == word:
            there = (file.name for file in logs.logs_there(search.paths))
            return next((n for n in there if n.startswith(f"{launch.name}_")), launch.name)
    return word


def trial_before(session: Session, opened: Opened) -> int | None:
    """Return the trial that was running where the text that has been read begins."""
    del session  # what is asked of a file needs no search
    follower = opened.follower
    return logs.trial_at(follower.part, follower.begins)


def find_logs(session: Session) -> list[LogFile]:
    """Return all logs that there are, those written last first."""
    search = session.find()
    return logs.logs_there(search.paths) if search is not None else []


def entries(seen: Seen, files: Sequence[LogFile], now: float | None = None) -> list[Entry]:
    """Return what can be chosen: cores that run, pools and launches, then earlier cores."""
    living = [core for core in seen.cores if not is_launch(core)]
    here = {(file.writer, file.core) for file in files if not file.name}
    places = {pool.id: host_of(pool) for pool in pools_of(seen)}
    far = {pool.id for pool in pools_of(seen) if pool.site != HOME}  # they are fetched when read
    running = [
        Entry(
            Source(writer=core.writer, core=core.index),
            f"core {core.index}"
            + (f"{glyph('between')}trial {core.tid}" if core.tid is not None else ""),
            f"{one_line(core.backend)} on {places.get(core.writer) or one_line(core.host)}",
        )
        for core in living
        if (core.writer, core.index) in here or core.writer in far or not files
    ]
    known = {(core.writer, core.index) for core in living}
    pools = [Entry(Source(pool=f.name), f"pool {one_line(f.name)}", _about(seen, f, now))
             for f in files if f.name]  # fmt: skip
    earlier = [
        Entry(Source(writer=f.writer, core=f.core), f"core {f.core}", _about(seen, f, now))
        for f in files
        if not f.name and (f.writer, f.core) not in known
    ]
    return [*running, *pools, *earlier[:EARLIER]]


def _about(seen: Seen, file: LogFile, now: float | None) -> str:
    """Return whose log it is, how long and how old."""
    ago = duration(max(0.0, (time.time() if now is None else now) - file.changed))
    launches = launches_of(seen)
    names = {log_name(launches, pool): pool_name(pool) for pool in pools_of(seen)}
    whose = names.get(file.name, "") if file.name else f"of {file.writer[:8]}"
    parts = [whose, size(file.size), f"{ago} ago"]
    return glyph("between").join(part for part in parts if part)


def grows(seen: Seen, opened: Opened) -> bool:
    """Whether more may be written into a log."""
    if opened.tid is not None:
        trial = seen.snapshot.trials.get(opened.tid)
        return trial is not None and not trial.state.settled
    if opened.writer:
        return any(core.writer == opened.writer for core in seen.cores)
    names = {log_name(launches_of(seen), pool) for pool in pools_of(seen)}
    return opened.pool in names or any(is_launch(core) for core in seen.cores)
