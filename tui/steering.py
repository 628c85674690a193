"""What the keys of every view do to the cores: launch, add, remove, pause; see `ending` for stop.

A view that shows pools names the one under its cursor (`pool`, a writer's id), the launch of
several jobs (`launch_here`), or what is no pool yet (`row_here`); elsewhere the only pool or launch
there is, or all of them, are meant. Where a launch is several jobs it grows and shrinks by jobs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from trialdeck.core.launches import Launch
from trialdeck.tui.ending import (
    confirmed,
    end_pool,
    ends,
    launch_here,
    row_here,
    stop,
    stop_launch,
    stop_now,
)
from trialdeck.tui.feed import Job
from trialdeck.tui.format import plural
from trialdeck.tui.glyphs import is_unicode
from trialdeck.tui.messages import OpenView
from trialdeck.tui.pools import (
    NO_CORES,
    is_stopping,
    launch_name,
    launch_of,
    launches_of,
    pool_name,
    pools_in,
    pools_of,
)

if TYPE_CHECKING:
    from textual.timer import Timer

    from trialdeck.core.history.writers import WriterFile
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.session import Session

__all__ = [
    "add_core",
    "launch",
    "pause_or_resume",
    "remove_core",
    "show_hosts",
    "stop",
    "stop_now",
]

OBEYS_SECONDS = 15.0  # a pool looks every two seconds; then what it says counts again
TELL_SECONDS = 0.3  # after the last of several presses


@dataclass
class _Order:
    """So many cores have been ordered from one pool or launch, which had `before`."""

    before: int
    cores: int
    at: float = field(default_factory=time.monotonic)
    told: Timer | None = None
    sending: bool = False  # a scheduler has been asked, and has not answered yet


_orders: WeakKeyDictionary[TrialdeckApp, dict[str, _Order]] = WeakKeyDictionary()


def wanted_cores(app: TrialdeckApp, what: WriterFile | Launch) -> int:
    """Return how many cores a pool or launch is to have, also when it does not know of it yet."""
    key, cores = _known(what)
    orders = _orders.setdefault(app, {})
    order = orders.get(key)
    if order is None:
        return cores
    old = time.monotonic() - order.at > OBEYS_SECONDS
    if not order.sending and (order.cores == cores or old):
        del orders[key]
        return cores
    return order.cores


def _known(what: WriterFile | Launch) -> tuple[str, int]:
    """Return what orders go by, and how many cores there are to be without any."""
    return (what.name, what.cores) if isinstance(what, Launch) else (what.id, what.cores_wanted)


def launch(app: TrialdeckApp) -> None:
    """Open the launch form; a script's search has none."""
    from trialdeck.tui.screens.launch import LaunchScreen

    if app.seen.is_of_script and app.seen.params is not None:
        said = app.seen.params.script
        name = said.objective if said is not None else ""
        app.say(f"{name} is run by a script: start it once more for each process to take part.")
    else:
        app.push_screen(LaunchScreen())


def show_hosts(app: TrialdeckApp) -> None:
    """Show the other machines, and open the launch form for the one that is chosen there."""
    from trialdeck.tui.screens.hosts import HostsScreen
    from trialdeck.tui.screens.launch import LaunchScreen

    def chosen(host: str | None) -> None:
        if host is not None:
            app.push_screen(LaunchScreen(host))

    app.push_screen(HostsScreen(), chosen)


def add_core(app: TrialdeckApp) -> None:
    """Let one more trial run at once; where nothing runs, open the launch form."""
    if not pools_of(app.seen) and row_here(app) is None and launch_here(app) is None:
        launch(app)
    elif (found := _one_pool(app)) is not None:
        whole = launch_of(launches_of(app.seen), found)
        if whole is None:
            _resize_pool(app, found, wanted_cores(app, found) + 1)
        else:
            _grow(app, whole, found)


def remove_core(app: TrialdeckApp) -> None:
    """Let one trial less run at once; the last core ends its pool, if the user wants that."""
    found = _one_pool(app)
    if found is None:
        return
    whole = launch_of(launches_of(app.seen), found)
    if whole is not None:
        _shrink(app, whole, found)
    elif (cores := wanted_cores(app, found)) > 1:
        _resize_pool(app, found, cores - 1)
    else:
        _ask_for_the_last(app, found)


