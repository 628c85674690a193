"""What all tests share."""

from hypothesis import settings

from tests.services.fixtures import cluster, slurm, slurm_service, ssh_hosts, ssh_service

__all__ = ["cluster", "slurm", "slurm_service", "ssh_hosts", "ssh_service"]

# A machine that is busy with something else is no reason for a test to fail.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
