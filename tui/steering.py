"""What the keys of every view do to the cores: launch, add, remove, stop, pause.

A view that shows pools names the one under its cursor (`pool`, a writer's id), or the launch
(`launch_here`); elsewhere the only pool there is, or all of them, are meant.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from trialdeck.tui.format import one_line, plural
from trialdeck.tui.glyphs import is_unicode
from trialdeck.tui.messages import OpenView
from trialdeck.tui.screens.confirm import Confirm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.timer import Timer

    from trialdeck.core.history.writers import WriterFile
    from trialdeck.core.launching import Core
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.seen import Seen

OBEYS_SECONDS = 15.0  # a pool looks every two seconds; then what it says counts again
TELL_SECONDS = 0.3  # after the last of several presses
NAMED_TRIALS = 5  # more are only counted
NO_CORES = "No cores are running. n launches some."
WAITING = ("queued", "starting", "unknown")  # states of a launch that may still become a pool


@dataclass
class _Order:
    """So many cores have been ordered from one pool, which had `before`."""

    before: int
    cores: int
    at: float = field(default_factory=time.monotonic)
    told: Timer | None = None


_orders: WeakKeyDictionary[TrialdeckApp, dict[str, _Order]] = WeakKeyDictionary()


def pools_of(seen: Seen) -> tuple[WriterFile, ...]:
    """Return the pools that live."""
    return seen.look.pools if seen.look is not None else ()


def pool_name(pool: WriterFile) -> str:
    """Return what people call a pool: where it runs."""
    host = one_line(pool.identity.host)
    backend = one_line(pool.backend) or "by hand"
    return f"{backend} on {host}" if host else backend


def is_stopping(pool: WriterFile) -> bool:
    """Whether a pool has been told to end, and says so."""
    return pool.state.startswith("stopping")


def is_launch(core: Core) -> bool:
    """Whether it is no core yet but a launch, or one that failed."""
    return not core.writer


def wanted_cores(app: TrialdeckApp, pool: WriterFile) -> int:
    """Return how many cores a pool is to have, also when it does not know of it yet."""
    orders = _orders.setdefault(app, {})
    order = orders.get(pool.id)
    if order is None:
        return pool.cores_wanted
    if order.cores == pool.cores_wanted or time.monotonic() - order.at > OBEYS_SECONDS:
        del orders[pool.id]
        return pool.cores_wanted
    return order.cores


# -- more and fewer -------------------------------------------------------------------------


def launch(app: TrialdeckApp) -> None:
    """Open the launch form."""
    from trialdeck.tui.screens.launch import LaunchScreen

    app.push_screen(LaunchScreen())


def add_core(app: TrialdeckApp, pool: str | None = None) -> None:
    """Let one more trial run at once; where nothing runs, open the launch form."""
    if not pools_of(app.seen):
        launch(app)
    elif (found := _one_pool(app, pool)) is not None:
        _resize(app, found, wanted_cores(app, found) + 1)


def remove_core(app: TrialdeckApp, pool: str | None = None) -> None:
    """Let one trial less run at once; the last core ends its pool, if the user wants that."""
    found = _one_pool(app, pool)
    if found is None:
        return
    cores = wanted_cores(app, found)
    if cores > 1:
        _resize(app, found, cores - 1)
        return
    question = f"Stop the pool {pool_name(found)}?"
    detail = "It has no more than one core. What runs there finishes first."
    _confirmed(app, question, detail, "Stop it", pools=[found.id])


def _one_pool(app: TrialdeckApp, pool: str | None) -> WriterFile | None:
    """Return the pool that is meant; say so if that cannot be known, or if it is ending."""
    pools = pools_of(app.seen)
    if pool is None and _launch_here(app) is not None:
        app.say("This launch is no pool yet: its cores can be counted once it is.")
        return None
    wanted = pool or getattr(app.view, "pool", "")
    found = [one for one in pools if one.id == wanted] if wanted else list(pools)
    if not found:
        app.say(NO_CORES)
    elif len(found) > 1:
        app.post_message(OpenView("cores"))
        app.say(f"There are {len(found)} pools: choose one, and press the key again.")
    elif is_stopping(found[0]):
        app.say(f"The pool {pool_name(found[0])} is {found[0].state}. n launches another.")
    else:
        return found[0]
    return None


def _launch_here(app: TrialdeckApp) -> Core | None:
    """Return the launch under the view's cursor."""
    here: Core | None = getattr(app.view, "launch_here", None)
    return here


