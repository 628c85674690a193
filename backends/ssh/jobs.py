"""Jobs on a host: starting them by its supervisor, what became of them, ending them.

A job's two files, `<folder>/jobs/<name>.json` and `.end`, are those of `backends.supervise`, and
are read here as they are for jobs of this machine.
"""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

from trialdeck.backends.base import LaunchError, State, Status
from trialdeck.backends.local import TAIL_BYTES, ended, unfinished
from trialdeck.backends.process import ProcessId

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trialdeck.backends.ssh.client import Client

START_SECONDS = 60.0
GRACE_SECONDS = 10.0


def start(client: Client, python: Sequence[str], engine: str, job: Mapping[str, Any]) -> None:
    """Start a job unless it was started before. Raises LaunchError."""
    said, load = client.ask(
        "run",
        json.dumps(dict(job)).encode(),
        seconds=START_SECONDS + 5.0,
        within=START_SECONDS,
        argv=[*python, "-P", "-m", "trialdeck.backends.supervise"],
        environment={"PYTHONPATH": engine},
    )
    out, errors = load[: said["out"]], load[said["out"] :]
    try:
        refused = str(json.loads(out)["refused"])
    except (ValueError, KeyError):
        lines = errors.decode(errors="replace").strip().splitlines()
        refused = lines[-1] if lines else f"exit status {said['code']} without a word"
    if refused:
        raise LaunchError(f"{client.host}: the job was not started: {refused}")


def statuses(client: Client, folder: str, jobs: Sequence[str]) -> dict[str, Status]:
    """Return what became of jobs, by their names. Raises LaunchError."""
    records = _records(client, folder, jobs)
    processes = {job: _process(record) for job, record in records.items()}
    # First who lives: what has ended by then has said how.
    said, _ = client.ask("alive", processes=[_told(process) for process in processes.values()])
    lives = dict(zip(processes, said["alive"], strict=True))
    names = {f"jobs/{job}.end": job for job in jobs}
    told, _ = client.ask("links", root=folder, paths=list(names))
    ends = {names[path]: text for path, text in told["links"].items()}
    found = {}
    for job in jobs:
        if job not in records:
            found[job] = Status(State.VANISHED, f"{client.host} has no record of it")
        elif job in ends:
            log = str(records[job]["log"])
            found[job] = ended(ends[job], log, _tail(client, log))
        else:
            found[job] = _open(client, processes[job], lives=lives[job])
    return found


def cancel(client: Client, folder: str, jobs: Sequence[str]) -> None:
    """Tell the supervisors of jobs to end them. Raises LaunchError."""
    for record in _records(client, folder, jobs).values():
        signals = [int(signal.SIGTERM), int(signal.SIGCONT)]
        client.ask("tell", process=_told(_process(record)), signals=signals)


def _open(client: Client, process: ProcessId, *, lives: bool | None) -> Status:
    status = unfinished(process, client.boot, lives=lives)
    if process.boot != client.boot:
        return Status(State.VANISHED, f"{client.host} was restarted")
    return status


def _records(client: Client, folder: str, jobs: Sequence[str]) -> dict[str, dict[str, Any]]:
    names = {f"jobs/{job}.json": job for job in jobs}
    said, load = client.ask("read", root=folder, wants=[[path, 0] for path in names])
    found, begin = {}, 0
    for path, _, length in said["pieces"]:
        content = load[begin : begin + length]
        begin += length
        try:
            found[names[path]] = json.loads(content)
            _process(found[names[path]])
        except (ValueError, KeyError, TypeError) as error:
            raise LaunchError(f"{client.host}: {folder}/{path} is damaged ({error!r})") from None
    return found


def _process(record: Mapping[str, Any]) -> ProcessId:
    return ProcessId(**record["process"])


def _told(process: ProcessId) -> dict[str, Any]:
    return {name: getattr(process, name) for name in process.__slots__}


def _tail(client: Client, log: str) -> bytes:
    folder, _, name = log.rpartition("/")
    root, _, last = folder.rpartition("/")
    said, _ = client.ask("sizes", root=root, folders=[last])
    size = said["files"].get(f"{last}/{name}", [0])[0]
    wants = [[f"{last}/{name}", max(0, size - TAIL_BYTES)]]
    _, load = client.ask("read", root=root, wants=wants)
    return load
