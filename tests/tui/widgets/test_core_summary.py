from __future__ import annotations

from tests.tui.app.scenes import core
from trialdeck.tui.widgets.core_summary import CoreSummary, by_backend, notes


def test_cores_are_counted_by_backend_and_state() -> None:
    cores = (
        core(0),
        core(1, "starting"),
        core(2),
        core(0, backend="slurm", host="node1"),
    )
    assert by_backend(cores) == ["local 3 (2 training, 1 starting)", "slurm 1 training"]


def test_launches_count_their_cores_and_the_reserve_stands_apart() -> None:
    cluster = {"backend": "slurm", "host": "", "writer": ""}
    training = tuple(core(0, backend="slurm", writer=str(n)) for n in range(12))
    waiting = core(0, "queued", count=4, **cluster)
    spare = core(0, "reserve", count=144, **cluster)
    assert by_backend((*training, waiting, spare)) == [
        "slurm 16 (12 training, 4 queued), 144 in reserve"
    ]
    assert by_backend((*training, spare)) == ["slurm 12 training, 144 in reserve"]
    assert by_backend((spare,)) == ["slurm 144 in reserve"]


def test_what_is_wrong_is_said_once() -> None:
    cores = (
        core(0, "quiet", beat_age=720.0),
        core(1, "quiet", beat_age=720.0),
        core(0, "failed", backend="slurm", host="", note="Traceback\nNo module named torch\n"),
        core(2, note="never mind"),
    )
    assert notes(cores) == [
        "local on amber: quiet, no sign of life for 12 m",
        "slurm: failed, No module named torch",
    ]


def test_without_cores_there_are_no_lines() -> None:
    summary = CoreSummary()
    assert summary.lines(80) == []
    summary._cores = (core(0), core(1, "failed", note="x" * 99))
    lines = [line.plain for line in summary.lines(30)]
    assert lines[0] == "cores  local 2 (1 training, 1 failed)"
    assert all(len(line) <= 30 for line in lines[1:])
