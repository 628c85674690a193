"""What ends cores: stopping pools and whole launches, cancelling what has not begun.

These jobs have threads of their own: a scheduler that does not answer keeps no other job waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from trialdeck.tui.feed import Job
from trialdeck.tui.format import one_line, plural
from trialdeck.tui.pools import (
    NO_CORES,
    UNBEGUN,
    WAITING,
    is_launch,
    is_stopping,
    launch_name,
    launch_of_row,
    launches_of,
    pool_name,
    pools_in,
    pools_of,
)
from trialdeck.tui.screens.confirm import Confirm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trialdeck.core.history.writers import WriterFile
    from trialdeck.core.launches import Launch
    from trialdeck.core.launching import Core
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.seen import Seen
    from trialdeck.tui.session import Session

NAMED_TRIALS = 5  # more are only counted
ONLY_WAITING = "Only what has not begun can be cancelled; s and S stop pools."

_told: WeakKeyDictionary[TrialdeckApp, set[str]] = WeakKeyDictionary()  # pools that are to end


def ends(app: TrialdeckApp, pool: WriterFile) -> bool:
    """Whether a pool ends after its trials, also when it does not say so yet."""
    return is_stopping(pool) or pool.id in _told.get(app, ())


def end_pool(app: TrialdeckApp, pool: WriterFile, otherwise: Callable[[str], None]) -> None:
    """Have a pool end after its trials; no other job of its launch takes its place."""
    told = _told.setdefault(app, set())
    told.add(pool.id)

    def failed(text: str) -> None:
        told.discard(pool.id)
        otherwise(text)

    def done(_count: int) -> None:
        app.say(f"{pool_name(pool)} ends after its trials.")

    def work(session: Session) -> int:
        return session.search.stop(writers=[pool.id])

    app.feed.do(Job(work, done, failed, apart=True))


def row_here(app: TrialdeckApp) -> Core | None:
    """Return the row under the view's cursor if that is no core of a pool yet."""
    here: Core | None = getattr(app.view, "row_here", None)
    return here


def launch_here(app: TrialdeckApp) -> Launch | None:
    """Return the launch of several jobs under the view's cursor."""
    here: Launch | None = getattr(app.view, "launch_here", None)
    return here


# -- stopping -------------------------------------------------------------------------------


def stop(app: TrialdeckApp, *, now: bool = False) -> None:
    """End the pool or launch under the view's cursor, or all, after the running trials or `now`.

    Asks before it ends more than what the user points at, and before trials are interrupted.
    """
    if (row := row_here(app)) is not None:
        cancel(app, row)
    elif (launch := launch_here(app)) is not None:
        stop_launch(app, launch, now=now)
    elif here := getattr(app.view, "pool", ""):
        _stop_pool(app, here, now=now)
    else:
        _stop_all(app, now=now)


def stop_now(app: TrialdeckApp) -> None:
    """End the same at once, if the user agrees."""
    stop(app, now=True)


def stop_launch(app: TrialdeckApp, launch: Launch, *, now: bool = False) -> None:
    """End all jobs of a launch, if the user agrees, and cancel those that have not begun."""
    pools = pools_in(app.seen, launch)
    ids = [pool.id for pool in pools]

    def work(session: Session) -> int:
        session.search.cancel(launch.backend, launch.job or launch.name)
        return session.search.stop(now=now, writers=ids) if ids else 0

    detail = [_lost(app.seen, pools) if now else "Running trials finish first." if pools else ""]
    detail.append("What has not begun is cancelled.")
    question = f"Stop the launch {launch_name(launch)}{' now' if now else ''}?"
    yes = "Stop now" if now else "Stop it"
    confirmed(app, question, " ".join(detail).strip(), yes, _stopping(app, work, now), danger=now)


def _stop_pool(app: TrialdeckApp, writer: str, *, now: bool) -> None:
    pool = next((pool for pool in pools_of(app.seen) if pool.id == writer), None)

    def work(session: Session) -> int:
        return session.search.stop(now=now, writers=[writer])

    if pool is None:
        app.say(NO_CORES)
    elif now:
        question = f"Stop the pool {pool_name(pool)} now?"
        act = _stopping(app, work, now)
        confirmed(app, question, _lost(app.seen, [pool]), "Stop now", act, danger=True)
    elif ends(app, pool):
        app.say(f"{pool_name(pool)} ends after its trials already; S stops it now.")
    else:
        end_pool(app, pool, lambda text: app.say(text, "error"))


