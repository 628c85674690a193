"""Pools and launches at one moment, and a search that only writes down what it is told."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest

from tests.tui.app.scenes import WRITER, Scene, core, trials
from trialdeck.core.history.identity import Identity
from trialdeck.core.history.writers import WriterFile
from trialdeck.core.launches import Launch
from trialdeck.tui.app import VIEWS
from trialdeck.tui.views.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App
    from textual.pilot import Pilot

    from trialdeck.core.launching import Core
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.seen import Seen
    from trialdeck.tui.session import Session

OTHER = "fedcba9876543210"
JOB = "1123-142200-4f2a90"
FAILURE = (
    "Traceback (most recent call last):\n  File x.py\n\x1b[31mModuleNotFoundError: torch\x1b[0m"
)


def pool(writer: str = WRITER, cores: int = 3, **fields: Any) -> WriterFile:
    about: dict[str, Any] = {"backend": "local", "job": JOB, "name": JOB, "state": "running"}
    about["identity"] = Identity(host="amber" if writer == WRITER else "birch")
    return WriterFile(**{**about, "id": writer, "cores_wanted": cores, **fields})


def launched(state: str = "queued", **fields: Any) -> Core:
    about: dict[str, Any] = {"writer": "", "host": "", "job": "4711", "beat_age": None}
    return core(0, state, **{**about, **fields})


def some_cores(writer: str = WRITER, count: int = 3, **fields: Any) -> tuple[Core, ...]:
    """Return cores of which the first two train."""
    return tuple(
        core(n, **({"tid": 8 + n} if n < 2 else {"state": "idle"}), writer=writer, **fields)
        for n in range(count)
    )


def seen_with(
    cores: tuple[Core, ...],
    pools: tuple[WriterFile, ...] = (),
    launches: tuple[Launch, ...] = (),
    **fields: Any,
) -> Seen:
    """Return a search of twelve trials, two of which run, with these cores."""
    seen = Scene(trials(12, running=(8, 9)), cores, **fields).seen()
    assert seen.look is not None
    return replace(seen, look=replace(seen.look, pools=pools, launches=launches))


def said_by_status(seen: Seen, **fields: Any) -> Seen:
    """Return it with a status that says something else."""
    assert seen.look is not None
    status = msgspec.structs.replace(seen.look.status, **fields)
    return replace(seen, look=replace(seen.look, status=status))


ARRAY = Launch(name="1124-090000-ab12cd", backend="slurm", cores=6, at=0.0, job="12", many=True)
STUCK = (
    "PartitionTimeLimit: 1-00:00:00 is longer than the 10:00 that the partition short allows; "
    "cancel it and launch with a shorter time, or in another partition"
)


def an_array(jobs: int = 3, **rows: str) -> tuple[tuple[Core, ...], tuple[WriterFile, ...]]:
    """Return the cores and pools of a launch of which so many jobs of one core have begun.

    `rows` are what has not begun: a state with what is noted of it.
    """
    cores: list[Core] = []
    pools: list[WriterFile] = []
    for number in range(jobs):
        writer, host = f"{number:016x}", f"node{1 + number % 2}"
        job = f"12_{number}"
        about: dict[str, Any] = {"backend": "slurm", "host": host, "job": job}
        cores.append(core(0, "training", writer=writer, tid=100 + number, **about))
        identity = Identity(host=host)
        known = {"backend": "slurm", "job": job, "name": ARRAY.name, "identity": identity}
        pools.append(pool(writer, 1, **known))
    for state, note in rows.items():
        job = f"12_{jobs}" if state == "starting" else "12"
        count = {"reserve": 144, "starting": 1}.get(state, 2)
        row = {"backend": "slurm", "job": job, "count": count, "note": note}
        cores.append(launched(state, **row))
    return tuple(cores), tuple(pools)


ONE_POOL = seen_with(some_cores(), (pool(),))
TWO_POOLS = seen_with(
    (*some_cores(), *some_cores(OTHER, 2, host="birch"), launched(note="(Priority)")),
    (pool(), pool(OTHER, 2)),
)


RESERVE = "144 jobs take the place of those that end"
ONE_ARRAY = seen_with(
    *an_array(3, queued="2 of 6 jobs wait: Priority", reserve=RESERVE, starting=""), (ARRAY,)
)


class Steered:
    """Stands for a session and its search: `told` are the commands, in order."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    @property
    def search(self) -> Steered:
        return self

    def resize(self, writer: str, cores: int) -> None:
        self.told.append(("resize", writer, cores))

    def stop(self, *, writers: list[str] | None, now: bool = False) -> int:
        self.told.append(("stop now" if now else "stop", writers))
        return 1

    def cancel(self, backend: str, job: str) -> bool:
        self.told.append(("cancel", backend, job))
        return True

    def pause(self) -> None:
        self.told.append(("pause",))

    def resume(self) -> bool:
        self.told.append(("resume",))
        return True

    @property
    def session(self) -> Session:
        return cast("Session", self)


class BareView(View):
    """Stands for the overview where that is not what a test is about: it costs nothing."""

    def draw(self, seen: Seen, before: Seen) -> None:
        pass


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with an empty overview."""
    monkeypatch.setitem(VIEWS, "overview", ("Overview", f"{__name__}:BareView"))


def said(app: TrialdeckApp) -> list[str]:
    """Return what stands in the corner of the screen."""
    return [notification.message for notification in app._notifications]


async def eventually(
    pilot: Pilot[Any], condition: Callable[[], object], timeout: float = 10.0
) -> None:
    """Let the application go on until something is true; fail after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain; the screen:\n{screen(pilot.app)}"
        await pilot.pause(0.02)


def lines(app: App[Any]) -> list[str]:
    """Return the screen as text."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def screen(app: App[Any]) -> str:
    return "\n".join(lines(app))


def words(app: App[Any]) -> str:
    """Return the screen as words with single blanks, however the lines are broken."""
    return " ".join(screen(app).split())
