"""What a pool imports, for hosts whose Python lacks it: sent from here, with no registry there."""

from __future__ import annotations

import hashlib
import platform
import re
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialdeck.backends.base import LaunchError
from trialdeck.backends.ssh.shipping import ship_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.backends.ssh.client import Client
    from trialdeck.backends.ssh.shipping import Files

POOL = ("numpy", "hyperopt", "msgspec")
DOWNLOAD_SECONDS = 600.0


def same_python(facts: Mapping[str, Any]) -> bool:
    """Whether what is installed here runs on a host, too."""
    here = (sys.implementation.cache_tag, sysconfig.get_platform(), platform.libc_ver()[0])
    return here == (facts["tag"], facts["platform"], facts["libc"][0]) and _numbers(
        facts["libc"][1]
    ) >= _numbers(platform.libc_ver()[1])


def ship_packages(client: Client, folder: str, facts: Mapping[str, Any]) -> str:
    """Send what a pool needs to a host, unless it is there; return the folder for its path.

    Raises LaunchError when it cannot be had for that host.
    """
    if same_python(facts):
        distributions = closure(POOL)
        names = sorted(f"{d.metadata['Name']}=={d.version}" for d in distributions)
        files: Files = {}
        for one in distributions:
            files |= _files(one)
        return ship_tree(client, folder, _name([facts["tag"], *names]), files)
    versions = [f"{name}=={metadata.version(name)}" for name in POOL]
    name = _name([facts["tag"], facts["platform"], *facts["libc"], *versions])
    said, _ = client.ask("exists", root=folder, paths=[name])
    if said["there"]:
        return f"{folder}/{name}"
    try:
        with tempfile.TemporaryDirectory(prefix="trialdeck-wheels-") as temporary:
            return ship_tree(client, folder, name, _wheels(Path(temporary), facts))
    except (OSError, zipfile.BadZipFile) as error:
        raise LaunchError(f"packages for {client.host} cannot be fetched here: {error}") from error


def closure(names: tuple[str, ...]) -> list[metadata.Distribution]:
    """Return the installed distributions of these names, and of all that they require."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # required elsewhere only: on other systems, by extras
        for requirement in found[name].requires or []:
            text, _, marker = requirement.partition(";")
            if "extra" not in marker and (match := re.match(r"[\w.-]+", text.strip())):
                waiting.append(match[0])
    return [found[name] for name in sorted(found)]


def _files(distribution: metadata.Distribution) -> Files:
    found: Files = {}
    for file in distribution.files or []:
        path = Path(str(distribution.locate_file(file)))
        inside = ".." not in file.parts and not Path(str(file)).is_absolute()
        if inside and file.suffix != ".pyc" and "tests" not in file.parts and path.is_file():
            found[str(file)] = path
    return found


def _wheels(folder: Path, facts: Mapping[str, Any]) -> Files:
    """Download wheels for another Python or system, and return what is in them."""
    version = ".".join(map(str, facts["version"][:2]))
    machine = facts["platform"].partition("-")[2]
    platforms = [f"manylinux_{major}_{minor}_{machine}" for major, minor in _glibcs(facts)]
    platforms += [f"manylinux2014_{machine}", "any"]
    argv = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--only-binary=:all:", "--python-version", version, "--dest", str(folder / "wheels")),
        *(word for name in platforms for word in ("--platform", name)),
        *POOL,
    ]
    try:
        done = subprocess.run(argv, capture_output=True, timeout=DOWNLOAD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise LaunchError("pip download has not ended within ten minutes") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise LaunchError(
            f"{', '.join(POOL)} cannot be had here for Python {version} on {facts['platform']}: "
            f"{said[-1] if said else 'pip download failed'}. Install them on the host: "
            f"{facts['executable']} -m pip install {' '.join(POOL)}"
        )
    unpacked = folder / "unpacked"
    for wheel in sorted((folder / "wheels").glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
    return {str(path.relative_to(unpacked)): path for path in unpacked.rglob("*") if path.is_file()}


def _glibcs(facts: Mapping[str, Any]) -> list[tuple[int, int]]:
    major, minor = (*_numbers(facts["libc"][1]), 2, 17)[:2]
    return [(major, number) for number in range(minor, 16, -1)]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _name(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
