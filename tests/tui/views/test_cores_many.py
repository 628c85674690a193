"""The view "Cores" with launches of several jobs: their rows, and what keys do with them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest

from tests.tui.app.scenes import StillFeed, an_app
from tests.tui.views.cores_scenes import (
    ARRAY,
    ONE_ARRAY,
    STUCK,
    Steered,
    an_array,
    bare,
    eventually,
    lines,
    pool,
    said,
    said_by_status,
    screen,
    seen_with,
    some_cores,
    words,
)
from tests.tui.views.test_cores import about, caught_in
from trialdeck.tui import steering
from trialdeck.tui.messages import OpenLog
from trialdeck.tui.views.cores import CoresView
from trialdeck.tui.views.cores_rows import is_bad, note_of, rows_of, summary

if TYPE_CHECKING:
    from trialdeck.tui.seen import Seen

__all__ = ["bare"]
pytestmark = pytest.mark.usefixtures("bare")

FIRST, LAST = f"{0:016x}", f"{2:016x}"


async def test_a_launch_has_a_row_and_below_it_what_waits_and_each_job():
    async with an_app(ONE_ARRAY).run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await pilot.pause()
        shown = [line.split() for line in lines(pilot.app)[2:9]]
    assert shown[0] == ["slurm", "12", "6", "cores", "12"]
    assert shown[1][:4] == ["2", "cores", "─", "queued"]
    assert shown[2][:4] == ["144", "cores", "─", "reserve"]
    assert (shown[3][:4], shown[3][-1]) == (["1", "core", "─", "starting"], "12_3")
    assert (shown[4][:4], shown[4][-1]) == (["node1", "▸", "training", "100"], "12_0")
    assert (shown[6][:4], shown[6][-1]) == (["node1", "▸", "training", "102"], "12_2")


async def test_what_is_stuck_is_an_error_that_can_be_read_in_full():
    stuck = seen_with(*an_array(1, stuck=STUCK * 4), (ARRAY,))
    app = an_app(stuck)
    async with app.run_test(size=(60, 15)) as pilot:
        await pilot.press("4", "j")
        await pilot.pause()
        assert "✗ stuck" in screen(app)
        assert app.query_one("#note").has_class("-bad")
        await pilot.press("tab", "end")
        await pilot.pause()
        assert "or in another partition" in words(app)


def test_a_launch_says_what_its_jobs_wait_for():
    assert ONE_ARRAY.look is not None
    found = rows_of(ONE_ARRAY.cores, ONE_ARRAY.look.pools, (ARRAY,))
    assert note_of(found[0], "") == (
        "2 of 6 jobs wait: Priority\n144 jobs take the place of those that end"
    )
    assert not is_bad(found[0])
    stuck, pools = an_array(1, stuck=STUCK)
    assert is_bad(rows_of(stuck, pools, (ARRAY,))[0])


def test_the_summary_counts_cores_and_the_reserve_apart():
    assert summary(ONE_ARRAY.cores, "42") == (
        "3 cores in 3 pools · 2 queued · 1 starting · 144 in reserve · 42 trials per hour"
    )


def test_pools_of_several_cores_keep_their_rows_and_jobs_are_in_their_order():
    cores, pools = an_array(12)
    wide = replace_first(cores, pools)
    keys = [row.key for row in rows_of(*wide, (ARRAY,))]
    assert keys[0].job == "slurm 12"
    assert [key.core for key in keys[1:5]] == [None, 0, 1, 0]
    assert [key.writer for key in keys[4:]] == [f"{number:016x}" for number in range(1, 12)]


def replace_first(cores, pools):
    two = some_cores(FIRST, 2, backend="slurm", host="node1", job="12_0")
    return (*two, *cores[1:]), (pool(FIRST, 2, job="12_0", name=ARRAY.name), *pools[1:])


MORE = ("resize", LAST, 7)
COMMANDS = [
    (["plus"], [MORE]),
    (["G", "plus"], [MORE]),
    (["G", "k", "k", "minus"], [("stop", [FIRST])]),
    (["G", "s"], [("stop", [LAST])]),
    (["G", "S", "y"], [("stop now", [LAST])]),
    (["X", "y"], [("cancel", "slurm", "12")]),
    (["c", "n"], []),
    (["j", "c", "y"], [("cancel", "slurm", "12")]),
    (["j", "j", "X", "y"], [("cancel", "slurm", "12")]),
    (["j", "j", "s", "y"], [("cancel", "slurm", "12")]),
    (["j", "j", "j", "X", "y"], [("cancel", "slurm", "12_3")]),
    (["s", "y"], [("cancel", "slurm", "12"), ("stop", [FIRST, f"{1:016x}", LAST])]),
    (["S", "y"], [("cancel", "slurm", "12"), ("stop now", [FIRST, f"{1:016x}", LAST])]),
    (["j", "plus"], []),
    (["G", "X"], []),
]


@pytest.mark.parametrize(("keys", "expected"), COMMANDS, ids=["-".join(k) for k, _ in COMMANDS])
async def test_keys_act_on_the_selected_job_or_launch(keys: list[str], expected: list[object]):
    steered = Steered()
    async with an_app(ONE_ARRAY, steered.session).run_test(size=(80, 24)) as pilot:
        await pilot.press("4", "g", *keys)
        await pilot.pause()
        assert steered.told == expected


async def test_each_press_of_minus_ends_another_job(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(steering, "TELL_SECONDS", 1.0)  # a slow machine presses slowly
    steered = Steered()
    app = an_app(ONE_ARRAY, steered.session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("minus", "minus")
        assert steered.told == [("stop", [LAST]), ("stop", [f"{1:016x}"])]
        await eventually(pilot, lambda: "slurm 12: 6 → 4 cores" in said(app))
        await pilot.press("4")
        await pilot.pause()
        assert "6 → 4 cores" in screen(app)


async def test_the_last_core_of_a_launch_ends_it_if_the_user_wants_that():
    steered = Steered()
    one = replace_cores_of_launch(1)
    async with an_app(one, steered.session).run_test(size=(80, 24)) as pilot:
        await pilot.press("minus")
        await pilot.pause()
        assert "Stop the launch slurm 12?" in words(pilot.app)
        assert "What has not begun is cancelled." in words(pilot.app)
        await pilot.press("y")
        await pilot.pause()
        assert steered.told == [("cancel", "slurm", "12"), ("stop", [FIRST])]


def replace_cores_of_launch(cores: int) -> Seen:
    return seen_with(*an_array(1, reserve="…"), (msgspec.structs.replace(ARRAY, cores=cores),))


async def test_a_scheduler_is_told_of_several_presses_one_after_the_other():
    app = an_app(ONE_ARRAY)  # nothing is answered
    feed = app.feed
    assert isinstance(feed, StillFeed)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("plus", "plus", "plus")
        (job,) = feed.asked
        assert job.apart
        assert job.then is not None
        job.then(None)
        steered = Steered()
        feed.asked[1].work(steered.session)
        assert steered.told == [("resize", LAST, 9)]
        assert len(feed.asked) == 2
        assert steering.wanted_cores(app, ARRAY) == 9
        refused = feed.asked[1].otherwise
        assert refused is not None
        refused("slurm refuses")
        await pilot.pause()
        assert steering.wanted_cores(app, ARRAY) == 6
        assert "slurm refuses" in said(app)


async def test_what_would_be_cancelled_is_said_first():
    async with an_app(ONE_ARRAY, Steered().session).run_test(size=(80, 24)) as pilot:
        await pilot.press("4", "c")
        await pilot.pause()
        shown = words(pilot.app)
        assert "Cancel what has not begun of slurm 12?" in shown
        assert "Cores: 2 queued, 144 in reserve. Those that have begun go on." in shown
        await pilot.press("n", "s")
        await pilot.pause()
        assert "Stop the launch slurm 12?" in words(pilot.app)


async def test_the_log_of_a_job_is_its_own(monkeypatch: pytest.MonkeyPatch):
    two, pools = replace_first(*an_array(3))
    app = an_app(seen_with(two, pools, (ARRAY,)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        opened = caught_in(app.query_one(CoresView), monkeypatch)
        await pilot.press("enter", "j", "enter", "G", "enter")
        await pilot.pause()
        assert "Each job of this launch has a log: choose one." in said(app)
        expected = [OpenLog(pool=f"{ARRAY.name}_0"), OpenLog(writer=LAST, core=0)]
        assert [about(message) for message in opened] == [about(one) for one in expected]


async def test_a_place_that_is_silent_is_said_below_the_table():
    silent = said_by_status(ONE_ARRAY, silent="slurm cannot be asked: no answer in 10 s")
    async with an_app(silent).run_test(size=(80, 24)) as pilot:
        await pilot.press("4", "G")
        await pilot.pause()
        assert "slurm cannot be asked: no answer in 10 s" in words(pilot.app)
        assert "running !" in lines(pilot.app)[0]


async def test_two_hundred_jobs_are_drawn_in_no_time():
    many = seen_with(*an_array(200, queued="…", reserve="…"), (ARRAY,))
    app = an_app(many)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4", "G")
        await pilot.pause()
        assert "12_199" in screen(app)
        view = app.query_one(CoresView)
        began = time.perf_counter()
        for _ in range(10):
            view.show(replace(many, happenings=()))
            view.tick()
        assert (time.perf_counter() - began) / 10 < 0.05
