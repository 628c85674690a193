"""Jobs of this machine: what the common suite of all backends does not ask for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.backends.conformance import STUBBORN
from tests.conditions import until
from trialdeck.backends.base import Handle, JobSpec, LaunchError, State, Status
from trialdeck.backends.local import LocalBackend
from trialdeck.backends.process import ProcessId, alive, identify

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path


def shell(spec: JobSpec, script: str) -> JobSpec:
    return replace(spec, argv=("sh", "-c", script))


def status(backend: LocalBackend, name: str = "job") -> Status:
    handle = Handle("local", name)
    return backend.poll([handle])[handle]


def end(backend: LocalBackend, name: str = "job") -> Status:
    until(lambda: status(backend, name).state.final, message=lambda: str(status(backend, name)))
    return status(backend, name)


def supervisor(backend: LocalBackend) -> ProcessId:
    return ProcessId(**json.loads((backend.state / "job.json").read_text())["process"])


# -- how it ended ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 1", "exit status 1; see {log}"),
        ("echo first; printf '\\033[1mlast\\033[0m \\n\\n'; exit 255", "exit status 255; {said}"),
        ("kill -9 $$", "killed by SIGKILL; see {log}"),
        ("echo last; kill -TERM $$", "killed by SIGTERM; {said}"),
        ("kill -40 $$", "killed by signal 40; see {log}"),
    ],
)
def test_how_a_job_failed(backend: LocalBackend, spec: JobSpec, script: str, reason: str) -> None:
    backend.submit(shell(spec, script))
    said = f"{spec.log} ends with: " + ("[1mlast[0m" if "033" in script else "last")
    assert end(backend) == Status(State.FAILED, reason.format(log=spec.log, said=said))


def test_what_a_job_leaves_behind_ends_with_it(backend: LocalBackend, spec: JobSpec) -> None:
    backend.submit(shell(spec, f"{STUBBORN} until [ -e pid ]; do sleep 0.02; done; exit 3"))
    assert end(backend).reason.startswith("exit status 3")
    assert identify(int((spec.folder / "pid").read_text())) is None


def test_cancelling_what_was_left_behind_is_no_cancelled_job(tmp_path: Path, spec: JobSpec) -> None:
    backend = LocalBackend(tmp_path / "state", grace=1.0)
    script = f"echo $$ >work; {STUBBORN} until [ -e pid ]; do sleep 0.02; done; exit 3"
    handle = backend.submit(shell(spec, script))
    until((spec.folder / "pid").exists)
    until(lambda: identify(int((spec.folder / "work").read_text())) is None)
    assert status(backend).state is State.RUNNING
    backend.cancel([handle])
    assert end(backend).state is State.FAILED
    assert identify(int((spec.folder / "pid").read_text())) is None


def test_a_job_that_ended_just_before_was_not_cancelled(
    backend: LocalBackend, spec: JobSpec
) -> None:
    handle = backend.submit(
        shell(spec, "echo $$ >pid; until [ -e go ]; do sleep 0.02; done; exit 3")
    )
    until(lambda: (spec.folder / "pid").exists() and (spec.folder / "pid").read_text())
    os.kill(supervisor(backend).pid, signal.SIGSTOP)
    (spec.folder / "go").touch()
    until(lambda: identify(int((spec.folder / "pid").read_text())) is None)
    backend.cancel([handle])
    assert end(backend) == Status(State.FAILED, f"exit status 3; see {spec.log}")


def test_killing_the_supervisor_ends_the_job(backend: LocalBackend, spec: JobSpec) -> None:
    backend.submit(shell(spec, "echo $$ >pid; exec sleep 99"))
    until(lambda: (spec.folder / "pid").exists() and (spec.folder / "pid").read_text())
    work = identify(int((spec.folder / "pid").read_text()))
    assert work is not None
    os.kill(supervisor(backend).pid, signal.SIGKILL)
    until(lambda: not alive(work), message="the job's end")
    assert end(backend) == Status(
        State.FAILED, "killed, together with the process that watched over it"
    )
    backend.cancel([Handle("local", "job")])


# -- what is known of it, and by whom -------------------------------------------------------


def record(backend: LocalBackend, echo: subprocess.Popen[bytes], **change: object) -> None:
    """Write a job's record that names the process `echo`, but for `change`."""
    process = identify(echo.pid)
    assert process is not None
    fields = {name: getattr(process, name) for name in ProcessId.__slots__} | change
    backend.state.mkdir(exist_ok=True)
    (backend.state / "job.json").write_text(json.dumps({"process": fields, "log": "/log"}))


