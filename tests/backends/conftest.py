"""Backends, and jobs for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.backends.place import Place
from trialdeck import backends
from trialdeck.backends.base import JobSpec
from trialdeck.backends.local import LocalBackend
from trialdeck.backends.process import identify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.services.slurm import Cluster

pytest.register_assert_rewrite("tests.backends.conformance")


@pytest.fixture
def backend(tmp_path: Path) -> LocalBackend:
    return LocalBackend(tmp_path / "state", grace=0.3)


@pytest.fixture
def spec(tmp_path: Path) -> JobSpec:
    return JobSpec("job", ("true",), tmp_path, tmp_path / "logs" / "job.log", 1)


@pytest.fixture
def on_slurm(tmp_path: Path, cluster: Cluster) -> Callable[..., Place]:
    """Makes places on a cluster that may be broken, which differ in the settings of their jobs."""

    def make(**settings: Any) -> Place:
        settings = {"refill": 1, "time": 600.0, "memory": "100M", **settings}
        return Place(
            backend=lambda: backends.create("slurm", settings, tmp_path / "state"),
            folder=tmp_path,
            lives=lambda pid: identify(pid) is not None,
            patience=60,
        )

    return make