def _stop_all(app: TrialdeckApp, *, now: bool) -> None:
    living = pools_of(app.seen)
    waits = [core for core in app.seen.cores if is_launch(core) and core.state in WAITING]
    spare = any(core.state == "reserve" for core in app.seen.cores)
    if not living and not waits and not spare:
        app.say(NO_CORES)
        return
    detail = [_lost(app.seen, living) if now else "Running trials finish first." if living else ""]
    if waits:
        count = len({(core.backend, core.job) for core in waits})
        detail.append(f"{plural(count, 'launch that waits', 'launches that wait')} "
                      f"will be cancelled.")  # fmt: skip
    if spare:
        detail.append("The jobs in reserve are cancelled.")

    def work(session: Session) -> int:
        return session.search.stop(now=now, writers=None)

    yes, text = "Stop now" if now else "Stop", " ".join(filter(None, detail))
    confirmed(app, _question(living, now=now), text, yes, _stopping(app, work, now), danger=now)


def _question(living: Sequence[WriterFile], *, now: bool) -> str:
    word = " now" if now else ""
    if not living:
        return "Cancel what is launched?"
    if len(living) == 1:
        return f"Stop the pool {pool_name(living[0])}{word}?"
    return f"Stop all {len(living)} pools{word}?"


def _lost(seen: Seen, pools: Sequence[WriterFile]) -> str:
    """Return what becomes of the trials that run."""
    ids = {pool.id for pool in pools}
    tids = sorted(core.tid for core in seen.cores if core.writer in ids and core.tid is not None)
    if not tids:
        return "No trial runs there now."
    which = f" ({', '.join(map(str, tids))})" if len(tids) <= NAMED_TRIALS else ""
    begin = "begins" if len(tids) == 1 else "begin"
    return (
        f"{plural(len(tids), 'running trial')}{which} {begin} again from the last checkpoint, on "
        f"other cores or on those that are launched next."
    )


def _stopping(
    app: TrialdeckApp,
    work: Callable[[Session], int],
    now: bool,  # noqa: FBT001 - passed on
) -> Callable[[], None]:
    """Return what has pools told to end, and says how many were."""
    when = "stop now" if now else "end after the running trials"

    def told(count: int) -> None:
        app.say(
            f"{plural(count, 'pool')} told to {when}." if count else "What waited is cancelled."
        )

    return lambda: app.feed.do(Job(work, told, apart=True))


# -- cancelling -----------------------------------------------------------------------------


def cancel(app: TrialdeckApp, core: Core) -> None:
    """Cancel what is no pool yet, if the user agrees: a launch, the rest of one, or one job."""
    if not is_launch(core) or core.state not in (*WAITING, *UNBEGUN):
        app.say(ONLY_WAITING)
        return
    launch = launch_of_row(launches_of(app.seen), core)
    name = one_line(f"{core.backend} {core.job}")
    if launch is not None and core.job == launch.job:
        cancel_rest(app, launch)
    elif launch is not None:
        detail = "It has begun, but is no pool yet; another of its launch may take its place."
        _cancel(app, core.backend, core.job, f"Cancel the job {name}?", detail)
    else:
        _cancel(app, core.backend, core.job, f"Cancel the launch {name}?", "It is no pool yet.")


def cancel_rest(app: TrialdeckApp, launch: Launch) -> None:
    """Cancel all that has not begun of a launch of several jobs, if the user agrees."""
    rows = [
        core
        for core in app.seen.cores
        if core.state in UNBEGUN and launch_of_row([launch], core) is not None
    ]
    if not rows:
        app.say(f"All of {launch_name(launch)} has begun; s and S stop it.")
        return
    states = ("queued" if core.state == "stuck" else core.state for core in rows)
    words = {"queued": "queued", "reserve": "in reserve"}
    what = ", ".join(f"{c.count} {words[s]}" for c, s in zip(rows, states, strict=True))
    begun = " Those that have begun go on." if pools_in(app.seen, launch) else ""
    question = f"Cancel what has not begun of {launch_name(launch)}?"
    _cancel(app, launch.backend, launch.job, question, f"Cores: {what}.{begun}")


def _cancel(app: TrialdeckApp, backend: str, job: str, question: str, detail: str) -> None:
    def done(found: bool) -> None:  # noqa: FBT001 - a job's result
        name = f"{one_line(backend)} {one_line(job)}"
        app.say(f"Cancelled the launch {name}." if found else f"The launch {name} has begun.")

    def act() -> None:
        app.feed.do(Job(lambda session: session.search.cancel(backend, job), done, apart=True))

    confirmed(app, question, detail, "Cancel it", act)


def confirmed(
    app: TrialdeckApp,
    question: str,
    detail: str,
    yes: str,
    act: Callable[[], None],
    *,
    danger: bool = False,
) -> None:
    """Ask, and act if the user agrees."""

    def answered(agreed: bool | None) -> None:  # noqa: FBT001 - a screen's answer
        if agreed:
            act()

    app.push_screen(Confirm(question, detail, yes, danger=danger), answered)
