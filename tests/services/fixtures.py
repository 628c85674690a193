"""Services for tests: started by the first test that needs them, once for all."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.services.slurm import Cluster, Slurm, missing

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTITION_VARIABLE = "TRIALDECK_TEST_PARTITION"


@pytest.fixture(scope="session")
def slurm_service() -> Iterator[Slurm]:
    """A Slurm for all tests: our own where that is possible, or one that we may use."""
    lacking = missing()
    if not lacking:
        cluster = Cluster()
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
    elif (partition := os.environ.get(PARTITION_VARIABLE)) and shutil.which("sbatch"):
        yield Slurm(partition)
    elif os.environ.get("CI") == "true":
        pytest.fail(f"no Slurm: {lacking}")
    else:
        pytest.skip(f"no Slurm: {lacking}, and {PARTITION_VARIABLE} names no partition to use")


@pytest.fixture
def slurm(slurm_service: Slurm, monkeypatch: pytest.MonkeyPatch) -> Slurm:
    """A Slurm that this process, and what it starts, finds."""
    for name, value in slurm_service.environment.items():
        monkeypatch.setenv(name, value)
    return slurm_service


@pytest.fixture
def cluster(slurm: Slurm) -> Iterator[Cluster]:
    """A Slurm that may be broken: it is mended, and empty, after the test."""
    if not isinstance(slurm, Cluster):
        pytest.skip("this Slurm belongs to others: nothing may go wrong with it")
    yield slurm
    slurm.reset()
