"""Which process on which machine: enough to tell whether it still runs, never mistaken."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import msgspec

_PROC = Path("/proc")


class Identity(msgspec.Struct, frozen=True):
    """A process. Its number alone is reused; with its start and the machine's boot it is not.

    `started` is in clock ticks since boot. A machine that does not tell leaves fields empty.
    """

    host: str = ""
    boot: str = ""  # random, new at every boot
    namespace: int = 0  # inside a container process numbers have a meaning of their own
    pid: int = 0
    started: int = 0

    @classmethod
    def current(cls) -> Identity:
        """Return the identity of the calling process."""
        return cls.of(os.getpid())

    @classmethod
    def of(cls, pid: int) -> Identity:
        """Return the identity of a process of this machine."""
        found = _stat(pid)
        return cls(
            host=platform.node(),
            boot=_text(_PROC / "sys/kernel/random/boot_id").strip(),
            namespace=_namespace(),
            pid=pid,
            started=found[1] if found else 0,
        )

    def same_machine(self, other: Identity) -> bool:
        """Whether the process numbers of both are of one machine (or container) and boot."""
        mine, theirs = (self.boot, self.namespace), (other.boot, other.namespace)
        return bool(self.boot and self.namespace) and mine == theirs

    def alive(self) -> bool:
        """Whether this process still runs; ask only for one on the `same_machine`.

        A stopped process runs; one that has ended and waits to be collected does not.
        """
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass  # somebody else's, and there
        found = _stat(self.pid)
        if found is None:  # another user's, where the machine hides these
            return True
        state, started = found
        return state not in "ZX" and (not self.started or started == self.started)


def _namespace() -> int:
    """Return the number of our process namespace, 0 when /proc shows another one's processes."""
    try:
        if (_PROC / "self").readlink().name != str(os.getpid()):
            return 0
        return (_PROC / "self/ns/pid").stat().st_ino
    except OSError:
        return 0


def _stat(pid: int) -> tuple[str, int] | None:
    """Return a process's state letter and start, None when it cannot be seen."""
    # The name in the second field may hold spaces and brackets: count from its last one.
    fields = _text(_PROC / str(pid) / "stat").rpartition(")")[2].split()
    return (fields[0], int(fields[19])) if len(fields) > 19 else None


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
