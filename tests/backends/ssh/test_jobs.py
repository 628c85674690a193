"""Jobs on real machines: at most once, whatever happens to the way; and nothing secret shown."""

from __future__ import annotations

import platform
import sys
import sysconfig
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from trialdeck.backends import create
from trialdeck.backends.base import Handle, JobSpec, LaunchError, NoAnswer, State
from trialdeck.backends.ssh import environment, jobs, link, packages
from trialdeck.backends.ssh.shipping import project_files, ship_files

if TYPE_CHECKING:
    from tests.services.ssh import Network
    from trialdeck.backends.base import Status
    from trialdeck.backends.ssh import SSHBackend
    from trialdeck.backends.ssh.place import HostPlace

SLEEP = "echo up >>up; while :; do sleep 9; done"


class Far:
    """A project here, and its jobs on h1."""

    def __init__(self, net: Network, folder: Path) -> None:
        self.net = net
        self.folder = folder / "project"
        self.folder.mkdir()
        self.state = folder / "state"

    def backend(self) -> SSHBackend:
        return create("ssh", {"hosts": {"h1": self.net.table("h1")}}, self.state)

    def spec(self, script: str, name: str = "job") -> JobSpec:
        log = self.folder / "logs" / f"{name}.log"
        return JobSpec(
            f"{name}-{self.folder.parent.name}", ("sh", "-c", script), self.folder, log, 1
        )

    def there(self) -> Path:
        """Return the project's folder on the machine, as it is seen from here."""
        place = self.place()
        return self.net["h1"].home / place.project(self.folder).removeprefix("/home/")

    def place(self) -> HostPlace:
        return self.backend()._place("h1")

    def status(self, handle: Handle) -> Status:
        return self.backend().poll([handle])[handle]


@pytest.fixture
def far(ssh_hosts: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Far:
    monkeypatch.setattr(jobs, "GRACE_SECONDS", 0.5)
    return Far(ssh_hosts, tmp_path)


def test_a_job_survives_the_server_and_its_sessions(far: Far) -> None:
    handle = far.backend().submit(far.spec(SLEEP))
    until((far.there() / "up").exists, 10)
    far.net["h1"].kill_sessions()
    far.net["h1"].start_sshd()
    link.close_all()
    assert far.status(handle).state is State.RUNNING
    far.backend().cancel([handle])
    until(lambda: far.status(handle).state.final, 10)
    assert (far.there() / "up").read_text() == "up\n"


def test_a_launch_whose_reply_was_lost_is_found_and_not_started_twice(
    far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_given: object) -> None:
        start(*_given)
        raise NoAnswer("the connection was cut just then")

    start = jobs.start
    monkeypatch.setattr(jobs, "start", lost)
    spec = far.spec(SLEEP)
    with pytest.raises(NoAnswer):
        far.backend().submit(spec)
    by_name = Handle("ssh", spec.name)
    until(lambda: far.status(by_name).state is State.RUNNING, 10)
    monkeypatch.setattr(jobs, "start", start)
    handle = far.backend().submit(spec)
    assert far.status(handle).state is State.RUNNING
    far.backend().cancel([by_name])
    until(lambda: far.status(handle).state.final, 10)
    assert (far.there() / "up").read_text() == "up\n"


def test_after_a_restart_its_jobs_are_gone_and_it_is_said_why(far: Far) -> None:
    handle = far.backend().submit(far.spec(SLEEP))
    far.net["h1"].crash()
    unreachable = far.status(handle)
    assert unreachable.state is State.UNKNOWN
    assert "last heard" in unreachable.reason
    far.net["h1"].boot()
    link.close_all()
    until(lambda: far.status(handle).state is State.VANISHED, 20)
    assert far.status(handle).reason == "h1 was restarted"


def test_nothing_secret_is_shown(far: Far) -> None:
    spec = replace(far.spec(SLEEP), environment={"TOKEN": "s3cret"})
    handle = far.backend().submit(spec)
    until((far.there() / "up").exists, 10)
    assert "s3cret" not in far.net["h1"].sh("ps axww -o args")
    folder = far.net["h1"].home / "root" / ".trialdeck"
    written = [path for path in folder.glob("jobs/*") if path.is_file()]
    assert written
    assert not any(b"s3cret" in path.read_bytes() for path in written)
    private = [path.stat().st_mode & 0o077 for path in (folder, folder / "jobs", far.there())]
    assert private == [0, 0, 0]
    far.backend().cancel([handle])


def test_only_what_differs_is_sent(far: Far) -> None:
    (far.folder / "lib").mkdir()
    (far.folder / "lib" / "a.py").write_text("a = 1\n")
    (far.folder / "run.sh").write_text("#!/bin/sh\n")
    (far.folder / "run.sh").chmod(0o755)
    files = project_files(far.folder, [], ["lib", "*.sh"])
    place = far.place()
    root = place.project(far.folder)
    assert ship_files(place.client, root, files) == ["lib/a.py", "run.sh"]
    assert (far.there() / "run.sh").stat().st_mode & 0o777 == 0o700
    (far.folder / "lib" / "a.py").write_text("a = 2\n")
    assert ship_files(place.client, root, files) == ["lib/a.py"]
    assert (far.there() / "lib" / "a.py").read_text() == "a = 2\n"
    assert ship_files(place.client, root, files) == []


@pytest.mark.parametrize("pattern", ["missing", "/etc/passwd", "../outside"])
def test_only_files_of_the_project_are_sent(far: Far, pattern: str) -> None:
    (far.folder.parent / "outside").write_text("x")
    with pytest.raises(LaunchError, match="files:"):
        project_files(far.folder, [], [pattern])


def test_a_host_that_is_none_is_refused_with_those_there_are(far: Far) -> None:
    backend = create("ssh", {"hosts": {"h1": {}, "h2": {}}}, far.state)
    with pytest.raises(LaunchError, match=r"which host\? There are h1, h2"):
        backend.submit(far.spec("exit 0"))
    with pytest.raises(LaunchError, match="hosts add"):
        create("ssh", {}, far.state).submit(far.spec("exit 0"))


def test_an_environment_is_made_once_whoever_is_quicker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "environments" / "abc"
    made = []

    def run(argv: list[str], failed: str) -> None:
        made.append(argv)
        if "venv" in argv:
            python = Path(argv[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.touch()
        else:  # another job is ready just before this one
            (folder / "bin").mkdir(parents=True)
            (folder / "bin" / "python").write_text("theirs")

    monkeypatch.setattr(environment, "run", run)
    environment.make(folder, ["torch"])
    assert (folder / "bin" / "python").read_text() == "theirs"
    assert made[1][-1] == "torch"
    assert [path.name for path in folder.parent.iterdir()] == ["abc"]


def test_what_is_installed_here_is_enough_for_a_pool() -> None:
    names = {one.metadata["Name"].lower() for one in packages.closure(packages.POOL)}
    assert {"numpy", "scipy", "hyperopt", "msgspec"} <= names
    assert "pytest" not in names
    here = {
        "tag": sys.implementation.cache_tag,
        "platform": sysconfig.get_platform(),
        "libc": platform.libc_ver(),
    }
    assert packages.same_python(here)
    assert not packages.same_python({**here, "tag": "cpython-99"})
    assert not packages.same_python({**here, "libc": ("glibc", "2.5")})
