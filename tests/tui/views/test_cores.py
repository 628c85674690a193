"""The view "Cores": what it shows, and what each key does with the selected row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.tui.app.scenes import WRITER, Scene, StillFeed, an_app
from tests.tui.views.cores_scenes import (
    FAILURE,
    JOB,
    ONE_POOL,
    OTHER,
    TWO_POOLS,
    Steered,
    bare,
    launched,
    lines,
    pool,
    said,
    screen,
    seen_with,
    some_cores,
)
from trialdeck.tui.messages import OpenLog, OpenTrial
from trialdeck.tui.views import cores_cells, cores_rows
from trialdeck.tui.views.cores import CoresView
from trialdeck.tui.widgets.grid import Grid

if TYPE_CHECKING:
    from textual.message import Message


__all__ = ["bare"]
pytestmark = pytest.mark.usefixtures("bare")


def caught_in(view: CoresView, monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """Return a list that gets what the view asks to open, which is not opened."""
    opened: list[Message] = []
    post = view.post_message

    def caught(message: Message) -> bool:
        if isinstance(message, OpenLog | OpenTrial):
            opened.append(message)
            return True
        return post(message)

    monkeypatch.setattr(view, "post_message", caught)
    return opened


async def test_pools_with_their_cores_and_launches():
    app = an_app(TWO_POOLS)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await pilot.pause()
        shown = [line.split() for line in lines(app)[1:]]
    assert shown[0] == ["core", "state", "trial", "since", "/hour", "beat", "job"]
    assert shown[1][:5] == ["local", "on", "amber", "3", "cores"]
    assert shown[2][:4] == ["0", "▸", "training", "8"]
    assert shown[4][:3] == ["2", "─", "idle"]
    assert shown[5][:5] == ["local", "on", "birch", "2", "cores"]
    assert shown[8][:4] == ["local", "(launch)", "─", "queued"]
    assert " ".join(shown[-2]).startswith("5 cores in 2 pools · 1 queued")


async def test_the_note_of_the_selected_row_without_control_characters():
    failed = seen_with((*some_cores(), launched("failed", note=FAILURE)), (pool(),))
    app = an_app(failed)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await pilot.pause()
        assert "ModuleNotFoundError" not in screen(app)
        await pilot.press("G")
        await pilot.pause()
        assert " ModuleNotFoundError: torch" in lines(app)
        assert "   File x.py" in lines(app)


async def test_a_long_note_scrolls_and_leaves_the_table():
    note = "\n".join(f"line {number}" for number in range(100))
    failed = seen_with((*some_cores(), launched("failed", note=note)), (pool(),))
    app = an_app(failed)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4", "G")
        await pilot.pause()
        assert app.query_one("#cores-grid").size.height >= 8
        await pilot.press("tab", "end")
        await pilot.pause()
        assert " line 99" in screen(app)


async def test_an_order_is_seen_at_once():
    app = an_app(ONE_POOL, Steered().session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4", "plus", "plus")
        await pilot.pause()
        assert "3 → 5 cores" in screen(app)
        feed = app.feed
        assert isinstance(feed, StillFeed)
        feed.show(seen_with(some_cores(count=5), (pool(cores=5),)))
        await pilot.pause()
        assert "local on amber  5 cores" in screen(app)


COMMANDS = [
    (["plus"], [("resize", WRITER, 4)]),
    (["j", "j", "j", "j", "minus"], [("resize", OTHER, 1)]),
    (["G", "k", "s"], [("stop", [OTHER])]),
    (["S", "y"], [("stop now", [WRITER])]),
    (["S", "enter"], []),
    (["G", "X", "y"], [("cancel", "local", "4711")]),
    (["G", "c", "n"], []),
    (["G", "s", "y"], [("cancel", "local", "4711")]),
    (["X"], []),
    (["G", "plus"], []),
    (["p"], [("pause",)]),
]


async def test_keys_act_on_the_selected_pool():
    steered = Steered()
    async with an_app(TWO_POOLS, steered.session).run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        for keys, expected in COMMANDS:
            steered.told.clear()
            await pilot.press("g", *keys)
            assert (keys, steered.told) == (keys, expected)


OPENED: list[tuple[list[str], Message]] = [
    (["enter"], OpenLog(pool=JOB)),
    (["j", "j", "enter"], OpenLog(writer=WRITER, core=1)),
    (["o"], OpenLog(pool=JOB)),
    (["G", "enter"], OpenLog(pool="4711")),
    (["j", "t"], OpenTrial(8)),
]


async def test_keys_open_logs_and_trials(monkeypatch: pytest.MonkeyPatch):
    app = an_app(TWO_POOLS)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        opened = caught_in(app.query_one(CoresView), monkeypatch)
        for keys, expected in OPENED:
            opened.clear()
            await pilot.press("g", *keys)
            await pilot.pause()
            assert [about(message) for message in opened] == [about(expected)]


def about(message: Message) -> tuple[object, ...]:
    names = ("tid", "attempt", "writer", "core", "pool")
    return type(message), *(getattr(message, name, None) for name in names)


async def test_what_cannot_be_opened_is_said(monkeypatch: pytest.MonkeyPatch):
    by_hand = seen_with(some_cores(job=""), (pool(name="", job="", backend=""),))
    app = an_app(by_hand)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        opened = caught_in(app.query_one(CoresView), monkeypatch)
        await pilot.press("enter", "t", "X")
        await pilot.pause()
        assert opened == []
        assert said(app) == [
            "This pool was not launched: it prints where it was started.",
            "No trial runs there: choose a core that trains.",
            "Only what has not begun can be cancelled; s and S stop pools.",
        ]


async def test_the_job_is_copied():
    app = an_app(TWO_POOLS)
    async with app.run_test() as pilot:
        await pilot.press("4", "G", "y")
        assert app.clipboard == "4711"
        await pilot.press("g", "y")
        assert app.clipboard == JOB


async def test_without_cores_it_says_what_to_do():
    app = an_app(seen_with(()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4", "enter", "y")
        await pilot.pause()
        assert "n launches some." in screen(app)
        assert not app.query_one("#about").display
        feed = app.feed
        assert isinstance(feed, StillFeed)
        feed.show(Scene().seen(look=None, reading=True))
        await pilot.pause()
        assert "The history is being read" in screen(app)


async def test_nothing_is_painted_while_nothing_changes(monkeypatch: pytest.MonkeyPatch):
    app = an_app(ONE_POOL)
    async with app.run_test() as pilot:
        await pilot.press("4")
        await pilot.pause()
        view, painted = app.query_one(CoresView), []
        monkeypatch.setattr(cores_cells.time, "time", lambda: 0.0)
        view._looked = 1e12  # ages do not grow
        monkeypatch.setattr(Grid, "refresh", lambda *_, **__: painted.append("grid"))
        view.tick()
        view.show(replace(ONE_POOL, happenings=()))
        assert painted == []


def test_rates_are_those_of_cores():
    snapshot = TWO_POOLS.snapshot
    ends = [t.finished_at for t in snapshot.trials.values() if t.core == 0 and t.finished_at]
    now = max(ends) + 60
    expected = (len(ends) - 1) / (now - min(ends)) * 3600
    assert cores_cells.rates_of(snapshot, now)[WRITER, 0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.9, "59 s"), (61, "1 m"), (3725, "1 h 2 m"), (-3, "0 s")]
)
def test_ages_have_coarse_steps(seconds: float, text: str):
    assert cores_cells.age(seconds) == text


def test_the_age_of_a_heartbeat():
    assert [cores_cells.beat_age(s) for s in (3, 12, 29, 75)] == ["<10 s", "10 s", "20 s", "1 m"]


def test_a_pool_without_cores_has_a_row():
    rows = cores_rows.rows_of((), (pool(cores=0),))
    assert [row.key for row in rows] == [cores_rows.RowKey(WRITER)]


def test_what_a_pool_says_of_itself_is_short_in_the_table_and_whole_in_the_note():
    row = cores_rows.rows_of((), (pool(state="cannot write: no space left"),))[0]
    drawing = cores_cells.Drawing(lambda p: p.cores_wanted, {}, 0.0, 0.0)
    assert cores_cells.cells_of(row, drawing)[1].text == "3 cores, cannot write"
    assert cores_rows.note_of(row, "") == "The pool is cannot write: no space left."
