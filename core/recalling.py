"""Taking launches back: cancelling them, releasing what has not begun, making them smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.backends.base import Handle
from trialdeck.core.asking import handle_of
from trialdeck.core.errors import LaunchError
from trialdeck.core.launches import launches_by_hand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trialdeck.backends.base import Backend
    from trialdeck.core.history.writers import WriterFile
    from trialdeck.core.launches import Launch, Launches
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
        return next(iter(launches_by_hand([pool], self.files)), None)

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

    def without(self, pools: Sequence[WriterFile], standings: Iterable[Standing]) -> None:
        """Let no other job take the place of these pools, which were told to end."""
        known = {one.launch.name: one for one in standings}
        ending: dict[str, list[WriterFile]] = {}
        for pool in pools:
            ending.setdefault(pool.name, []).append(pool)
        for name, its in ending.items():
            launch = self.launch_of(its[0])
            if launch is not None:
                self._shrink(launch, sum(pool.cores_wanted for pool in its), known.get(name))

    def _shrink(self, launch: Launch, by: int, standing: Standing | None) -> None:
        if standing is None or standing.status.state.final:
            return  # nothing of it could begin
        left = standing.launch.cores
        if standing.jobs_left and standing.launch.cores_per_job:
            left = min(left, standing.jobs_left * standing.launch.cores_per_job)
        if left > by:
            self.resize(launch, left - by)
        else:
            self.files.change(launch.name, stopped=True)
            self.release([launch])

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
