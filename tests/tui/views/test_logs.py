"""The view "Logs": which log, following it, searching it, reading back."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.tui.app.scenes import WRITER, StillFeed
from tests.tui.views.cores_scenes import (
    JOB,
    OTHER,
    bare,
    eventually,
    launched,
    lines,
    pool,
    said,
    screen,
    seen_with,
    some_cores,
)
from tests.tui.views.logs_scenes import SEEN, Logs, logs, look, output, shown, the_view
from trialdeck.tui.messages import OpenLog, OpenTrial
from trialdeck.tui.screens.choose import Answers, Choose
from trialdeck.tui.views.logs_sources import Source, entries

if TYPE_CHECKING:
    from textual.message import Message


__all__ = ["bare", "logs"]
pytestmark = pytest.mark.usefixtures("bare")


async def test_the_first_core_is_followed(logs: Logs, monkeypatch: pytest.MonkeyPatch):
    logs.write(output(last=9))
    async with the_view(logs, monkeypatch) as (pilot, view, text):
        assert shown(pilot)[-1] == "epoch 3 of trial 8: loss 0.5"
        assert "core 0 · trial 8  local on amber" in lines(pilot.app)[1]
        assert "following" in lines(pilot.app)[1]
        logs.write("more\n 10%\r 20%")
        await look(pilot, view)
        assert shown(pilot)[-2:] == ["more", " 20%"]
        logs.write("\r 30%")
        await look(pilot, view)
        assert shown(pilot)[-1] == " 30%"
        await pilot.press("k")
        logs.write("\nnew line\n")
        await look(pilot, view)
        assert "new line" not in screen(pilot.app)
        assert "not following" in lines(pilot.app)[1]
        await pilot.press("G")
        await pilot.pause()
        assert shown(pilot)[-1] == "new line"
        await pilot.press("F")
        assert not text.follow
        await pilot.press("F")
        assert text.follow


async def test_moving_about(logs: Logs, monkeypatch: pytest.MonkeyPatch):
    logs.write("".join(f"line {number}\n" for number in range(200)))
    async with the_view(logs, monkeypatch) as (pilot, _, text):
        await pilot.press("g")
        await pilot.pause()
        assert (text.line, shown(pilot)[0]) == (0, "line 0")
        await pilot.press("j", "down", "k")
        assert text.line == 1
        await pilot.press("pagedown", "ctrl+d", "ctrl+u", "pageup")
        assert text.line == 1
        await pilot.press("end")
        assert (text.line, text.follow) == (199, True)
        await pilot.click("#log-text", offset=(1, 3))
        await pilot.pause()
        assert not text.follow
        assert f"line {text.line}" == shown(pilot)[3]
        await pilot.press("y")
        assert pilot.app.clipboard == f"line {text.line}"
        await pilot.press("G")
        text.scroll_to(y=50, animate=False)  # as the wheel does
        await pilot.pause()
        assert not text.follow


async def test_long_lines_wrap_or_move_sideways(logs: Logs, monkeypatch: pytest.MonkeyPatch):
    logs.write("0123456789" * 20 + "end\nshort\n")
    async with the_view(logs, monkeypatch) as (pilot, _, text):
        assert [len(line) for line in shown(pilot)] == [79, 79, 45, 5]
        await pilot.press("w")
        await pilot.pause()
        assert [len(line) for line in shown(pilot)] == [79, 5]
        await pilot.press("l", "right", "h")
        await pilot.pause()
        assert shown(pilot)[0].startswith("8901")
        await pilot.press("w", "l")
        await pilot.pause()
        assert [len(line) for line in shown(pilot)] == [79, 79, 45, 5]
        await pilot.resize_terminal(60, 24)
        await pilot.pause()
        assert [len(line) for line in shown(pilot)] == [59, 59, 59, 26, 5]
        assert text.follow


async def test_another_log_is_chosen(logs: Logs, monkeypatch: pytest.MonkeyPatch):
    logs.write("of core 0\n")
    logs.write("of core 1\n", core=1)
    logs.write("of one that has ended\n", writer=OTHER)
    logs.write_pool("of the pool\n")
    async with the_view(logs, monkeypatch) as (pilot, _, _):
        await pilot.press("o")
        await eventually(pilot, lambda: isinstance(pilot.app.screen, Choose))
        assert f"pool {JOB}" in screen(pilot.app)
        assert f"core 0                   of {OTHER[:8]}" in screen(pilot.app)
        await pilot.press("j", "enter")
        await eventually(pilot, lambda: "of core 1" in screen(pilot.app))
        await pilot.press("o")
        await eventually(pilot, lambda: isinstance(pilot.app.screen, Choose))
        await pilot.press("j", "enter")
        await eventually(pilot, lambda: "of the pool" in screen(pilot.app))
        await pilot.press("t")
        assert said(pilot.app) == ["This is no trial's output."]  # type: ignore[arg-type]


async def test_where_there_is_room_the_list_stands_beside(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
):
    logs.write("of core 0\n")
    logs.write("of core 1\n", core=1)
    async with the_view(logs, monkeypatch, size=(140, 40)) as (pilot, view, text):
        answers = view.query_one(Answers)
        assert answers.option_count == 2
        await pilot.press("o")
        await eventually(pilot, lambda: answers.has_focus)
        await pilot.press("j", "enter")
        await eventually(pilot, lambda: "of core 1" in screen(pilot.app))
        assert text.has_focus
        await pilot.press("shift+tab")
        assert answers.has_focus
        await pilot.press("escape")
        assert text.has_focus


async def test_the_trial_at_the_cursor(logs: Logs, monkeypatch: pytest.MonkeyPatch):
    logs.write("starting\n" + output())
    opened: list[Message] = []
    async with the_view(logs, monkeypatch) as (pilot, view, _):
        post = view.post_message
        monkeypatch.setattr(
            view,
            "post_message",
            lambda m: opened.append(m) if isinstance(m, OpenTrial) else post(m),
        )
        await pilot.press("t", "k", "k", "k", "k", "k", "t", "g", "t")
        await pilot.pause()
        assert [message.tid for message in opened if isinstance(message, OpenTrial)] == [2, 1]
        assert said(pilot.app) == ["No trial has begun there."]  # type: ignore[arg-type]


async def test_a_trials_own_log(logs: Logs, monkeypatch: pytest.MonkeyPatch):
    logs.write(output(0, 3))
    async with the_view(logs, monkeypatch) as (pilot, _, _):
        pilot.app.post_message(OpenLog(tid=0))
        await eventually(pilot, lambda: "trial 0 " in lines(pilot.app)[1])
        assert shown(pilot) == [f"epoch {epoch} of trial 0: loss 0.5" for epoch in range(4)]
        assert "following" not in lines(pilot.app)[1]  # it has ended
        pilot.app.post_message(OpenLog(tid=7))
        await eventually(
            pilot, lambda: "the log of trial 7 attempt 0 is not here" in screen(pilot.app)
        )


async def test_nothing_is_read_where_nothing_can_be_new(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
):
    logs.write("all\n")
    async with the_view(logs, monkeypatch) as (pilot, view, _):
        feed = view.deck_app.feed
        assert isinstance(feed, StillFeed)
        feed.show(seen_with(()))
        await pilot.pause()
        await look(pilot, view)  # what was written before the core ended
        asked = len(feed.asked)
        await look(pilot, view)
        assert len(feed.asked) == asked
        feed.show(SEEN)
        await pilot.pause()
        await look(pilot, view)
        assert len(feed.asked) > asked
        await pilot.press("1")
        asked = len(feed.asked)
        await look(pilot, view)
        assert len(feed.asked) == asked


async def test_a_log_that_disappears_and_one_that_begins_anew(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
):
    path = logs.write("old\n" * 5)
    async with the_view(logs, monkeypatch) as (pilot, view, _):
        path.write_text("new\n")
        await look(pilot, view)
        assert shown(pilot) == ["new"]
        path.unlink()
        path.mkdir()
        await look(pilot, view)
        assert "the log cannot be read" in said(view.deck_app)[0]


async def test_without_logs_it_says_what_to_do(logs: Logs, monkeypatch: pytest.MonkeyPatch):
    shutil.rmtree(logs.search.paths.logs)
    async with the_view(logs, monkeypatch, seen_with(())) as (pilot, _, _):
        assert "n launches cores." in screen(pilot.app)
        await pilot.press("o", "t", "y", "G", "k", "F", "w")
        await pilot.pause()
        assert said(pilot.app) == [  # type: ignore[arg-type]
            "There is no log yet. n launches cores.",
            "This is no trial's output.",
        ]


def test_what_can_be_chosen_stands_in_order(logs: Logs):
    logs.write("a", core=0)
    logs.write("a", writer=OTHER, core=3)
    logs.write_pool("b")
    from trialdeck.core.logs import logs_there

    seen = seen_with((*some_cores(), launched()), (pool(),))
    found = entries(seen, logs_there(logs.search.paths))
    assert [entry.source for entry in found] == [
        Source(writer=WRITER, core=0),
        Source(pool=JOB),
        Source(writer=OTHER, core=3),
    ]
    assert found[0].title == "core 0 · trial 8"
    assert found[1].about.startswith("local on amber · 1 B · ")
