"""What a pool and its cores say to each other: JSON over a socket pair, nothing is pickled."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from trialdeck.core.pruning import Rule  # noqa: TC001 - msgspec looks at the types of fields


class Message(msgspec.Struct, frozen=True, tag_field="m", omit_defaults=True, kw_only=True):
    """One message."""


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What a core is told once, before the objective is imported."""

    objective: str
    folder: str  # working directory, and first on the core's import path
    log: str
    core: int
    threads: int
    environment: dict[str, str] = {}  # set before the objective is imported
    device: str = "cpu"
    fixed: dict[str, Any] = {}  # checked before the first trial


class Run(Message, frozen=True, tag="run", kw_only=True):
    """Pool to core: train once."""

    tid: int
    attempt: int
    stage: int = 0
    seed: int
    point: dict[str, Any]  # what the objective gets of the space
    fixed: dict[str, Any]
    metric: str
    maximize: bool
    checkpoint: str
    model: str
    fraction: float = 1.0
    pruning: Rule | None = None


class StopTrial(Message, frozen=True, tag="stop", kw_only=True):
    """Pool to core: end the running trial soon; it will run again."""


class Verdict(Message, frozen=True, tag="verdict", kw_only=True):
    """Pool to core: what becomes of the running trial after a report that asked."""

    step: int  # of the report
    why: str = ""  # it ends early, or "" for going on


class Ready(Message, frozen=True, tag="ready", kw_only=True):
    """Core to pool: the objective is imported; which code this is."""

    objective_hash: str
    git_commit: str
    git_dirty: bool
    python: str
    versions: dict[str, str]


class Broken(Message, frozen=True, tag="broken", kw_only=True):
    """Core to pool: the objective cannot be imported."""

    text: str
    traceback: str


class Reported(Message, frozen=True, tag="report", kw_only=True):
    """Core to pool: a step of a learning curve."""

    step: int
    values: dict[str, float | str]
    asks: bool = False  # whether the trial is to be judged by it, and waits for a Verdict


class Done(Message, frozen=True, tag="done", kw_only=True):
    """Core to pool: the objective has returned or raised."""

    outcome: Literal["ok", "pruned", "failed", "interrupted"]
    loss: float | None = None
    metrics: dict[str, Any] = {}
    cause: str = ""
    message: str = ""
    traceback: str = ""
    steps: int = 0


class Hello(Message, frozen=True, tag="hello", kw_only=True):
    """Guard to pool: who guards the core."""

    pid: int


class Ended(Message, frozen=True, tag="ended", kw_only=True):
    """Guard to pool: the training process is gone, and all that it started."""

    status: int  # as of os.waitstatus_to_exitcode: below zero, a signal
    out_of_memory: bool = False


FromCore = Ready | Broken | Reported | Done
ToCore = Run | StopTrial | Verdict
FromGuard = Hello | Ended

encode = msgspec.json.encode
from_core = msgspec.json.Decoder(FromCore).decode
to_core = msgspec.json.Decoder(ToCore).decode
from_guard = msgspec.json.Decoder(FromGuard).decode
