"""Services for tests: started by the first test that needs them, once for all."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, NoReturn

import pytest

from tests.services import ssh
from tests.services.slurm import Cluster, Slurm, missing
from tests.services.ssh import Network
from trialdeck.backends.ssh import link

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
    else:
        no_service(f"no Slurm: {lacking}, and {PARTITION_VARIABLE} names no partition to use")


def no_service(why: str) -> NoReturn:
    """Leave out the tests of a service that cannot be had; where all have to run, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


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


@pytest.fixture(scope="session")
def ssh_service() -> Iterator[Network]:
    """Start machines with OpenSSH servers once for all tests, if that is possible here."""
    if reason := ssh.why_not():
        no_service(f"no machines to reach by SSH: {reason}")
    network = Network()
    try:
        network.up()
        yield network
    finally:
        network.down()


@pytest.fixture
def ssh_hosts(ssh_service: Network, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """Return machines as they were at first, which ssh knows for the length of a test."""
    monkeypatch.setenv("TRIALDECK_SSH_CONFIG", str(ssh_service.config))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    ssh_service.mend()
    yield ssh_service
    link.close_all()
