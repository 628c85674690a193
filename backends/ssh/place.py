"""One host as a place for jobs: where things lie there, what it has, what is sent before a job."""

from __future__ import annotations

import hashlib
import json
import shlex
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialdeck.backends.base import (
    BACKEND_VARIABLE,
    JOB_VARIABLE,
    JobSpec,
    LaunchError,
)
from trialdeck.backends.ssh import jobs
from trialdeck.backends.ssh.hosts import project_id
from trialdeck.backends.ssh.packages import POOL, ship_packages
from trialdeck.backends.ssh.shipping import (
    digest_of,
    engine_files,
    project_files,
    ship_files,
    ship_tree,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.backends.ssh.client import Client
    from trialdeck.backends.ssh.hosts import HostSettings

SAMPLE = "trialdeck.sample"  # among what a job needs: it is sent with the engine
FACTS_SECONDS = 30.0


class HostPlace:
    """A host that `client` is connected to."""

    def __init__(self, host: HostSettings, client: Client) -> None:
        self.host = host
        self.client = client
        self.folder = under_home(host.folder, client.home)

    @property
    def python(self) -> list[str]:
        """How Python is called there."""
        words = shlex.split(self.host.python)
        if len(words) <= 1:
            return [self.client.python]
        return [under_home(words[0], self.client.home), *words[1:]]

    def project(self, project: Path) -> str:
        """Return the folder there of a project here."""
        return f"{self.folder}/projects/{project_id(project)}"

    def facts(self, needs: Sequence[str]) -> dict[str, Any]:
        """Return what the host is like, and which modules it lacks. Raises LaunchError."""
        source = resources.files("trialdeck.backends.ssh").joinpath("facts.py").read_bytes()
        modules = [name for name in dict.fromkeys((*POOL, *needs)) if name != SAMPLE]
        python = self.python
        if self._environment_is_there():
            python = [f"{self.environment}/bin/python"]
        said, load = self.client.ask(
            "run",
            source,
            seconds=FACTS_SECONDS + 5.0,
            within=FACTS_SECONDS,
            argv=[*python, "-P", "-", self.folder, *modules],
            environment={},
        )
        try:
            found: dict[str, Any] = json.loads(load[: said["out"]])
        except ValueError:
            lines = load.decode(errors="replace").strip().splitlines()
            why = lines[-1] if lines else f"exit status {said['code']}"
            raise LaunchError(f"{self.host.name}: {' '.join(python)} fails: {why}") from None
        return found

    @property
    def environment(self) -> str:
        """The folder of the environment that is made there, "" where none is wanted."""
        if not self.host.environment:
            return ""
        content = "\n".join([self.client.python, *sorted(self.host.environment)])
        return f"{self.folder}/environments/{hashlib.sha256(content.encode()).hexdigest()[:16]}"

    def _environment_is_there(self) -> bool:
        if not self.environment:
            return False
        said, _ = self.client.ask("exists", root=self.environment, paths=["bin/python"])
        return bool(said["there"])

    # -- jobs -------------------------------------------------------------------------------

    def submit(self, spec: JobSpec, handle: str, backend: str) -> None:
        """Send what a job needs and start it, unless it was started. Raises LaunchError."""
        found = self.facts(spec.needs)
        if found["trouble"]:
            raise LaunchError(self.cannot_write(found["trouble"]))
        files = engine_files(sample=SAMPLE in spec.needs)
        engine = ship_tree(self.client, f"{self.folder}/engine", digest_of(files), files)
        path = [engine]
        if not self.environment and set(POOL) & set(found["missing"]):
            path.append(ship_packages(self.client, f"{self.folder}/packages", found))
        there = self.project(spec.folder)
        sent = project_files(spec.folder, spec.files, self.host.files)
        ship_files(self.client, there, sent)
        # The working folder has to be there, even when nothing is sent.
        self.client.ask("put", b"", root=there, files=[[".trialdeck", 0]])
        words = [self._moved(word, spec.folder, there) for word in spec.command(spec.cores)]
        jobs.start(
            self.client,
            self.python,
            engine,
            {
                "argv": self._argv(words),
                "folder": there,
                "log": self._moved(str(spec.log.absolute()), spec.folder, there),
                "environment": {
                    **spec.environment,
                    "PYTHONPATH": ":".join(path),
                    BACKEND_VARIABLE: backend,
                    JOB_VARIABLE: handle,
                },
                "record": f"{self.folder}/jobs/{spec.name}",
                "grace": jobs.GRACE_SECONDS,
            },
        )

    def _argv(self, words: Sequence[str]) -> list[str]:
        """Return the command line there, of which the first word is how Python is called here."""
        if not Path(words[0]).name.startswith("python"):
            return list(words)
        if not self.environment:
            return [*self.python, *words[1:]]
        packages = [*self.host.environment, *POOL]
        module = ["-P", "-m", "trialdeck.backends.ssh.environment", self.environment]
        return [*self.python, *module, *packages, "--", *words[1:]]

    @staticmethod
    def _moved(word: str, folder: Path, there: str) -> str:
        """Return a word of a command line with a path in the project as it is there."""
        here = str(folder.absolute())
        if word == here or word.startswith(f"{here}/"):
            return there + word[len(here) :]
        return word

    def cannot_write(self, trouble: str) -> str:
        """Return what to do when nothing can be written there."""
        name = self.host.name
        return (
            f"{name}: {trouble}. Trialdeck needs a folder to write to there: make room, or name "
            f"another one by `folder` below [backends.ssh.hosts.{name}]"
        )


def under_home(text: str, home: str) -> str:
    """Return a path there with its ~ written out; a relative one is below the home."""
    if text == "~":
        return home
    if text.startswith("~/"):
        return f"{home}/{text[2:]}"
    return text if text.startswith("/") else f"{home}/{text}"
