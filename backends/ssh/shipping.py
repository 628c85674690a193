"""Sending files by their content: only what a host does not have, in one stream."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialdeck.backends.base import LaunchError
from trialdeck.backends.ssh.client import tar_into

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trialdeck.backends.ssh.client import Client

Files = dict[str, Path]  # what lies here, by where it is to be there

ENGINE = ("trialdeck.core", "trialdeck.backends")
SAMPLE = "trialdeck.sample"
QUIET_SECONDS = 120.0  # for so long a host may be busy with what it was sent


def engine_files(*, sample: bool = False) -> Files:
    """Return the files of this very Trialdeck that a pool needs, with the sample if asked for."""
    found: Files = {}
    for package in (*ENGINE, *([SAMPLE] if sample else [])):
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            base = Path(folder)
            for path in sorted(base.rglob("*")):
                if path.is_file() and path.suffix in (".py", ".typed", ".npz", ".md"):
                    found[f"{package.replace('.', '/')}/{path.relative_to(base)}"] = path
    return found


def digest(path: Path) -> str:
    """Return the SHA-256 of a file. Raises LaunchError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise LaunchError(f"{path} cannot be read: {error.strerror}") from error


def digest_of(files: Mapping[str, Path]) -> str:
    """Return a short name for the content of files."""
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{name}\0{digest(files[name])}\n".encode())
    return whole.hexdigest()[:16]


def ship_tree(client: Client, folder: str, name: str, files: Mapping[str, Path]) -> str:
    """Send files as the folder `folder/name`, unless it is there; return its path.

    It appears as a whole. Raises LaunchError.
    """
    said, _ = client.ask("exists", root=folder, paths=[name])
    if not said["there"]:
        client.pour("unpack", _filling(files), QUIET_SECONDS, root=f"{folder}/{name}", whole=True)
    return f"{folder}/{name}"


def ship_files(client: Client, root: str, files: Mapping[str, Path]) -> list[str]:
    """Send those files that differ from what is below `root`; return which. Raises LaunchError."""
    if not files:
        return []
    said, _ = client.ask("hashes", root=root, paths=sorted(files), seconds=QUIET_SECONDS)
    there = said["hashes"]
    new = {name: path for name, path in files.items() if there.get(name) != digest(path)}
    if new:
        client.pour("unpack", _filling(new), QUIET_SECONDS, root=root, whole=False)
    return sorted(new)


def project_files(project: Path, sent: Iterable[Path], patterns: Sequence[str]) -> Files:
    """Return what of a project is sent: `sent`, and what fits the patterns; folders whole.

    Raises LaunchError for what is not there, or not in the project.
    """
    base = project.resolve()
    wanted = [*sent]
    for pattern in patterns:
        found = sorted(base.glob(pattern.rstrip("/"))) if not Path(pattern).is_absolute() else []
        if not found:
            raise LaunchError(
                f"files: nothing in {project} is called {pattern}; patterns are relative to it"
            )
        wanted += found
    files: Files = {}
    for path in wanted:
        for file in _plain(path):
            if not file.resolve().is_relative_to(base):
                raise LaunchError(f"files: {file} is not in {project}, and is not sent")
            files[str(file.absolute().relative_to(project.absolute()))] = file
    return files


def _plain(path: Path) -> list[Path]:
    if path.is_dir():
        inside = (p for p in sorted(path.rglob("*")) if "__pycache__" not in p.parts)
        return [p for p in inside if p.is_file()]
    return [path]


def _filling(files: Mapping[str, Path]) -> Any:
    def fill(pipe: Any) -> None:
        with tar_into(pipe) as archive:
            for name, path in files.items():
                try:
                    archive.add(path.resolve(), name, recursive=False)
                except OSError as error:
                    raise LaunchError(f"{path} cannot be read: {error.strerror}") from error

    return fill
