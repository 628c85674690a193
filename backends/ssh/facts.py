"""What a host is like: a program that its Python is given over its input. Prints one JSON object.

Its arguments are the folder of Trialdeck there and the modules that are looked for.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any


def missing(names: list[str]) -> list[str]:
    """Return those modules that this Python does not find."""
    return [name for name in names if importlib.util.find_spec(name) is None]


def gpus() -> list[str]:
    """Return a line for each GPU that the driver shows."""
    try:
        done = subprocess.run(
            ["nvidia-smi", "-L"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line.split(" (UUID")[0] for line in done.stdout.splitlines() if line.startswith("GPU")]


def trouble_with(folder: Path) -> str:
    """Return why nothing can be written into a folder (it is made if need be), or ""."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".probe.{os.getpid()}"
        try:
            probe.write_bytes(b"\0" * 4096)
        finally:
            probe.unlink(missing_ok=True)
        link = folder / f".link.{os.getpid()}"
        link.symlink_to("nowhere")
        link.unlink()
    except OSError as error:
        return f"{error.filename or folder}: {error.strerror}"
    return ""


def free_bytes(folder: Path) -> int | None:
    """Return the room on a folder's disk, or that of the nearest one above it."""
    for place in (folder, *folder.parents):
        if place.is_dir():
            return shutil.disk_usage(place).free
    return None


def facts(folder: str, names: list[str]) -> dict[str, Any]:
    """Return everything."""
    where = Path(folder)
    return {
        "missing": missing(names),
        "version": list(sys.version_info[:3]),
        "executable": sys.executable,
        "tag": sys.implementation.cache_tag,
        "platform": sysconfig.get_platform(),
        "libc": list(platform.libc_ver()),
        "cpus": len(os.sched_getaffinity(0)),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "gpus": gpus(),
        "shell": os.environ.get("SHELL", ""),
        "trouble": trouble_with(where),
        "free": free_bytes(where),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(facts(sys.argv[1], sys.argv[2:])))