ELSEWHERE = pytest.raises(LaunchError, match=r"^job runs on .*: cancel it there$")


@pytest.mark.parametrize(
    ("change", "state", "reason", "cancelling"),
    [
        ({"start": 1}, State.FAILED, "killed, together", nullcontext()),
        ({"boot": "before"}, State.VANISHED, "the machine was restarted", nullcontext()),
        ({"boot": "1", "host": "login2"}, State.UNKNOWN, "it was started on login2", ELSEWHERE),
        ({"namespace": "pid:[1]"}, State.UNKNOWN, "it was started on ", ELSEWHERE),
    ],
)
def test_a_pid_that_is_another_process(
    backend: LocalBackend,
    change: dict[str, object],
    state: State,
    reason: str,
    cancelling: AbstractContextManager[object],
) -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as echo:
        record(backend, echo, **change)
        found = status(backend)
        assert (found.state, found.reason[: len(reason)]) == (state, reason)
        with cancelling:
            backend.cancel([Handle("local", "job")])
        # A signal sent by mistake would have ended it before this answer.
        assert echo.communicate(b"alive")[0] == b"alive"


def test_the_same_pid_with_its_start_time_is_the_job(backend: LocalBackend) -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as echo:
        record(backend, echo)
        assert status(backend) == Status(State.RUNNING)
        backend.cancel([Handle("local", "job")])
        assert echo.wait() == -signal.SIGTERM


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"process": {"pid": 1}}'])
def test_a_damaged_record_is_no_news(backend: LocalBackend, text: str) -> None:
    backend.state.mkdir()
    (backend.state / "job.json").write_text(text)
    assert status(backend).state is State.UNKNOWN
    assert "job.json is damaged" in status(backend).reason


def test_a_place_that_cannot_be_asked(backend: LocalBackend) -> None:
    backend.state.write_text("a file in the way of the folder")
    with pytest.raises(LaunchError, match=r"job\.json cannot be read: Not a directory"):
        status(backend)


# -- starting -------------------------------------------------------------------------------


def test_many_at_once_start_one(backend: LocalBackend, spec: JobSpec) -> None:
    job = shell(spec, "echo once >>runs; until [ -e go ]; do sleep 0.02; done")
    handles: list[Handle] = []
    threads = [
        threading.Thread(
            target=lambda: handles.append(LocalBackend(backend.state).submit(job)), daemon=True
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert handles == [Handle("local", "job")] * 6
    assert status(backend).state is State.RUNNING
    (spec.folder / "go").touch()
    assert end(backend) == Status(State.ENDED)
    assert (spec.folder / "runs").read_text() == "once\n"
    assert sorted(path.name for path in backend.state.iterdir()) == ["job.end", "job.json"]


@pytest.mark.parametrize("wrong", ["log", "folder", "argv", "state"])
def test_refused_then_mended(backend: LocalBackend, spec: JobSpec, wrong: str) -> None:
    block = spec.folder / "block"
    block.write_text("a file in the way of a folder")
    bad, said = {
        "log": (replace(spec, log=block / "job.log"), f"its log {block}/job.log cannot be written"),
        "folder": (replace(spec, folder=block), f"its working folder {block} cannot be entered"),
        "argv": (replace(spec, argv=("no-such-program",)), "no-such-program cannot be started"),
        "state": (spec, "its record .*/job.json cannot be written"),
    }[wrong]
    place = LocalBackend(block) if wrong == "state" else backend
    with pytest.raises(LaunchError, match=f"^the job job was not started: {said}: [A-Z]"):
        place.submit(bad)
    assert not backend.state.exists() or not any(backend.state.iterdir())
    backend.submit(spec)
    assert end(backend) == Status(State.ENDED)


def test_a_repeated_submit_needs_nothing(backend: LocalBackend, spec: JobSpec) -> None:
    first = backend.submit(spec)
    end(backend)
    assert backend.submit(replace(spec, folder=spec.folder / "gone")) == first
    assert end(backend) == Status(State.ENDED)


def test_the_preview_does_the_same(backend: LocalBackend, spec: JobSpec) -> None:
    script = 'pwd; echo "$WORDS"; echo wrong >&2; cat'
    job = replace(shell(spec, script), environment={"WORDS": 'it\'s "two"  words'})
    backend.submit(job)
    end(backend)
    by_hand = replace(job, log=spec.folder / "by hand.log")
    subprocess.run(["sh", "-c", backend.preview(by_hand) + " wait"], check=True, cwd="/")
    assert by_hand.log.read_text() == job.log.read_text() != ""
