"""What the tests of the history share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trialdeck.core.history.paths import HistoryPaths

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def paths(tmp_path: Path) -> HistoryPaths:
    paths = HistoryPaths(tmp_path / "history" / "search")
    paths.create()
    return paths
