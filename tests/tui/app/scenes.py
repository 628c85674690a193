"""Searches at one moment, for tests of what is drawn: real snapshots of events that we make up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialdeck.core.budgets import budget_of
from trialdeck.core.history.events import Closed, Finished, Opened, Started
from trialdeck.core.history.state import State
from trialdeck.core.history.writers import WriterFile
from trialdeck.core.launching import Core
from trialdeck.core.looking import Look
from trialdeck.core.params.read import parse_params
from trialdeck.core.roster import Roster
from trialdeck.core.status import status_of
from trialdeck.tui.app import TrialdeckApp
from trialdeck.tui.feed import done
from trialdeck.tui.messages import Looked
from trialdeck.tui.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.message import Message

    from trialdeck.core.happenings import Happening
    from trialdeck.core.history.commands import Pause
    from trialdeck.core.history.events import AnyEvent
    from trialdeck.core.history.reports import Curve
    from trialdeck.tui.feed import Job, Post
    from trialdeck.tui.session import Session

WRITER = "0123456789abcdef"
NOW = 1_700_000_000.0
PARAMS = """\
[search]
name = "tagging"
objective = "trialdeck.core.fcn:train"
metric = "auc"
direction = "maximize"
max_trials = 50

[fixed]
data = "sample"

[space]
layers        = { type = "uniformint", low = 1, high = 5 }
learning_rate = { type = "loguniform", low = 1e-4, high = 1e-1 }
activation    = { type = "choice", options = ["relu", "gelu"] }

[space.optimizer]
type = "choice"
options = [
  { name = "adam", beta2 = { type = "uniform", low = 0.9, high = 0.999 } },
  { name = "sgd", momentum = { type = "uniform", low = 0.0, high = 0.99 } },
]
"""


def started(tid: int, **fields: Any) -> Started:
    """Return the start of a trial at a point that depends on its tid alone."""
    point = {
        "layers": 1 + tid % 5,
        "learning_rate": 1e-4 * 1.1 ** (tid % 1000),
        "activation": ("relu", "gelu")[tid % 2],
        "optimizer": "adam",
        "beta2": 0.9 + tid % 100 / 1000,
    }
    about: dict[str, Any] = {"writer": WRITER, "tid": tid, "point": point, "at": NOW + 10 * tid}
    return Started(**{**about, "core": tid % 3, "revision": 1, "seed": tid, **fields})


def finished(tid: int, outcome: str = "ok", **fields: Any) -> Finished:
    """Return the end of a trial, seven seconds after its start."""
    auc = 0.97 + (tid * 7919) % 100 / 10_000
    about: dict[str, Any] = {"writer": WRITER, "tid": tid, "at": NOW + 10 * tid + 7}
    if outcome == "ok":
        about |= {"loss": -auc, "metrics": {"auc": auc, "loss": 1 - auc}, "steps": 15}
    return Finished(**{**about, "outcome": outcome, "seconds": 7.0, **fields})


def trials(count: int, failed: tuple[int, ...] = (), running: tuple[int, ...] = ()) -> list[Any]:
    """Return the events of so many trials, the tids of which are 0 and more."""
    events: list[AnyEvent] = [Opened(writer=WRITER, v=1, kind="pool", host="amber", at=NOW)]
    for tid in range(count):
        events.append(started(tid))
        if tid in failed:
            error = {
                "cause": "error",
                "message": "RuntimeError: out of luck",
                "traceback": 'Traceback (most recent call last):\n  File "train.py", line 7\n'
                "RuntimeError: out of luck",
            }
            events.append(finished(tid, "failed", **error))
        elif tid not in running:
            events.append(finished(tid))
    return events


def closed() -> Closed:
    """Return the last line of the writer's journal."""
    return Closed(writer=WRITER, at=NOW + 1000)


def core(index: int, state: str = "training", **fields: Any) -> Core:
    """Return a core of the writer."""
    about: dict[str, Any] = {"backend": "local", "host": "amber", "job": "1123-142200-4f2a90"}
    about |= {"writer": WRITER, "index": index, "state": state, "beat_age": 4.0}
    return Core(**{**about, **fields})


@dataclass
class Scene:
    """What a search looks like; `seen()` is what the application would know of it."""

    events: list[AnyEvent] = field(default_factory=list)
    cores: tuple[Core, ...] = ()
    curves: Mapping[int, Curve] = field(default_factory=dict)
    happenings: tuple[Happening, ...] = ()
    paused: Pause | None = None
    params: str = PARAMS
    file: Path = Path("params.toml")

    def seen(self, **fields: Any) -> Seen:
        """Return it as seen."""
        state = State()
        state.apply_all(self.events)
        snapshot = state.snapshot()
        params = parse_params(self.params, "params.toml", Path.cwd(), published=True)
        writers = Counter(core.writer for core in self.cores if core.writer)
        pools = tuple(WriterFile(id=id_, cores_wanted=count) for id_, count in writers.items())
        status = status_of(
            params.search.name,
            params,
            snapshot,
            Roster(pools=pools),
            budget=budget_of(params, snapshot),
            paused=self.paused,
            since=0.0,
            history="history/tagging",
        )
        look = Look(snapshot=snapshot, status=status, cores=self.cores, pools=())
        about: dict[str, Any] = {
            "name": params.search.name,
            "has_draft": True,
            "look": look,
            "params": params,
            "revision": 1,
            "curves": self.curves,
            "happenings": self.happenings,
        }
        return Seen(self.file, **{**about, **fields})


class StillFeed:
    """Shows what it is told to, and does jobs at once: tests decide when anything happens.

    `asked` are the jobs; without a session they are only kept.
    """

    def __init__(self, seen: Seen, session: Session | None = None) -> None:
        self.seen = seen
        self.session = session
        self.asked: list[Job] = []
        self._post: Post = lambda _message: None

    def start(self, post: Post) -> None:
        self._post = post
        self.show(self.seen)

    def show(self, seen: Seen) -> None:
        """Let the application see something new."""
        self.seen = seen
        self._post(Looked(seen))

    def do(self, job: Job) -> None:
        self.asked.append(job)
        if self.session is not None:
            message: Message = done(job, self.session)
            self._post(message)

    def look_now(self) -> None:
        pass

    def stop(self) -> None:
        pass


def an_app(seen: Seen, session: Session | None = None) -> TrialdeckApp:
    """Return the application with a still feed, ready for `run_test`."""
    return TrialdeckApp(StillFeed(seen, session))
