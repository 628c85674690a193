"""Choosing a backend by its name."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from trialdeck import backends
from trialdeck.backends.base import LaunchError
from trialdeck.backends.local import LocalBackend

if TYPE_CHECKING:
    from pathlib import Path


def test_each_backend_is_called_what_it_is_listed_as(tmp_path: Path) -> None:
    for name in backends.BACKENDS:
        assert backends.create(name, {}, tmp_path).name == name


def test_settings_reach_the_backend(tmp_path: Path) -> None:
    backend = backends.create("local", {"grace": 3}, tmp_path)
    assert isinstance(backend, LocalBackend)
    assert backend.grace == 3


def test_an_unknown_backend(tmp_path: Path) -> None:
    with pytest.raises(LaunchError) as raised:
        backends.create("locall", {}, tmp_path)
    assert str(raised.value).startswith('there is no backend called "locall": did you mean local?')


def test_an_unknown_setting(tmp_path: Path) -> None:
    with pytest.raises(LaunchError) as raised:
        backends.create("local", {"graze": 3}, tmp_path)
    assert str(raised.value) == (
        'the backend local has no setting "graze": did you mean grace?; '
        "there is grace (default 10.0)"
    )


@pytest.mark.parametrize("grace", [True, "5", None, -1, float("nan"), float("inf")])
def test_a_grace_that_is_no_time(tmp_path: Path, grace: object) -> None:
    with pytest.raises(LaunchError, match=r"^backends\.local\.grace is "):
        backends.create("local", {"grace": grace}, tmp_path)


def test_only_the_chosen_backend_is_imported() -> None:
    code = (
        "import sys, trialdeck.backends.base;"
        "assert 'trialdeck.backends' in sys.modules;"
        "print([name for name in sys.modules if name in"
        " ('trialdeck.backends.local', 'subprocess', 'msgspec', 'paramiko', 'numpy')])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=True)
    assert done.stdout == b"[]\n"


def test_every_backend_says_what_it_is() -> None:
    described = backends.described()
    assert list(described) == list(backends.BACKENDS)
    assert all(len(text) > 10 and "\n" not in text for text in described.values())
    assert described["local"].startswith("This machine: ")
