"""Makes an environment on a host before a pool starts in it, once; runs there, within the job.

``python -P -m trialdeck.backends.ssh.environment FOLDER PACKAGE... -- WORD...`` makes a virtual
environment with the packages in FOLDER unless it is there, and becomes its Python with the words.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path


def main() -> None:
    """Make the environment and go on in it."""
    line = sys.argv[1:]
    folder, packages, words = (
        Path(line[0]),
        line[1 : line.index("--")],
        line[line.index("--") + 1 :],
    )
    if not (folder / "bin" / "python").exists():
        make(folder, packages)
    python = str(folder / "bin" / "python")
    sys.stdout.flush()
    os.execv(python, [python, *words])  # noqa: S606 - no shell is wanted


def make(folder: Path, packages: list[str]) -> None:
    """Make it under another name, so that what is there is whole."""
    sys.stdout.write(f"making an environment with {', '.join(packages)}\n")
    sys.stdout.flush()
    draft = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        run(
            [sys.executable, "-m", "venv", str(draft)],
            "python -m venv fails (its package may be missing)",
        )
        pip = [str(draft / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
        run([*pip, *packages], "pip cannot install the packages (has this host internet?)")
        with suppress(OSError):  # another job was quicker
            draft.rename(folder)
        if not (folder / "bin" / "python").exists():
            sys.exit(f"{folder} is there and has no Python: remove it")
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def run(argv: list[str], failed: str) -> None:
    """Run a command; end with a word if it fails."""
    code = subprocess.run(argv, check=False).returncode
    if code:
        sys.exit(f"{failed}: `{' '.join(argv)}` ended with exit status {code}")


if __name__ == "__main__":
    main()