def _one_pool(app: TrialdeckApp) -> WriterFile | None:
    """Return the pool that is meant; say so if that cannot be known, or if it is ending."""
    if row_here(app) is not None:
        app.say("This launch is no pool yet: its cores can be counted once it is.")
        return None
    found = _meant(app)
    living = [pool for pool in found if not ends(app, pool)]
    if len({_group(app, pool) for pool in found}) > 1:
        app.post_message(OpenView("cores"))
        app.say(f"There are {len(found)} pools: choose one, and press the key again.")
    elif living:
        return living[-1]
    elif found:
        state = found[0].state if is_stopping(found[0]) else "stopping after the running trials"
        app.say(f"The pool {pool_name(found[0])} is {state}. n launches another.")
    elif launch_here(app) is not None:
        app.say("No job of this launch is a pool yet: its cores can be counted once one is.")
    else:
        app.say(NO_CORES)
    return None


def _meant(app: TrialdeckApp) -> list[WriterFile]:
    """Return the pools under the view's cursor, or all."""
    if (whole := launch_here(app)) is not None:
        return pools_in(app.seen, whole)
    wanted = getattr(app.view, "pool", "")
    pools = pools_of(app.seen)
    return [one for one in pools if one.id == wanted] if wanted else list(pools)


def _group(app: TrialdeckApp, pool: WriterFile) -> str:
    """Return what a pool grows and shrinks with: its launch, or itself."""
    whole = launch_of(launches_of(app.seen), pool)
    return whole.name if whole is not None else pool.id


# -- one pool -------------------------------------------------------------------------------


def _resize_pool(app: TrialdeckApp, pool: WriterFile, cores: int) -> None:
    _ordered(app, pool.id, pool.cores_wanted, cores, pool_name(pool))
    writer = pool.id

    def failed(text: str) -> None:
        _orders[app].pop(writer, None)
        app.say(text, "error")

    app.ask(lambda session: session.search.resize(writer, cores), otherwise=failed)
    _redraw(app)


def _ask_for_the_last(app: TrialdeckApp, pool: WriterFile) -> None:
    def act() -> None:
        end_pool(app, pool, lambda text: app.say(text, "error"))

    question = f"Stop the pool {pool_name(pool)}?"
    detail = "It has no more than one core. What runs there finishes first."
    confirmed(app, question, detail, "Stop it", act)


# -- launches of several jobs ---------------------------------------------------------------


def _grow(app: TrialdeckApp, whole: Launch, pool: WriterFile) -> None:
    """Let one more job run at once."""
    cores = wanted_cores(app, whole) + (whole.cores_per_job or max(1, pool.cores_wanted))
    order = _ordered(app, whole.name, whole.cores, cores, launch_name(whole))
    if not order.sending:
        _send(app, whole, pool.id, order)
    _redraw(app)


def _send(app: TrialdeckApp, whole: Launch, writer: str, order: _Order) -> None:
    """Have the scheduler told; it is told again when more was ordered before it had answered."""
    order.sending, cores = True, order.cores

    def done(_: None) -> None:
        order.sending = False
        if order.cores != cores:
            _send(app, whole, writer, order)

    def failed(text: str) -> None:
        _orders[app].pop(whole.name, None)
        app.say(text, "error")
        _redraw(app)

    def work(session: Session) -> None:
        session.search.resize(writer, cores)

    app.feed.do(Job(work, done, failed, apart=True))


def _shrink(app: TrialdeckApp, whole: Launch, pool: WriterFile) -> None:
    """Let a pool end after its trials, and no other job take its place."""
    cores = wanted_cores(app, whole) - pool.cores_wanted
    if cores < 1:
        stop_launch(app, whole)
        return
    _ordered(app, whole.name, whole.cores, cores, launch_name(whole))

    def failed(text: str) -> None:
        _orders[app].pop(whole.name, None)
        app.say(text, "error")
        _redraw(app)

    end_pool(app, pool, failed)
    _redraw(app)


# -- what is said ---------------------------------------------------------------------------


def _ordered(app: TrialdeckApp, key: str, known: int, cores: int, name: str) -> _Order:
    """Remember an order; it is told once, with what several presses come to."""
    last = _orders.setdefault(app, {}).get(key)
    order = last if last is not None and last.sending else _Order(known, cores)
    if last is not None:
        order.before = last.before
        if last.told is not None:
            last.told.stop()
    order.cores, order.at = cores, time.monotonic()
    _orders[app][key] = order
    order.told = app.set_timer(TELL_SECONDS, partial(_tell, app, name, order))
    return order


def _tell(app: TrialdeckApp, name: str, order: _Order) -> None:
    order.told = None
    if order.before != order.cores:
        arrow = "→" if is_unicode() else "->"
        app.say(f"{name}: {order.before} {arrow} {plural(order.cores, 'core')}")


def _redraw(app: TrialdeckApp) -> None:
    if app.view is not None:
        app.view.tick()


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
