"""Every backend keeps the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.backends.conformance import BackendConformance, Place
from trialdeck import backends
from trialdeck.backends.process import identify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class TestLocal(BackendConformance):
    """This machine."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[Place]:
        folder = tmp_path / "jobs of mine"
        folder.mkdir()
        place = Place(
            backend=lambda: backends.create("local", {"grace": 0.5}, tmp_path / "state"),
            folder=folder,
            lives=lambda pid: identify(pid) is not None,
        )
        yield place
        place.clean_up()


def test_every_backend_is_tested() -> None:
    tested = {name for name in globals() if name.startswith("Test")}
    assert tested == {f"Test{name.capitalize()}" for name in backends.BACKENDS}
