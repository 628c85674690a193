"""Every backend keeps the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.backends.conformance import CANCELLED, ENDED, PATIENT, BackendConformance
from tests.backends.place import Place
from tests.conditions import until
from trialdeck import backends
from trialdeck.backends.base import Handle, State
from trialdeck.backends.process import identify
from trialdeck.backends.ssh import jobs
from trialdeck.backends.ssh.hosts import project_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.services.slurm import Slurm
    from tests.services.ssh import Network


class TestLocal(BackendConformance):
    """This machine."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[Place]:
        folder = tmp_path / "jobs of mine"
        folder.mkdir()
        place = Place(
            backend=lambda: backends.create("local", {"grace": 0.5}, tmp_path / "state"),
            folder=folder,
            lives=lambda pid: identify(pid) is not None,
        )
        yield place
        place.clean_up()


class TestSlurm(BackendConformance):
    """A cluster, on which a launch is several jobs."""

    @pytest.fixture
    def place(self, tmp_path: Path, slurm: Slurm) -> Iterator[Place]:
        # Slurm reads patterns such as %a in the names of files.
        folder = tmp_path / "jobs of mine, 100%a"
        folder.mkdir()
        settings = {"refill": 1, "time": 600.0, "partition": slurm.partition}
        place = Place(
            backend=lambda: backends.create("slurm", settings, tmp_path / "state"),
            folder=folder,
            lives=lambda pid: identify(pid) is not None,
            patience=60,
        )
        yield place
        place.clean_up()

    def test_the_jobs_of_a_launch_are_told_apart(self, place: Place) -> None:
        handle = place.submit("a", PATIENT, cores=2)
        until(lambda: len(place.written("up").splitlines()) == 2, place.patience)
        jobs = [f"{handle.job}_{number}" for number in range(2)]
        assert sorted(place.written("up").splitlines()) == sorted(place.status(handle).jobs) == jobs

        first, second = (Handle(handle.backend, job) for job in jobs)
        place.backend().cancel([first])
        assert place.ended(first) == CANCELLED
        assert place.status(second).state is place.status(handle).state is State.RUNNING
        (place.folder / "go").touch()
        assert place.ended(second) == place.ended(handle) == ENDED
        assert place.log_file("a", 1).exists()


class TestSsh(BackendConformance):
    """Another machine, on which jobs do not see the files of this one."""

    @pytest.fixture
    def place(
        self, tmp_path: Path, ssh_hosts: Network, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[Place]:
        monkeypatch.setattr(jobs, "GRACE_SECONDS", 0.5)
        project, host = tmp_path / "jobs of mine", ssh_hosts["h1"]
        project.mkdir()
        hosts = {"h1": ssh_hosts.table("h1", folder="~/trial deck")}
        there = f"root/trial deck/projects/{project_id(project)}"
        (host.home / there).mkdir(parents=True)
        place = Place(
            backend=lambda: backends.create("ssh", {"hosts": hosts}, tmp_path / "state"),
            folder=host.home / there,
            lives=lambda pid: host.sh(f"kill -0 {pid} 2>/dev/null && echo yes; true") != "",
            given=project,
            called=f"/home/{there}",
        )
        yield place
        place.clean_up()


def test_every_backend_is_tested() -> None:
    tested = {name for name in globals() if name.startswith("Test")}
    assert tested == {f"Test{name.capitalize()}" for name in backends.BACKENDS}
