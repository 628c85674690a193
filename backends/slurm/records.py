"""What is remembered of each launch: ``<name>.json``, written when Slurm has taken it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from trialdeck.backends.base import LaunchError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Record:
    """A launch: the number of its array, so many jobs `at_once` with so many cores each."""

    name: str
    job: str
    at_once: int
    cores: int


class Records:
    """Writes and reads them, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, record: Record) -> None:
        """Write one, as a whole. Raises LaunchError."""
        path = self.folder / f"{record.name}.json"
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(asdict(record)))
            temporary.replace(path)
        except OSError as error:
            raise LaunchError(f"{path} cannot be written: {error.strerror}") from error

    def named(self, name: str) -> Record | None:
        """Return the launch of that name, None when there is none that can be read."""
        try:
            said = json.loads((self.folder / f"{name}.json").read_bytes())
            return Record(
                str(said["name"]), str(said["job"]), int(said["at_once"]), int(said["cores"])
            )
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LaunchError(
                f"{self.folder / name}.json cannot be read: {error.strerror}"
            ) from error
        except (ValueError, KeyError, TypeError):  # torn: Slurm is asked by the name instead
            return None

    def all(self) -> dict[str, Record]:
        """Return every launch, by the number of its array."""
        try:
            names = [path.stem for path in self.folder.glob("*.json")]
        except OSError:
            return {}
        records = (self.named(name) for name in names)
        return {record.job: record for record in records if record is not None}
