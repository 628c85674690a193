"""Which code a core runs: the objective's file, its git commit, package versions."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

GIT_SECONDS = 5.0  # a huge work tree on a slow file system must not hold up a core


def file_hash(path: Path | None) -> str:
    """Return the sha256 of a file as hex, or "" when there is none to read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path else ""
    except OSError:
        return ""


def git_state(folder: Path) -> tuple[str, bool]:
    """Return the commit of the work tree around `folder`, and whether it has changes."""
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return "", False
    return commit, bool(_git(folder, "status", "--porcelain", "--untracked-files=no"))


def _git(folder: Path, *words: str) -> str:
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            text=True,
            timeout=GIT_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def versions() -> dict[str, str]:
    """Return name and version of each imported package that states a version."""
    found = {}
    for name, module in sorted(sys.modules.items()):
        version = vars(module).get("__version__") if "." not in name else None
        if isinstance(version, str) and name not in sys.stdlib_module_names:
            found[name] = str(version)  # torch's is a subclass of str
    return found


def python_version() -> str:
    """Return the running Python's version."""
    return platform.python_version()
