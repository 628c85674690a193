"""Other machines, by SSH: nothing has to be installed there."""

from __future__ import annotations

import shlex
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from trialdeck.backends.base import (
    Choice,
    Contact,
    Handle,
    JobSpec,
    LaunchError,
    SingleJobs,
    State,
    Status,
)
from trialdeck.backends.ssh import jobs, preflight
from trialdeck.backends.ssh.hosts import HostSettings, host_of, project_id
from trialdeck.backends.ssh.link import link_to
from trialdeck.backends.ssh.place import SAMPLE, HostPlace
from trialdeck.backends.ssh.site import SshSite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trialdeck.backends.base import Finding, Site
    from trialdeck.backends.ssh.link import Link

POLL_SECONDS = 8.0  # a host that has not answered by then is one that cannot be asked


class SSHBackend(SingleJobs):
    """Starts pools on the machines of `hosts`, the one that is called `host` where one is meant.

    A handle's job is "<host>/<name of the JobSpec>".
    """

    name = "ssh"
    far = True

    def __init__(
        self,
        state: Path,
        *,
        hosts: Mapping[str, Mapping[str, Any]] | None = None,
        host: str = "",
    ) -> None:
        self.state = state
        self.tables = dict(hosts or {})
        self.host = host

    # -- hosts ------------------------------------------------------------------------------

    def sites(self) -> list[str]:
        """Return the names of the hosts."""
        return list(self.tables)

    def site_of(self, handle: Handle) -> str:
        """Return on which host a job is; for one that has none yet, where it would go."""
        host, slash, name = handle.job.rpartition("/")
        return host if slash else self._noted(name) or self._chosen()

    def site(self, name: str, project: Path) -> Site:
        """Return the files that a host has of a project. Raises LaunchError."""
        place = self._place(name)
        link = self._link(name)
        return SshSite(name, place.project(project), link.client)

    def where(self, name: str, project: Path) -> str:
        """Return the folder that a host has of a project, as scp takes it. Raises LaunchError."""
        settings = self._settings(name)
        return f"{settings.target}:{settings.folder}/projects/{project_id(project)}"

    def contact(self, name: str) -> Contact:
        """Return what is known of the way to a host, at once."""
        return self._link(name).contact()

    def disconnect(self, name: str) -> None:
        """Let go of a host; what runs there runs on."""
        self._link(name).close()

    def preflight(self, name: str, spec: JobSpec) -> list[Finding]:
        """Return what a host has of all that such a job needs. Raises LaunchError."""
        self._link(name).now()
        return preflight.findings(self._place(name), spec.needs, self._settings(name).target)

    # -- before a launch --------------------------------------------------------------------

    def preview(self, spec: JobSpec) -> str:
        """Return what `submit` has run on the host, for a shell there."""
        settings = self._settings(self._chosen())
        words = shlex.join(spec.command(spec.cores))
        variables = [f"{key}={shlex.quote(value)} " for key, value in spec.environment.items()]
        return (
            f"ssh {settings.target}  # with {spec.folder} as a folder below {settings.folder}\n"
            f"cd {shlex.quote(str(spec.folder.absolute()))} && {''.join(variables)}setsid {words} "
            f"</dev/null >>{shlex.quote(str(spec.log.absolute()))} 2>&1 &"
        )

    def warnings(self, spec: JobSpec) -> list[str]:
        """Say when a launch has more cores than its host is said to have."""
        settings = self._settings(self._chosen())
        if spec.cores > settings.cores > 1:
            return [f"{settings.name} is said to have {settings.cores} cores, not {spec.cores}."]
        return []

    def refusal(self, spec: JobSpec) -> str:
        """Return what the host lacks that such a job cannot do without, and what to do; or ""."""
        name = self._chosen()
        self._link(name).now()
        place = self._place(name)
        needs = [need for need in spec.needs if need != SAMPLE]
        found = preflight.findings(place, needs, self._settings(name).target)
        bad = [row for row in found if row.good is False]
        return "; ".join(f"{name}: {row.what}: {row.said}. {row.cure}" for row in bad)

    def choices(self) -> list[Choice]:
        """Offer the hosts."""
        options = {}
        for name in self.tables:
            settings = self._settings(name)
            cores = "1 core" if settings.cores == 1 else f"{settings.cores} cores"
            options[name] = f"{cores}, {settings.target}" if settings.target != name else cores
        if not options:
            return []
        value = self.host or (next(iter(options)) if len(options) == 1 else "")
        if not value:
            options = {"": "choose one", **options}
        return [Choice("host", value, "the machine", options)]

    # -- jobs -------------------------------------------------------------------------------

    def submit(self, spec: JobSpec) -> Handle:
        """Send what the job needs and start it, unless it was started. Raises LaunchError."""
        name = self._noted(spec.name) or self._chosen()
        self._link(name).now()
        place = self._place(name)
        self._note(spec.name, name)
        handle = Handle(self.name, f"{name}/{spec.name}")
        place.submit(spec, handle.job, self.name)
        return handle

    def poll(self, handles: Sequence[Handle]) -> dict[Handle, Status]:
        """Ask all hosts at once; jobs of one that does not answer are in no known state."""
        found: dict[Handle, Status] = {}
        by_host: dict[str, list[Handle]] = {}
        for handle in handles:
            try:
                by_host.setdefault(self.site_of(handle), []).append(handle)
            except LaunchError:
                found[handle] = Status(State.VANISHED, "it is not known on which host it is")
        if by_host:
            with ThreadPoolExecutor(len(by_host), "poll") as pool:
                tasks = [pool.submit(self._ask, name, its) for name, its in by_host.items()]
                for task in tasks:
                    found |= task.result()
        return found

    def cancel(self, handles: Sequence[Handle]) -> None:
        """Have the jobs end; those that take longer than a grace are killed."""
        problems = []
        by_host: dict[str, list[str]] = {}
        for handle in handles:
            try:
                by_host.setdefault(self.site_of(handle), []).append(_job(handle))
            except LaunchError:
                continue  # nothing that was ever started
        for name, its in by_host.items():
            try:
                place = self._place(name)
                jobs.cancel(place.client, place.folder, its)
            except LaunchError as error:
                problems.append(str(error))
        if problems:
            raise LaunchError("; ".join(problems))

    def _ask(self, name: str, handles: Sequence[Handle]) -> dict[Handle, Status]:
        try:
            place = self._place(name)
            if place.client.pouring:
                waits = Status(State.QUEUED, f"{name} is being sent what it needs")
                return dict.fromkeys(handles, waits)
            said = jobs.statuses(place.client, place.folder, [_job(one) for one in handles])
        except LaunchError as error:
            heard = self._link(name).contact().heard if name in self.tables else None
            known = "" if heard is None else f"; last heard {_clock(heard)}"
            return dict.fromkeys(handles, Status(State.UNKNOWN, f"{error}{known}"))
        return {handle: said[_job(handle)] for handle in handles}

    # -- which host -------------------------------------------------------------------------

    def _chosen(self) -> str:
        if self.host:
            host_of(self.tables, self.host)
            return self.host
        if len(self.tables) == 1:
            return next(iter(self.tables))
        if not self.tables:
            raise LaunchError("there is no host to launch on: `trialdeck hosts add NAME` adds one")
        raise LaunchError(
            f"which host? There are {', '.join(self.tables)}: `--host {next(iter(self.tables))}`, "
            f"or host = below [backends.ssh]"
        )

    def _settings(self, name: str) -> HostSettings:
        return host_of(self.tables, name)

    def _link(self, name: str) -> Link:
        hosts = {other: HostSettings.of(other, table) for other, table in self.tables.items()}
        return link_to(self._settings(name), hosts)

    def _place(self, name: str) -> HostPlace:
        return HostPlace(self._settings(name), self._link(name).client())

    def _note(self, name: str, host: str) -> None:
        """Write down where a job goes before it does: the reply may be lost."""
        try:
            self.state.mkdir(parents=True, exist_ok=True)
            (self.state / f"{name}.host").write_text(host)
        except OSError as error:
            raise LaunchError(f"{self.state} cannot be written: {error.strerror}") from error

    def _noted(self, name: str) -> str:
        try:
            return (self.state / f"{name}.host").read_text().strip()
        except OSError:
            return ""


def _job(handle: Handle) -> str:
    return handle.job.rpartition("/")[2]


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))
