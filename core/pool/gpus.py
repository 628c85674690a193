"""Which GPUs this machine has, and slots on them that several pools share by file locks."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

SECONDS = 10.0


def visible_gpus() -> list[str]:
    """Return the GPUs that may be used, as CUDA_VISIBLE_DEVICES names them."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        return [] if allowed.strip() in ("", "-1", "NoDevFiles") else allowed.split(",")
    if not shutil.which("nvidia-smi"):
        return []
    with suppress(OSError, subprocess.TimeoutExpired):
        answer = subprocess.run(
            ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return answer.stdout.split() if answer.returncode == 0 else []
    return []


def chosen_gpus(wanted: str | int | list[int]) -> list[str]:
    """Return the GPUs that `[cores] gpus` asks for: "auto", a number of them, or their indices."""
    if isinstance(wanted, list):
        return [str(index) for index in wanted]
    found = visible_gpus()
    return found if isinstance(wanted, str) else found[:wanted]


class GpuSlots:
    """Places on GPUs, `per_gpu` on each, taken by flock so that pools do not share a place.

    The kernel gives a lock back when its process dies, however it dies.
    """

    def __init__(self, gpus: list[str], per_gpu: int, folder: Path | None = None) -> None:
        self.gpus = gpus
        self.per_gpu = per_gpu
        temporary = Path(tempfile.gettempdir()) / f"trialdeck-{os.getuid()}"
        self.folder = folder or temporary
        self.locks: dict[tuple[str, int], int] = {}

    def take(self) -> tuple[str, int] | None:
        """Take a free place on the GPU with the fewest cores of ours; None when all are taken."""
        if not self.gpus:
            return None
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        load = {gpu: sum(1 for taken, _ in self.locks if taken == gpu) for gpu in self.gpus}
        for number in range(self.per_gpu):
            for gpu in sorted(self.gpus, key=lambda g: load[g]):
                if (gpu, number) not in self.locks and self._lock(gpu, number):
                    return gpu, number
        return None

    def _lock(self, gpu: str, number: int) -> bool:
        name = "".join(c if c.isalnum() else "-" for c in gpu)
        fd = os.open(self.folder / f"gpu-{name}.{number}", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        self.locks[gpu, number] = fd
        return True

    def give_back(self, slot: tuple[str, int]) -> None:
        """Let others have this place."""
        os.close(self.locks.pop(slot))
