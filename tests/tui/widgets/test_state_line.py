from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from tests.tui.app.scenes import Scene, core, trials
from trialdeck.core.disk_use import DiskUse
from trialdeck.core.history.commands import Pause
from trialdeck.tui.format import width_of
from trialdeck.tui.widgets.state_line import StateLine, hints, reason_lines, state_parts

if TYPE_CHECKING:
    from trialdeck.core.status import Status

RUNNING = Scene(trials(12, failed=(4,), running=(10, 11)), cores=(core(0), core(1)))


def status_of(scene: Scene, **changes: Any) -> Status:
    status = scene.seen().status
    assert status is not None
    return replace(status, **{"trials_per_hour": 120.0, "eta_seconds": 1260.0, **changes})


def texts(status: Status, width: int) -> list[str]:
    line = StateLine()
    line._status = status
    return [content.plain for content in line.lines(width)]


def test_everything_is_said_in_one_line_where_there_is_room() -> None:
    assert texts(status_of(RUNNING), 140) == [
        (
            "▸ running · 9 of 50 trials · best auc 0.9795 (trial 5) · 2 cores · 2/min · 21 m left"
            " · ▸ 2 running · ✗ 1 failed"
        )
    ]


def test_two_lines_are_enough_on_a_narrow_terminal() -> None:
    lines = texts(status_of(RUNNING, pruned=120, max_trials=100_000, progress=99_999), 78)
    assert len(lines) == 2
    assert all(width_of(line) <= 78 for line in lines)


@pytest.mark.parametrize(
    ("state", "sign"),
    [("running", "▸"), ("paused", "!"), ("waiting", "◌"), ("finished", "✓"), ("idle", "—")],
)
def test_each_state_has_a_sign(state: str, sign: str) -> None:
    assert state_parts(status_of(RUNNING, state=state))[0].plain == f"{sign} {state}"


def test_the_reason_is_whole_and_names_the_keys() -> None:
    error = "5 trials failed and none succeeded; the last: trial 4, error: " + " ".join(
        ["out of luck"] * 9
    )
    status = status_of(
        Scene(trials(5, failed=tuple(range(5))), paused=Pause(reason=error, kind="failures"))
    )
    lines = [content.plain for content in reason_lines(status, 60)]
    assert " ".join(lines[:-1]) == f"Paused: {error}; `trialdeck resume` goes on."
    assert lines[-1] == "p resumes · f shows the last failure"
    assert all(width_of(line) <= 60 for line in lines)


def test_the_keys_depend_on_what_is_to_be_done() -> None:
    assert hints(status_of(Scene())) == [("n", "launches cores"), ("3", "edits the space")]
    assert hints(status_of(Scene(trials(3)))) == [("n", "launches cores")]
    assert hints(status_of(Scene(trials(50)))) == [("b", "shows the best trial")]
    assert hints(status_of(RUNNING)) == []


def test_damage_is_mentioned() -> None:
    assert state_parts(status_of(RUNNING, damaged=2))[-1].plain == "! damaged in 2 places"


def test_what_it_takes_is_said_once_it_is_known() -> None:
    use = DiskUse(1_234_567, {"models": 1_234_567}, complete=True)
    assert state_parts(status_of(RUNNING, disk=use))[-1].plain == "1.2 MB on disk"
    some = replace(use, complete=False)
    assert state_parts(status_of(RUNNING, disk=some))[-1].plain == "more than 1.2 MB on disk"
