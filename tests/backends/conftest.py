"""A local backend and a job for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trialdeck.backends.base import JobSpec
from trialdeck.backends.local import LocalBackend

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def backend(tmp_path: Path) -> LocalBackend:
    return LocalBackend(tmp_path / "state", grace=0.3)


@pytest.fixture
def spec(tmp_path: Path) -> JobSpec:
    return JobSpec("job", ("true",), tmp_path, tmp_path / "logs" / "job.log", 1)
