"""What the application knows of pools and launches: their names, and which belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core.roster import job_order
from trialdeck.tui.format import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialdeck.core.history.writers import WriterFile
    from trialdeck.core.launches import Launch
    from trialdeck.core.launching import Core
    from trialdeck.tui.seen import Seen

NO_CORES = "No cores are running. n launches some."
UNBEGUN = ("stuck", "queued", "reserve")  # states of what has not begun
WAITING = ("stuck", "queued", "starting", "unknown")  # states of what may still become a pool


def pools_of(seen: Seen) -> tuple[WriterFile, ...]:
    """Return the pools that live."""
    return seen.look.pools if seen.look is not None else ()


def launches_of(seen: Seen) -> tuple[Launch, ...]:
    """Return the launches of several jobs that are not over."""
    return seen.look.launches if seen.look is not None else ()


def is_launch(core: Core) -> bool:
    """Whether it is no core yet but a launch, or one that failed."""
    return not core.writer


def is_stopping(pool: WriterFile) -> bool:
    """Whether a pool has been told to end, and says so."""
    return pool.state.startswith("stopping")


def host_of(pool: WriterFile) -> str:
    """Return on which machine a pool runs: as the parameter file calls it, or it itself."""
    return one_line(pool.identity.host if pool.site == "home" else pool.site)


def pool_name(pool: WriterFile) -> str:
    """Return what people call a pool: where it runs, and which job it is where there are many."""
    host, backend = host_of(pool), one_line(pool.backend) or "by hand"
    words = [backend]
    if pool.job.rpartition("/")[2] not in ("", pool.name):
        words.append(one_line(pool.job))
    return " ".join([*words, "on", host] if host else words)


def launch_name(launch: Launch) -> str:
    """Return what people call a launch: what its backend calls it."""
    return one_line(f"{launch.backend} {launch.job or launch.name}")


def launch_of(launches: Iterable[Launch], pool: WriterFile) -> Launch | None:
    """Return the launch of which a pool is one of several jobs."""
    return next((one for one in launches if pool.name and one.name == pool.name), None)


def launch_of_row(launches: Iterable[Launch], core: Core) -> Launch | None:
    """Return the launch that a row without a pool is about: all that waits, or one of its jobs."""
    jobs = (core.job, core.job.rpartition("_")[0])
    return next((x for x in launches if x.backend == core.backend and x.job in jobs), None)


def pools_in(seen: Seen, launch: Launch) -> list[WriterFile]:
    """Return the living pools of a launch, the job with the highest number last."""
    return sorted((p for p in pools_of(seen) if p.name == launch.name), key=_number)


def log_name(launches: Iterable[Launch], pool: WriterFile) -> str:
    """Return the name of a pool's own log: where a launch is several jobs each has one."""
    if launch_of(launches, pool) is None:
        return pool.name
    return f"{pool.name}_{pool.job.rpartition('_')[2]}"


def _number(pool: WriterFile) -> tuple[int, str]:
    return job_order(pool.job)
