"""Where everything of one search lies; nothing else knows a file's name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class HistoryPaths:
    """The folder of one search, ``history/<name>/``, and every path below it."""

    root: Path

    @property
    def name(self) -> str:
        """The search's name."""
        return self.root.name

    @property
    def project(self) -> Path:
        """The folder of the parameter file, the working directory of every core."""
        return self.root.parent.parent

    @property
    def params(self) -> Path:
        """Published revisions, ``NNNN.toml``."""
        return self.root / "params"

    @property
    def journal(self) -> Path:
        """Journals, ``<writer>.jsonl``; a writer's further parts are ``<writer>.<n>.jsonl``."""
        return self.root / "journal"

    @property
    def digest(self) -> Path:
        """What the journals say in short; made anew where it is missing."""
        return self.root / "digest.bin"

    @property
    def reports(self) -> Path:
        """Learning curves, ``<writer>.jsonl``."""
        return self.root / "reports"

    @property
    def writers(self) -> Path:
        """Who writes, ``<writer>.json``."""
        return self.root / "writers"

    @property
    def commands(self) -> Path:
        """Commands to pools and to the search."""
        return self.root / "commands"

    @property
    def site(self) -> Path:
        """Which site this copy of the history is; the home has no such file."""
        return self.root / "site.json"

    @property
    def heard(self) -> Path:
        """At a site: the last word from home, that somebody there listens."""
        return self.root / "home.json"

    @property
    def launches(self) -> Path:
        """What was launched, ``<name>.json``; each backend has a folder of its own."""
        return self.root / "launches"

    @property
    def logs(self) -> Path:
        """Output of cores, ``<writer>/<core>.log``."""
        return self.root / "logs"

    def log(self, writer: str, core: int) -> Path:
        """Return the file with the output of one core."""
        return self.logs / writer / f"{core}.log"

    def claim(self, tid: int, attempt: int) -> Path:
        """Return the symbolic link that says who runs this attempt."""
        # In one piece: asked for several times for each trial, where joining parts is slow.
        return Path(f"{self.root}/claims/{tid // 1000}/{tid}.{attempt}")

    def checkpoint(self, tid: int, attempt: int) -> Path:
        """Return the folder for what the objective keeps between attempts."""
        return self.checkpoints / str(tid) / str(attempt)

    def model(self, tid: int, attempt: int) -> Path:
        """Return the folder for what is worth keeping of an attempt that has its result."""
        return self.models / str(tid) / str(attempt)

    @property
    def models(self) -> Path:
        """Trained networks, ``<tid>/<attempt>/``."""
        return self.root / "models"

    @property
    def checkpoints(self) -> Path:
        """What attempts leave for further ones, ``<tid>/<attempt>/``."""
        return self.root / "checkpoints"

    @property
    def checkpointed(self) -> Path:
        """An empty file, made once a trial has ended that had left something to go on from."""
        return self.checkpoints / "written"

    def create(self) -> None:
        """Make the folders that a writer needs. Safe to call from many processes."""
        for folder in (
            self.params,
            self.journal,
            self.reports,
            self.writers,
            self.commands,
            self.logs,
            self.root / "claims",
        ):
            folder.mkdir(parents=True, exist_ok=True)
