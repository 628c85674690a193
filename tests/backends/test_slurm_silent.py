"""A Slurm that does not answer, or whose answer is lost."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from trialdeck.backends import slurm as slurm_backend
from trialdeck.backends.base import Handle, LaunchError, NoAnswer, State
from trialdeck.backends.slurm import commands

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.backends.place import Place
    from tests.services.slurm import Cluster

LONG = 60.0
WAITS = "echo $TRIALDECK_JOB >>up; until [ -e go ]; do sleep 0.05; done"


def asked(place: Place, handle: Handle) -> dict[str, Callable[[], object]]:
    """Return everything that asks Slurm, by name."""
    backend, another = place.backend(), place.spec("another", WAITS)
    return {
        "poll": lambda: backend.poll([handle]),
        "submit": lambda: backend.submit(another),
        "refusal": lambda: backend.refusal(another),
        "warnings": lambda: backend.warnings(another),
        "cancel": lambda: backend.cancel([handle]),
        "release": lambda: backend.release([handle]),
        "resize": lambda: backend.resize(handle, 2),
        "choices": backend.choices,
    }


def answer(question: Callable[[], object]) -> tuple[str, float]:
    """Return what was raised, and after how many seconds."""
    began = time.monotonic()
    try:
        question()
    except LaunchError as error:
        return f"{type(error).__name__}: {error}", time.monotonic() - began
    return "", time.monotonic() - began


@pytest.mark.parametrize("silence", ["stopped", "frozen"])
def test_a_silent_controller_is_told_of_within_seconds_and_changes_nothing(
    on_slurm: Callable[..., Place], cluster: Cluster, silence: str
) -> None:
    place = on_slurm(partition="main")
    handle = place.submit("a", WAITS)
    until(lambda: place.status(handle).state is State.RUNNING, LONG)
    before, known = place.status(handle), list(cluster.jobs(states="all"))
    {"stopped": cluster.stop_controller, "frozen": cluster.freeze_controller}[silence]()
    questions = asked(place, handle)
    with ThreadPoolExecutor(len(questions)) as threads:
        answers = dict(zip(questions, threads.map(answer, questions.values()), strict=True))
    # What only tells it something may have to be told again.
    for name, (said, seconds) in answers.items():
        assert said.startswith("NoAnswer: Slurm does not answer ("), name
        assert seconds < commands.SUBMIT_SECONDS + 5, name
    if silence == "stopped":
        assert answers["poll"][1] < 2.0

    cluster.thaw_controller()
    cluster.start_controller()
    # What was asked of a frozen one may be done after all; nothing was started all the same.
    assert sorted(cluster.jobs(states="all")) == sorted(known)
    if silence == "stopped":
        assert place.status(handle) == before
        (place.folder / "go").touch()
        assert place.ended(handle) == (State.ENDED, "")


@pytest.fixture
def false_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Puts a script in the place of one of Slurm's commands; "$real" is the real one in it."""
    folder = tmp_path / "false commands"
    folder.mkdir()
    path = os.environ["PATH"]
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{path}")

    def put(name: str, script: str) -> None:
        command = folder / name
        command.write_text(f"#!/bin/sh\nreal=$(PATH='{path}' command -v {name})\n{script}\n")
        command.chmod(0o755)

    return put


# What is submitted is submitted; what comes back is something else.
LOST = """case "$*" in *--test-only*) exec "$real" "$@";; esac
"$real" "$@" >/dev/null; """
LOSSES = {
    "it hangs": f"{LOST} exec sleep 100",
    "it is killed": f"{LOST} echo 'sbatch: error: Socket timed out' >&2; exit 1",
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_lost_reply_to_a_submission_is_found_again(
    on_slurm: Callable[..., Place],
    cluster: Cluster,
    false_commands: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
    loss: str,
) -> None:
    monkeypatch.setattr(slurm_backend, "SUBMIT_SECONDS", 2.0)
    place = on_slurm(partition="main")
    false_commands("sbatch", LOSSES[loss])
    handle = place.submit("a", WAITS)
    assert place.submit("a", WAITS) == handle
    until(lambda: place.status(handle).state is State.RUNNING, LONG)
    assert list(cluster.jobs()) == [f"{handle.job}_0"]
    (place.folder / "go").touch()
    assert place.ended(handle) == (State.ENDED, "")
    assert place.written("up") == f"{handle.job}_0\n"


def test_what_nobody_knows_is_said_to_be_unknown_and_is_not_started_twice(
    on_slurm: Callable[..., Place],
    cluster: Cluster,
    false_commands: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slurm_backend, "LOOK_SECONDS", 0.05)
    place = on_slurm(partition="main")
    away = place.folder / "away"
    silent = "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1"
    false_commands("sbatch", f'{LOST} touch "{away}"; {silent}')
    false_commands("squeue", f'[ -e "{away}" ] && {{ {silent}; }}; exec "$real" "$@"')
    with pytest.raises(NoAnswer, match="is not known"):
        place.submit("a", WAITS)
    by_name = Handle("slurm", place.spec("a", WAITS).name)
    with pytest.raises(NoAnswer):
        place.status(by_name)

    away.unlink()
    until(lambda: place.status(by_name).state is State.RUNNING, LONG)
    handle = place.submit("a", WAITS)
    assert list(place.status(by_name).jobs) == list(place.status(handle).jobs)
    assert list(cluster.jobs()) == [f"{handle.job}_0"]


def test_where_there_is_no_slurm_it_is_said_where_to_go(
    on_slurm: Callable[..., Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = on_slurm()
    with monkeypatch.context() as context:
        context.setenv("PATH", "/nowhere")
        for question in asked(place, Handle("slurm", "1")).values():
            with pytest.raises(LaunchError, match="login node"):
                question()
