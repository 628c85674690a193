"""Pools whose view of the others' journals is late: claims, which are never late, hold them apart.

As on a network file system: files arrive in any order, bit by bit, their sizes before their bytes.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.core.pool.exactly import assert_once
from tests.core.pool.test_ledger import begin, end
from trialdeck.core.budget import Budget
from trialdeck.core.history.events import Finished
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History
from trialdeck.core.pool.ledger import Ledger
from trialdeck.core.pool.scheduling import Assignment, Scheduler

MEMORY = Path("/dev/shm")
RETRIES = 10**6


class LatePool:
    """Schedules trials by what it sees in a mirror of the journals."""

    def __init__(self, paths: HistoryPaths, mirror: Path) -> None:
        self.paths = paths
        self.mirror = HistoryPaths(mirror)
        self.mirror.create()
        self.ledger = Ledger(paths, "pool")
        self.history = History(self.mirror)
        self.scheduler = Scheduler(
            paths, self.ledger, lambda writer: writer in self.gone, rng=random.Random(1)
        )
        self.gone: set[str] = set()
        self.running: list[Assignment] = []
        self.alive = True
        self.frozen = False

    @property
    def id(self) -> str:
        return self.ledger.writer

    def look(self, writers: list[str], silent: set[str], rng: random.Random) -> None:
        """Let a part of what is new arrive; give up who is silent and has arrived as a whole."""
        files = [self.paths.journal / f"{writer}.jsonl" for writer in writers]
        rng.shuffle(files)
        whole = {file.stem for file in files if self._arrive(file, rng)}
        self.gone = silent & whole

    def _arrive(self, file: Path, rng: random.Random) -> bool:
        content, there = file.read_bytes(), self.mirror.journal / file.name
        own = file.stem == self.id  # what this machine has written itself it sees at once
        seen = 1.0 if own else rng.choice((0.0, rng.random(), 1.0))
        if not seen:
            return False
        known = there.read_bytes().rstrip(b"\0") if there.exists() else b""
        bytes_, size = max(len(known), int(seen * len(content))), len(content)
        with there.open("r+b" if there.exists() else "wb") as mirror:
            mirror.write(content[:bytes_] + b"\0" * rng.choice((0, size - bytes_)))
        return bytes_ == size

    def next(self, limit: int) -> Assignment | None:
        return self.scheduler.next(
            self.history.refresh(self.gone.__contains__),
            budget=Budget(limit),
            retries=RETRIES,
            live_cores=3,
        )


class Views(RuleBasedStateMachine):
    """Some pools that work, die, and stand still, on one history."""

    @initialize(seed=st.integers(0, 10**6))
    def begin(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.paths = HistoryPaths(self.folder / "history" / "t")
        self.paths.create()
        self.limit = self.highest = 6
        self.given: set[tuple[int, int]] = set()
        self.pools = [self._pool() for _ in range(3)]

    def teardown(self) -> None:
        if not hasattr(self, "pools"):
            return
        try:
            self._finish()
        finally:
            for pool in self.pools:
                pool.ledger.close()
            shutil.rmtree(self.folder)

    def _pool(self) -> LatePool:
        return LatePool(self.paths, Path(tempfile.mkdtemp(dir=self.folder)))

    def _pick(self, number: int) -> LatePool | None:
        able = [pool for pool in self.pools if pool.alive and not pool.frozen]
        return able[number % len(able)] if able else None

    def _silent(self) -> set[str]:
        return {pool.id for pool in self.pools if pool.frozen or not pool.alive}

    def _claim(self, pool: LatePool) -> Assignment | None:
        given = pool.next(self.limit)
        if given is None:
            return None
        assert (given.tid, given.attempt) not in self.given, "one attempt was given out twice"
        self.given.add((given.tid, given.attempt))
        assert given.tid < self.highest, "beyond the budget"
        trial = History(self.paths).refresh().trials.get(given.tid)
        assert trial is None or not trial.state.settled, "it has a result"
        assert given.tid not in self._run_by_right(), "it runs elsewhere"
        return given

    def _run_by_right(self) -> set[int]:
        """Return the trials that run at pools from whom nobody has taken them over."""
        able = [pool for pool in self.pools if pool.alive and not pool.frozen]
        runs = [one for pool in able for one in pool.running]
        return {one.tid for one in runs if (one.tid, one.attempt + 1) not in self.given}

    @rule(number=st.integers(0, 9), dies=st.sampled_from([False, False, False, True]))
    def work(self, number: int, dies: bool) -> None:
        if (pool := self._pick(number)) is None:
            return
        pool.look([p.id for p in self.pools], self._silent(), self.rng)
        given = self._claim(pool)
        if dies:
            pool.alive = False
        elif given is not None:
            begin(pool.ledger, given.tid, given.attempt)
            pool.running.append(given)

    @rule(number=st.integers(0, 9), interrupted=st.booleans())
    def end_a_trial(self, number: int, interrupted: bool) -> None:
        pool = self._pick(number)
        if pool is None or not pool.running:
            return
        one = pool.running.pop(0)
        if interrupted:
            about = {"writer": pool.id, "tid": one.tid, "attempt": one.attempt}
            pool.ledger.finished(Finished(**about, outcome="interrupted", cause="stopped"))
        else:
            end(pool.ledger, one.tid, one.attempt, loss=float(one.tid))
        pool.scheduler.release(one.tid)

    @rule(number=st.integers(0, 9))
    def kill(self, number: int) -> None:
        if (pool := self._pick(number)) is not None:
            pool.alive = False
            self.pools.append(self._pool())

    @rule(number=st.integers(0, 9))
    def freeze(self, number: int) -> None:
        if (pool := self._pick(number)) is not None:
            pool.frozen = True

    @precondition(lambda self: any(pool.frozen for pool in self.pools))
    @rule()
    def thaw(self) -> None:
        next(pool for pool in self.pools if pool.frozen).frozen = False

    @rule(limit=st.integers(3, 12))
    def change_the_budget(self, limit: int) -> None:
        self.limit, self.highest = limit, max(limit, self.highest)

    def _finish(self) -> None:
        """Let zombies end what they have, and one more pool all the rest."""
        for pool in self.pools:
            pool.frozen = False
            for one in pool.running if pool.alive else ():
                end(pool.ledger, one.tid, one.attempt, loss=float(one.tid))
            pool.alive = False
        last = self._pool()
        last.history = History(self.paths)
        last.gone = {pool.id for pool in self.pools}
        while (given := self._claim(last)) is not None:
            begin(last.ledger, given.tid, given.attempt)
            end(last.ledger, given.tid, given.attempt, loss=float(given.tid))
            last.scheduler.release(given.tid)
        trials = History(self.paths).refresh().trials
        assert set(range(self.limit)) <= set(trials) <= set(range(self.highest))
        for trial in trials.values():
            assert trial.state == "ok"
            assert_once(trial)


Views.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestViews = Views.TestCase
