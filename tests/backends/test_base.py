"""The words of the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialdeck.backends.base import JobSpec, State


def spec(name: str, *argv: str) -> JobSpec:
    return JobSpec(name, argv, Path("/"), Path("/log"), 1)


@pytest.mark.parametrize("name", ["a", "top-tagging.0f3a_1", "7"])
def test_a_name_that_is_good_for_a_file(name: str) -> None:
    assert spec(name, "true").name == name


@pytest.mark.parametrize("name", ["", ".", "../a", "a/b", "-a", "a b", "a\n", "ä"])
def test_a_name_that_would_be_another_file(name: str) -> None:
    with pytest.raises(ValueError, match="is no name for a job"):
        spec(name, "true")


def test_a_job_without_a_command() -> None:
    with pytest.raises(ValueError, match="the job a has no command"):
        spec("a")


def test_what_is_final_never_runs_again() -> None:
    assert {state for state in State if state.final} == {State.ENDED, State.FAILED, State.VANISHED}
