from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.tui.app.scenes import Scene
from trialdeck.tui.widgets.progress_bar import PARTS, ProgressBar, parts

if TYPE_CHECKING:
    from trialdeck.core.status import Status


def status_with(max_trials: int, **counts: int) -> Status:
    status = Scene().seen().status
    assert status is not None
    return replace(status, max_trials=max_trials, **{"ok": 0, **counts})


few = st.integers(0, 300)


@given(st.integers(1, 1000), st.integers(10, 250), few, few, few, few)
def test_the_parts_fill_the_bar_and_none_is_lost(
    most: int, width: int, ok: int, pruned: int, failed: int, running: int
) -> None:
    counts = {"ok": ok, "pruned": pruned, "failed": failed, "running": running}
    lengths = parts(status_with(most, **counts), width)
    assert sum(lengths.values()) == width
    for name in PARTS:
        assert bool(lengths[name]) == bool(counts[name])
    assert bool(lengths["left"]) == (sum(counts.values()) < most)


def test_a_part_is_as_long_as_its_share() -> None:
    assert parts(status_with(100, ok=30, failed=10, running=20), 50) == {
        "ok": 15,
        "pruned": 0,
        "failed": 5,
        "running": 10,
        "left": 20,
    }


def test_the_parts_can_be_told_apart_without_colours() -> None:
    bar = ProgressBar()
    bar._status = status_with(20, ok=8, pruned=2, failed=2, running=4)
    assert [line.plain for line in bar.lines(20)] == ["━━━━━━━━✂✂✗✗▸▸▸▸────"]
