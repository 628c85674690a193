"""A place to launch at that is none: for tests of what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trialdeck import backends
from trialdeck.backends.base import Choice, Handle, Jobs, SingleJobs, State, Status
from trialdeck.core.params import model
from trialdeck.core.params.durations import duration
from trialdeck.core.params.model import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

NAME = "cluster"
PARTITIONS = {"main": "1 day at most, 2 of 2 nodes idle", "short": "10 minutes at most"}


class ClusterTable(Table, frozen=True, kw_only=True):
    """[backends.cluster]."""

    READERS: ClassVar = {"time": duration}

    cores: int | None = None
    python: str = ""
    partition: str = "main"
    time: float | None = None


class Cluster(SingleJobs):
    """Has the partitions main and short, takes what fits there, and remembers nothing."""

    name = NAME
    scarce = True
    many = True
    answers: ClassVar[Callable[[], None]] = lambda: None  # before anything is said

    def __init__(self, state, *, partition="main", time=None):
        self.partition, self.time = partition, time

    def preview(self, spec):
        return f"run --partition={self.partition} {' '.join(spec.command(2))}"

    def warnings(self, spec):
        return ["no time is set: jobs last as long as they like"] if self.time is None else []

    def refusal(self, spec):
        type(self).answers()
        if self.partition in PARTITIONS:
            return ""
        return f"there is no partition {self.partition}: choose main or short"

    def jobs(self, spec):
        return Jobs(2, 20)

    def script(self, spec):
        return f"#!/bin/sh\nexec {' '.join(spec.command(2))}\n"

    def choices(self):
        return [Choice("partition", self.partition, "where the jobs run", PARTITIONS)]

    def seconds_per_job(self):
        return self.time

    def submit(self, spec):
        return Handle(NAME, "12")

    def poll(self, handles):
        return dict.fromkeys(handles, Status(State.QUEUED, "Priority", queued=2, reserve=18))

    def cancel(self, handles):
        pass

    def release(self, handles):
        pass


def settle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be this place for the length of a test."""
    monkeypatch.setitem(backends.BACKENDS, NAME, f"{__name__}:{Cluster.__name__}")
    monkeypatch.setitem(model.BACKENDS, NAME, ClusterTable)
