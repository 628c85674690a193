"""What the user is told before a launch on this machine."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from trialdeck.backends.base import JobSpec
    from trialdeck.backends.local import LocalBackend


def test_no_warnings(backend: LocalBackend, spec: JobSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert backend.warnings(spec) == []


def test_a_login_node(
    backend: LocalBackend, spec: JobSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sbatch").write_text("#!/bin/sh\n")
    (tmp_path / "sbatch").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    (text,) = backend.warnings(spec)
    assert text.startswith("This looks like the login node of a Slurm cluster")
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    assert backend.warnings(spec) == []


def test_more_cores_than_cpus(
    backend: LocalBackend, spec: JobSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    cpus = len(os.sched_getaffinity(0))
    assert backend.warnings(replace(spec, cores=cpus)) == []
    (text,) = backend.warnings(replace(spec, cores=cpus + 1))
    assert text.startswith(f"{cpus + 1} cores share {cpus} CPU")
