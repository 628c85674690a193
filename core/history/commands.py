"""What people tell pools: small files in ``commands/``, which pools look at every two seconds.

``stop.<writer>``, ``stop-now.<writer>`` and ``cores.<writer>`` (a number) are for one pool,
``pause`` and ``resumed`` for all of them.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Literal

import msgspec

from trialdeck.core.errors import HistoryError
from trialdeck.core.history import disk

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths

Stop = Literal["", "after trial", "now"]


class Pause(msgspec.Struct, frozen=True):
    """Why no trials are started: by the user, after too many failures, an objective that fails."""

    reason: str = ""
    kind: str = "user"  # user, failures, objective, suggest
    by: str = ""
    at: float = 0.0

    @property
    def name(self) -> str:
        """What tells this pause from others."""
        return f"{self.kind} {self.at:.3f}"


class _Resumed(msgspec.Struct, frozen=True):
    """Trials whose failure has been looked over, and the pauses that are over, by their names."""

    forgiven: list[int] = []
    ended: list[str] = []


class Commands(msgspec.Struct, frozen=True):
    """What one pool has been told."""

    stop: Stop = ""
    cores: int | None = None
    paused: Pause | None = None
    forgiven: frozenset[int] = frozenset()


def read(paths: HistoryPaths, writer: str) -> Commands:
    """Return what the pool `writer` has been told. Raises `HistoryError` if it cannot be read.

    What is in a file is passed over when it makes no sense.
    """
    names = _names(paths)
    stop: Stop = "after trial" if f"stop.{writer}" in names else ""
    return Commands(
        stop="now" if f"stop-now.{writer}" in names else stop,
        cores=_cores(paths.commands / f"cores.{writer}") if f"cores.{writer}" in names else None,
        paused=_pause(paths.commands / "pause") if "pause" in names else None,
        forgiven=frozenset(_resumed(paths).forgiven) if "resumed" in names else frozenset(),
    )


def paused(paths: HistoryPaths) -> Pause | None:
    """Return why no trials are to be started, None when they are. Raises `HistoryError`."""
    return _pause(paths.commands / "pause") if "pause" in _names(paths) else None


def stop(paths: HistoryPaths, writer: str, *, now: bool = False) -> None:
    """Tell a pool to end, after its running trials or `now`."""
    _post(paths.commands / f"{'stop-now' if now else 'stop'}.{writer}", b"")


def resize(paths: HistoryPaths, writer: str, cores: int) -> None:
    """Tell a pool how many trials to run at once."""
    _post(paths.commands / f"cores.{writer}", str(cores).encode())


def pause(paths: HistoryPaths, *, reason: str, kind: str = "user", by: str = "") -> None:
    """Tell all pools to start no more trials."""
    content = Pause(reason=reason, kind=kind, by=by, at=round(time.time(), 3))
    _post(paths.commands / "pause", msgspec.json.encode(content))


def resume(paths: HistoryPaths, *, forgiven: Iterable[int] = ()) -> None:
    """Tell all pools to go on; these failed trials do not count towards another pause."""
    before, pause_ = _resumed(paths), paused(paths)
    ended = {*before.ended, *([pause_.name] if pause_ is not None else [])}
    content = _Resumed(sorted({*before.forgiven, *forgiven}), sorted(ended))
    _post(paths.commands / "resumed", msgspec.json.encode(content))
    _remove(paths.commands / "pause")


def adopt_pause(paths: HistoryPaths, content: bytes) -> bool:
    """Pause the search as another site has paused it; return whether that pause is no old one.

    One that was ended here, before that site has heard of it, is none any more.
    """
    try:
        pause_ = msgspec.json.decode(content, type=Pause)
    except ValueError:  # msgspec's errors are ValueErrors
        return False
    if pause_.name in _resumed(paths).ended:
        return False
    if paused(paths) is None:
        _post(paths.commands / "pause", content)
    return True


def withdraw(paths: HistoryPaths, writer: str) -> None:
    """Remove what was meant for a pool that has ended."""
    for word in ("stop", "stop-now", "cores"):
        _remove(paths.commands / f"{word}.{writer}")


def _names(paths: HistoryPaths) -> frozenset[str]:
    try:
        with os.scandir(paths.commands) as entries:
            return frozenset(entry.name for entry in entries)
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise HistoryError(f"commands cannot be read: {disk.explain(error)}") from error


def _post(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        disk.replace(path, content)
    except OSError as error:
        raise HistoryError(f"the command cannot be given: {disk.explain(error)}") from error


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise HistoryError(f"the command cannot be taken back: {disk.explain(error)}") from error


def _cores(path: Path) -> int | None:
    try:
        return max(0, int(path.read_bytes()))
    except (OSError, ValueError):
        return None


def _pause(path: Path) -> Pause | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Pause)
    except FileNotFoundError:
        return None
    except (OSError, ValueError):  # made by hand: that it is there says enough
        return Pause(reason=f"{path} is there")


def _resumed(paths: HistoryPaths) -> _Resumed:
    try:
        return msgspec.json.decode((paths.commands / "resumed").read_bytes(), type=_Resumed)
    except (OSError, ValueError):
        return _Resumed()
