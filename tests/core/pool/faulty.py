"""A pool that goes wrong at a chosen moment, in a process of its own.

``python -m tests.core.pool.faulty FAULT HISTORY …`` takes what ``trialdeck.core`` does. FAULT is
``name:number``: the fault of that name comes at the so manieth time that there is an occasion.
"""

from __future__ import annotations

import functools
import itertools
import os
import random
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from subprocess import STDOUT, Popen

from trialdeck.core import __main__ as main
from trialdeck.core.history import disk
from trialdeck.core.history.events import Closed, Finished
from trialdeck.core.history.journal import Journal
from trialdeck.core.pool.crew import Crew
from trialdeck.core.pool.ledger import Ledger
from trialdeck.core.pool.scheduling import Scheduler

YEAR = 365 * 86400.0


def die(*_words):
    """End this process as the kernel would for want of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def stand_still(*_words):
    """Stop this process until somebody lets it go on."""
    os.kill(os.getpid(), signal.SIGSTOP)


def always(*_words):
    """Let every call be an occasion."""
    return True


def before(owner, name, number, only=always, then=die):
    """Do `then` with its words instead of the so manieth call of a function."""
    function, count = getattr(owner, name), itertools.count(1)

    @functools.wraps(function)
    def wrapped(*words, **more):
        if only(*words) and next(count) == number:
            then(*words)
        return function(*words, **more)

    setattr(owner, name, wrapped)


def after(owner, name, number, only=always, then=die):
    """Do `then` once the so manieth call has returned something."""
    function, count = getattr(owner, name), itertools.count(1)

    @functools.wraps(function)
    def wrapped(*words, **more):
        answer = function(*words, **more)
        if only(*words) and answer is not None and next(count) == number:
            then()
        return answer

    setattr(owner, name, wrapped)


def says(kind):
    """Return whether a journal is given events of a kind."""
    return lambda _journal, *events: any(isinstance(event, kind) for event in events)


def half_written(descriptor, content):
    os.write(descriptor, content[: len(content) // 2])
    die()


def of_a_trial(_descriptor, content):
    return any(word in content for word in (b'"started"', b'"finished"'))


def jumping_clock(number):
    """Let the wall clock jump by years, to and fro, at every look."""
    rng, settled = random.Random(number), time.time

    def jumping():
        return max(0.0, settled() + rng.choice((-30, -1, 0, 1, 20)) * YEAR)

    time.time = jumping


DEATHS = {
    "claimed": lambda n: after(Scheduler, "_claim", n),
    "started": lambda n: after(Ledger, "started", n),
    "begun": lambda n: before(Crew, "start", n, then=lambda *words: (Crew.begin(*words), die())),
    "sealed": lambda n: before(Journal, "append", n, says(Finished)),
    "half written": lambda n: before(disk, "write", n, of_a_trial, half_written),
    "not synced": lambda n: before(disk, "sync", n),
    "finished": lambda n: after(Journal, "append", n, says(Finished)),
    "half a header": lambda n: before(disk, "write", n, then=half_written),
    "between heartbeats": lambda n: before(Path, "replace", n),
    "leaving": lambda n: before(Journal, "append", n, says(Closed)),
}
Crew.begin = Crew.start
FAULTS = {
    **DEATHS,
    "stands still, claimed": lambda n: after(Scheduler, "_claim", n, then=stand_still),
    "stands still, begun": lambda n: before(Crew, "start", n, then=stand_still),
    "stands still, sealed": lambda n: before(Journal, "append", n, says(Finished), stand_still),
    "clock": jumping_clock,
    "none": lambda _n: None,
}


@contextmanager
def a_faulty_pool(search, fault, cores=2, **environment):
    """Run a pool with a fault for as long as the block takes."""
    folder = str(Path(__file__).parents[3])
    words = ["-P", "-m", "tests.core.pool.faulty", fault, str(search.paths.root)]
    with (search.paths.logs / "pool.log").open("ab") as log:
        pool = Popen(
            [sys.executable, *words, "--cores", str(cores)],
            start_new_session=True,
            stdout=log,
            stderr=STDOUT,
            env={**os.environ, "PYTHONPATH": folder, **environment},
        )
    try:
        yield pool
    finally:
        pool.kill()
        pool.wait()


if __name__ == "__main__":
    fault, _, number = sys.argv.pop(1).partition(":")
    FAULTS[fault](int(number))
    sys.exit(main.main())