def _resize(app: TrialdeckApp, pool: WriterFile, cores: int) -> None:
    last = _orders.setdefault(app, {}).get(pool.id)
    order = _Order(last.before if last is not None else pool.cores_wanted, cores)
    if last is not None and last.told is not None:
        last.told.stop()
    _orders[app][pool.id] = order
    writer = pool.id

    def failed(text: str) -> None:
        _orders[app].pop(writer, None)
        app.say(text, "error")

    app.ask(lambda session: session.search.resize(writer, cores), otherwise=failed)
    # Several presses are told once, with what they come to.
    order.told = app.set_timer(TELL_SECONDS, partial(_tell, app, pool_name(pool), order))
    if app.view is not None:
        app.view.tick()


def _tell(app: TrialdeckApp, name: str, order: _Order) -> None:
    order.told = None
    if order.before != order.cores:
        arrow = "→" if is_unicode() else "->"
        app.say(f"{name}: {order.before} {arrow} {plural(order.cores, 'core')}")


# -- the end --------------------------------------------------------------------------------


def stop(app: TrialdeckApp, pools: Sequence[str] | None = None, *, now: bool = False) -> None:
    """End pools (the view's, or all) after their running trials, or `now`.

    Asks before it ends more than what the user points at, and before trials are interrupted.
    """
    if pools is None and (launched := _launch_here(app)) is not None:
        cancel(app, launched)
        return
    here = getattr(app.view, "pool", "")
    chosen = list(pools) if pools is not None else [here] if here else None
    living = [pool for pool in pools_of(app.seen) if chosen is None or pool.id in chosen]
    launches = [core for core in app.seen.cores if is_launch(core) and core.state in WAITING]
    if not living and not (launches and chosen is None):
        app.say(NO_CORES)
    elif now:
        _confirmed(app, _question(living, chosen, now=True), _lost(app.seen, living), "Stop now",
                   pools=chosen, now=True)  # fmt: skip
    elif chosen is None:
        detail = "Running trials finish first."
        if launches:
            waiting = plural(len(launches), "launch that waits", "launches that wait")
            detail += f" {waiting} will be cancelled."
        _confirmed(app, _question(living, chosen), detail, "Stop", pools=None)
    else:
        _order_stop(app, chosen, now=False)


def stop_now(app: TrialdeckApp, pools: Sequence[str] | None = None) -> None:
    """End pools (the view's, or all) at once, if the user agrees."""
    stop(app, pools, now=True)


def _question(living: Sequence[WriterFile], chosen: list[str] | None, *, now: bool = False) -> str:
    word = " now" if now else ""
    if not living:
        return "Cancel what is launched?"
    if len(living) == 1:
        return f"Stop the pool {pool_name(living[0])}{word}?"
    return f"Stop {'all ' if chosen is None else ''}{len(living)} pools{word}?"


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


def _confirmed(
    app: TrialdeckApp,
    question: str,
    detail: str,
    yes: str,
    *,
    pools: list[str] | None,
    now: bool = False,
) -> None:
    def answered(agreed: bool | None) -> None:  # noqa: FBT001 - a screen's answer
        if agreed:
            _order_stop(app, pools, now=now)

    app.push_screen(Confirm(question, detail, yes, danger=now), answered)


def _order_stop(app: TrialdeckApp, pools: list[str] | None, *, now: bool) -> None:
    when = "stop now" if now else "end after the running trials"

    def told(count: int) -> None:
        app.say(f"{plural(count, 'pool')} told to {when}." if count else NO_CORES)

    app.ask(lambda session: session.search.stop(now=now, writers=pools), told)


def cancel(app: TrialdeckApp, core: Core) -> None:
    """Cancel a launch that is no pool yet."""
    if not is_launch(core) or core.state not in WAITING:
        app.say("Only a launch that waits can be cancelled; s and S stop pools.")
        return
    backend, job = core.backend, core.job

    def done(found: bool) -> None:  # noqa: FBT001 - a job's result
        name = f"{one_line(backend)} {one_line(job)}"
        app.say(f"Cancelled the launch {name}." if found else f"The launch {name} has begun.")

    app.ask(lambda session: session.search.cancel(backend, job), done)


# -- a pause --------------------------------------------------------------------------------


def pause_or_resume(app: TrialdeckApp) -> None:
    """Let running trials finish and start no more, or go on after a pause."""
    status = app.seen.status
    if status is None:
        app.say("There is no search to pause yet.")
    elif status.paused_kind:
        more = "" if pools_of(app.seen) else f" {NO_CORES}"
        app.ask(
            lambda session: session.search.resume(), lambda _: app.say(f"The search goes on.{more}")
        )
    else:
        text = "Paused: running trials finish, no more are started. p goes on."
        app.ask(lambda session: session.search.pause(), lambda _: app.say(text))
