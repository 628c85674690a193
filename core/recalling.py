"""Taking launches back: cancelling them, releasing what has not begun, making them smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.backends.base import Handle
from trialdeck.core.asking import handle_of
from trialdeck.core.errors import LaunchError
from trialdeck.core.launches import Launch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trialdeck.backends.base import Backend
    from trialdeck.core.history.writers import WriterFile
    from trialdeck.core.launches import Launches
    from trialdeck.core.standing import Standing


class Recalling:
    """Tells places to end what was launched, and notes it. Every method raises LaunchError."""

    def __init__(self, files: Launches, place_of: Callable[[str], Backend]) -> None:
        self.files = files
        self._place_of = place_of

    def launch_of(self, pool: WriterFile) -> Launch | None:
        """Return the launch of several jobs of which a pool is one; None when it is no such."""
        launch = self.files.read(pool.name) if pool.name else None
        if launch is not None:
            return launch if launch.many else None
        return next(iter(self.by_hand([pool])), None)

    def by_hand(self, pools: Sequence[WriterFile]) -> list[Launch]:
        """Return launches that were submitted by hand, and of which nothing is written.

        Each has as many cores as these pools of it.
        """
        found: dict[tuple[str, str], Launch] = {}
        for pool in pools:
            job, _, number = pool.job.rpartition("_")
            if not (job and number.isdecimal() and pool.backend):
                continue
            known = found.get((pool.backend, job))
            if known is None and not self._is_many(pool):
                continue
            cores = pool.cores_wanted + (known.cores if known is not None else 0)
            found[(pool.backend, job)] = Launch(
                name=pool.name, backend=pool.backend, cores=cores, at=0.0, job=job, many=True
            )
        return list(found.values())

    def stop_all(self, standings: Iterable[Standing]) -> int:
        """Cancel what is no pool yet, and let nothing of the rest begin any more.

        Returns how many launches were cancelled. Every place is told before an error is raised.
        """
        count = 0
        problems = []
        for one in standings:
            if one.status.state.final:
                continue
            try:
                count += self._stop(one)
            except LaunchError as error:
                problems.append(str(error))
        if problems:
            raise LaunchError("; ".join(dict.fromkeys(problems)))
        return count

    def cancel(self, standings: Iterable[Standing], backend: str, job: str) -> bool:
        """Cancel what has not begun of the launch `job`, or one of its jobs that is no pool yet.

        Returns whether there was something to be cancelled.
        """
        for one in standings:
            if one.launch.backend != backend or not one.pending:
                continue
            if job in one.starting:
                self._place_of(backend).cancel([Handle(backend, job)])
                return True
            if job == (one.launch.job or one.launch.name):
                self._take_back(one)
                return True
        return False

    def release(self, launches: Sequence[Launch]) -> None:
        """Cancel what has not begun of these launches; each place is told once."""
        handles: dict[str, list[Handle]] = {}
        for launch in launches:
            handles.setdefault(launch.backend, []).append(handle_of(launch))
        for backend, its in handles.items():
            self._place_of(backend).release(list(dict.fromkeys(its)))

    def resize(self, launch: Launch, cores: int) -> None:
        """Have so many cores of a launch of several jobs from now on; what runs goes on."""
        if cores < 1:
            raise LaunchError(
                f"{cores} cores: a launch of several jobs keeps at least one; "
                f"`trialdeck stop` ends it"
            )
        self._place_of(launch.backend).resize(handle_of(launch), cores)
        self.files.change(launch.name, cores=cores)

    def without(self, pools: Sequence[WriterFile], all_pools: Sequence[WriterFile]) -> None:
        """Let no other job take the place of these pools, which were told to end."""
        ending: dict[str, int] = {}
        launches: dict[str, Launch] = {}
        for pool in pools:
            if (launch := self.launch_of(pool)) is not None:
                launches[launch.name] = launch
                ending[launch.name] = ending.get(launch.name, 0) + pool.cores_wanted
        for name, launch in launches.items():
            its = sum(pool.cores_wanted for pool in all_pools if pool.name == name)
            now = launch.cores if launch.at else its
            if now > ending[name]:
                self.resize(launch, now - ending[name])
            else:
                self.files.change(name, stopped=True)
                self.release([launch])

    def _is_many(self, pool: WriterFile) -> bool:
        return self.files.read(pool.name) is None and self._place_of(pool.backend).many

    def _stop(self, one: Standing) -> int:
        if not one.launch.many or not one.pools:
            self._take_back(one)
            return 1
        # First noted: what begins nevertheless finds out that it is not wanted.
        self.files.change(one.launch.name, stopped=True)
        self._take_back(one)
        if one.starting:
            backend = one.launch.backend
            self._place_of(backend).cancel([Handle(backend, job) for job in one.starting])
        return 0

    def _take_back(self, one: Standing) -> None:
        launch = one.launch
        if launch.many and one.pools:
            self.release([launch])
            return
        self._place_of(launch.backend).cancel([handle_of(launch)])
        self.files.change(launch.name, over=True, stopped=True)
